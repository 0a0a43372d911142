"""CSV and its kin: encodings, delimiters, quotes."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import RequestError
from indexer.readers import limits, read_tables
from indexer.readers.encoding import encoding_of

ROWS = (
    ("Mã", "Tên công nghệ", "Mô tả"),
    ("A1", "Máy sấy lúa bơm nhiệt", "Sấy 1,2 tấn/mẻ; điện ít"),
    ("A2", "Xử lý nước thải", "Hai dòng\nvà “ngoặc”, có dấu phẩy"),
    ("A3", "Phân bón hữu cơ", "đất đai, sông ngòi, đường sá"),
)


def text_of(rows, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def written(tmp_path, raw, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_with_every_delimiter(tmp_path, encoding, delimiter):
    path = written(tmp_path, text_of(ROWS, delimiter).encode(encoding))
    (table,) = read_tables(path)
    assert table.rows == ROWS
    assert table.first_row == 1


def test_windows_1258_is_found_and_said(tmp_path):
    rows = [(code, title, body.replace("“", '"').replace("”", '"')) for code, title, body in ROWS]
    marks = {"ạ": "ạ", "ấ": "ấ", "ử": "ử", "ơ": "ơ"}
    text = "".join(marks.get(sign, sign) for sign in text_of(rows))
    raw = b"".join(_in_1258(sign) for sign in text)
    path = written(tmp_path, raw)
    assert encoding_of(path) == "cp1258"
    (table,) = read_tables(path)
    assert table.rows == tuple(rows)
    assert "cp1258" in table.notices[0].en


def _in_1258(sign):
    """One character in Windows-1258, whose tones are marks of their own."""
    import unicodedata

    try:
        return sign.encode("cp1258")
    except UnicodeEncodeError:
        whole = unicodedata.normalize("NFD", sign)
        tone = next(mark for mark in whole if mark in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", whole.replace(tone, ""))
        return base.encode("cp1258") + tone.encode("cp1258")


def test_other_single_byte_text_is_still_read(tmp_path):
    text = "Code;Title;Description\n1;Müllverbrennung für Städte;größere Öfen, weniger Ruß\n" * 20
    (table,) = read_tables(written(tmp_path, text.encode("latin-1")))
    assert table.rows[1][1] == "Müllverbrennung für Städte"


def test_a_line_in_another_encoding_costs_nothing_and_is_named(tmp_path):
    raw = "Tên,Mô tả\nMáy sấy,tốt\n".encode() + "Khoan ging,r\u1ebb\n".encode("utf-8")[:-5]
    raw += "Qu\xe2n,x\n".encode("cp1258") + "Nước,sạch\n".encode()
    (table,) = read_tables(written(tmp_path, raw))
    assert ("Nước", "sạch") in table.rows
    assert "line 3" in table.notices[0].en


def test_a_real_replacement_character_is_no_damage(tmp_path):
    (table,) = read_tables(written(tmp_path, "Tên,Mô tả\nx\ufffdy,z\n".encode()))
    assert table.notices == ()


def test_nul_bytes_are_removed_and_said(tmp_path):
    (table,) = read_tables(written(tmp_path, b"Title,Description\nPu\0mp,wa\0ter\n"))
    assert table.rows[1] == ("Pump", "water")
    assert "NUL" in table.notices[0].en


def test_lone_carriage_returns_end_lines_only_in_old_files(tmp_path):
    (table,) = read_tables(written(tmp_path, b"Title,Description\ra,b\rc,d\re,f\r"))
    assert table.rows == (("Title", "Description"), ("a", "b"), ("c", "d"), ("e", "f"))
    (table,) = read_tables(written(tmp_path, b"Title,Description\na,b\rx\nc,d\n"))
    assert table.rows == (("Title", "Description"), ("a", "b x"), ("c", "d"))


def test_excels_own_delimiter_line(tmp_path):
    (table,) = read_tables(written(tmp_path, b"sep=;\nTitle;Description\na,b,c;d\n"))
    assert table.rows == (("Title", "Description"), ("a,b,c", "d"))
    assert table.first_row == 2


def test_one_column_of_sentences_is_not_cut_at_commas(tmp_path):
    lines = [
        "Nhu cầu",
        "Cần máy sấy, loại nhỏ",
        "Cần lọc nước",
        "Tìm phần mềm, có bảo hành, rẻ",
        "Xe",
    ]
    (table,) = read_tables(written(tmp_path, "\n".join(lines).encode()))
    assert [row[0] for row in table.rows] == lines
    assert {len(row) for row in table.rows} == {1}


def test_a_quote_never_closed_costs_only_its_own_row(tmp_path):
    text = 'Title;Description\na;"open\nb;two\nc;three\n'
    (table,) = read_tables(written(tmp_path, text.encode()))
    assert table.rows == (("Title", "Description"), ("a", "open"), ("b", "two"), ("c", "three"))
    assert "line 2" in table.notices[0].en


def test_a_quote_never_closed_in_a_long_file(tmp_path):
    text = 'Title;Description\na;"open\n' + "".join(f"t{i};d{i}\n" for i in range(3000))
    (table,) = read_tables(written(tmp_path, text.encode()))
    assert len(table.rows) == 3002
    assert table.rows[-1] == ("t2999", "d2999")


def test_a_megabyte_in_one_cell(tmp_path):
    long = "x" * (1 << 20)
    (table,) = read_tables(written(tmp_path, f'Title,Description\na,"{long}"\n'.encode()))
    assert table.rows[1] == ("a", long)


def test_blank_lines_keep_the_row_numbers(tmp_path):
    (table,) = read_tables(written(tmp_path, b"Title,Description\n\na,b\n"))
    assert list(table.numbered(1)) == [(2, ()), (3, ("a", "b"))]


@pytest.mark.parametrize("raw", [b"\x00\x01\x02\x03" * 50, b"%PDF-1.7 something", b" \n \n"])
def test_what_is_no_text_is_refused(tmp_path, raw):
    with pytest.raises(RequestError, match=r"a\.csv"):
        read_tables(written(tmp_path, raw))


def test_a_file_above_the_limit_is_refused(tmp_path, monkeypatch):
    path = written(tmp_path, b"Title,Description\n" * 100)
    monkeypatch.setattr(limits.check_size, "__defaults__", (1000,))
    with pytest.raises(RequestError, match="split it"):
        read_tables(path)


_cell = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff\u2028\u2029"),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(_cell, min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from(",;\t|"),
)
def test_whatever_a_program_writes_reads_back(tmp_path_factory, rows, delimiter):
    table_rows = [("Mã số", "Tên công nghệ", "Mô tả chi tiết"), *map(tuple, rows)]
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(text_of(table_rows, delimiter), encoding="utf-8-sig", newline="")
    (table,) = read_tables(path)
    assert [row for row in table.rows if any(row)] == [row for row in table_rows if any(row)]


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_give_a_table_or_a_sentence(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("raw") / "a.csv"
    path.write_bytes(raw)
    try:
        tables = read_tables(path)
    except RequestError as error:
        assert error.message.vi
        return
    assert all(isinstance(cell, str) for table in tables for row in table.rows for cell in row)
