"""Everything the service holds of one person: to be shown to them, and to be erased."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api.service import runfiles
from indexer.keeping.occurrences import occurrences
from indexer.keeping.subjects import Subject
from indexer.sql.schema import contacts, judgements, records
from indexer.sql.serviceschema import (
    alerts,
    api_keys,
    audit,
    consents,
    people,
    runs,
    saved_searches,
    sessions,
)
from indexer.sql.stored import folded

Row = dict[str, Any]
MOST_LINES = 10_000  # of the audit, the newest

_PERSON = (
    people.c.id,
    people.c.centre,
    people.c.organisation,
    people.c.email,
    people.c.name,
    people.c.role,
    people.c.subject,
    people.c.language,
    people.c.consented,
    people.c.disabled,
    people.c.created,
)
_SESSION = (sessions.c.person, sessions.c.created, sessions.c.expires)
_KEY = tuple(column for column in api_keys.columns if column.name != "digest")
_SEARCH = tuple(column for column in saved_searches.columns if column.name != "secret")


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a person, by kind; every row as it is stored but for secrets.

    `occurrences` are places in texts, by table, column and key; `files` are paths in the
    workspace that name the person.
    """

    contacts: list[Row]
    people: list[Row]
    sessions: list[Row]
    keys: list[Row]
    consents: list[Row]
    judgements: list[Row]
    saved_searches: list[Row]
    alerts: list[Row]
    runs: list[Row]
    audit: list[Row]
    occurrences: list[Row]
    files: list[str]


def gather(connection: sa.Connection, subject: Subject, centre: str | None, folder: Path) -> Held:
    """Everything held of the subject, by one centre or (None) by all; `folder` is the workspace."""
    accounts = people_of(connection, subject, centre)
    ids = [row["id"] for row in accounts]
    found = contacts_of(connection, subject, centre)
    searches = _rows(connection, _SEARCH, saved_searches.c.person.in_(ids))
    own = [row["id"] for row in searches]
    lines = sa.or_(*(audit.c.actor.in_([f"person:{i}", f"key:{i}"]) for i in ids), sa.false())
    about = audit.c.object.in_([f"person:{i}" for i in ids])
    return Held(
        contacts=found,
        people=accounts,
        sessions=_rows(connection, _SESSION, sessions.c.person.in_(ids)),
        keys=_rows(connection, _KEY, api_keys.c.person.in_(ids)),
        consents=_rows(connection, consents.columns, consents_of(subject, centre)),
        judgements=judgements_of(connection, subject, centre, accounts, found),
        saved_searches=searches,
        alerts=_rows(connection, alerts.columns, alerts.c.search.in_(own)),
        runs=_rows(connection, (runs.c.id, runs.c.kind, runs.c.created), runs.c.person.in_(ids)),
        audit=_rows(connection, audit.columns, sa.or_(lines, about), MOST_LINES),
        occurrences=[asdict(one) for one in occurrences(connection, subject, centre)],
        files=[] if centre else runfiles.naming(folder, subject),
    )


def people_of(connection: sa.Connection, subject: Subject, centre: str | None) -> list[Row]:
    """The accounts with that address."""
    query = people.c.email_key == subject.key
    if centre is not None:
        query = sa.and_(query, people.c.centre == centre)
    return _rows(connection, _PERSON, query)


def contacts_of(connection: sa.Connection, subject: Subject, centre: str | None) -> list[Row]:
    """The contacts of records that name the subject."""
    query = sa.select(contacts).join(records, records.c.id == contacts.c.record_id)
    if centre is not None:
        query = query.where(records.c.centre == centre)
    rows = connection.execute(query.order_by(contacts.c.record_id)).mappings()
    return [
        {column.name: row[column] for column in contacts.columns}
        for row in rows
        if any(subject.find(row[column]) for column in (contacts.c.email, contacts.c.phone))
        or subject.find(row[contacts.c.person])
    ]


def consents_of(subject: Subject, centre: str | None) -> sa.ColumnElement[bool]:
    """The consents of the subject that one centre's people recorded, or (None) all."""
    own = consents.c.subject == subject.key
    if centre is None:
        return own
    recorders = sa.select(people.c.id).where(people.c.centre == centre)
    return sa.and_(own, consents.c.person.in_(recorders))


def judgements_of(
    connection: sa.Connection,
    subject: Subject,
    centre: str | None,
    accounts: Sequence[Row],
    found: Sequence[Row],
) -> list[Row]:
    """The judgements whose `who` is the subject: by address or number, by account, or by the full
    name that stands with them."""
    names = {folded(row["name"]) for row in accounts}
    names |= {folded(row["person"]) for row in found if len(row["person"].split()) > 1}
    names |= {f"{kind}{row['id']}" for row in accounts for kind in ("", "person:", "key:")}
    names.discard("")
    query = sa.select(judgements).order_by(judgements.c.id)
    if centre is not None:
        own = sa.select(records.c.id).where(records.c.centre == centre)
        query = query.where(judgements.c.need.in_(own))
    rows = connection.execute(query.where(judgements.c.who != "")).mappings()
    return [
        {column.name: row[column] for column in judgements.columns}
        for row in rows
        if folded(row[judgements.c.who]) in names or subject.find(row[judgements.c.who])
    ]


def _rows(
    connection: sa.Connection,
    columns: Any,  # noqa: ANN401 - any collection of columns
    condition: sa.ColumnElement[bool],
    most: int | None = None,
) -> list[Row]:
    chosen = tuple(columns)
    query = sa.select(*chosen).where(condition)
    key = chosen[0].table.c.get("id")
    if key is not None:
        query = query.order_by(key.desc() if most else key)
    return [dict(row) for row in connection.execute(query.limit(most)).mappings()]
