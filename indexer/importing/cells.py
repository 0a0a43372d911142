"""The text of a cell: no tags, no entities, no unseen characters, blanks collapsed."""

import html
import re
from datetime import date, datetime

from indexer.readers import Cell
from indexer.text import normalise

# What stands between these is for machines; searched by hand, because a pattern would look for
# the end of every beginning through the whole of a long cell.
_DROPPED = (("<script", "</script>"), ("<style", "</style>"), ("<!--", "-->"))
_MARKED = re.compile(r"<!\[CDATA\[|\]\]>")
_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h[1-6]|hr)\b[^<>]{0,200}>", re.IGNORECASE)
_BULLET = re.compile(r"<\s*li\b[^<>]{0,200}>", re.IGNORECASE)
# Only names HTML knows: "TRL<5 và >3" is text.
_TAG = re.compile(
    r"</?\s*(?:a|abbr|article|aside|b|big|blockquote|body|button|center|cite|code|col|dd|del|div|dl|"
    r"dt|em|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|"
    r"main|meta|nav|o:p|object|ol|option|p|pre|q|s|script|section|select|small|span|strike|strong|"
    r"style|sub|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul|video|w:\w+|!doctype)"
    r"(?:\s[^<>]{0,2000})?/?\s*>",
    re.IGNORECASE,
)
_GUARDED = ("'=", "'+", "'-", "'@", "'＝", "'＋", "'－", "'＠")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def clean(text: str) -> str:
    """NFC text without HTML, control and invisible characters; lines kept, blanks collapsed."""
    text = normalise(text)
    if text.startswith(_GUARDED):
        text = text[1:]  # the mark of text that a spreadsheet would take for a formula
    if "<" in text and ">" in text:
        text = _without_tags(text)
    if "&" in text and _ENTITY.search(text):
        text = normalise(_ENTITY.sub(lambda match: html.unescape(match.group()), text))
    if "\n" not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _without_tags(text: str) -> str:
    for begin, end in _DROPPED:
        text = _without(text, begin, end)
    text = _MARKED.sub("", text)
    text = _BULLET.sub("\n- ", _BREAKS.sub("\n", text))
    return _TAG.sub("", text)


def _without(text: str, begin: str, end: str) -> str:
    """The text without every stretch from `begin` to `end`; an open one stays."""
    lower = text.lower()
    if begin not in lower or len(lower) != len(text):
        return text
    kept, at = [], 0
    while (start := lower.find(begin, at)) >= 0 and (stop := lower.find(end, start)) >= 0:
        kept.append(text[at:start])
        at = stop + len(end)
    return " ".join([*kept, text[at:]]) if begin != "<!--" else "".join([*kept, text[at:]])


def cell_text(cell: Cell) -> str:
    """Any cell as clean text: 1.0 as "1", dates as dd/mm/yyyy."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, date):
        return f"{cell.day:02}/{cell.month:02}/{cell.year:04}"
    return str(cell)
