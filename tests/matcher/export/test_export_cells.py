import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matcher.export.cells import CELL_LIMIT, safe_cell
from matcher.export.clean import clean, shorten

_ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates as well


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+84 912", "'+84 912"),
        ("-5 °C", "'-5 °C"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\n=1"),
        ("\x00=1+1", "'=1+1"),
        ("\x00an toàn", "'an toàn"),
        ("\u202e=1", "'=1"),
        ("＝1+1", "'＝1+1"),
        ("a = b - c", "a = b - c"),
        ("", ""),
        ("Nước\x07 thải\r\nCOD", "Nước thải\nCOD"),
        ("một\ud800hai", "mộthai"),
        ("<r><t>x</t></r>", "<r><t>x</t></r> "),
    ],
)
def test_cell(text, cell):
    assert safe_cell(text, "vi") == cell


def test_long_text_is_cut_with_a_notice():
    cell = safe_cell("á" * 40_000, "en")
    assert len(cell) < CELL_LIMIT
    assert cell.endswith("… [cut: an Excel cell holds 32,767 characters at most]")
    assert "đã cắt bớt" in safe_cell("á" * 40_000, "vi")
    assert safe_cell("á" * (CELL_LIMIT - 1), "vi") == "á" * (CELL_LIMIT - 1)


def test_length_counts_utf16_units():
    cell = safe_cell("😀" * 20_000, "en")
    assert len(cell.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert cell.startswith("😀" * 100)


@given(_ANY_TEXT)
@example("\x00\x00=1")
@example("<r>=</r>")
def test_no_cell_starts_a_formula_or_breaks_xml(text):
    cell = safe_cell(text, "vi")
    assert not cell.startswith(tuple("=+-@\t\r\n"))
    assert not any(ord(sign) < 32 and sign not in "\t\n" for sign in cell)
    assert not any(0xD800 <= ord(sign) <= 0xDFFF or sign in "\ufffe\uffff" for sign in cell)
    assert not (cell.startswith("<r>") and cell.endswith("</r>"))
    assert cell.removeprefix("'").removesuffix(" ") == clean(text).removesuffix(" ") or cell == (
        clean(text)
    )


@given(_ANY_TEXT)
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")


@given(st.text(), st.integers(min_value=2, max_value=50))
def test_shortened_text_fits(text, length):
    short = shorten(text, length)
    assert len(short) <= length
    assert short == text or short.endswith("…")


def test_shorten_cuts_at_a_blank():
    assert shorten("xử lý nước thải công nghiệp", 18) == "xử lý nước thải…"
