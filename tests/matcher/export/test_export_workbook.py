import zipfile
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.bilingual import Bilingual
from matcher.export import workbook as module
from matcher.export.cells import safe_cell
from matcher.export.workbook import write_workbook
from matcher.match import Flag

_MOMENT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def _read(match_list, tmp_path, language="vi"):
    path = tmp_path / "list.xlsx"
    write_workbook(match_list, path, language=language, created=_MOMENT)
    return openpyxl.load_workbook(path)


def _rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def test_sheets_are_named_in_the_language_asked_for(make_list, tmp_path):
    assert _read(make_list(), tmp_path).sheetnames == [
        "Tổng quan",
        "Theo nhu cầu",
        "Theo nguồn cung",
        "Chưa ghép được",
        "Thiết lập",
    ]
    english = _read(make_list(), tmp_path, "en")
    assert english.sheetnames == ["Overview", "By need", "By offer", "Unmatched", "Settings"]
    headings = [cell.value for cell in english["By need"][1]]
    assert headings[:5] == ["Need code", "Need", "Organisation in need", "Rank", "Score"]


def test_rows_by_need(make_list, tmp_path):
    match_list = make_list()
    rows = _rows(_read(match_list, tmp_path)["Theo nhu cầu"])
    matches = list(match_list.lines())
    assert len(rows) == len(matches)
    match, row = matches[0], rows[0]
    need, offer = match_list.records[match.demand], match_list.records[match.supply]
    assert row[:3] == [need.id, need.title, need.owner]
    assert row[3] == 1
    assert row[4] == pytest.approx(match.score, abs=5e-5)
    assert row[5:8] == [offer.id, offer.title, offer.owner]
    assert row[8] == match.evidence[0].why.vi
    assert row[9] == "TRL 4, cần từ TRL 6"
    assert row[10] is None  # the grade is the reader's to give
    assert row[15:17] == [match.evidence[0].demand.text, match.evidence[0].supply.text]
    assert row[17] == "nước thải; COD; bearing failures"


def test_rows_by_offer_are_mirrored(make_list, tmp_path):
    match_list = make_list()
    rows = _rows(_read(match_list, tmp_path)["Theo nguồn cung"])
    match = next(iter(match_list.by_supply.values()))[0]
    need, offer = match_list.records[match.demand], match_list.records[match.supply]
    assert rows[0][:2] == [offer.id, offer.title]
    assert rows[0][5:7] == [need.id, need.title]
    # Need and offer keep their columns in both sheets: asked before offered.
    assert rows[0][11] == need.trl.low
    assert rows[0][15] == match.evidence[0].demand.text
    assert len(rows) == sum(len(matches) for matches in match_list.by_supply.values())


def test_sheets_are_ready_to_print_and_filter(make_list, tmp_path):
    book = _read(make_list(), tmp_path)
    sheet = book["Theo nhu cầu"]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == f"A1:R{sheet.max_row}"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.print_area == f"'Theo nhu cầu'!$A$1:$K${sheet.max_row}"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert "&P" in sheet.oddFooter.right.text
    assert sheet.oddHeader.right.text.strip().startswith("08:30 ngày 02/03/2026")
    assert sheet.column_dimensions["B"].width > 25
    assert sheet["B2"].alignment.wrap_text
    [bars] = list(sheet.conditional_formatting)
    assert bars.rules[0].type == "dataBar"
    assert sheet["E2"].number_format == "0.00"


@pytest.mark.parametrize(
    ("language", "heading", "best"),
    [
        ("vi", "Đánh giá (0–3)", "3: nhất định nên gặp"),
        ("en", "Grade (0–3)", "3: arrange it"),
    ],
)
def test_every_match_has_a_cell_to_grade_it_in(make_list, tmp_path, language, heading, best):
    book = _read(make_list(), tmp_path, language)
    for sheet in book.worksheets[1:3]:
        assert sheet["K1"].value == heading
        [rule] = sheet.data_validations.dataValidation
        assert (rule.type, rule.formula1) == ("list", '"0,1,2,3"')
        assert str(rule.sqref) == f"K2:K{sheet.max_row}"
        assert rule.prompt.splitlines()[0] == best
        assert len(rule.prompt.splitlines()) == 4
        assert rule.showErrorMessage
    assert heading.split()[0] in str(_rows(book.worksheets[0]))


