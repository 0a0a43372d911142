"""An organiser's spreadsheet of judgements: headings, cells, what it names, named errors."""

from datetime import UTC, date, datetime

import openpyxl
import pytest

from evaluation import evaluate
from evaluation.loading import load_collections
from evaluation.readers.gradecolumns import recognise
from evaluation.readers.sheets import judged_sheet
from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.records import Record, RecordType, Side
from matcher.export.workbook import write_workbook
from matcher.match import Match
from matcher.matchlist import MatchList

TODAY = date(2026, 11, 22)
NEEDS = {
    "NC-1": ("Sấy xoài tại vườn", "Cần sấy khô xoài mà không tốn điện"),
    "NC-2": ("Nước thải trại lợn", "Xử lý nước thải trước khi xả ra sông"),
    "demand-17": ("Vaccine transport", "Keep vaccines cold on the way to villages"),
}
OFFERS = {
    "CN-1": ("Máy sấy năng lượng mặt trời", "Sấy nông sản bằng nắng"),
    "CN-2": ("Bể lọc sinh học", "Xử lý nước thải chăn nuôi"),
    "CN-3": ("Cold box", "Keeps vaccines cool"),
    "CN-4": ("Bể lọc sinh học", "Một bể lọc khác trùng tên"),
    "CN-5": ("Máy cày cũ", "Đã hết hạn chào bán"),
}


def record(side, code, title, text):
    kind = RecordType.NEED if side is Side.DEMAND else RecordType.TECHNOLOGY
    return Record(
        id=code,
        side=side,
        type=kind,
        title=title,
        description=text,
        owner="Công ty Nắng",
        field="Nông nghiệp" if code == "NC-1" else "",
        expires=date(2026, 1, 1) if code == "CN-5" else None,
    )


RECORDS = [
    *(record(Side.DEMAND, code, *texts) for code, texts in NEEDS.items()),
    *(record(Side.SUPPLY, code, *texts) for code, texts in OFFERS.items()),
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    with Catalog.open(tmp_path_factory.mktemp("catalog") / "catalog.sqlite3") as opened:
        opened.apply(RECORDS)
        yield opened


def book(path, *rows, title="Sheet"):
    workbook = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return path


HEADS = ("Mã nhu cầu", "Mã sản phẩm", "Đánh giá")


def sheet(tmp_path, *rows, heads=HEADS):
    return book(tmp_path / "chấm.xlsx", heads, *rows)


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("Nhu cầu", "need"),
        ("NHU CẦU (ghi mã hoặc tên)", "need"),
        ("Need / Nhu cầu", "need"),
        ("Mã nhu cầu", "need code"),
        ("demand", "need code"),
        ("Nhu caau", "need"),
        ("Sản phẩm", "offer"),
        ("Chào bán", "offer"),
        ("supply", "offer code"),
        ("Mã nguồn cung", "offer code"),
        ("Điểm", "grade"),
        ("Mức", "grade"),
        ("Đánh giá (0–3)", "grade"),
        ("Grade (0–3)", "grade"),
        ("Grdae", "grade"),
        ("Ghi chú", None),
        ("Câu trong nhu cầu", None),
        ("Đơn vị có nhu cầu", None),
        ("Giá", None),
        ("", None),
    ],
)
def test_headings(heading, role):
    assert recognise(heading)[0] == role


def test_cells_name_records_by_code_title_or_text(tmp_path, catalog):
    path = sheet(
        tmp_path,
        ("NC-1", "CN-1", 3),
        ("nc-1", "cold  BOX", "0 – không"),
        ("Nước thải trại lợn", "CN-2", 2.0),
        (17, "Keeps vaccines cool", "1"),
        ("NC-2", "CN-4", None),
        ("NC-2", "CN-3", "-"),
        (None, None, None),
    )
    found = judged_sheet(path, catalog, today=TODAY)
    assert found.name == "chấm"
    assert found.qrels == {
        "NC-1": {"CN-1": 3, "CN-3": 0},
        "NC-2": {"CN-2": 2},
        "demand-17": {"CN-3": 1},
    }
    assert found.document_ids == ("CN-4", "CN-3", "CN-2", "CN-1")
    assert found.documents[-1] == "Máy sấy năng lượng mặt trời\nSấy nông sản bằng nắng"
    assert found.queries[0].startswith("Sấy xoài tại vườn\nCần sấy")
    assert set(found.owners) == set(found.document_ids)
    assert found.fields == {"NC-1": "Nông nghiệp"}
    assert [notice.en for notice in found.notices] == [
        "chấm.xlsx: 2 rows without a grade are left out.",
        "chấm.xlsx: 4 of 12 pairs are judged; those that are not count as not relevant.",
    ]
    (result,) = evaluate([found], ["bm25"])
    assert result.per_query["NC-1"]["RR@10"] == 1.0


