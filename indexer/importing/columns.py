"""Which row of a table holds the headings, and what each column means.

Headings may stand under titles and above a second row of sub-headings ("Giá" over "Từ" and
"Đến"), be misspelt, carry numbering, units in parentheses or both languages at once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.importing.headings import MAPPABLE, OTHERWISE, key, known, stems
from indexer.readers import Cell, Table, is_blank
from indexer.records import TEXT_FIELDS

HEADER_ROWS = 20
_LONGEST_HEADING = 120
# Several columns may mean one of these; their texts are joined. Of the others one counts.
_JOINED = frozenset({*TEXT_FIELDS, "person", "phone", "email", "contact", "place", "number"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where it stands, its heading as people see it, what it means, how surely."""

    index: int
    heading: str
    meaning: str
    surety: float = 1.0


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a table: row index of the headings, of the first data row, the columns."""

    header: int
    data: int
    columns: tuple[Column, ...]
    notices: tuple[Bilingual, ...] = ()
    mapped: frozenset[str] = frozenset()

    def means(self, meaning: str) -> list[Column]:
        return [column for column in self.columns if column.meaning == meaning]


def check_mapping(mapping: Mapping[str, str]) -> dict[str, str]:
    """--map as {heading key: meaning}. RequestError for a field that does not exist, or for two
    spellings of one heading."""
    spelled: dict[str, str] = {}
    for heading, field in mapping.items():
        first = spelled.setdefault(key(heading), heading)
        if first != heading and mapping[first] != field:
            raise RequestError(
                vi=f"--map: “{first}” và “{heading}” là cùng một cột; hãy nêu một trường.",
                en=f"--map: “{first}” and “{heading}” are the same column; name one field.",
            )
        if field not in MAPPABLE:
            names = ", ".join(MAPPABLE)
            raise RequestError(
                vi=f'--map "{heading}={field}": không có trường “{field}”. Các trường: {names}.',
                en=f'--map "{heading}={field}": there is no field “{field}”. The fields: {names}.',
            )
    return {key(heading): field for heading, field in mapping.items()}


@lru_cache(maxsize=4096)
def recognise(heading: str) -> tuple[str, float]:
    """(meaning, surety 0..1) of a heading; ("", 0.0) for one that is not understood."""
    if not heading or len(heading) > _LONGEST_HEADING:
        return "", 0.0
    variants = _variants(heading)
    exact = [known()[variant] for variant in variants if variant in known()]
    if exact:  # "Công nghệ - Technology name": the half that says more counts
        return next((meaning for meaning in exact if meaning != "name"), "name"), 1.0
    for variant in variants:
        if meaning := _misspelt(variant):
            return meaning, 0.9
    for variant in variants:
        for stem, meaning in stems():
            if variant.startswith(stem + " ") or variant.endswith(" " + stem):
                return meaning, 0.7
    return "", 0.0


def _variants(heading: str) -> list[str]:
    """The heading whole, without parentheses and numbering, and the halves of "Tên / Name"."""
    bare = re.sub(r"[(\[（].*?[)\]）]", " ", heading)
    unnumbered = re.sub(r"^\s*[(\[]?(?:\d{1,2}|[IVX]{1,4}|[a-zA-Z])\s*[.):\]]\s*", "", bare)
    halves = re.split(r"[/|\n:;]|\s[-–—]\s", unnumbered)
    found = [key(part) for part in (heading, bare, unnumbered, *halves)]
    return [part for part in dict.fromkeys(found) if part]


def _misspelt(variant: str) -> str:
    """The meaning of the known heading that is one or two slips of the keyboard away."""
    from rapidfuzz import process  # noqa: PLC0415 - not on the search path
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    size = len(variant)
    if size < 5 or size > 60:
        return ""
    slips = 1 if size < 9 else 2 if size < 16 else 3
    choices = [phrase for phrase in known() if phrase[0] == variant[0] and len(phrase) >= 5]
    best = process.extractOne(variant, choices, scorer=OSA.distance, score_cutoff=slips)
    if best is None or (size < 6 and sorted(best[0]) != sorted(variant)):
        return ""
    return known()[best[0]]


def find_layout(table: Table, mapping: Mapping[str, str] | None = None) -> Layout | None:
    """The layout whose headings are understood best, or None where none is understood.

    mapping: {heading key: meaning} from `check_mapping`; it wins over what is recognised.
    """
    mapping = mapping or {}
    rows = table.rows[: 1 if table.headed else HEADER_ROWS]
    single = [_score_of(table.rows[at : at + 1], mapping, table.headed) for at in range(len(rows))]
    best, chosen = 0.0, None
    for at, (score, columns) in enumerate(single):
        if score > best:
            best, chosen = score, Layout(at, at + 1, columns)
        if table.headed or at + 1 >= len(single):
            continue
        # Two heading rows must say more together than each of them alone: a title is no parent.
        joined, both = _score_of(table.rows[at : at + 2], mapping, headed=False)
        if joined > max(best, score + 0.5, single[at + 1][0] + 0.5):
            best, chosen = joined, Layout(at, at + 2, both)
    return _settled(chosen, table, mapping) if chosen else None


def _score_of(
    rows: Sequence[tuple[Cell, ...]], mapping: Mapping[str, str], headed: bool
) -> tuple[float, tuple[Column, ...]]:
    headings = None if is_blank(rows[0]) else _headings(rows, len(rows))
    if headings is None:
        return 0.0, ()
    columns = tuple(_column(at, heading, mapping) for at, heading in headings)
    return _score(columns, headed), columns


def _headings(rows: Sequence[tuple[Cell, ...]], depth: int) -> list[tuple[int, str]] | None:
    """(column index, heading) of one heading row, or of two joined: "Giá" + "Từ"."""
    top = [_heading_text(cell) for cell in rows[0]]
    if depth == 1:
        return [(at, text) for at, text in enumerate(top) if text]
    if len(rows) < 2:
        return None
    below = [_heading_text(cell) for cell in rows[1]]
    if not any(below) or any(len(text) > 60 or _is_number(text) for text in below if text):
        return None
    width = max(len(top), len(below))
    top += [""] * (width - len(top))
    below += [""] * (width - len(below))
    joined, parent = [], ""
    for at in range(width):
        parent = top[at] or (parent if below[at] else "")
        text = top[at] if below[at] in ("", top[at]) else f"{parent} {below[at]}".strip()
        if text:
            joined.append((at, text))
    return joined


def _heading_text(cell: Cell) -> str:
    return " ".join(str(cell).split()) if not isinstance(cell, bool) else ""


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[\d.,/\-\s]+", text) is not None


def _column(index: int, heading: str, mapping: Mapping[str, str]) -> Column:
    if meaning := mapping.get(key(heading)):
        return Column(index, heading, meaning, 2.0)
    meaning, surety = recognise(heading)
    return Column(index, heading, meaning, surety)


def _score(columns: Sequence[Column], headed: bool) -> float:
    """How well the headings are understood; 0 where they are no headings at all."""
    understood = [column for column in columns if column.meaning]
    meanings = {column.meaning for column in understood}
    surety = sum(column.surety for column in understood)
    if headed or any(column.surety > 1 for column in understood):
        return surety
    if len(meanings) >= 2:
        # A sentence of a title row may hold a known word; a row of headings holds mostly them,
        # or, where it is very wide, at least a title and another heading beyond doubt.
        sure = {column.meaning for column in understood if column.surety >= 0.95}
        wide = "title" in sure and len(sure) >= 2
        return surety if wide or len(understood) >= 0.2 * len(columns) else 0.0
    texts = meanings & ({*TEXT_FIELDS, "name"} if len(columns) <= 2 else {"title", "description"})
    return surety if texts and surety >= 0.9 else 0.0


def _settled(layout: Layout, table: Table, mapping: Mapping[str, str]) -> Layout:
    """One column for each field that can be given only once, names and strangers placed."""
    columns = _name_columns(list(layout.columns))
    columns, notices = _once_each(columns, table)
    columns += _unheaded(table, layout, {column.index for column in columns})
    columns = [
        replace(column, meaning="extra") if not column.meaning else column for column in columns
    ]
    present = {key(column.heading) for column in columns}
    mapped = frozenset(heading for heading in mapping if heading in present)
    return replace(
        layout,
        columns=tuple(sorted(_distinct(columns), key=lambda column: column.index)),
        notices=tuple(notices),
        mapped=mapped,
    )


def _name_columns(columns: list[Column]) -> list[Column]:
    """ "Nhu cầu", "Solution", "Tên": the title where there is none, else something beside it."""
    meanings = {column.meaning for column in columns}
    titled, owned = "title" in meanings, "owner" in meanings
    for at, column in enumerate(columns):
        if column.meaning == "name":
            name = OTHERWISE.get(key(column.heading), "") if titled else "title"
            columns[at] = replace(column, meaning=name)
            titled = True
        elif column.meaning == "author":
            columns[at] = replace(column, meaning="person" if owned else "owner")
            owned = True
    return columns


def _once_each(columns: list[Column], table: Table) -> tuple[list[Column], list[Bilingual]]:
    """Of several columns for one structured field the surest, then the first, counts."""
    notices = []
    for meaning in dict.fromkeys(column.meaning for column in columns if column.meaning):
        same = [column for column in columns if column.meaning == meaning]
        if len(same) < 2 or meaning in {"extra", "skip", "number"}:
            continue
        listed = ", ".join(f"“{column.heading}”" for column in same)
        if meaning in _JOINED:
            notices.append(
                Bilingual(
                    vi=f"{table.where()}: các cột {listed} được ghép vào trường {meaning}.",
                    en=f"{table.where()}: the columns {listed} are joined into {meaning}.",
                )
            )
            continue
        kept = max(same, key=lambda column: (column.surety, -column.index))
        columns = [
            replace(column, meaning="extra") if column in same and column is not kept else column
            for column in columns
        ]
        notices.append(
            Bilingual(
                vi=f"{table.where()}: các cột {listed} cùng nghĩa {meaning}; dùng cột "
                f"“{kept.heading}”, các cột kia giữ làm văn bản tìm kiếm được.",
                en=f"{table.where()}: the columns {listed} all mean {meaning}; “{kept.heading}” is "
                "used, the others are kept as searchable text.",
            )
        )
    return columns, notices


def _unheaded(table: Table, layout: Layout, taken: set[int]) -> list[Column]:
    """Columns with cells but no heading: a running number, or text worth keeping."""
    filled: dict[int, list[Cell]] = {}
    for row in table.rows[layout.data :]:
        if len(row) > len(taken):
            for at, cell in enumerate(row):
                if at not in taken and cell != "":
                    filled.setdefault(at, []).append(cell)
    return [
        Column(at, f"Cột {_letters(at)}", "number" if _counts_up(cells) else "extra")
        for at, cells in sorted(filled.items())
    ]


def _counts_up(cells: list[Cell]) -> bool:
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    return len(numbers) == len(cells) and numbers == sorted(numbers) and numbers[0] in (0, 1)


def _letters(index: int) -> str:
    """0 -> A, 26 -> AA: the column as spreadsheet programs call it."""
    letters = ""
    while index >= 0:
        letters = chr(65 + index % 26) + letters
        index = index // 26 - 1
    return letters


def _distinct(columns: list[Column]) -> list[Column]:
    """Equal headings get a number, so that no text overwrites another: "Ghi chú (2)"."""
    seen: dict[str, int] = {}
    found = []
    for column in columns:
        count = seen[column.heading] = seen.get(column.heading, 0) + 1
        found.append(
            replace(column, heading=f"{column.heading} ({count})") if count > 1 else column
        )
    return found
