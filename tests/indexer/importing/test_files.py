"""From files to records, rejects and notices."""

import json
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.errors import RequestError
from indexer.importing.files import read_records
from indexer.records import Code, Contact, Money, RecordType, Side, TrlRange, Visibility

HEAD = "Mã số;Tên công nghệ;Mô tả;Tên đơn vị"


def csv_file(tmp_path, *lines, name="cong-nghe.csv"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def book(path, **sheets):
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


def batch_of(tmp_path, *lines, name="cong-nghe.csv", **options):
    return read_records([csv_file(tmp_path, *lines, name=name)], **options)


def english(batch):
    return "\n".join(notice.en for notice in batch.notices)


FULL = {
    "STT": "1",
    "Mã nhu cầu": "NC-1",
    "Tên nhu cầu": "Máy sấy",
    "Tóm tắt": "tóm tắt",
    "Mô tả": "mô tả dài",
    "Ưu điểm": "rẻ",
    "Lĩnh vực áp dụng": "lúa",
    "Yêu cầu kỹ thuật": "ít điện",
    "Từ khóa": "sấy; lúa",
    "Tên doanh nghiệp": "HTX Đồng Xanh",
    "Lĩnh vực": "Nông nghiệp",
    "Mã ngành (VSIC 2025)": "C10",
    "TRL tối thiểu": "TRL 7-8",
    "Loại sở hữu trí tuệ": "Sáng chế",
    "Tình trạng bảo hộ": "Đang nộp",
    "Số bằng": "1-00123",
    "Hình thức chuyển giao": "li-xăng",
    "Hình thức hợp tác": "Mua",
    "Kinh phí (triệu đồng)": "200-350",
    "Ngày bắt đầu": "01/2027",
    "Ngày kết thúc": "06/2027",
    "Hết hạn": "31/12/2027",
    "Tỉnh": "Hà Nội",
    "Quốc gia": "Việt Nam",
    "Ngôn ngữ": "song ngữ",
    "Mức độ công khai": "Hạn chế",
    "Người liên hệ": "Bà B",
    "Điện thoại": "912345678",
    "Email": "b@x.vn",
    "Loại nhu cầu": "Mua sắm",
    "Nguồn": "hội chợ",
}


def test_every_field_finds_its_place(tmp_path):
    batch = batch_of(tmp_path, ";".join(FULL), ";".join(f'"{value}"' for value in FULL.values()))
    (record,) = batch.records
    assert batch.rejects == ()
    assert record.model_dump(exclude={"source", "codes", "money", "trl", "contact", "extra"}) == {
        "id": "NC-1", "side": Side.DEMAND, "type": RecordType.PROCUREMENT, "title": "Máy sấy",
        "summary": "tóm tắt", "description": "mô tả dài", "advantages": "rẻ", "applications": "lúa",
        "requirements": "ít điện", "keywords": "sấy; lúa", "owner": "HTX Đồng Xanh",
        "field": "Nông nghiệp", "ip_type": "Sáng chế", "ip_status": "Đang nộp",
        "ip_number": "1-00123", "transfer": "li-xăng", "cooperation": "Mua",
        "starts": date(2027, 1, 1), "ends": date(2027, 6, 30), "place": "Hà Nội",
        "country": "Việt Nam", "language": "mixed", "visibility": Visibility.RESTRICTED,
        "expires": date(2027, 12, 31), "same_as": "",
    }  # fmt: skip
    assert record.codes == (Code(scheme="VSIC", version="2025", code="C10"),)
    assert record.trl == TrlRange(low=7, high=8)
    assert record.money == Money(low=Decimal(200_000_000), high=Decimal(350_000_000))
    assert record.contact == Contact(person="Bà B", phone="0912345678", email="b@x.vn")
    assert record.extra == {"Nguồn": "hội chợ"}
    assert (record.source.file, record.source.row) == ("cong-nghe.csv", 2)
    assert "“Nguồn”" in english(batch)


def test_unknown_columns_stay_searchable(tmp_path):
    (record,) = batch_of(tmp_path, HEAD + ";Gian hàng", "A1;Máy;sấy;X;B12").records
    assert ("extra:Gian hàng", "B12") in record.passages()


@pytest.mark.parametrize(
    ("heading", "value", "reason"),
    [
        ("TRL", "12", "outside the scale"),
        ("TRL", "TRL cao", "cannot read"),
        ("Hết hạn", "31/02/2027", "no day"),
        ("Hết hạn", "15/03/20226", "20226"),
        ("Giá", "-5 triệu", "negative"),
        ("Loại tiền", "vỏ", "unknown currency"),
        ("Mức độ công khai", "hên xui", "unknown visibility"),
    ],
)
def test_a_wrong_value_costs_its_row_and_says_where(tmp_path, heading, value, reason):
    batch = batch_of(tmp_path, f"{HEAD};{heading}", f"A1;Máy sấy;x;X;{value}", "A2;Lọc nước;x;X;")
    assert [record.id for record in batch.records] == ["A2"]
    (reject,) = batch.rejects
    assert (reject.file, reject.row, reject.column, reject.value) == (
        "cong-nghe.csv",
        2,
        heading,
        value,
    )
    assert reason in reject.reason.en
    assert reject.reason.vi != reject.reason.en
    assert reject.accepted.vi != reject.accepted.en


def test_every_wrong_cell_of_a_row_is_named(tmp_path):
    batch = batch_of(tmp_path, f"{HEAD};TRL;Giá", "A1;Máy;x;X;12;-5 triệu")
    assert [reject.column for reject in batch.rejects] == ["Giá", "TRL"]


def test_remarks_are_kept_as_text(tmp_path):
    batch = batch_of(tmp_path, f"{HEAD};Giá;Hết hạn", "A1;Máy;x;X;300 triệu/cụm;quanh năm")
    (record,) = batch.records
    assert (record.money, record.expires) == (None, None)
    assert record.extra == {"Giá": "300 triệu/cụm", "Hết hạn": "quanh năm"}
    assert "remarks" in english(batch)


def test_a_row_without_title_and_text_is_rejected_one_without_title_is_not(tmp_path):
    batch = batch_of(tmp_path, HEAD, "A1;;nội dung;X", "A2;;;Viện Y", "A3;tên;;")
    assert [record.id for record in batch.records] == ["A1", "A3"]
    assert batch.rejects[0].row == 3
    assert "neither a title nor any text" in batch.rejects[0].reason.en


def test_an_end_before_the_start_is_rejected(tmp_path):
    batch = batch_of(tmp_path, f"{HEAD};Bắt đầu;Kết thúc", "A1;a;b;X;01/06/2027;01/01/2027")
    assert batch.rejects[0].column == "Kết thúc"


def test_blank_rows_footers_groups_and_repeated_headings_are_skipped_aloud(tmp_path):
    batch = batch_of(
        tmp_path,
        "STT;Tên công nghệ;Mô tả;Tên đơn vị",
        "(1);(2);(3);(4)",
        "I;NÔNG NGHIỆP;;",
        "1;Máy sấy;sấy lúa;X",
        "",
        "STT;Tên công nghệ;Mô tả;Tên đơn vị",
        "2;Tổng hợp vật liệu nano;;X",
        "3;Nguồn điện dự phòng;;",
        ";Tổng cộng: 3 công nghệ;;",
        ";;;Hà Nội, ngày 5 tháng 6 năm 2026",
        ";;;Người lập biểu",
    )
    assert [record.title for record in batch.records] == [
        "Máy sấy", "Tổng hợp vật liệu nano", "Nguồn điện dự phòng",
    ]  # fmt: skip
    said = english(batch)
    assert "1 rows that number the columns (row 2)" in said
    assert "1 group heading rows (row 3)" in said
    assert "1 blank rows (row 5)" in said
    assert "1 repeated heading rows (row 6)" in said
    assert "3 total and footer rows (row 9, 10, 11)" in said
    assert batch.rejects == ()


def test_ids_from_codes_and_from_content(tmp_path):
    lines = (HEAD, "CN 1;a;b;X", "7;c;d;X", ";Máy  Sấy;e;X")
    first = batch_of(tmp_path, *lines)
    assert [record.id for record in first.records[:2]] == ["CN 1", "supply-7"]
    assert first.records[2].id.startswith("supply-")
    assert len(first.records[2].id) == len("supply-") + 12
    again = batch_of(tmp_path, HEAD, ";máy sấy;e;x;", "CN 1;a;sửa lại;X")
    assert again.records[0].id == first.records[2].id
    assert again.records[1].id == "CN 1"


def test_running_numbers_are_no_ids(tmp_path):
    records = batch_of(tmp_path, "STT;Tên công nghệ", "1;a", "2;b").records
    assert all(record.id not in ("1", "2", "supply-1", "supply-2") for record in records)


def test_a_code_met_twice_is_rejected_with_the_first_place(tmp_path):
    batch = batch_of(tmp_path, HEAD, "A1;a;b;X", "A1;c;d;X")
    assert len(batch.records) == 1
    assert "already used in cong-nghe.csv row 2" in batch.rejects[0].reason.en
    assert batch.rejects[0].row == 3


def test_equal_numbers_on_both_sides_do_not_clash(tmp_path):
    offers = csv_file(tmp_path, "Mã;Tên công nghệ", "1;máy", name="a.csv")
    needs = csv_file(tmp_path, "Mã;Tên nhu cầu", "1;cần máy", name="b.csv")
    batch = read_records([offers, needs])
    assert [record.id for record in batch.records] == ["supply-1", "demand-1"]


def test_equal_codes_on_both_sides_get_a_side(tmp_path):
    offers = csv_file(tmp_path, "Mã;Tên công nghệ", "A1;máy", name="a.csv")
    needs = csv_file(tmp_path, "Mã;Tên nhu cầu", "A1;cần máy", name="b.csv")
    batch = read_records([offers, needs])
    assert [record.id for record in batch.records] == ["A1", "demand-A1"]
    assert "A1 → demand-A1" in english(batch)


def test_a_column_of_codes_that_repeat_is_no_id(tmp_path):
    lines = [f"{'AB'[at % 2]};công nghệ {at};x;X" for at in range(8)]
    batch = batch_of(tmp_path, HEAD, *lines)
    assert len(batch.records) == 8
    assert batch.records[0].extra == {"Mã số": "A"}
    assert "are no id" in english(batch)


def test_a_column_whose_values_never_fit_is_text(tmp_path):
    lines = [f"A{at};t{at};x;X;mức {at}{at}" for at in range(10, 16)]
    batch = batch_of(tmp_path, HEAD + ";Mức độ phát triển", *lines)
    assert len(batch.records) == 6
    assert batch.records[0].extra == {"Mức độ phát triển": "mức 1010"}


def test_the_same_row_twice_is_passed_over_aloud(tmp_path):
    batch = batch_of(tmp_path, "Tên công nghệ;Mô tả;TRL", "a;b;5", "a;b;5", "a;b;6")
    assert len(batch.records) == 1
    assert "1 rows repeat another row word for word" in english(batch)
    assert "differ in: trl" in batch.rejects[0].reason.en


def test_contacts_leave_the_matched_text(tmp_path):
    (record,) = batch_of(tmp_path, HEAD, "A1;Máy;Gọi 0912 345 678 hoặc a@b.vn;X").records
    assert "@" not in record.text()
    assert "0912" not in record.text()
    assert record.contact == Contact(phone="0912 345 678", email="a@b.vn")


def test_the_contact_column_outranks_what_stands_in_the_text(tmp_path):
    (record,) = batch_of(tmp_path, HEAD + ";Email", "A1;Máy;viết a@b.vn;X;c@d.vn").records
    assert record.contact.email == "c@d.vn"


def test_html_and_unseen_characters_leave_the_text(tmp_path):
    (record,) = batch_of(tmp_path, HEAD, "A1;<b>Máy</b>\u200b sấy;2 m&sup3;;\u202eX").records
    assert record.title == "Máy sấy"


def test_price_from_two_columns_and_a_currency_column(tmp_path):
    head = "Tên công nghệ;Giá từ;Giá đến;Loại tiền"
    batch = batch_of(tmp_path, head, "a;1.000;2.000;USD", "b;;5 tỷ;", "c;9 tỷ;1 tỷ;")
    first, second = batch.records
    assert first.money == Money(low=Decimal(1000), high=Decimal(2000), currency="USD")
    assert second.money == Money(high=Decimal(5 * 10**9))
    assert batch.rejects[0].column == "Giá đến"


def test_the_period_in_one_column(tmp_path):
    (record,) = batch_of(tmp_path, "Tên nhu cầu;Thời gian thực hiện", "a;01/2027 - 12/2027").records
    assert (record.starts, record.ends) == (date(2027, 1, 1), date(2027, 12, 31))


def test_types_from_a_column_from_an_option_and_unknown_ones(tmp_path):
    head = "Tên nhu cầu;Loại nhu cầu"
    batch = batch_of(tmp_path, head, "a;Đào tạo", "b;", "c;Loại lạ", type=RecordType.CHALLENGE)
    assert [record.type for record in batch.records] == [
        RecordType.TRAINING_NEED, RecordType.CHALLENGE, RecordType.CHALLENGE,
    ]  # fmt: skip
    assert batch.records[2].extra == {"Loại nhu cầu": "Loại lạ"}


def test_the_side_is_asked_for_where_nothing_tells(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps({"title": "a", "description": "b"}) + "\n")
    with pytest.raises(RequestError, match="--side supply"):
        read_records([path])
    (record,) = read_records([path], side=Side.DEMAND).records
    assert (record.side, record.type) == (Side.DEMAND, RecordType.NEED)
    (record,) = read_records([path], type=RecordType.PATENT).records
    assert record.side is Side.SUPPLY


def test_a_side_key_in_every_line(tmp_path):
    path = tmp_path / "data.jsonl"
    items = [{"side": "supply", "title": "a"}, {"side": "nhu cầu", "title": "b"}, {"title": "c"}]
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    batch = read_records([path])
    assert [record.side for record in batch.records] == [Side.SUPPLY, Side.DEMAND]
    assert "names no side" in batch.rejects[0].reason.en
    assert batch.rejects[0].row == 3


def test_broken_json_lines_are_rejects(tmp_path):
    path = tmp_path / "offers.jsonl"
    path.write_text('{"id": "x1", "title": "a"}\n{"title"\n{"title": "b"}\n')
    batch = read_records([path])
    assert [record.title for record in batch.records] == ["a", "b"]
    assert (batch.rejects[0].row, batch.records[1].source.row) == (2, 3)


def test_side_and_type_must_agree(tmp_path):
    with pytest.raises(RequestError, match="is a type of demand, not of supply"):
        batch_of(tmp_path, HEAD, "A1;a;b;X", side=Side.SUPPLY, type=RecordType.NEED)


def test_mapping(tmp_path):
    lines = ("Hạng mục;Ghi chú", "Máy sấy;rất tốt")
    with pytest.raises(RequestError, match=r"“Hạng mục”, “Ghi chú”.*--map"):
        batch_of(tmp_path, *lines, side=Side.SUPPLY)
    options = {"side": Side.SUPPLY, "mapping": {"hang muc": "title", "GHI CHÚ": "advantages"}}
    (record,) = batch_of(tmp_path, *lines, **options).records
    assert (record.title, record.advantages) == ("Máy sấy", "rất tốt")
    with pytest.raises(RequestError, match="no file has a column “Giá cả”"):
        batch_of(
            tmp_path, *lines, side=Side.SUPPLY, mapping={"Hạng mục": "title", "Giá cả": "money"}
        )


def test_sheets_that_hold_no_records_are_skipped_aloud(tmp_path):
    path = book(
        tmp_path / "a.xlsx",
        Nhu_cau=[["Tên nhu cầu", "Nội dung"], ["a", "b"]],
        Danh_muc=[["Mã", "Đơn vị"], ["1", "X"]],
        Huong_dan=[["Hãy điền đủ các cột"]],
    )
    batch = read_records([path])
    assert len(batch.records) == 1
    assert "[Danh_muc]: this sheet is skipped" in english(batch)
    with pytest.raises(RequestError, match="no row of headings"):
        read_records([path], sheet="Huong_dan")


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path):
    path = book(
        tmp_path / "a.xlsx",
        S=[["DANH SÁCH NHU CẦU"], [], ["Tên nhu cầu", "TRL"], ["a", 7], [], ["b", 12]],
    )
    batch = read_records([path])
    assert batch.records[0].source.row == 4
    assert (batch.rejects[0].sheet, batch.rejects[0].row, batch.rejects[0].value) == ("S", 6, "12")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((HEAD,), "only headings"),
        (("một;hai", "ba;bốn"), "no row of headings was recognised"),
        ((HEAD, "", ""), "only headings"),
    ],
)
def test_files_without_rows_are_refused(tmp_path, lines, words):
    with pytest.raises(RequestError, match=words) as caught:
        batch_of(tmp_path, *lines)
    assert "cong-nghe.csv" in str(caught.value)


