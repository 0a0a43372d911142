"""Personal links: addresses at which participants see their agendas without an account.

The address holds 256 random bits, of which only the digest is stored: nobody guesses one, and
nobody reads one out of the database. A link can be revoked at any time.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.service.alone import alone
from api.service.events import Stored
from api.service.sessions import digest
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.owners import owner_key
from indexer.sql.serviceschema import events, personal_links


@dataclass(frozen=True, slots=True)
class PersonalLink:
    """A link as stored; `revoked` is when, "" while it opens the agenda."""

    id: str
    event: str
    centre: str
    owner: str
    owner_key: str
    person: str
    created: str
    revoked: str


_COLUMNS = [column for column in personal_links.c if column.name != "digest"]


def create(
    connection: sa.Connection,
    event: Stored,
    owners: Iterable[str],
    by: Actor,
    *,
    anew: bool = False,
    request: str = "",
) -> list[tuple[PersonalLink, str]]:
    """Links for owners who have none, each with the secret of its address, shown this once.

    With `anew` also for those who have one, which then opens nothing any more.
    """
    alone(connection)
    there = {link.owner_key for link in of_event(connection, event) if not link.revoked}
    made = []
    for owner in owners:
        key = owner_key(owner)
        if key in there:
            if not anew:
                continue
            _revoke(connection, event, personal_links.c.owner_key == key)
        token = secrets.token_urlsafe(32)
        link = PersonalLink(
            secrets.token_hex(8), event.id, event.centre, owner, key, by.id, now(), ""
        )
        connection.execute(
            sa.insert(personal_links).values(
                {
                    **{column.name: getattr(link, column.name) for column in _COLUMNS},
                    "digest": digest(token),
                }
            )
        )
        there.add(key)
        made.append((link, token))
    if made:
        detail = {"links": len(made)}
        append(connection, _entry("link.create", event, by, request, detail))
    return made


def of_event(connection: sa.Connection, event: Stored) -> list[PersonalLink]:
    """The links of an event, the newest first."""
    query = sa.select(*_COLUMNS).where(personal_links.c.event == event.id)
    rows = connection.execute(query.order_by(personal_links.c.created.desc()))
    return [PersonalLink(**row._mapping) for row in rows]


def find(connection: sa.Connection, token: str) -> tuple[PersonalLink, Stored] | None:
    """What a secret opens; None where it is unknown or revoked."""
    query = sa.select(*_COLUMNS).where(
        personal_links.c.digest == digest(token), personal_links.c.revoked == ""
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    found = PersonalLink(**row._mapping)
    event = connection.execute(sa.select(events).where(events.c.id == found.event)).one()
    return found, Stored(**event._mapping)


def revoke(
    connection: sa.Connection, event: Stored, id_: str, by: Actor, request: str = ""
) -> PersonalLink:
    """Lets a link open nothing any more; `restore` takes that back.

    Raises:
        ProblemError: 404, the event has no such link.
    """
    found = _get(connection, event, id_)
    if not found.revoked:
        _revoke(connection, event, personal_links.c.id == id_)
        append(connection, _entry("link.revoke", event, by, request, {"link": id_}))
    return found


def restore(
    connection: sa.Connection, event: Stored, id_: str, by: Actor, request: str = ""
) -> PersonalLink:
    """Lets a revoked link open the agenda again.

    Raises:
        ProblemError: 404, as `revoke`; 409, its owner has another link by now.
    """
    alone(connection)
    found = _get(connection, event, id_)
    if not found.revoked:
        return found
    others = (link for link in of_event(connection, event) if not link.revoked)
    if any(link.owner_key == found.owner_key for link in others):
        raise ProblemError(problems.NOT_POSSIBLE, _ANOTHER)
    here = personal_links.c.id == id_
    connection.execute(sa.update(personal_links).where(here).values(revoked=""))
    append(connection, _entry("link.restore", event, by, request, {"link": id_}))
    return found


def _get(connection: sa.Connection, event: Stored, id_: str) -> PersonalLink:
    query = sa.select(*_COLUMNS).where(
        personal_links.c.id == id_.replace("\0", ""), personal_links.c.event == event.id
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ProblemError(problems.NOT_FOUND)
    return PersonalLink(**row._mapping)


def _revoke(connection: sa.Connection, event: Stored, which: sa.ColumnElement[bool]) -> None:
    here = sa.and_(personal_links.c.event == event.id, personal_links.c.revoked == "", which)
    connection.execute(sa.update(personal_links).where(here).values(revoked=now()))


def _entry(action: str, event: Stored, by: Actor, request: str, detail: dict[str, Any]) -> Entry:
    return Entry(by.label, action, f"event:{event.id}", event.centre, request, detail)


_ANOTHER = Bilingual(
    vi="Đơn vị này đã có đường dẫn mới hơn; hãy thu hồi đường dẫn đó trước.",
    en="This organisation has a newer link by now; revoke that one first.",
)
