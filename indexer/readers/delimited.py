"""CSV, TSV and their kin: the delimiter is found by which one gives even rows."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.readers.encoding import text_lines
from indexer.readers.limits import MAX_TEXT_BYTES, check_size
from indexer.readers.table import Table

_DELIMITERS = (";", "\t", ",", "|")
_SAMPLE_LINES = 400
_LONGEST_CELL_LINES = 1000  # a quoted cell of more lines is a quote somebody forgot to close
_LARGEST_CELL = 64 << 20
_NO_DELIMITER = "\x1f"


class _UnclosedQuoteError(Exception):
    """A quoted cell runs on and on; its first line must be read literally."""


def read_delimited(path: Path) -> Table:
    """The rows of a delimited text file. Raises RequestError for empty and binary files."""
    check_size(path)
    lines = text_lines(path)
    stream = iter(lines)
    head = list(islice(stream, _SAMPLE_LINES))
    _check_text(path, head)
    delimiter = _declared(head)
    skip = 1 if delimiter else 0
    delimiter = delimiter or _sniff(head)
    csv.field_size_limit(_LARGEST_CELL)
    rows = _Rows(chain(head[skip:], stream), delimiter, skip)
    found = tuple(tuple(row) for row in rows)
    return Table(
        path.name, "", found, 1 + skip, notices=(*lines.notices(), *rows.notices(path.name))
    )


def _check_text(path: Path, head: list[str]) -> None:
    text = "".join(head)[:20_000]
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype html", "<html", "<table")):
        raise RequestError(
            vi=f"{path.name}: đây là trang HTML, không phải bảng tính. Hãy mở bằng Excel rồi lưu "
            "lại dạng .xlsx.",
            en=f"{path.name}: this is an HTML page, not a spreadsheet. Open it in Excel and save "
            "it as .xlsx.",
        )
    strange = sum(
        1 for sign in text if (sign < " " and sign not in "\t\n\r\x0b\x0c") or sign == "\ufffd"
    )
    if not text.strip() or strange > 0.1 * len(text) or start.startswith("%pdf"):
        raise RequestError(
            vi=f"{path.name}: không có chữ nào đọc được; đây không phải bảng dữ liệu. Chấp nhận: "
            ".xlsx, .xls, .ods, .csv, .tsv, .json, .jsonl.",
            en=f"{path.name}: there is no readable text; this is not a table. Accepted: .xlsx, "
            ".xls, .ods, .csv, .tsv, .json, .jsonl.",
        )


def _declared(head: list[str]) -> str:
    """The delimiter of Excel's own first line, `sep=;`."""
    first = head[0].strip().strip('"').lower() if head else ""
    return first[4:5] if first.startswith("sep=") and len(first) == 5 else ""


def _sniff(head: list[str]) -> str:
    """The delimiter that cuts most sample rows into the same number of cells."""
    csv.field_size_limit(MAX_TEXT_BYTES)
    best, chosen = 0.0, _NO_DELIMITER
    for delimiter in _DELIMITERS:
        widths = [
            len(row) for row in islice(csv.reader(head, delimiter=delimiter), 100) if any(row)
        ]
        if len(head) >= _SAMPLE_LINES and len(widths) > 1:
            widths.pop()  # the sample may end inside a quoted cell
        width, rows = max(
            Counter(widths).items(), key=lambda item: (item[1], item[0]), default=(1, 0)
        )
        if width < 2:
            continue
        # Even rows first; of equally even ones the delimiter that gives more cells.
        score = rows / len(widths) + min(width, 20) / 100
        if score > best and rows >= 0.4 * len(widths):
            best, chosen = score, delimiter
    return chosen


class _Rows:
    """The rows of the lines; quotes that are never closed are taken literally and reported."""

    def __init__(self, lines: Iterator[str], delimiter: str, skipped: int) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._line = skipped
        self._pending: list[str] = []
        self._unclosed: list[int] = []

    def __iter__(self) -> Iterator[list[str]]:
        while True:
            try:
                yield from self._parse()
            except _UnclosedQuoteError:
                yield self._literal()
            else:
                return

    def _feed(self) -> Iterator[str]:
        for line in self._lines:
            if len(self._pending) >= _LONGEST_CELL_LINES:
                self._lines = chain([line], self._lines)
                raise _UnclosedQuoteError
            self._line += 1
            self._pending.append(line)
            yield line

    def _parse(self) -> Iterator[list[str]]:
        for row in csv.reader(self._feed(), delimiter=self._delimiter):
            lines = len(self._pending)
            if lines > 1 and sum(line.count('"') for line in self._pending) % 2:
                raise _UnclosedQuoteError
            self._pending.clear()
            yield row

    def _literal(self) -> list[str]:
        """The first pending line as it stands; the others go back to be read again."""
        first, *others = self._pending
        self._line -= len(others)
        self._unclosed.append(self._line)
        self._lines = chain(others, self._lines)
        self._pending = []
        literal = csv.reader([first], delimiter=self._delimiter, quoting=csv.QUOTE_NONE)
        return [cell.strip('"') for cell in next(literal, [])]

    def notices(self, name: str) -> tuple[Bilingual, ...]:
        if not self._unclosed:
            return ()
        lines = ", ".join(map(str, self._unclosed[:10]))
        return (
            Bilingual(
                vi=f"{name}: dấu ngoặc kép không được đóng ở dòng {lines}; đã đọc nguyên văn.",
                en=f"{name}: a quotation mark is never closed in line {lines}; read literally.",
            ),
        )
