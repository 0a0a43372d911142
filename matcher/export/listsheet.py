"""A worksheet that takes whole rows: XlsxWriter's cells, many times as fast for long lists."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from shutil import copyfileobj

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

_LETTERS = tuple(xl_col_to_name(place) for place in range(64))
# Around the content of each cell of a row: the style before it, the next reference after it.
Look = tuple[tuple[str, str], ...]

_PRESERVE = ' xml:space="preserve"'
_SHORT = 100  # characters of a text that is likely to stand in another row too
# Excel reads _x0041_ in a text as the letter A; an escaped underscore keeps it as written.
_EXCEL_ESCAPE = re.compile("(?=_x[0-9a-fA-F]{4}_)")
_PIECE = 1 << 20  # bytes copied at once


class ListSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """`append` writes one row at once, where 120,000 rows of 17 cells cost 20 s cell by cell.

    Only for workbooks in constant-memory mode, whose sheets keep one row and write it to `fh`
    when the next begins. Rows come in order, below any row written with the ordinary methods.
    """

    def look(self, styles: Sequence[Format]) -> Look:
        """The formats of a row's cells, worked out once for all rows that look alike."""
        after = [f'<c r="{letters}' for letters in _LETTERS[1 : len(styles)]] + ["</row>"]
        return tuple(
            (f'" s="{style._get_xf_index()}"', begun)
            for style, begun in zip(styles, after, strict=True)
        )

    def append(self, line: int, cells: Sequence[str | float | None], look: Look) -> None:
        """Writes the row `line` (from 0). Texts have no control characters: see `safe_cell`."""
        self._write_single_row(line)  # the row before, if it is still kept
        self._check_dimensions(line, 0)
        self._check_dimensions(line, len(cells) - 1)
        parts = [
            f"{style}{_content(value)}{begun}"
            for value, (style, begun) in zip(cells, look, strict=True)
        ]
        # The number of the row stands between all of these.
        self.fh.write(str(line + 1).join(['<row r="', f'"><c r="{_LETTERS[0]}', *parts]))

    def _write_optimized_sheet_data(self) -> None:
        """Copies the rows as they are, which XlsxWriter would decode and encode again."""
        self._xml_start_tag("sheetData")
        self.row_data_fh.close()
        self.fh.flush()
        rows = Path(self.row_data_filename)
        with rows.open("rb") as file:
            copyfileobj(file, self.fh.buffer, _PIECE)
        rows.unlink()
        self._xml_end_tag("sheetData")


def _content(value: str | float | None) -> str:
    """The rest of the cell that holds this."""
    long = isinstance(value, str) and len(value) > _SHORT
    return _made(value) if long else _known(value)


def _made(value: str | float | None) -> str:
    if value is None or value == "":
        return "/>"
    if not isinstance(value, str):
        return f"><v>{value:.16G}</v></c>"
    text = value
    if "&" in text or "<" in text or ">" in text or "_x" in text:
        text = _escaped(text)
    space = "" if text == text.strip() else _PRESERVE
    return f' t="inlineStr"><is><t{space}>{text}</t></is></c>'


_known = lru_cache(maxsize=40_000)(_made)  # titles, numbers and ranks stand in row after row


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _EXCEL_ESCAPE.sub("_x005F", text)
