"""Text that is safe to put into a spreadsheet cell."""

from indexer.bilingual import Bilingual, Language
from matcher.export.clean import clean

CELL_LIMIT = 32_767  # UTF-16 units: the most one Excel cell holds

# What a spreadsheet takes for the start of a formula (OWASP ASVS 5.0, 1.2.10), in the full-width
# forms of East Asian keyboards too. Control characters count as they stand in the source text.
_STARTS_FORMULA = frozenset("=+-@\t\r\n\x00＝＋－＠")

_NOTICE = Bilingual(
    vi="… [đã cắt bớt: một ô Excel chứa tối đa 32.767 ký tự]",
    en="… [cut: an Excel cell holds 32,767 characters at most]",
)


def safe_cell(text: str, language: Language) -> str:
    """`text` as a cell may hold it: no formula, no illegal character, no more than fits.

    A text that a spreadsheet could take for a formula gets a leading apostrophe, also where
    only the removal of control characters brings the dangerous sign to the front.
    """
    if not text:
        return ""
    cleaned = clean(text)
    if text[0] in _STARTS_FORMULA or cleaned[:1] in _STARTS_FORMULA:
        cleaned = "'" + cleaned
    if len(cleaned) * 2 > CELL_LIMIT:
        cleaned = _fitting(cleaned, language)
    # XlsxWriter copies text that looks like its own rich-string markup into the XML unescaped.
    if cleaned.startswith("<r>") and cleaned.endswith("</r>"):
        cleaned += " "
    return cleaned


def _fitting(text: str, language: Language) -> str:
    """Cuts by UTF-16 units, as Excel counts; a character outside the BMP is never halved."""
    units = text.encode("utf-16-le")
    # One unit is kept back for the blank that disarms rich-string markup.
    if len(units) // 2 < CELL_LIMIT:
        return text
    notice = _NOTICE.say(language)
    kept = units[: 2 * (CELL_LIMIT - 1 - len(notice))]
    return kept.decode("utf-16-le", errors="ignore") + notice
