"""Headings: where they stand and what they mean."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import RequestError
from indexer.importing.columns import check_mapping, find_layout, recognise
from indexer.importing.headings import MAPPABLE, key, known
from indexer.importing.sides import infer_side
from indexer.readers import Table
from indexer.records import Side
from indexer.text import fold


def table(*rows, file="t.xlsx", sheet="Sheet1", headed=False):
    return Table(file, sheet, tuple(tuple(row) for row in rows), headed=headed)


def meanings(layout):
    return {column.heading: column.meaning for column in layout.columns}


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("Tên công nghệ / thiết bị", "title"),
        ("Tên giải pháp", "title"),
        ("Tiêu đề", "title"),
        ("Tóm tắt (công khai)", "summary"),
        ("Mô tả ngắn", "summary"),
        ("Mô tả quy trình công nghệ", "description"),
        ("Hiệu quả kinh tế – xã hội", "advantages"),
        ("Advantages and innovations", "advantages"),
        ("Lĩnh vực áp dụng", "applications"),
        ("Khách hàng mục tiêu", "applications"),
        ("Target clients", "applications"),
        ("Mô tả yêu cầu mong muốn", "requirements"),
        ("Yêu cầu kỹ thuật", "requirements"),
        ("Tên đơn vị / doanh nghiệp", "owner"),
        ("Cơ quan chủ trì", "owner"),
        ("Viện/Trường", "owner"),
        ("Company", "owner"),
        ("Lĩnh vực", "field"),
        ("Technology areas", "field"),
        ("Mã ngành (VSIC 2025)", "codes"),
        ("Mức độ sẵn sàng công nghệ", "trl"),
        ("Stage of development", "trl"),
        ("TRL tối thiểu", "trl"),
        ("Hình thức chuyển giao", "transfer"),
        ("Partnership sought", "cooperation"),
        ("Chào giá tham khảo", "money"),
        ("Kinh phí dự kiến (triệu đồng)", "money"),
        ("Giá từ", "money_low"),
        ("Thời gian dự kiến bắt đầu", "starts"),
        ("Hết hạn", "expires"),
        ("Tỉnh/Thành phố", "place"),
        ("Xuất xứ", "country"),
        ("Người liên hệ", "person"),
        ("SĐT", "phone"),
        ("Email ", "email"),
        ("Contact", "contact"),
        ("Công khai", "visibility"),
        ("STT", "number"),
        ("No.", "number"),
        ("Mã số", "id"),
        ("Mã nhu cầu", "id"),
        ("Ref", "id"),
        ("_id", "id"),
        ("Loại nhu cầu", "type"),
        ("Số bằng", "ip_number"),
        # misspelt, without accents, numbered, in two languages, starred
        ("Kinh phí dự kíên", "money"),
        ("Ten cong nge", "title"),
        ("Linh vuc", "field"),
        ("Mo ta chi tit", "description"),
        ("Emial", "email"),
        ("Organistion", "owner"),
        ("1. Tên công nghệ", "title"),
        ("(2) Mô tả", "description"),
        ("Tên công nghệ (*)", "title"),
        ("TÊN CÔNG NGHỆ:", "title"),
        ("Mô tả\ncông nghệ", "description"),
        ("Đơn vị chủ trì / Lead organisation", "owner"),
        ("Công nghệ - Technology name", "title"),
        ("Mô tả kỹ về sản phẩm dự thi", "description"),
        ("Detailed technical description", "description"),
    ],
)
def test_headings_seen_in_use(heading, meaning):
    assert recognise(heading)[0] == meaning


@pytest.mark.parametrize(
    "heading",
    ["Ghi chú", "Nguồn tiếp nhận", "Gian hàng", "Phòng", "Giá trị gia tăng", "", "12", "x" * 300],
)
def test_what_is_no_known_heading_stays_unknown(heading):
    assert recognise(heading) == ("", 0.0)


def test_every_known_heading_has_a_meaning_that_can_be_mapped():
    beside = {"number", "name", "ip", "author"}
    assert set(known().values()) <= {*MAPPABLE, *beside}
    assert all(phrase == key(phrase) for phrase in known())


def test_headings_under_titles_and_merged_cells():
    layout = find_layout(
        table(
            ["DANH MỤC GIẢI PHÁP CÔNG NGHỆ THAM GIA SỰ KIỆN", "", ""],
            [],
            ["STT", "Tên giải pháp", "Mô tả"],
            [1, "a", "b"],
        )
    )
    assert (layout.header, layout.data) == (2, 3)
    assert meanings(layout) == {"STT": "number", "Tên giải pháp": "title", "Mô tả": "description"}


@pytest.mark.parametrize("above", range(20))
def test_headings_anywhere_in_the_first_twenty_rows(above):
    rows = [["Chương trình số", above]] * above + [["Tên nhu cầu", "Nội dung"], ["a", "b"]]
    assert find_layout(table(*rows)).header == above


def test_below_twenty_rows_nobody_looks():
    rows = [["Chương trình số", 5]] * 20 + [["Tên nhu cầu", "Nội dung"], ["a", "b"]]
    assert find_layout(table(*rows)) is None


def test_two_heading_rows_are_read_together():
    layout = find_layout(
        table(
            ["STT", "Tên công nghệ", "Giá (triệu đồng)", "", "Liên hệ", ""],
            ["", "", "Từ", "Đến", "Họ tên", "Email"],
            [1, "a", 5, 6, "A", "a@b.vn"],
        )
    )
    assert layout.data == 2
    assert [column.meaning for column in layout.columns] == [
        "number", "title", "money_low", "money_high", "person", "email",
    ]  # fmt: skip
    assert "triệu đồng" in layout.columns[2].heading


def test_a_first_data_row_is_no_second_heading_row():
    layout = find_layout(table(["Tên công nghệ", "Mô tả"], ["Email", "Máy chủ thư"]))
    assert layout.data == 1


def test_a_single_column_of_needs():
    layout = find_layout(table(["Nhu cầu"], ["Cần máy sấy"]))
    assert meanings(layout) == {"Nhu cầu": "title"}


def test_a_name_column_gives_way_to_a_title():
    assert meanings(find_layout(table(["Need", "Description"], ["a", "b"])))["Need"] == "title"
    layout = find_layout(table(["Title", "Need", "Solution"], ["a", "b", "c"]))
    assert meanings(layout) == {"Title": "title", "Need": "requirements", "Solution": "description"}


def test_authors_are_owners_only_where_nobody_else_is():
    assert meanings(find_layout(table(["Tiêu đề", "Tác giả"], ["a", "b"])))["Tác giả"] == "owner"
    layout = find_layout(table(["Tiêu đề", "Tác giả", "Cơ quan"], ["a", "b", "c"]))
    assert meanings(layout)["Tác giả"] == "person"


def test_text_columns_of_one_meaning_are_joined_with_a_notice():
    layout = find_layout(table(["Tên công nghệ", "Mô tả", "Nội dung"], ["a", "b", "c"]))
    assert [column.meaning for column in layout.columns] == ["title", "description", "description"]
    assert "“Mô tả”, “Nội dung”" in layout.notices[0].en


def test_of_two_columns_for_one_value_the_surer_counts():
    layout = find_layout(
        table(["Tên nhu cầu", "Ngân sách năm nay", "Kinh phí"], ["a", "1 tỷ", "2 tỷ"])
    )
    assert [column.meaning for column in layout.columns] == ["title", "extra", "money"]
    assert "“Kinh phí” is used" in layout.notices[0].en


def test_equal_unknown_headings_keep_apart():
    layout = find_layout(table(["Tên công nghệ", "Ghi chú", "Ghi chú"], ["a", "b", "c"]))
    assert [column.heading for column in layout.columns] == [
        "Tên công nghệ",
        "Ghi chú",
        "Ghi chú (2)",
    ]


def test_columns_without_heading_are_kept_or_known_as_numbering():
    layout = find_layout(
        table(["", "Tên công nghệ", "", ""], [1, "a", "", "thêm"], [2, "b", "", ""])
    )
    assert meanings(layout) == {"Cột A": "number", "Tên công nghệ": "title", "Cột D": "extra"}


def test_json_keys_are_headings_whatever_they_are():
    assert meanings(find_layout(table(["title"], ["a"], headed=True))) == {"title": "title"}
    assert find_layout(table(["zzz", "qqq"], ["a", "b"], headed=True)) is None


def test_mapping_wins_over_recognition_and_makes_a_heading():
    mapping = check_mapping({"Hạng mục thi": "title", "Mô tả": "requirements", "TRL": "skip"})
    layout = find_layout(table(["Hạng mục thi", "Mô tả", "TRL"], ["a", "b", 7]), mapping)
    assert [column.meaning for column in layout.columns] == ["title", "requirements", "skip"]
    assert layout.mapped == set(mapping)


def test_mapping_to_no_field_lists_the_fields():
    with pytest.raises(RequestError, match=r"there is no field “tittle”.*title, summary"):
        check_mapping({"Tên": "tittle"})


@pytest.mark.parametrize(
    ("rows", "file", "sheet", "side"),
    [
        ([["Tên giải pháp", "Mô tả"]], "t.xlsx", "Sheet1", Side.SUPPLY),
        ([["Tên nhu cầu", "Mô tả"]], "t.xlsx", "Sheet1", Side.DEMAND),
        ([["Tên", "Mô tả"]], "t.xlsx", "Nhu cầu công nghệ", Side.DEMAND),
        ([["Tên", "Mô tả"]], "t.xlsx", "Cung", Side.SUPPLY),
        ([["Tên", "Mô tả"]], "t.xlsx", "Cầu", Side.DEMAND),
        ([["DANH SÁCH ĐẶT HÀNG NGHIÊN CỨU"], ["Tên", "Mô tả"]], "t.xlsx", "S", Side.DEMAND),
        ([["Title", "Need", "Description"]], "t.csv", "", Side.DEMAND),
        ([["Title", "Budget"]], "t.csv", "", Side.DEMAND),
        ([["Title", "Advantages"]], "t.csv", "", Side.SUPPLY),
        ([["title", "description"]], "funded-offers.jsonl", "", Side.SUPPLY),
        ([["title", "description"]], "agencyNeeds.jsonl", "", Side.DEMAND),
        ([["title", "description"]], "data.jsonl", "", None),
    ],
)
def test_the_side_from_the_words_around(rows, file, sheet, side):
    found = table(*rows, ["a", "b"], file=file, sheet=sheet)
    assert infer_side(found, find_layout(found)) is side


@settings(deadline=None)
@given(st.sampled_from(sorted(known())), st.integers(min_value=0, max_value=2**32))
def test_accents_case_and_blanks_never_matter(phrase, seed):
    noise = random.Random(seed)
    dressed = "  ".join(
        word.upper() if noise.random() < 0.5 else word for word in phrase.split(" ")
    )
    assert recognise(f" {dressed} ")[0] == known()[phrase]
    assert recognise(fold(dressed))[0] == known()[phrase]


@settings(deadline=None)
@given(
    st.sampled_from([p for p in sorted(known()) if len(p) >= 9]),
    st.integers(min_value=1, max_value=40),
)
def test_one_letter_less_is_still_understood(phrase, at):
    at = 1 + at % (len(phrase) - 1)
    short = phrase[:at] + phrase[at + 1 :]
    assert recognise(short)[0]


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=24))
def test_any_table_has_a_layout_or_none(rows):
    layout = find_layout(table(*rows))
    if layout is not None:
        assert layout.header < layout.data <= len(rows)
        assert len({column.index for column in layout.columns}) == len(layout.columns)
        assert all(column.meaning for column in layout.columns)
