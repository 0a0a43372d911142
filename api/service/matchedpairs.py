"""The pairs of a match run, held in memory while they are reviewed.

A match list of 100,000 lines is read once, in a second or two, and then answers every filter at
once; the evidence of a line stays in the file until somebody opens the pair.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.service import runs
from api.service.decisions import Pair
from api.service.runfolders import folder_of
from api.service.runs import Run
from indexer.bilingual import Bilingual
from indexer.keeping.access import LOCAL, readable
from indexer.keeping.records import find_all
from indexer.sql.changes import chunks
from indexer.sql.schema import records
from matcher.export.files import EXCLUDED, NAMES

_MOST = 4  # lists remembered: one of 100,000 lines takes some tens of MB


@dataclass(frozen=True, slots=True)
class Matched:
    """A line of a match list: `place` is the byte at which it begins in its file."""

    pair: Pair
    score: float
    flags: tuple[str, ...]
    place: int

    @property
    def demand(self) -> str:
        return self.pair[0]

    @property
    def supply(self) -> str:
        return self.pair[1]


@dataclass(frozen=True)
class MatchedPairs:
    """The lines of one run, best first."""

    path: Path
    lines: tuple[Matched, ...]

    def line(self, one: Matched) -> dict[str, Any]:
        """The whole line, with its evidence. Raises ProblemError: 404, the file has gone."""
        try:
            with self.path.open("rb") as file:
                file.seek(one.place)
                found: dict[str, Any] = json.loads(file.readline())
        except FileNotFoundError as error:
            raise ProblemError(problems.NOT_FOUND, _REMOVED) from error
        return found


_held: OrderedDict[tuple[str, int], MatchedPairs] = OrderedDict()
_lock = threading.Lock()


def of_run(workspace: Path, run: Run) -> MatchedPairs:
    """The pairs of a match run that is done.

    Raises:
        ProblemError: 404, its files have been removed.
    """
    path = folder_of(workspace, run.id) / NAMES[1]
    try:
        key = str(path), path.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise ProblemError(problems.NOT_FOUND, _REMOVED) from error
    with _lock:  # so that a list is read once, however many ask for it
        found = _held.get(key)
        if found is None:
            found = _held[key] = MatchedPairs(path, _read(path))
            while len(_held) > _MOST:
                _held.popitem(last=False)
        _held.move_to_end(key)
    return found


def latest(connection: sa.Connection, workspace: Path, event_id: str, by: Actor) -> Run | None:
    """The newest match run of an event that is done and still has its files."""
    done = runs.page(connection, by, None, 50, event=event_id, kind=runs.MATCH, state=runs.DONE)
    return next((run for run in done if (folder_of(workspace, run.id) / NAMES[1]).exists()), None)


def readable_ids(connection: sa.Connection, ids: Iterable[str], by: Actor) -> frozenset[str]:
    """Those of the records that the actor may read; what has been deleted is not among them."""
    found: set[str] = set()
    query = sa.select(records.c.id).where(readable(by.reader))
    for chunk in chunks(sorted(set(ids))):
        found.update(connection.scalars(query.where(records.c.id.in_(chunk))))
    return frozenset(found)


def titles(connection: sa.Connection, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """What records are called, and their owners, by id; the caller has looked who may read them."""
    query = sa.select(records.c.id, records.c.title, records.c.owner)
    found = {
        row.id: (row.title, row.owner)
        for chunk in chunks(sorted(set(ids)))
        for row in connection.execute(query.where(records.c.id.in_(chunk)))
    }
    untitled = [record_id for record_id, (title, _) in found.items() if not title.strip()]
    for kept in find_all(connection, LOCAL, untitled) if untitled else ():
        found[kept.record.id] = kept.record.heading(), kept.record.owner
    return found


def excluded_of(workspace: Path, run: Run, pair: Pair) -> dict[str, Any] | None:
    """The line that says by which rule a pair was kept out; None where none did."""
    path = folder_of(workspace, run.id) / EXCLUDED
    if not path.exists():
        return None
    with path.open("rb") as file:
        for raw in file:
            line: dict[str, Any] = json.loads(raw)
            if (line["demand"], line["supply"]) == pair:
                return line
    return None


def _read(path: Path) -> tuple[Matched, ...]:
    found: list[Matched] = []
    place = 0
    with path.open("rb") as file:
        for raw in file:
            line = json.loads(raw)
            flags: Sequence[str] = line["flags"]
            found.append(
                Matched((line["demand"], line["supply"]), line["score"], tuple(flags), place)
            )
            place += len(raw)
    return tuple(sorted(found, key=lambda one: (-one.score, one.pair)))


_REMOVED = Bilingual(
    vi="Các tệp của lượt chạy đã bị xóa. Hãy chạy ghép nối lại.",
    en="The files of the run have been removed. Run the matching again.",
)