def test_two_hundred_columns(tmp_path):
    head = ";".join(["Tên công nghệ", *(f"Cột lạ {at}" for at in range(199))])
    (record,) = batch_of(tmp_path, head, ";".join(["máy", *map(str, range(199))])).records
    assert len(record.extra) == 199


def test_a_megabyte_in_one_cell(tmp_path):
    (record,) = batch_of(tmp_path, HEAD, f"A1;máy;{'sấy ' * 260_000};X").records
    assert len(record.description) > 1_000_000


def test_a_code_too_long_is_rejected(tmp_path):
    batch = batch_of(tmp_path, HEAD, f"{'A' * 400};máy;sấy;X")
    assert "too long" in batch.rejects[0].reason.en


def test_the_same_file_twice_counts_once(tmp_path):
    path = csv_file(tmp_path, HEAD, "A1;a;b;X")
    assert len(read_records([path, tmp_path / "." / path.name]).records) == 1
    with pytest.raises(RequestError, match="no file"):
        read_records([])


def test_progress_is_told(tmp_path):
    told = []
    batch_of(tmp_path, HEAD, "A1;a;b;X", progress=lambda *step: told.append(step))
    assert told[0] == ("read", 0, 1)
    assert {stage for stage, _, _ in told} == {"read", "records", "duplicates"}


