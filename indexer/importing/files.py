"""From files to records: every row becomes a record, a reject with its reason, or a notice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.bilingual import Bilingual
from indexer.collecting import put_off
from indexer.errors import BadValue, RequestError
from indexer.importing.cells import cell_text
from indexer.importing.columns import Column, Layout, check_mapping, find_layout
from indexer.importing.duplicates import near_duplicates
from indexer.importing.headings import key
from indexer.importing.registry import Registry
from indexer.importing.rejects import Reject, write_rejects
from indexer.importing.rows import RowReader
from indexer.importing.sides import infer_side
from indexer.importing.skips import Skipped, data_rows
from indexer.importing.translations import link_translations
from indexer.progress import Progress, silent
from indexer.readers import Cell, Table, read_tables
from indexer.records import DEMAND_TYPES, Record, RecordType, Side
from indexer.values import (
    currency_of,
    is_absent,
    parse_date,
    parse_money,
    parse_period,
    parse_trl,
)

__all__ = ["Batch", "Corrections", "Reject", "Understood", "link", "read_records", "write_rejects"]

MAX_ROWS = 1_200_000  # of all files together; one sheet of a workbook ends at 1,048,576
_PROGRESS_EVERY = 1000
_TRIAL = 50
# Cells written anew: by sheet and row number, the text by the heading of its column.
Corrections = Mapping[tuple[str, int], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Understood:
    """A column of a file and the field it was taken for; "extra" is text kept as it is."""

    file: str
    sheet: str
    heading: str
    field: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What an import brings: records with unique ids, rejected rows, notices for the person.

    `repeats` are rows passed over that say word for word what another says: (that one, this one).
    """

    records: tuple[Record, ...]
    rejects: tuple[Reject, ...] = ()
    notices: tuple[Bilingual, ...] = ()
    repeats: tuple[tuple[Record, Record], ...] = ()
    columns: tuple[Understood, ...] = ()


@dataclass(slots=True)
class _Import:
    """The state of one import: options in, records and reports out."""

    side: Side | None
    type: RecordType | None
    mapping: dict[str, str]
    progress: Progress
    corrections: Corrections
    registry: Registry = field(default_factory=Registry)
    rejects: list[Reject] = field(default_factory=list)
    notices: list[Bilingual] = field(default_factory=list)
    mapped: set[str] = field(default_factory=set)
    columns: list[Understood] = field(default_factory=list)


@put_off()
def read_records(
    paths: Sequence[Path],
    *,
    side: Side | None = None,
    type: RecordType | None = None,
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    corrections: Corrections | None = None,
    progress: Progress | None = None,
) -> Batch:
    """Reads all files into one batch; ids are unique in it, repetitions carry `same_as`.

    side, type: for rows that do not name their own; without them the words of headings, sheet
    and file names decide. sheet: the one sheet to read of each workbook. mapping: heading to
    field, for headings that are not understood. corrections: what some cells are to say instead.
    Raises RequestError where a file cannot be read, nothing in it is understood, or its side
    stays unknown.
    """
    side = _checked_side(side, type)
    work = _Import(side, type, check_mapping(mapping or {}), progress or silent, corrections or {})
    unique = {path.resolve(): path for path in paths}
    if not unique:
        raise RequestError(vi="chưa nêu tệp nào để nhập.", en="no file to import was named.")
    for done, path in enumerate(unique.values()):
        work.progress("read", done, len(unique))
        _read_file(work, path, sheet)
    work.progress("read", len(unique), len(unique))
    _check_mapped(work, mapping or {})
    found, said = link(work.registry.records, work.progress)
    return Batch(
        found,
        tuple(work.rejects + work.registry.rejects),
        (*work.notices, *work.registry.notices(), *said),
        tuple(work.registry.repeats),
        tuple(work.columns),
    )


def link(
    records: Sequence[Record], progress: Progress = silent
) -> tuple[tuple[Record, ...], list[Bilingual]]:
    """The records, those that repeat another (a translation, the same spelt otherwise) with its
    id in `same_as`; and what to tell of it."""
    linked, notices = link_translations(records)
    progress("duplicates", 0, len(records))
    repeated, said = near_duplicates(records, linked)
    same = {**repeated, **linked}
    found = tuple(
        record.model_copy(update={"same_as": _origin(record.id, same)})
        if record.id in same
        else record
        for record in records
    )
    progress("duplicates", len(records), len(records))
    return found, [*notices, *said]


