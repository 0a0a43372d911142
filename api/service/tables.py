"""What stands in the columns of a file: for people who are to say what each of them means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from indexer.importing.cells import cell_text
from indexer.importing.columns import check_mapping, find_layout, recognise
from indexer.importing.files import Understood
from indexer.importing.rejects import Reject
from indexer.readers import Cell, Table, read_tables

_SAMPLES = 3
_LONGEST = 120  # characters of a sample
_HEADER_ROWS = 20
_LOOKED_AT = 200  # rows in which samples are looked for


@dataclass(frozen=True, slots=True)
class Seen:
    """A column with what some of its cells say; `field` is "" where nobody knows what it means."""

    sheet: str
    heading: str
    field: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """The columns of a file, the names of its sheets, and the cells of some rows by heading."""

    columns: tuple[Seen, ...]
    sheets: tuple[str, ...]
    cells: Mapping[tuple[str, int], Mapping[str, str]]


def look(
    path: Path,
    sheet: str | None,
    mapping: Mapping[str, str],
    understood: Sequence[Understood],
    rejects: Sequence[Reject],
) -> Looked:
    """The columns as an import understood them, with samples, and the cells of rejected rows."""
    meanings = {(one.sheet, one.heading): one.field for one in understood}
    wanted = {(one.sheet, one.row) for one in rejects}
    columns: list[Seen] = []
    cells: dict[tuple[str, int], dict[str, str]] = {}
    tables = read_tables(path, None)
    for table in tables:
        layout = (
            find_layout(table, check_mapping(mapping)) if sheet in (None, table.sheet) else None
        )
        places = {column.heading: column.index for column in layout.columns} if layout else {}
        known = {name: at for name, at in places.items() if (table.sheet, name) in meanings}
        if layout is None or not known:
            continue
        rows = table.rows[layout.data :]
        columns += [
            Seen(table.sheet, name, meanings[table.sheet, name], _samples(rows, at))
            for name, at in known.items()
        ]
        for number, row in table.numbered(layout.data):
            if (table.sheet, number) in wanted:
                cells[table.sheet, number] = {name: _text(row, at) for name, at in known.items()}
    return Looked(tuple(columns), _sheets(tables), cells)


def guess(path: Path, sheet: str | None) -> Looked:
    """The columns of a file in which no list was recognised: of the row that looks most like
    headings."""
    tables = read_tables(path, None)
    columns: list[Seen] = []
    for table in tables:
        if sheet not in (None, table.sheet) or (table.hidden and sheet is None):
            continue
        rows = table.rows[:_HEADER_ROWS]
        filled = [sum(1 for cell in row if cell_text(cell)) for row in rows]
        if not filled or not max(filled):
            continue
        head = next(at for at, count in enumerate(filled) if count * 2 >= max(filled))
        under = table.rows[head + 1 :]
        columns += [
            Seen(table.sheet, name, recognise(name)[0], _samples(under, at))
            for at, cell in enumerate(rows[head])
            if (name := " ".join(cell_text(cell).split()))
        ]
    return Looked(tuple(columns), _sheets(tables), {})


def _sheets(tables: Sequence[Table]) -> tuple[str, ...]:
    return tuple(table.sheet for table in tables if table.sheet)


def _samples(rows: Sequence[Sequence[Cell]], at: int) -> tuple[str, ...]:
    texts = (_text(row, at) for row in rows[:_LOOKED_AT])
    found = dict.fromkeys(" ".join(text.split())[:_LONGEST] for text in texts if text)
    return tuple(islice(found, _SAMPLES))


def _text(row: Sequence[Cell], at: int) -> str:
    return cell_text(row[at]) if at < len(row) and row[at] != "" else ""
