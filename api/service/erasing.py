"""Erasing a person: from records, accounts, judgements, messages, texts and the files of runs.

The audit names people by id only and stays as it is. What an erasure leaves is a digest, in the
catalog and in `erasures.jsonl` of the workspace, by which a restored backup is erased again.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Actor, Role
from api.problems import ProblemError
from api.service import personaldata, runfiles, uploads
from api.service.alone import alone
from api.service.personaldata import Row
from indexer.bilingual import Bilingual
from indexer.catalog import Catalog
from indexer.durable import sync_file, sync_folder
from indexer.errors import RequestError
from indexer.keeping.access import LOCAL
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.keeping.occurrences import IN_RECORDS, Occurrence, clear, occurrences
from indexer.keeping.records import find_all
from indexer.keeping.subjects import Subject, people_in
from indexer.records import Contact, Record
from indexer.sql.changes import distinct, write
from indexer.sql.schema import bodies, contacts, judgements, meta
from indexer.sql.serviceschema import (
    consents,
    deliveries,
    erasures,
    people,
    saved_searches,
)

FILE_NAME = "erasures.jsonl"


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure is remembered by."""

    digest: str
    centre: str
    redacted: bool
    at: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, by count. `occurrences` are texts of records that still name the person,
    `files` those in the workspace that somebody put there; `swept` says whether the freed pages
    of the database are overwritten already."""

    contacts: int
    people: int
    consents: int
    judgements: int
    saved_searches: int
    texts: int
    runs: int
    occurrences: tuple[Occurrence, ...]
    files: tuple[str, ...]
    swept: bool


def erase(
    catalog: Catalog,
    folder: Path,
    subject: Subject,
    by: Actor,
    centre: str | None = None,
    redact: bool = False,
    request: str = "",
) -> Erasure:
    """Erases the subject from one centre, or (None) from all of the workspace in `folder`.

    With `redact`, texts of records that name the person are cleared of it too; without, they are
    reported.

    Raises:
        ProblemError: 409, nobody would be left to administer.
    """
    with catalog.writing() as connection:
        alone(connection)
        named = list(occurrences(connection, subject, centre))
        remaining = [] if redact else [one for one in named if one.table == bodies.name]
        counts = _erase_rows(connection, subject, centre, named, redact)
        line = _remember(connection, subject.digest(_identity(connection)), centre, redact)
        detail = {**counts, "redacted": redact, "erasure": line.digest[:12]}
        append(connection, Entry(by.label, "person.erase", "", centre or "", request, detail))
    _note(folder, line)
    runs, files = (0, []) if centre else runfiles.erase(folder, subject)
    uploads.clear(folder)
    swept = sweep(catalog)
    return Erasure(
        **counts, runs=runs, occurrences=tuple(remaining), files=tuple(files), swept=swept
    )


def sweep(catalog: Catalog) -> bool:
    """Overwrites what erased rows left in the database, where some erasure still waits for it."""
    waiting = sa.select(sa.exists().where(erasures.c.swept == ""))
    with catalog.reading() as connection:
        if not connection.execute(waiting).scalar_one():
            return True
    try:
        if not catalog.purge():
            return False
    except RequestError:
        return False  # a full disk, a database that takes long: what was erased stays erased
    with catalog.writing() as connection:
        connection.execute(sa.update(erasures).where(erasures.c.swept == "").values(swept=now()))
    return True


def erased(catalog: Catalog, folder: Path) -> list[Erased]:
    """All erasures the catalog and the file in the workspace know, once each: what a restore has
    to bring along. Either may be missing."""
    with catalog.reading() as connection:
        found = [
            Erased(row.digest, row.centre, row.redacted, row.at)
            for row in connection.execute(sa.select(erasures).order_by(erasures.c.id))
        ]
    return _once([*found, *read_file(folder)])


def read_file(folder: Path) -> list[Erased]:
    """The erasures noted in the workspace; none where there is no file. A line that was cut short
    by a crash is passed over: its erasure is in the catalog."""
    try:
        lines = (folder / FILE_NAME).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            item = json.loads(line)
            found.append(Erased(item["digest"], item["centre"], item["redacted"], item["at"]))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def reapply(catalog: Catalog, folder: Path, earlier: Iterable[Erased], by: Actor) -> int:
    """Erases again, from a catalog restored from a backup, whom `earlier` tells to have been
    erased; returns how many people were found and erased.

    To be called before the restored catalog is served, with `erased` of what it replaces.
    """
    with catalog.reading() as connection:
        identity = _identity(connection)
        present = {subject.digest(identity): subject for subject in _everybody(connection)}
    count = 0
    for one in _once(earlier):
        subject = present.get(one.digest)
        if subject is not None:
            erase(catalog, folder, subject, by, one.centre or None, one.redacted)
            count += 1
        else:
            with catalog.writing() as connection:
                _remember(connection, one.digest, one.centre or None, one.redacted, one.at)
            _note(folder, one)
    return count


def _erase_rows(
    connection: sa.Connection,
    subject: Subject,
    centre: str | None,
    named: Sequence[Occurrence],
    redact: bool,
) -> dict[str, int]:
    accounts = personaldata.people_of(connection, subject, centre)
    found = personaldata.contacts_of(connection, subject, centre)
    judged = personaldata.judgements_of(connection, subject, centre, accounts, found)
    ids = [row["id"] for row in accounts]
    said = {one.key for one in named if redact and (one.table, one.column) == IN_RECORDS}
    _erase_contacts(connection, subject, {row["record_id"] for row in found}, said)
    gone = connection.execute(
        sa.delete(consents).where(personaldata.consents_of(subject, centre))
    ).rowcount
    _pseudonymise(connection, judged)
    searches = _erase_searches(connection, ids)
    _erase_people(connection, accounts)
    # Where a record was read from is cleared with what it says.
    texts = clear(connection, subject, (o for o in named if redact or o.table != bodies.name))
    return {
        "contacts": len(found),
        "people": len(accounts),
        "consents": int(gone),
        "judgements": len(judged),
        "saved_searches": searches,
        "texts": texts,
    }


def _erase_contacts(
    connection: sa.Connection, subject: Subject, contacted: set[str], said: set[str]
) -> None:
    """The records `contacted` without their contacts, and those of `said` without the subject in
    their texts. A contact of several people goes as a whole."""
    cleared = []
    for kept in find_all(connection, LOCAL, sorted(contacted | said)):
        record = kept.record
        if record.id in contacted:
            record = record.model_copy(update={"contact": Contact()})
        cleared.append(_without(record, subject) if record.id in said else record)
    write(connection, *distinct(cleared, ()))


def _without(record: Record, subject: Subject) -> Record:
    """The record with the subject out of all its texts; its id stays."""

    def clean(value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, str):
            return subject.without(value)
        if isinstance(value, dict):
            return {subject.without(key): clean(item) for key, item in value.items()}
        return [clean(item) for item in value] if isinstance(value, list) else value

    body = clean(record.model_dump(mode="json"))
    return Record.model_validate({**body, "id": record.id})


def _pseudonymise(connection: sa.Connection, judged: Sequence[Row]) -> None:
    """A name nobody else has for everyone of them, so that no judgement replaces another."""
    names = {row["who"]: f"đã xóa {secrets.token_hex(4)}" for row in judged}
    for row in judged:
        connection.execute(
            sa.update(judgements).where(judgements.c.id == row["id"]).values(who=names[row["who"]])
        )


def _erase_searches(connection: sa.Connection, people_ids: Sequence[str]) -> int:
    own = sa.select(saved_searches.c.id).where(saved_searches.c.person.in_(people_ids))
    ids = list(connection.scalars(own))
    sources = [f"search:{id_}" for id_ in ids]
    connection.execute(sa.delete(deliveries).where(deliveries.c.source.in_(sources)))
    connection.execute(sa.delete(saved_searches).where(saved_searches.c.id.in_(ids)))
    return len(ids)


def _erase_people(connection: sa.Connection, accounts: Sequence[Row]) -> None:
    administered = sa.and_(people.c.role == Role.ADMINISTRATOR.value, people.c.disabled == "")
    ids = [row["id"] for row in accounts]
    connection.execute(sa.delete(people).where(people.c.id.in_(ids)))
    there = connection.execute(sa.select(sa.exists().where(administered))).scalar_one()
    if accounts and not there:
        # Without accounts the service would open itself to everybody at this machine.
        raise ProblemError(problems.NOT_POSSIBLE, _LAST)


def _remember(
    connection: sa.Connection, digest: str, centre: str | None, redacted: bool, at: str = ""
) -> Erased:
    line = Erased(digest, centre or "", redacted, at or now())
    here = sa.and_(erasures.c.digest == digest, erasures.c.centre == line.centre)
    before = connection.execute(sa.select(erasures).where(here)).one_or_none()
    values = {"redacted": redacted or bool(before and before.redacted), "at": line.at, "swept": ""}
    if before is None:
        values |= {"digest": digest, "centre": line.centre}
        connection.execute(sa.insert(erasures).values(values))
    else:
        connection.execute(sa.update(erasures).where(here).values(values))
    return line


def _note(folder: Path, line: Erased) -> None:
    """Notes an erasure beside the catalog, for a day on which the catalog is lost."""
    if any(
        (one.digest, one.centre) == (line.digest, line.centre) and one.redacted >= line.redacted
        for one in read_file(folder)
    ):
        return
    said = {
        "digest": line.digest,
        "centre": line.centre,
        "redacted": line.redacted,
        "at": line.at,
    }
    with (folder / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(said) + "\n")
    sync_file(folder / FILE_NAME)
    sync_folder(folder)


def _once(lines: Iterable[Erased]) -> list[Erased]:
    found: dict[tuple[str, str], Erased] = {}
    for line in lines:
        before = found.get((line.digest, line.centre))
        if before is None or line.redacted > before.redacted:
            found[line.digest, line.centre] = line
    return list(found.values())


def _everybody(connection: sa.Connection) -> set[Subject]:
    """Everybody the catalog names by address or number."""
    texts: list[str] = []
    for column in (
        contacts.c.person,
        contacts.c.email,
        contacts.c.phone,
        people.c.email,
        consents.c.subject,
        saved_searches.c.target,
        deliveries.c.target,
        judgements.c.who,
    ):
        texts.extend(connection.scalars(sa.select(column).distinct()))
    found = {subject for text in texts for subject in people_in(text)}
    for body in connection.scalars(sa.select(bodies.c.body).execution_options(yield_per=500)):
        found.update(subject for text in _strings(json.loads(body)) for subject in people_in(text))
    return found


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _identity(connection: sa.Connection) -> str:
    return str(connection.execute(sa.select(meta.c.identity)).scalar_one())


_LAST = Bilingual(
    vi="Đây là quản trị viên cuối cùng còn hoạt động. Hãy thêm một quản trị viên khác trước.",
    en="This is the last administrator who can sign in. Add another one first.",
)