def _checked_side(side: Side | None, kind: RecordType | None) -> Side | None:
    if kind is None:
        return side
    of_type = Side.DEMAND if kind in DEMAND_TYPES else Side.SUPPLY
    if side is not None and side is not of_type:
        raise RequestError(
            vi=f"--type {kind} thuộc phía {of_type}, không phải {side}.",
            en=f"--type {kind} is a type of {of_type}, not of {side}.",
        )
    return of_type


def _origin(identifier: str, same: Mapping[str, str]) -> str:
    """The record a chain of repetitions ends at."""
    seen = {identifier}
    while same[identifier] in same and same[identifier] not in seen:
        identifier = same[identifier]
        seen.add(identifier)
    return same[identifier]


def _read_file(work: _Import, path: Path, sheet: str | None) -> None:
    tables = read_tables(path, sheet)
    layouts = [(table, find_layout(table, work.mapping)) for table in tables]
    chosen = [
        (table, layout)
        for table, layout in layouts
        if layout is not None and _holds_records(table, layout, asked_for=sheet is not None)
    ]
    if not chosen:
        raise _not_understood(path, tables)
    picked = {id(table) for table, _ in chosen}
    for table in tables:
        work.notices += table.notices
        if id(table) not in picked and table.rows:
            work.notices.append(
                Bilingual(
                    vi=f"{table.where()}: bỏ qua trang tính này, không thấy "
                    "danh sách cung hay cầu.",
                    en=f"{table.where()}: this sheet is skipped; it holds no list of "
                    "offers or needs.",
                )
            )
    before = len(work.registry), len(work.rejects) + len(work.registry.rejects)
    # A sheet that does not say which side it is takes that of its neighbours, where they agree.
    told = {infer_side(table, layout) for table, layout in chosen} - {None}
    neighbours = told.pop() if len(told) == 1 else None
    for table, layout in chosen:
        _read_table(work, table, layout, neighbours)
    after = len(work.registry), len(work.rejects) + len(work.registry.rejects)
    if before == after and not work.registry.repeats:
        raise RequestError(
            vi=f"{path.name}: chỉ có tiêu đề cột, không có dòng dữ liệu nào.",
            en=f"{path.name}: there are only headings and no rows under them.",
        )


def _holds_records(table: Table, layout: Layout, *, asked_for: bool) -> bool:
    """A sheet of records has a column of titles or texts and is not hidden."""
    texts = ("title", "summary", "description", "requirements", "advantages", "applications")
    return (asked_for or not table.hidden) and any(layout.means(name) for name in texts)


def _read_table(work: _Import, table: Table, layout: Layout, neighbours: Side | None) -> None:
    work.mapped |= layout.mapped
    work.notices += layout.notices
    layout = _tried(work, table, layout)
    work.columns += [
        Understood(table.file, table.sheet, column.heading, column.meaning)
        for column in layout.columns
    ]
    strangers = [column.heading for column in layout.columns if column.meaning == "extra"]
    strangers = [heading for heading in strangers if work.mapping.get(key(heading)) != "extra"]
    if strangers:
        work.notices.append(_strangers(table, strangers))
    side = work.side or infer_side(table, layout) or neighbours
    if side is None and not layout.means("side"):
        raise RequestError(
            vi=f"{table.where()}: không rõ đây là cung hay cầu; hãy thêm --side supply hoặc "
            "--side demand.",
            en=f"{table.where()}: it is not clear whether these are offers or needs; add "
            "--side supply or --side demand.",
        )
    reader, skipped = RowReader(table, layout, side, work.type), Skipped(table)
    for fault in table.faults:
        bad = BadValue(fault.reason, fault.accepted)
        work.rejects.append(reader.reject(fault.row, "", fault.value, bad))
    total = len(table.rows)
    for count, (number, row) in enumerate(data_rows(table, layout, skipped)):
        if count % _PROGRESS_EVERY == 0:
            work.progress("records", count, total)
        changed = work.corrections.get((table.sheet, number))
        result = reader.read(number, _corrected(row, layout, changed) if changed else row)
        if isinstance(result, list):
            work.rejects += result
        else:
            work.registry.add(result)
        if len(work.registry) > MAX_ROWS:
            raise RequestError(
                vi=f"{table.file}: quá {MAX_ROWS:,} bản ghi trong một lần nhập; hãy chia nhỏ tệp.",
                en=f"{table.file}: more than {MAX_ROWS:,} records in one import; split the files.",
            )
    work.progress("records", total, total)
    work.notices += [*skipped.notices(), *_remarks(reader)]


def _corrected(row: Sequence[Cell], layout: Layout, changed: Mapping[str, str]) -> tuple[Cell, ...]:
    cells = list(row)
    for column in layout.columns:
        if column.heading in changed:
            cells += [""] * (column.index + 1 - len(cells))
            cells[column.index] = changed[column.heading]
    return tuple(cells)