def test_text_in_two_languages_by_heading_is_joined(tmp_path):
    head = "Tên công nghệ;Technology name;Mô tả;Description"
    (record,) = batch_of(tmp_path, head, "Máy sấy;Dryer;sấy lúa;dries rice").records
    assert (record.title, record.description) == ("Máy sấy / Dryer", "sấy lúa\ndries rice")


_word = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_word, _word, _word, _word), min_size=1, max_size=6))
@example([("0", "", "", ""), ("0", "", "A:A", ""), ("0", "", "A:A", "")])
@example([("", "0", "0", "²")])  # a digit, but no number
def test_every_row_is_a_record_a_reject_or_a_notice(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("import") / "a.jsonl"
    names = ("Tên nhu cầu", "Mô tả", "TRL", "Kinh phí")
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows))
    try:
        batch = read_records([path])
    except RequestError as error:
        assert "only headings" in str(error)
        return
    accounted = {record.source.row for record in batch.records}
    accounted |= {reject.row for reject in batch.rejects}
    said = english(batch)
    assert (
        len(accounted) == len(rows)
        or "skipped" in said
        or "word for word" in said
        or any(not "".join(row).strip() for row in rows)
    )
    assert len({record.id for record in batch.records}) == len(batch.records)


def test_a_corrected_description_keeps_the_id_of_a_record_without_code(tmp_path):
    head = "Tên công nghệ;Cơ quan chủ trì;Mô tả"
    (first,) = batch_of(tmp_path, head, "Máy sấy;Xưởng A;sấy lúa").records
    (second,) = batch_of(tmp_path, head, "Máy sấy;Xưởng A;sấy lúa ướt").records
    assert first.id == second.id


def test_two_texts_under_one_title_and_owner_are_two_records(tmp_path):
    head = "Tên công nghệ;Cơ quan chủ trì;Mô tả"
    rows = ["Máy sấy;Xưởng A;sấy lúa", "Máy sấy;Xưởng A;sấy cà phê"]
    found = batch_of(tmp_path, head, *rows).records
    assert len({record.id for record in found}) == 2
