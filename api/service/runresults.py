"""What runs have made, as far as the asker may read the records it tells of."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError, invalid
from api.service import runimports, runs, runwork
from api.service.runfolders import Line, RunFile, files, folder_of, named, read_lines
from api.service.runs import Run
from indexer.bilingual import Bilingual
from indexer.keeping.access import Reader, readable
from indexer.records import Visibility
from indexer.sql.changes import chunks
from indexer.sql.schema import records
from matcher.export.files import EXCLUDED, NAMES

# By kind, the parts a result has; the first is what is answered where none is asked for.
PARTS = {
    runs.MATCH: ("matches", "excluded", "unmatched"),
    runs.PLAN: ("plan",),
    runs.REPLAN: ("plan", "changes"),
    runs.PRINT: ("plan",),
    runs.LEARN: ("disputed",),
    runs.IMPORT: ("rows",),
}
_LINES = {
    "matches": NAMES[1],
    "excluded": EXCLUDED,
    "unmatched": runwork.UNMATCHED,
    "disputed": runwork.DISPUTED,
    "rows": runimports.ROWS,
}
_DOCUMENTS = {"plan": "plan.json", "changes": runwork.CHANGED}


@dataclass(frozen=True, slots=True)
class Result:
    """One page of one part; `document` is a part that is no list. `named` are the records told
    of."""

    part: str
    items: list[Line]
    next: int | None
    document: dict[str, Any] | None
    named: tuple[str, ...]


def read(
    connection: sa.Connection,
    workspace: Path,
    run: Run,
    by: Actor,
    part: str | None = None,
    start: int = 0,
    limit: int = 100,
    demand: str | None = None,
    supply: str | None = None,
) -> Result:
    """A page of a run's result. Of a list, what tells of records the asker may not read is left
    out; a plan is shown whole or not at all.

    Raises:
        ProblemError: 409, the run is not done; 422, it has no such part, or no page begins at
            `start`; 403, the plan tells of records the asker may not read; 404, the files of the
            run have been removed.
    """
    chosen = _part(run, part)
    folder = folder_of(workspace, run.id)
    if not folder.is_dir():
        raise ProblemError(problems.NOT_FOUND, _REMOVED)
    if chosen in _DOCUMENTS:
        check_whole(connection, folder, by)
        document = json.loads((folder / _DOCUMENTS[chosen]).read_text(encoding="utf-8"))
        return Result(chosen, [], None, document, tuple(named(folder)))
    if chosen == "rows" and not runs.covers(by, run):  # of rows that were refused, too
        raise ProblemError(problems.FORBIDDEN, _NOT_ALL)
    path = folder / _LINES[chosen]
    if not path.exists():  # without rules nothing is excluded
        return Result(chosen, [], None, None, ())

    def wanted(line: Line) -> bool:
        told = _told(line)
        return (demand is None or demand in told) and (supply is None or supply in told)

    def shown(lines: list[Line]) -> list[Line]:
        hidden = _hidden(connection, {i for line in lines for i in _told(line)}, by.reader)
        for line in lines:
            near = line.get("nearest")
            if near and hidden & {near["demand"], near["supply"]}:
                line["nearest"] = None
        return [line for line in lines if not hidden & _own(line)]

    try:
        items, following = read_lines(path, start, limit, wanted, shown)
    except ValueError as error:
        raise invalid("query.cursor", str(start), _NO_CURSOR, _CURSOR) from error
    told = {i for line in items for i in _told(line)}
    return Result(chosen, items, following, None, tuple(sorted(told)))


def fetch(
    connection: sa.Connection, workspace: Path, run: Run, by: Actor, name: str
) -> tuple[RunFile, Path]:
    """A file of a run, and where it is.

    Raises:
        ProblemError: 403, it tells of records the asker may not read; 404, there is none.
    """
    folder = folder_of(workspace, run.id)
    for file in listed(connection, workspace, run, by):
        if file.name == name:
            return file, folder / name
    raise ProblemError(
        problems.NOT_FOUND,
        Bilingual(
            vi=f"Lượt chạy không có tệp “{name}”. Danh sách: /v1/runs/{run.id}/files",
            en=f"The run has no file “{name}”. The list: /v1/runs/{run.id}/files",
        ),
    )


def listed(connection: sa.Connection, workspace: Path, run: Run, by: Actor) -> list[RunFile]:
    """The files of a run. Raises ProblemError: 403, as `fetch`."""
    if run.kind == runs.IMPORT and not runs.covers(by, run):  # of rows that were refused, too
        raise ProblemError(problems.FORBIDDEN, _NOT_ALL)
    folder = folder_of(workspace, run.id)
    if run.state != runs.DONE or not folder.is_dir():
        return []
    check_whole(connection, folder, by)
    return files(folder)


def open_file(path: Path) -> BinaryIO:
    """Opens a file that `fetch` found. Raises ProblemError: 404, it has been removed since."""
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise ProblemError(problems.NOT_FOUND, _REMOVED) from error


def confidential(connection: sa.Connection, ids: Iterable[str]) -> list[str]:
    """Those of the records that are confidential: whoever reads of them is noted."""
    found: list[str] = []
    query = sa.select(records.c.id).where(records.c.visibility == Visibility.CONFIDENTIAL.value)
    for chunk in chunks(sorted(set(ids))):
        found += connection.scalars(query.where(records.c.id.in_(chunk)))
    return found


def check_whole(connection: sa.Connection, folder: Path, by: Actor) -> None:
    """Raises ProblemError: 403, the files tell of records the asker may not read."""
    if _hidden(connection, named(folder), by.reader):
        raise ProblemError(problems.FORBIDDEN, _NOT_ALL)


def _hidden(connection: sa.Connection, ids: Iterable[str], reader: Reader) -> set[str]:
    """The records among `ids` that `reader` may not read; of records that are gone, those who
    keep the centre may read what was made of them."""
    left = set(ids)
    if reader.everything:
        return set()
    may = sa.select(records.c.id).where(readable(reader))
    for chunk in chunks(sorted(left)):
        left -= set(connection.scalars(may.where(records.c.id.in_(chunk))))
    if left and reader.keeper:
        there: set[str] = set()
        for chunk in chunks(sorted(left)):
            query = sa.select(records.c.id).where(records.c.id.in_(chunk))
            there |= set(connection.scalars(query))
        left &= there
    return left


def _part(run: Run, part: str | None) -> str:
    if run.state != runs.DONE:
        raise ProblemError(problems.NOT_POSSIBLE, _NOT_DONE)
    parts = PARTS[run.kind]
    if part is None:
        return parts[0]
    if part not in parts:
        names = ", ".join(parts)
        raise invalid("query.part", part, _NO_PART, Bilingual(names, names))
    return part


def _own(line: Line) -> set[str]:
    """The records a line is about."""
    found = {line["id"]} if "id" in line else {line["demand"], line["supply"]}
    return found - {None}


def _told(line: Line) -> set[str]:
    """The records a line names."""
    near = line.get("nearest") or {}
    return _own(line) | {near[side] for side in ("demand", "supply") if side in near}


_NOT_DONE = Bilingual(
    vi="Lượt chạy chưa có kết quả: xem state tại /v1/runs/{id}.",
    en="The run has no result: see its state at /v1/runs/{id}.",
)
_REMOVED = Bilingual(
    vi="Các tệp của lượt chạy đã bị xóa.", en="The files of the run have been removed."
)
_NOT_ALL = Bilingual(
    vi="Kết quả có hồ sơ bạn không được đọc, nên không xem được toàn bộ.",
    en="The result tells of records you may not read, so that it cannot be shown whole.",
)
_NO_PART = Bilingual(vi="kết quả này không có phần đó", en="this result has no such part")
_NO_CURSOR = Bilingual(vi="không phải con trỏ của kết quả này", en="no cursor of this result")
_CURSOR = Bilingual(vi="giá trị next của trang trước", en="the value of next in the page before")