def test_groups_are_banded_and_repeats_are_quiet(make_list, tmp_path):
    sheet = _read(make_list(k=3), tmp_path)["Theo nhu cầu"]
    fills = [sheet.cell(row, 2).fill.fgColor.rgb for row in range(2, 11)]
    assert fills[0] == fills[2] != fills[3] == fills[5] != fills[6]
    assert sheet["B2"].font.bold
    assert not sheet["B3"].font.bold
    assert sheet["B3"].font.color.rgb != sheet["B2"].font.color.rgb


def test_overview_counts_and_charts(make_list, tmp_path):
    match_list = make_list()
    sheet = _read(match_list, tmp_path)["Tổng quan"]
    counts = {row[0].value: row[1].value for row in sheet.iter_rows(max_row=12)}
    assert counts["Nhu cầu có kết quả"] == 10
    assert counts["Nguồn cung chưa có kết quả"] == 2
    assert counts["Ghép nối theo nhu cầu"] == 50
    first = next(row[0].row for row in sheet.iter_rows() if row[0].value == "Điểm")
    bins = [[cell.value for cell in row[1:3]] for row in sheet.iter_rows(min_row=first + 1)]
    assert sum(best for best, _ in bins) == 10
    assert sum(other for _, other in bins) == 40
    assert len(sheet._charts) == 1
    links = [cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert links == ["'Theo nhu cầu'!A1", "'Theo nguồn cung'!A1"]


def test_chart_holds_its_figures_for_previews(make_list, tmp_path):
    path = tmp_path / "list.xlsx"
    write_workbook(make_list(), path, language="vi", created=_MOMENT)
    chart = zipfile.ZipFile(path).read("xl/charts/chart1.xml").decode()
    assert chart.count("<c:pt ") == 80  # 20 bins: categories and values of two series


def test_unmatched_with_the_nearest_below_the_floor(make_list, tmp_path):
    match_list = make_list()
    rows = _rows(_read(match_list, tmp_path)["Chưa ghép được"])
    assert [row[0] for row in rows] == ["Nhu cầu"] * 2 + ["Nguồn cung"] * 2
    assert [row[1] for row in rows] == [
        *match_list.unmatched_demands,
        *match_list.unmatched_supplies,
    ]
    assert rows[0][5:] == [None] * 7  # nearest, and what is missing
    assert rows[1][5] == "CN-0000"
    assert rows[1][8] == pytest.approx(0.07)
    assert rows[3][5] == "NC-0000"


def test_settings_without_passwords(make_list, tmp_path):
    match_list = make_list()
    settings_used = {**match_list.settings, "database": "postgresql://an:bi-mat@host/cc"}
    changed = _with(match_list, settings=settings_used)
    values = {row[0]: row[1] for row in _rows(_read(changed, tmp_path)["Thiết lập"])}
    assert values["Phiên bản danh mục"] == "7"
    assert values["Thời điểm lập"] == "08:30 ngày 02/03/2026"
    assert values["Bộ mã hóa ngữ nghĩa"] == "lsa"
    assert values["Cơ sở dữ liệu"] == "postgresql://…@host/cc"


def test_restricted_records_are_announced(make_list, tmp_path):
    text = str(_rows(_read(make_list(), tmp_path)["Tổng quan"]))
    assert "không gửi ra ngoài" in text
    public = make_list(needs=4, offers=4, k=2, lonely=0)
    assert "không gửi ra ngoài" not in str(_rows(_read(public, tmp_path)["Tổng quan"]))


def test_an_empty_list_is_a_valid_workbook(make_list, tmp_path):
    book = _read(make_list(needs=0, offers=0, lonely=0), tmp_path)
    assert book["Theo nhu cầu"]["A2"].value == "Không có mục nào."
    assert book["Chưa ghép được"]["A2"].value == "Không có mục nào."


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(make_list, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SHEET_ROWS", 21)
    match_list = make_list()
    book = _read(match_list, tmp_path)
    names = [name for name in book.sheetnames if name.startswith("Theo nhu cầu")]
    assert names == ["Theo nhu cầu", "Theo nhu cầu (2)", "Theo nhu cầu (3)"]
    offers = [row[5] for name in names for row in _rows(book[name])]
    assert offers == [match.supply for match in match_list.lines()]
    assert book[names[1]]["B2"].font.bold


_HOSTILE = (
    "=cmd|'/c calc'!A1",
    "<r><t>injected</t></r>",
    "<r></is></c><c r='A9'><f>1+1</f></c></r>",
    "_x0041_ and _x003D_1",
    "]]>&lt;<!--",
    "\x00=1+1",
    "\u202ePDF\u202c",
    " khoảng trắng hai đầu ",
    "một\ud800nửa",
)


def _with(match_list, **changes):
    return type(match_list)(**{**vars(match_list), **changes})


def _retitled(match_list, texts):
    """The list with its first needs' titles replaced by texts that pydantic would not check."""
    needs = list(match_list.by_demand)
    records = dict(match_list.records)
    for need, text in zip(needs, texts, strict=False):
        records[need] = records[need].model_copy(update={"title": text})
    return _with(match_list, records=records)


@pytest.mark.parametrize("text", _HOSTILE)
def test_hostile_text_stays_text(make_list, tmp_path, text):
    book = _read(_retitled(make_list(k=1), [text]), tmp_path)
    cell = book["Theo nhu cầu"]["B2"]
    assert cell.data_type == "s"
    # Excel, unlike openpyxl, reads _x005F_ as the underscore it stands for.
    assert cell.value.replace("_x005F", "") == safe_cell(text.strip(), "vi")
    assert not any(
        cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row
    )


def test_flags_and_reasons_are_made_safe_too(make_list, tmp_path):
    match_list = make_list(needs=3, offers=3, k=1, lonely=0)
    bad = Flag("x", Bilingual("=1+1", "=1+1"))
    by_demand = {
        key: tuple(type(m)(m.demand, m.supply, m.rank, m.score, flags=(bad,)) for m in matches)
        for key, matches in match_list.by_demand.items()
    }
    sheet = _read(_with(match_list, by_demand=by_demand), tmp_path)["Theo nhu cầu"]
    assert sheet["J2"].value == "'=1+1"
    assert sheet["I2"].value == "Nội dung gần nhau về tổng thể"


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(st.text(st.characters(exclude_categories=())), min_size=8, max_size=8))
def test_any_text_comes_back(make_list, tmp_path, texts):
    texts = [text if text.strip() else "x" for text in texts]
    sheet = _read(_retitled(make_list(k=1), texts), tmp_path)["Theo nhu cầu"]
    for row, text in enumerate(texts, start=2):
        cell = sheet.cell(row, 2)
        assert cell.data_type in ("s", "n")  # "n" is how openpyxl reads an empty cell
        assert (cell.value or "").replace("_x005F", "") == safe_cell(text.strip(), "vi")


def test_equal_lists_made_at_one_moment_give_equal_bytes(make_list, tmp_path):
    books = []
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(make_list(), tmp_path / name, language="vi", created=_MOMENT)
        books.append((tmp_path / name).read_bytes())
    assert books[0] == books[1]
    core = zipfile.ZipFile(BytesIO(books[0])).read("docProps/core.xml").decode()
    assert core.count("2026-03-02T08:30:00Z") == 2