def _strangers(table: Table, headings: list[str]) -> Bilingual:
    listed = ", ".join(f"“{heading}”" for heading in headings[:20])
    listed += f" (+{len(headings) - 20})" if len(headings) > 20 else ""
    return Bilingual(
        vi=f"{table.where()}: không nhận ra cột {listed}; nội dung vẫn được giữ để tìm kiếm. "
        'Muốn gán vào trường: --map "Tiêu đề=trường".',
        en=f"{table.where()}: columns not understood: {listed}; their text stays searchable. "
        'To map one: --map "Heading=field".',
    )


def _remarks(reader: RowReader) -> list[Bilingual]:
    return [
        Bilingual(
            vi=f"{reader.table.where()}: cột “{heading}” có {count} ô là lời ghi chú, "
            "không phải giá trị; giữ làm văn bản tìm kiếm được.",
            en=f"{reader.table.where()}: {count} cells of column “{heading}” are remarks, "
            "not values; kept as searchable text.",
        )
        for heading, count in reader.remarks.items()
    ]


def _tried(work: _Import, table: Table, layout: Layout) -> Layout:
    """Columns whose cells contradict their heading become plain text: no value can be read,
    or most "codes" repeat one another."""
    columns = []
    for column in layout.columns:
        if column.surety > 1 or _believable(column, table, layout):
            columns.append(column)
            continue
        columns.append(replace(column, meaning="extra"))
        work.notices.append(
            Bilingual(
                vi=f"{table.where()}: các ô của cột “{column.heading}” không phải "
                f"{column.meaning}; giữ làm văn bản tìm kiếm được.",
                en=f"{table.where()}: the cells of column “{column.heading}” are no "
                f"{column.meaning}; kept as searchable text.",
            )
        )
    return replace(layout, columns=tuple(columns))


_READERS = {
    "money": parse_money,
    "money_low": parse_money,
    "money_high": parse_money,
    "currency": currency_of,
    "trl": parse_trl,
    "starts": parse_date,
    "ends": parse_date,
    "expires": parse_date,
    "period": parse_period,
}


def _believable(column: Column, table: Table, layout: Layout) -> bool:
    if column.meaning == "id":
        cells = [row[column.index] for row in table.rows[layout.data :] if column.index < len(row)]
        codes = [text for cell in cells if cell != "" and (text := cell_text(cell))]
        return len(codes) < 4 or 2 * len(set(codes)) >= len(codes)
    read = _READERS.get(column.meaning)
    if read is None:
        return True
    tried = 0
    for row in table.rows[layout.data :]:
        cell = row[column.index] if column.index < len(row) else ""
        if cell == "" or is_absent(cell_text(cell)):
            continue
        try:
            read(
                cell
                if not isinstance(cell, str) and column.meaning != "period"
                else cell_text(cell)
            )  # type: ignore[operator]
            return True
        except BadValue:
            tried += 1
        if tried >= _TRIAL:
            return False
    return tried < 5


def _check_mapped(work: _Import, mapping: Mapping[str, str]) -> None:
    """A --map that met no heading is a slip of the keyboard, not something to pass over."""
    for heading in mapping:
        if key(heading) not in work.mapped:
            raise RequestError(
                vi=f'--map "{heading}=…": không tệp nào có cột “{heading}”.',
                en=f'--map "{heading}=…": no file has a column “{heading}”.',
            )


def _not_understood(path: Path, tables: Sequence[Table]) -> RequestError:
    seen = next((row for table in tables for row in table.rows if sum(map(bool, row)) >= 2), ())
    if not seen:
        seen = next((row for table in tables for row in table.rows if any(row)), ())
    listed = ", ".join(f"“{cell_text(cell)[:40]}”" for cell in _filled(seen)[:12])
    if not listed:
        return RequestError(
            vi=f"{path.name}: không có dữ liệu nào trong tệp.",
            en=f"{path.name}: there is nothing in the file.",
        )
    return RequestError(
        vi=f"{path.name}: không nhận ra dòng tiêu đề trong 20 dòng đầu (thấy: {listed}). "
        "Cần ít nhất một cột tên hoặc mô tả, ví dụ “Tên công nghệ”, “Mô tả”; hoặc dùng "
        '--map "Tiêu đề=title".',
        en=f"{path.name}: no row of headings was recognised in the first 20 rows "
        f"(found: {listed}). At least a title or a description is needed, e.g. “Title”, "
        '“Description”; or use --map "Heading=title".',
    )


def _filled(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if cell != ""]
