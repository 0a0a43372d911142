"""Rows of a table that are no records: blank, repeated headings, group headings, footers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from indexer.bilingual import Bilingual
from indexer.importing.cells import cell_text
from indexer.importing.columns import Layout
from indexer.importing.headings import key
from indexer.readers import Cell, Table, is_blank
from indexer.text import fold

_TOTAL = "tong cong|tong so|tong|cong|cong trang|subtotal|sub-total|grand total|total|sum"
_SIGNED = (
    "ghi chu|chu thich|luu y|nguon|notes?|sources?|nguoi lap(?: bieu| bang)?|nguoi tong hop|"
    "nguoi kiem tra|thu truong(?: don vi)?|giam doc|ke toan truong|xac nhan cua .{1,60}|ky ten|"
    "prepared by|approved by|signature|het|end of (?:list|table)"
)
_FOOTER = re.compile(
    rf"(?:{_TOTAL})(?:\s+so\b[^\d:]{{0,30}})?(?:\s*$|\s*[:.]\s*.{{0,60}}$|\s+[\d.,]+\b.{{0,40}}$)"
    rf"|(?:{_SIGNED})\s*(?:[:(].{{0,500}})?[.]?$"
    r"|.{0,40}\bngay ?[\d.…]{0,6} thang ?[\d.…]{0,6} nam ?[\d.…]{0,6}$",
    re.DOTALL,
)
_GROUP_NUMBER = re.compile(r"(?:[IVXLC]{1,6}|[A-ZĐ])[.)]?")
_NAMES = {
    "blank": Bilingual(vi="dòng trống", en="blank rows"),
    "headings": Bilingual(vi="dòng lặp lại tiêu đề cột", en="repeated heading rows"),
    "numbering": Bilingual(vi="dòng đánh số cột", en="rows that number the columns"),
    "group": Bilingual(vi="dòng tiêu đề nhóm", en="group heading rows"),
    "footer": Bilingual(vi="dòng tổng cộng hoặc chân bảng", en="total and footer rows"),
}


@dataclass(slots=True)
class Skipped:
    """What was passed over in one table, by kind, with the row numbers."""

    table: Table
    rows: dict[str, list[int]] = field(default_factory=dict)

    def add(self, kind: str, number: int) -> None:
        self.rows.setdefault(kind, []).append(number)

    def notices(self) -> Iterator[Bilingual]:
        for kind, numbers in self.rows.items():
            listed = ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
            name = _NAMES[kind]
            yield Bilingual(
                vi=f"{self.table.where()}: bỏ qua {len(numbers)} {name.vi} (dòng {listed}).",
                en=f"{self.table.where()}: skipped {len(numbers)} {name.en} (row {listed}).",
            )


def data_rows(
    table: Table, layout: Layout, skipped: Skipped
) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """(row number, cells) of every row that holds a record; the others go to `skipped`."""
    headings = {column.index: key(column.heading) for column in layout.columns}
    numbering = [column.index for column in layout.means("number")]
    last = next((i for i in range(len(table.rows) - 1, -1, -1) if not is_blank(table.rows[i])), -1)
    for at, (number, row) in enumerate(table.numbered(layout.data), start=layout.data):
        if at > last:
            return
        if is_blank(row):
            if not table.headed:  # JSON lines number lines, broken ones leave gaps
                skipped.add("blank", number)
            continue
        filled = {i: cell for i, cell in enumerate(row) if cell != ""}
        kind = _kind(filled, headings, numbering, first=at == layout.data) if _short(filled) else ""
        if kind:
            skipped.add(kind, number)
        else:
            yield number, row


def _short(filled: dict[int, Cell]) -> bool:
    """Whether a row can be anything else than a record: few cells, or short ones."""
    return len(filled) <= 3 or all(len(str(cell)) <= 60 for cell in filled.values())


def _kind(
    filled: dict[int, Cell], headings: dict[int, str], numbering: list[int], *, first: bool
) -> str:
    texts = {i: cell_text(cell) for i, cell in filled.items()}
    texts = {i: text for i, text in texts.items() if text}
    if not texts:
        return "blank"
    if len(texts) >= 2 and all(headings.get(i) == key(text) for i, text in texts.items()):
        return "headings"
    if first and len(texts) >= 3 and _numbers_columns(list(texts.values())):
        return "numbering"
    others = [i for i in texts if i not in numbering]
    marks = [texts[i] for i in numbering if i in texts]
    numbered = any(re.fullmatch(r"[\d.]+", mark) for mark in marks)
    if len(texts) <= 3 and not numbered and _FOOTER.match(fold(next(iter(texts.values())))):
        return "footer"
    if len(others) <= 1 and marks and (_GROUP_NUMBER.fullmatch(marks[0]) or not others):
        # "I | NÔNG NGHIỆP", or a merged line that starts in the running-number column.
        return "" if numbered else "group"
    return ""


def _numbers_columns(texts: list[str]) -> bool:
    """ "(1) (2) (3)", "1 2 3" or "A B C" under the headings."""
    bare = [re.sub(r"[()\[\]\s]", "", text) for text in texts]
    counted = [re.sub(r"=.*", "", text) for text in bare]
    if all(text.isdecimal() for text in counted):
        numbers = [int(text) for text in counted]
        return numbers[0] in (0, 1) and all(b - a in (1, 2) for a, b in pairwise(numbers))
    return all(re.fullmatch(r"[A-ZĐ]", text) for text in bare) and bare == sorted(bare)