def test_an_offer_that_expired_since_still_counts(tmp_path, catalog):
    found = judged_sheet(sheet(tmp_path, ("NC-1", "CN-5", 1)), catalog, today=TODAY)
    assert "CN-5" in found.document_ids
    assert "1 judged offers have expired since and still count: CN-5" in found.notices[0].en


def test_a_need_in_own_words_is_a_query(tmp_path, catalog):
    path = sheet(
        tmp_path, ("Máy gặt cho ruộng nhỏ", "CN-1", 1), heads=("Nhu cầu", "Mã cung", "Mức")
    )
    found = judged_sheet(path, catalog, today=TODAY)
    assert found.queries == ("Máy gặt cho ruộng nhỏ",)
    assert found.qrels == {"need-0001": {"CN-1": 1}}
    assert "1 needs are not in the catalog" in found.notices[0].en


def test_without_a_catalog_the_cells_are_the_texts(tmp_path):
    path = tmp_path / "chấm.csv"
    path.write_text(
        "Bảng chấm điểm;;\nNeed;Offer;Grade\n"
        "sấy xoài tại vườn;Máy sấy mặt trời;3\n"
        "Sấy xoài  tại vườn;Bể lọc sinh học;0\n"
        "nước thải trại lợn;bể lọc sinh học;2\n",
        encoding="utf-8",
    )
    (found,) = load_collections(path)
    assert found.queries == ("sấy xoài tại vườn", "nước thải trại lợn")
    assert found.documents == ("Bể lọc sinh học", "Máy sấy mặt trời")
    assert found.qrels == {
        "need-0001": {"offer-0001": 3, "offer-0002": 0},
        "need-0002": {"offer-0002": 2},
    }
    assert "only the 2 offers of the sheet are searched" in found.notices[0].en
    (result,) = evaluate([found], ["bm25"])
    assert (result.queries, result.documents) == (2, 2)


def test_texts_of_another_event_do_not_need_the_catalog_that_is_open(tmp_path, catalog):
    path = sheet(
        tmp_path, ("xe đạp điện cũ", "pin xe đạp", 2), heads=("Nhu cầu", "Sản phẩm", "Điểm")
    )
    assert judged_sheet(path, catalog).documents == ("pin xe đạp",)


def test_a_grade_beats_a_score(tmp_path):
    heads = ("Nhu cầu", "Điểm", "Sản phẩm", "Đánh giá")
    path = sheet(tmp_path, ("xe đạp điện", 0.83, "pin xe đạp", 1), heads=heads)
    assert judged_sheet(path).qrels == {"need-0001": {"offer-0001": 1}}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("NC-1", "CN-1", 4)], r"chấm\.xlsx \[Sheet\], cell C2: the grade “4” is not accepted"),
        ([("NC-1", "CN-1", -1)], "cell C2: the grade “-1”"),
        ([("NC-1", "CN-1", 1.5)], "cell C2: the grade “1.5” .* whole number from 0 to 3"),
        ([("NC-1", "CN-1", "tốt")], "cell C2: the grade “tốt”"),
        (
            [("NC-1", "CN-1", 4), ("NC-1", "CN-2", 1), *[("NC-2", "CN-3", "ok?")] * 6],
            "cell C2: the grade “4” is not accepted .nor are C4 “ok.”, C5 .*, C7 “ok.” and 2 more",
        ),
        ([("NC-1", "CN-1", "2-3")], "cell C2: the grade “2-3”"),
        ([("NC-1", "CN-1", True)], "cell C2: the grade “TRUE”"),
        ([("NC-1", "CN-1", 1), ("", "CN-2", 1)], "cell A3: .* its need is missing"),
        ([("NC-1", "", 2)], "cell B2: .* its offer is missing"),
        ([("NC-1", "CN-1", 1), ("NC-8", "CN-1", 1)], "cell A3: “NC-8” is not in the catalog"),
        ([("NC-1", "CN-1", 1), ("NC-1", "CN-8", 1)], "cell B3: “CN-8” is not in the catalog"),
        ([("NC-1", "CN-1", 1), ("CN-1", "NC-1", 1)], "cell A3: “CN-1” is not in .* imported need"),
        ([("NC-9", "CN-9", 1)], "cell B2: “CN-9” is not in the catalog"),
        ([("NC-1", "Bể lọc sinh học", 1)], r"belongs to 2 records \(CN-2, CN-4\); give the code"),
        (
            [("NC-1", "CN-1", 1), ("Sấy xoài tại vườn", "CN-1", 2)],
            r"cell C3: the pair NC-1 – CN-1 has the grade 1 already \(.*cell C2\), now 2",
        ),
        ([("NC-1", "CN-1", None)], "no row is graded yet"),
        ([], "no row is graded yet"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, catalog, rows, words):
    with pytest.raises(RequestError, match=words) as caught:
        judged_sheet(sheet(tmp_path, *rows), catalog, today=TODAY)
    assert caught.value.message.vi != caught.value.message.en


