"""What the workbook library does not tell of OpenDocument sheets: size and merged cells."""

import re
from pathlib import Path

from indexer.readers.limits import MAX_CELLS, check_extent

_TAGS = re.compile(
    rb"<table:table-row\b([^>]*)>|<table:(?:covered-)?table-cell\b([^>]*?)(/?)>|"
    rb"</table:table-row>|<table:table\b"
)
_ROWS_REPEATED = re.compile(rb'table:number-rows-repeated="(\d{1,9})')
_COLUMNS_REPEATED = re.compile(rb'table:number-columns-repeated="(\d{1,9})')
_ROWS_SPANNED = re.compile(rb'table:number-rows-spanned="(\d{1,9})')

Merged = list[tuple[tuple[int, int], tuple[int, int]]]


class Spread:
    """Counts the cells of every sheet with all repetitions written out, and notes merged ones.

    `merged[i]` holds ((top, left), (bottom, right)) of the vertically merged cells of sheet i.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.merged: list[Merged] = []
        self._cells = 0
        self._row = self._height = self._blank_rows = 0
        self._column = self._width = 0

    def see(self, xml: bytes) -> None:
        """Takes the next piece of content.xml; RequestError once the cells are too many."""
        for match in _TAGS.finditer(xml):
            token = match.group()
            if token == b"<table:table":
                self.merged.append([])
                self._row = self._blank_rows = 0
            elif match.group(1) is not None:
                self._height = _number(_ROWS_REPEATED, match.group(1))
                self._column = self._width = 0
            elif token == b"</table:table-row>":
                self._close_row()
            else:
                self._cell(match.group(2), closed=match.group(3) == b"/")

    def _cell(self, attributes: bytes, *, closed: bool) -> None:
        rows = _number(_ROWS_SPANNED, attributes)
        if rows > 1 and self.merged:
            top, left = self._row, self._column
            self.merged[-1].append(((top, left), (top + rows - 1, left)))
        self._column += _number(_COLUMNS_REPEATED, attributes)
        if not closed or b"office:value" in attributes:
            self._width = self._column

    def _close_row(self) -> None:
        """Blank rows count only once a filled row follows: sheets end in a million of them."""
        self._row += self._height
        if not self._width:
            self._blank_rows += self._height
            return
        self._cells += (self._height + self._blank_rows) * self._width
        self._blank_rows = 0
        if self._cells > MAX_CELLS:
            check_extent(self.path, self._row, self._width)


def _number(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    match = pattern.search(attributes)
    return int(match.group(1)) if match else 1
