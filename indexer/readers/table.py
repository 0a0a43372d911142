"""A table as it stood in a file: rows of cells, before anybody asked what they mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from indexer.bilingual import Bilingual

# A blank cell is "". Times and durations arrive as text.
Cell = str | int | float | bool | date | datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that could not even be read as a row: it goes to the rejects."""

    row: int
    value: str
    reason: Bilingual
    accepted: Bilingual


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet, one delimited file or one JSON file.

    `rows[i]` is the row people see as number `first_row + i`; blank rows are kept so that the
    numbers hold. `headed` says that the first row is certainly the headings (JSON keys).
    """

    file: str
    sheet: str
    rows: tuple[tuple[Cell, ...], ...]
    first_row: int = 1
    hidden: bool = False
    headed: bool = False
    notices: tuple[Bilingual, ...] = ()
    faults: tuple[Fault, ...] = ()

    def numbered(self, start: int = 0) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """(row number, cells) from the row at index `start` on."""
        return zip(count(self.first_row + start), self.rows[start:], strict=False)

    def where(self) -> str:
        """The file, and the sheet where it has one, for messages."""
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file


def is_blank(row: tuple[Cell, ...]) -> bool:
    return not any(cell != "" and not (isinstance(cell, str) and not cell.strip()) for cell in row)