def test_a_pair_graded_twice_alike_counts_once(tmp_path, catalog):
    path = sheet(tmp_path, HEADS, ("NC-1", "CN-1", 1), HEADS, ("NC-1", "CN-1", 1))
    found = judged_sheet(path, catalog, today=TODAY)
    assert found.qrels == {"NC-1": {"CN-1": 1}}
    assert "1 judgements are repeated" in found.notices[0].en
    assert "cell C5" in found.notices[0].en


@pytest.mark.parametrize(
    ("heads", "row", "words"),
    [
        (HEADS, ("NC-1", "CN-1", 1), "cell A2: the cells hold codes .* name the workspace"),
        (("Tên", "Giá"), ("a", "b"), r"not recognised .*\(found: “Tên”, “Giá”\). Needed: “Need”"),
        (
            ("Nhu cầu", "Sản phẩm", "Score", "Điểm của tôi"),
            ("xe đạp điện", "pin xe đạp", 0.83, 3),
            "not recognised .*“Score”, “Điểm của tôi”.* and “Grade”",
        ),
        ((), (), "there is nothing in the file"),
    ],
)
def test_what_cannot_be_a_sheet_of_judgements(tmp_path, heads, row, words):
    with pytest.raises(RequestError, match=words):
        judged_sheet(sheet(tmp_path, row, heads=heads))


def test_a_code_beside_two_texts_is_refused(tmp_path):
    heads = ("Mã nhu cầu", "Nhu cầu", "Sản phẩm", "Đánh giá")
    rows = ("N1", "sấy xoài khô", "máy sấy", 1), ("N1", "lọc nước thải", "bể lọc", 1)
    with pytest.raises(RequestError, match="cell B3: the code N1 stands beside another text"):
        judged_sheet(sheet(tmp_path, *rows, heads=heads))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_our_own_workbook_with_its_grades_filled_in(tmp_path, catalog, language):
    records = {one.id: one for one in RECORDS}
    matches = (Match("NC-1", "CN-1", 1, 0.9), Match("NC-1", "CN-2", 2, 0.4))
    by_offer = {match.supply: (match.ranked(1),) for match in matches}
    empty = MatchList({"NC-1": matches}, by_offer, ("NC-2",), (), records, {}, 1)
    path = tmp_path / "match-list.xlsx"
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    write_workbook(empty, path, language=language, created=moment)
    with pytest.raises(RequestError, match="no row is graded yet"):
        judged_sheet(path, catalog)
    filled = openpyxl.load_workbook(path)
    by_need, of_offers = filled.worksheets[1:3]
    by_need["K2"], by_need["K3"], of_offers["K2"] = 3, 0, 3
    filled.save(path)
    found = judged_sheet(path, catalog, today=TODAY)
    assert found.name == "match-list"
    assert found.qrels == {"NC-1": {"CN-1": 3, "CN-2": 0}}
    assert len(found.document_ids) == 4
    assert judged_sheet(path).qrels == found.qrels
    of_offers["K3"] = 2
    filled.save(path)
    with pytest.raises(RequestError, match="the pair NC-1 – CN-2 has the grade 0 already"):
        judged_sheet(path, catalog)
