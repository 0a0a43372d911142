"""Workbooks, good and bad."""

import io
import zipfile
import zlib
from datetime import date, datetime

import pytest
import xlsxwriter
import xlwt
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from indexer.errors import RequestError
from indexer.readers import limits, read_tables


def save(path, **sheets):
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def ods(path, *sheets):
    """A minimal OpenDocument workbook: each sheet is the XML of its rows."""
    tables = "".join(
        f'<table:table table:name="S{at}">{rows}</table:table>' for at, rows in enumerate(sheets)
    )
    content = (
        '<?xml version="1.0"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return path


def cell(text, extra=""):
    return (
        f'<table:table-cell office:value-type="string" {extra}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def row(*cells, extra=""):
    return f"<table:table-row {extra}>{''.join(cells)}</table:table-row>"


def refused(path, words):
    with pytest.raises(RequestError) as caught:
        read_tables(path)
    assert words in str(caught.value)
    assert path.name in str(caught.value)
    assert path.name in caught.value.message.vi
    return caught.value


def test_cells_keep_their_kinds(tmp_path):
    path = save(
        tmp_path / "a.xlsx", S=[["chữ", 7, 1.5, True, date(2027, 1, 2), datetime(2027, 1, 2, 8)]]
    )
    (table,) = read_tables(path)
    assert (table.file, table.sheet, table.first_row) == ("a.xlsx", "S", 1)
    assert table.rows == (("chữ", 7.0, 1.5, True, date(2027, 1, 2), datetime(2027, 1, 2, 8)),)


def test_rows_and_columns_before_the_table_keep_their_numbers(tmp_path):
    book = Workbook()
    book.active["C4"] = "Tên"
    book.active["D6"] = "x"
    book.save(tmp_path / "a.xlsx")
    (table,) = read_tables(tmp_path / "a.xlsx")
    assert list(table.numbered(3)) == [(4, ("", "", "Tên", "")), (5, ()), (6, ("", "", "", "x"))]


def test_several_sheets_one_by_name_and_hidden_ones(tmp_path):
    path = save(tmp_path / "a.xlsx", Một=[["a"]], Hai=[["b"]])
    book = Workbook()
    book.active.title = "Một"
    book.active["A1"] = "a"
    hidden = book.create_sheet("Ẩn")
    hidden["A1"] = "b"
    hidden.sheet_state = "hidden"
    book.save(path)
    assert [(table.sheet, table.hidden) for table in read_tables(path)] == [
        ("Một", False),
        ("Ẩn", True),
    ]
    (table,) = read_tables(path, sheet="Ẩn")
    assert (table.sheet, table.hidden) == ("Ẩn", False)
    with pytest.raises(RequestError, match="“Một”, “Ẩn”"):
        read_tables(path, sheet="Ba")


def test_vertically_merged_cells_are_repeated(tmp_path):
    book = Workbook()
    sheet = book.active
    for line in (["Đơn vị", "Tên"], ["Viện A", "một"], [None, "hai"], [None, "ba"], ["B", "bốn"]):
        sheet.append(line)
    sheet.merge_cells("A2:A4")
    book.save(tmp_path / "a.xlsx")
    (table,) = read_tables(tmp_path / "a.xlsx")
    assert [line[0] for line in table.rows[1:]] == ["Viện A", "Viện A", "Viện A", "B"]


def test_formulas_give_their_stored_values_and_nothing_runs(tmp_path):
    book = Workbook()
    book.active.append(["Tên", "=1+1"])
    book.active["A2"] = ArrayFormula("A2", "=SUM(B1:B2)")
    path = tmp_path / "a.xlsx"
    book.save(path)
    (table,) = read_tables(path)
    assert table.rows[0][0] == "Tên"
    assert "2 formulas hold no stored result" in table.notices[0].en
    stored = xlsxwriter.Workbook(str(path))
    stored.add_worksheet().write_formula(0, 0, "=1+1", None, 2)
    stored.close()
    (table,) = read_tables(path)
    assert table.rows == ((2.0,),)
    assert table.notices == ()


def test_xls(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Cũ")
    sheet.write(0, 0, "Tên công nghệ")
    sheet.write_merge(1, 2, 0, 0, "gộp")
    sheet.write(1, 1, 7)
    sheet.write(2, 1, 8)
    book.save(str(tmp_path / "a.xls"))
    (table,) = read_tables(tmp_path / "a.xls")
    assert table.rows == (("Tên công nghệ", ""), ("gộp", 7.0), ("gộp", 8.0))


def test_ods_with_repeats_and_merged_cells(tmp_path):
    path = ods(
        tmp_path / "a.ods",
        row(cell("Đơn vị"), cell("Tên"))
        + row(cell("Viện A", 'table:number-rows-spanned="2"'), cell("một"))
        + row("<table:covered-table-cell/>", cell("hai"))
        + row('<table:table-cell table:number-columns-repeated="2"/>')
        + row(cell("B", 'table:number-columns-repeated="2"'))
        + row(
            '<table:table-cell table:number-columns-repeated="1024"/>',
            extra='table:number-rows-repeated="1048000"',
        ),
        row(cell("khác")),
    )
    first, second = read_tables(path)
    rows = [line for line in first.rows if line]
    assert rows == [("Đơn vị", "Tên"), ("Viện A", "một"), ("Viện A", "hai"), ("B", "B")]
    assert second.rows == (("khác",),)


def test_an_ods_that_repeats_a_filled_cell_without_end_is_refused(tmp_path):
    filled = cell("x", 'table:number-columns-repeated="16384"')
    path = ods(tmp_path / "a.ods", row(filled, extra='table:number-rows-repeated="1048576"'))
    refused(path, "16,384 columns")


def test_an_empty_sheet_is_an_empty_table(tmp_path):
    (table,) = read_tables(save(tmp_path / "a.xlsx", S=[]))
    assert table.rows == ()


def test_a_bomb_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(80):
                part.write(b"<row/>" * 175_000)
    assert path.stat().st_size < 1 << 20
    refused(path, "safe limit")


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path):
    path = tmp_path / "liar.xlsx"
    body = b"<row/>" * 100_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", body)
    raw = bytearray(path.read_bytes())
    true, claimed = len(body).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert raw.count(true) == 2
    path.write_bytes(raw.replace(true, claimed))
    refused(path, "safe limit")


def test_a_damaged_part_is_refused(tmp_path):
    path = save(tmp_path / "a.xlsx", S=[["x"] * 50] * 50)
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    refused(path, "damaged")


def test_a_stored_part_and_an_unknown_method(tmp_path):
    good = io.BytesIO(save(tmp_path / "a.xlsx", S=[["x"]]).read_bytes())
    for name, method in (("stored.xlsx", zipfile.ZIP_STORED), ("lzma.xlsx", zipfile.ZIP_LZMA)):
        with (
            zipfile.ZipFile(good) as source,
            zipfile.ZipFile(tmp_path / name, "w", method) as target,
        ):
            for part in source.namelist():
                target.writestr(part, source.read(part))
    assert read_tables(tmp_path / "stored.xlsx")[0].rows == (("x",),)
    refused(tmp_path / "lzma.xlsx", "damaged")


def test_two_cells_at_opposite_corners_are_refused_not_allocated(tmp_path):
    book = Workbook()
    book.active["A1"] = "Tên"
    book.active["XFD1048576"] = "x"
    book.save(tmp_path / "a.xlsx")
    refused(tmp_path / "a.xlsx", "1,048,576 rows × 16,384 columns")


def test_the_corner_is_found_when_rows_carry_no_number(tmp_path):
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row><c r="A1"><v>1</v></c></row><row><c r="XFD1048576"><v>1</v></c></row>'
        "</sheetData></worksheet>"
    )
    good = save(tmp_path / "a.xlsx", S=[["x"]])
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as target:
        for part in source.namelist():
            body = sheet if part.startswith("xl/worksheets/") else source.read(part)
            target.writestr(part, body)
    refused(tmp_path / "b.xlsx", "16,384 columns")


def test_a_locked_workbook_says_how_to_unlock(tmp_path):
    path = tmp_path / "khoa.xlsx"
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )
    error = refused(path, "password")
    assert "mật khẩu" in error.message.vi


