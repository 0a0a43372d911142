"""Taking back a change of records: what was before is kept for a day, for whoever changed it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.service import uploads
from api.service.alone import alone
from api.service.deliveries import announce_record
from api.service.keepers import check_write
from api.service.records import tag
from api.service.uploads import Upload
from indexer.bilingual import Bilingual
from indexer.keeping.access import LOCAL
from indexer.keeping.audit import Entry, append
from indexer.keeping.keeper import Kept
from indexer.keeping.records import KeptRecord, find, find_all
from indexer.records import Record
from indexer.sql.changes import chunks, entrust, write
from indexer.sql.serviceschema import grants, organisations
from indexer.sql.stored import Stored, stored

FILE = "before.jsonl"
_MOST_TOLD = 100  # records of which each is told apart; more are one line of the audit


@dataclass(frozen=True, slots=True)
class Past:
    """One changed record: what it was before (None: it was not there), whom it was granted, and
    the tag of what it is now ("": it is gone)."""

    id: str
    before: KeptRecord | None
    after: str
    granted: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """How many records are as they were, and how many somebody has changed since."""

    restored: int
    left: int


def remember(workspace: Path, by: Actor, past: Iterable[Past]) -> str:
    """Keeps what was before a change; returns the token that takes it back. Raises OSError."""
    kept = uploads.make(workspace, by, uploads.UNDO)
    write_past(kept.folder, past)
    return kept.token


def write_past(folder: Path, past: Iterable[Past]) -> None:
    """Raises OSError."""
    with (folder / FILE).open("w", encoding="utf-8", newline="\n") as file:
        for one in past:
            file.write(json.dumps(_plain(one), ensure_ascii=False) + "\n")


def granted_of(connection: sa.Connection, record_id: str) -> tuple[dict[str, str], ...]:
    """The grants of a record, which go with it."""
    query = sa.select(grants).where(grants.c.record_id == record_id)
    return tuple(dict(row._mapping) for row in connection.execute(query))


def undo(connection: sa.Connection, kept: Upload, by: Actor, request: str = "") -> Undone:
    """Makes records what they were, all but those that somebody changed after.

    Raises:
        ProblemError: 403, the actor may not write them any more; 404, that was done already.
    """
    alone(connection)
    pasts = _read(kept.folder)
    now_there = {one.record.id: one for one in find_all(connection, LOCAL, [p.id for p in pasts])}
    ours = [one for one in pasts if _untouched(one, now_there.get(one.id))]
    for one in ours:
        known = one.before or now_there[one.id]
        check_write(by, known.record.side, known.kept)
    _restore(connection, ours, now_there)
    _tell(connection, ours, now_there, by, request)
    return Undone(len(ours), len(pasts) - len(ours))


def _untouched(past: Past, there: KeptRecord | None) -> bool:
    return there is None if not past.after else there is not None and tag(there) == past.after


def _restore(
    connection: sa.Connection, pasts: Sequence[Past], there: dict[str, KeptRecord]
) -> None:
    changed: dict[str, Stored] = {}
    removed: dict[Kept, dict[str, Stored]] = {}
    for past in pasts:
        if past.before is not None:
            of = changed if past.id in there else removed.setdefault(past.before.kept, {})
            of[past.id] = stored(past.before.record)
    write(connection, changed, [past.id for past in pasts if past.before is None])
    for kept, group in removed.items():
        write(connection, group, [], kept)
    for past in pasts:
        if past.before is None:
            continue
        here = there.get(past.id)
        if here is not None and here.kept.organisation != past.before.kept.organisation:
            entrust(connection, past.id, past.before.kept.organisation)
    _grant(connection, [grant for past in pasts for grant in past.granted])


def _grant(connection: sa.Connection, lost: Sequence[dict[str, str]]) -> None:
    """Grants to organisations that are still there."""
    named = sorted({grant["organisation"] for grant in lost})
    known = {
        id_
        for chunk in chunks(named)
        for id_ in connection.scalars(
            sa.select(organisations.c.id).where(organisations.c.id.in_(chunk))
        )
    }
    if rows := [grant for grant in lost if grant["organisation"] in known]:
        connection.execute(sa.insert(grants), rows)


def _tell(
    connection: sa.Connection,
    pasts: Sequence[Past],
    there: dict[str, KeptRecord],
    by: Actor,
    request: str,
) -> None:
    if len(pasts) > _MOST_TOLD:
        detail = {"undone": len(pasts)}
        append(connection, Entry(by.label, "record.import", "", by.centre, request, detail))
        return
    for past in pasts:
        if past.before is None:
            change, found = "deleted", there[past.id]
        else:
            change = "updated" if past.id in there else "created"
            found = find(connection, LOCAL, past.id) or past.before
        action = f"record.{change.removesuffix('d')}"
        entry = Entry(by.label, action, f"record:{past.id}", by.centre, request, {"undo": True})
        append(connection, entry)
        announce_record(connection, change, found)


def _plain(past: Past) -> dict[str, Any]:
    before = past.before
    return {
        "id": past.id,
        "after": past.after,
        "granted": past.granted,
        "record": before.record.model_dump_json() if before else None,
        "kept": [before.kept.centre, before.kept.organisation] if before else None,
    }


def _read(folder: Path) -> list[Past]:
    try:
        with (folder / FILE).open(encoding="utf-8", newline="\n") as file:
            lines = [json.loads(line) for line in file]
    except FileNotFoundError as error:
        raise ProblemError(problems.NOT_FOUND, _DONE) from error
    found = []
    for line in lines:
        before = None
        if line["record"] is not None:
            record = Record.model_validate_json(line["record"])
            before = KeptRecord(record, Kept(*line["kept"]), 0)
        found.append(Past(line["id"], before, line["after"], tuple(line["granted"])))
    return found


_DONE = Bilingual(
    vi="Thay đổi này đã được hoàn tác rồi.", en="This change has been taken back already."
)
