"""API keys: what programs sign in with. Shown once; of a key only the SHA-256 is stored."""

import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Action, Actor
from api.problems import ProblemError, invalid
from api.service import people as persons
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import later, now
from indexer.sql.serviceschema import api_keys, people

_FORM = re.compile(r"cck_([0-9a-f]{16})_([\w-]{43})", re.ASCII)
_DAY = 24 * 60 * 60
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Key:
    """A key as its owner sees it later. `revoked` and `used` are "" for never."""

    id: str
    person: str
    name: str
    scopes: tuple[Action, ...]
    created: str
    expires: str
    revoked: str
    used: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A key that holds: who, until when, and when it was last used."""

    actor: Actor
    expires: str
    used: str


def make(
    connection: sa.Connection,
    by: Actor,
    name: str,
    scopes: Collection[Action],
    days: int,
    request: str = "",
) -> tuple[Key, str]:
    """A key of the actor's own, and the text that is shown this once.

    Raises:
        ProblemError: 409, the actor is no person; 422, a scope is beyond what the actor may do.
    """
    if not by.id:
        raise ProblemError(problems.NOT_POSSIBLE, _NO_PERSON)
    for position, scope in enumerate(scopes):
        if not by.may(scope):
            raise _beyond(by, position, scope)
    id_, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    text = f"cck_{id_}_{secret}"
    row = {
        "id": id_,
        "digest": _digest(text),
        "person": by.id,
        "name": name,
        "scopes": " ".join(sorted(set(scopes))),
        "created": now(),
        "expires": later(days * _DAY),
    }
    connection.execute(sa.insert(api_keys).values(row))
    append(connection, Entry(by.label, "key.create", f"key:{id_}", by.centre, request))
    return _of_row(_one(connection, id_)), text


def page(
    connection: sa.Connection, by: Actor, person: str, after: str, limit: int
) -> Sequence[Key]:
    """Keys of a person, by id after `after`: one's own, or of somebody the actor manages.

    Raises:
        ProblemError: 404, there is no such person, or not for this actor.
    """
    if person != by.id:
        persons.get(connection, person, by)
    found = connection.execute(
        sa.select(api_keys)
        .where(api_keys.c.person == person, api_keys.c.id > after)
        .order_by(api_keys.c.id)
        .limit(limit)
    )
    return [_of_row(row) for row in found]


def revoke(connection: sa.Connection, id_: str, by: Actor, request: str = "") -> None:
    """Ends a key, one's own or of somebody the actor manages; once ended it stays so.

    Raises:
        ProblemError: 404, there is no such key, or not for this actor.
    """
    row = connection.execute(sa.select(api_keys).where(api_keys.c.id == id_)).one_or_none()
    if row is None or not (row.person == by.id or persons.manages(connection, by, row.person)):
        raise ProblemError(problems.NOT_FOUND, _missing(id_))
    if row.revoked:
        return
    connection.execute(sa.update(api_keys).where(api_keys.c.id == id_).values(revoked=now()))
    append(connection, Entry(by.label, "key.revoke", f"key:{id_}", by.centre, request))


def find(connection: sa.Connection, text: str) -> Credential | None:
    """Whose key this is; None where it is unknown, over, revoked, or of somebody disabled."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    row = connection.execute(
        sa.select(
            people,
            api_keys.c.digest,
            api_keys.c.scopes,
            api_keys.c.expires,
            api_keys.c.used,
        )
        .join(people, people.c.id == api_keys.c.person)
        .where(
            api_keys.c.id == form[1],
            api_keys.c.revoked == "",
            api_keys.c.expires > now(),
            people.c.disabled == "",
        )
    ).one_or_none()
    if row is None or not hmac.compare_digest(row.digest, _digest(text)):
        return None
    person = persons.of_row(row).actor
    actor = replace(person, kind="key", key=form[1], scopes=frozenset(_scopes(row.scopes)))
    return Credential(actor, row.expires, row.used)


def note_use(connection: sa.Connection, ids: Collection[str]) -> None:
    """Keeps that keys were used in this minute."""
    minute = now()[:17] + "00.000000+00:00"
    connection.execute(
        sa.update(api_keys)
        .where(api_keys.c.id.in_(ids), api_keys.c.used < minute)
        .values(used=minute)
    )


def used_lately(used: str) -> bool:
    """Whether the use is noted for this minute already."""
    return used > later(-_MINUTE)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _one(connection: sa.Connection, id_: str) -> sa.Row[Any]:
    return connection.execute(sa.select(api_keys).where(api_keys.c.id == id_)).one()


def _of_row(row: sa.Row[Any]) -> Key:
    return Key(
        row.id,
        row.person,
        row.name,
        tuple(_scopes(row.scopes)),
        row.created,
        row.expires,
        row.revoked,
        row.used,
    )


def _scopes(text: str) -> list[Action]:
    # A scope of a version to come, after going back to this one, permits nothing.
    known = {action.value for action in Action}
    return [Action(name) for name in text.split() if name in known]


def _beyond(by: Actor, position: int, scope: Action) -> ProblemError:
    mine = ", ".join(action for action in Action if by.may(action))
    return invalid(
        f"body.scopes[{position}]",
        scope.value,
        Bilingual(vi="ngoài quyền của bạn", en="beyond what you may do"),
        Bilingual(vi=mine, en=mine),
    )


def _missing(id_: str) -> Bilingual:
    return Bilingual(vi=f"Không có khóa mã “{id_}”.", en=f"There is no key with id “{id_}”.")


_NO_PERSON = Bilingual(
    vi="Khóa thuộc về một người dùng. Hãy tạo quản trị viên đầu tiên: "
    "cungcau people add EMAIL --role administrator",
    en="A key belongs to a person. Make the first administrator: "
    "cungcau people add EMAIL --role administrator",
)