def test_a_locked_zip_and_a_locked_ods(tmp_path):
    manifest = "<manifest><encryption-data/></manifest>"
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("content.xml", "<x/>")
        archive.writestr("META-INF/manifest.xml", manifest)
    refused(tmp_path / "a.ods", "password")
    raw = bytearray(save(tmp_path / "b.xlsx", S=[["x"]]).read_bytes())
    at = raw.find(b"PK\x01\x02")
    while at >= 0:
        raw[at + 8] |= 1
        at = raw.find(b"PK\x01\x02", at + 4)
    (tmp_path / "b.xlsx").write_bytes(raw)
    refused(tmp_path / "b.xlsx", "password")


@pytest.mark.parametrize(
    ("member", "kind"),
    [("word/document.xml", "Word"), ("xl/workbook.bin", "XLSB"), ("readme.txt", "ZIP")],
)
def test_other_archives_are_named(tmp_path, member, kind):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "x")
    refused(path, f"a {kind} file")


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx"])
def test_noise_is_no_workbook(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(zlib.compress(b"noise" * 999) + b"\0" * 64)
    refused(path, "cannot be read")


def test_an_ole_file_without_a_workbook(tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)
    refused(path, "cannot be read")


def test_text_under_the_name_of_a_workbook_is_read_as_text(tmp_path):
    path = tmp_path / "export.xls"
    path.write_text("Tên công nghệ\tMô tả\nMáy sấy\tsấy lúa\n", encoding="utf-8")
    assert read_tables(path)[0].rows[1] == ("Máy sấy", "sấy lúa")


def test_a_web_page_under_the_name_of_a_workbook_is_refused(tmp_path):
    path = tmp_path / "export.xls"
    path.write_text("<html><table><tr><td>Tên</td></tr></table></html>", encoding="utf-8")
    refused(path, "HTML")


def test_limits_can_be_met_exactly(tmp_path, monkeypatch):
    path = save(tmp_path / "a.xlsx", S=[["x", "y"]] * 5)
    monkeypatch.setattr(limits, "MAX_CELLS", 10)
    assert len(read_tables(path)[0].rows) == 5
    monkeypatch.setattr(limits, "MAX_CELLS", 9)
    refused(path, "5 rows × 2 columns")


def test_missing_files_folders_and_empty_files(tmp_path):
    refused(tmp_path / "không có.xlsx", "no such file")
    with pytest.raises(RequestError, match="a folder"):
        read_tables(tmp_path)
    (tmp_path / "a.xlsx").touch()
    refused(tmp_path / "a.xlsx", "empty")
