"""Organisations: the enterprises and institutes of a centre, whose people own records."""

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from api import etags, problems
from api.actors import Actor
from api.problems import ProblemError, invalid
from api.service.alone import alone
from api.service.scope import chosen, whole
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.sql.schema import records
from indexer.sql.serviceschema import centres, grants, organisations, people


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as stored."""

    id: str
    centre: str
    name: str
    place: str
    created: str
    version: int

    @property
    def etag(self) -> str:
        return etags.etag("organisation", self.id, self.version)


def add(
    connection: sa.Connection,
    centre: str | None,
    name: str,
    place: str,
    by: Actor,
    request: str = "",
) -> Organisation:
    """A new organisation of a centre, by default of the actor's.

    Raises:
        ProblemError: 403, the centre is not the actor's; 409, the centre has one of that name;
            422, there is no such centre.
    """
    alone(connection)
    centre = chosen(by, centre)
    known = sa.select(sa.exists().where(centres.c.id == centre))
    if centre and not connection.execute(known).scalar_one():
        raise invalid("body.centre", centre, _NO_CENTRE, _CENTRES)
    made = Organisation(secrets.token_hex(8), centre, name, place, now(), 1)
    _check_name(connection, made)
    connection.execute(sa.insert(organisations).values(_row(made)))
    append(connection, _entry("organisation.create", made, by, request))
    return made


def get(connection: sa.Connection, id_: str, by: Actor) -> Organisation:
    """An organisation of the actor's centre; for administrators, of any.

    Raises:
        ProblemError: 404, there is none of that id, or not for this actor.
    """
    query = sa.select(organisations).where(organisations.c.id == id_, _seen(by))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ProblemError(
            problems.NOT_FOUND,
            Bilingual(
                vi=f"Không có tổ chức mã “{id_}”. Danh sách: /v1/organisations",
                en=f"There is no organisation with id “{id_}”. The list: /v1/organisations",
            ),
        )
    return _of_row(row)


def named(connection: sa.Connection, centre: str, name: str) -> Organisation | None:
    """The organisation of a centre that has this name, upper and lower case alike."""
    query = sa.select(organisations).where(
        organisations.c.centre == centre, organisations.c.name_key == name_key(name)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _of_row(row)


def name_of(connection: sa.Connection, id_: str) -> str:
    """The name of an organisation; "" where there is none of that id."""
    query = sa.select(organisations.c.name).where(organisations.c.id == id_)
    return str(connection.execute(query).scalar_one_or_none() or "")


def page(
    connection: sa.Connection,
    by: Actor,
    centre: str | None = None,
    after: str = "",
    limit: int | None = None,
) -> Sequence[Organisation]:
    """The organisations the actor sees, by id after `after`; with `centre`, of that one."""
    query = sa.select(organisations).where(_seen(by), organisations.c.id > after)
    if centre is not None:
        query = query.where(organisations.c.centre == centre)
    rows = connection.execute(query.order_by(organisations.c.id).limit(limit))
    return [_of_row(row) for row in rows]


def change(
    connection: sa.Connection,
    id_: str,
    changes: Mapping[str, str],
    by: Actor,
    if_match: str | None,
    request: str = "",
) -> Organisation:
    """Changes the name or the place.

    Raises:
        ProblemError: 404 as `get`; 409 as `add`; 412 and 428, `if_match` is not the tag of what
            is stored.
    """
    alone(connection)
    found = get(connection, id_, by)
    etags.require(if_match, found.etag)
    changed = replace(found, **changes, version=found.version + 1)
    _check_name(connection, changed)
    connection.execute(
        sa.update(organisations).where(organisations.c.id == id_).values(_row(changed))
    )
    append(connection, _entry("organisation.update", changed, by, request))
    return changed


def remove(
    connection: sa.Connection, id_: str, by: Actor, if_match: str | None, request: str = ""
) -> None:
    """Takes out an organisation that nobody is of any more.

    Raises:
        ProblemError: 404, 412 and 428 as `change`; 409, it has people or records.
    """
    alone(connection)
    found = get(connection, id_, by)
    etags.require(if_match, found.etag)
    for table in (people, records):
        held = sa.select(sa.exists().where(table.c.organisation == id_))
        if connection.execute(held).scalar_one():
            raise ProblemError(problems.NOT_POSSIBLE, _IN_USE)
    connection.execute(sa.delete(grants).where(grants.c.organisation == id_))
    connection.execute(sa.delete(organisations).where(organisations.c.id == id_))
    append(connection, _entry("organisation.delete", found, by, request))


def name_key(name: str) -> str:
    """What is the same in two ways to write a name; accents count: Hoa Mai is not Hòa Mai."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def _seen(by: Actor) -> sa.ColumnElement[bool]:
    return sa.true() if whole(by) else organisations.c.centre == by.centre


def _check_name(connection: sa.Connection, wanted: Organisation) -> None:
    other = named(connection, wanted.centre, wanted.name)
    if other is not None and other.id != wanted.id:
        raise ProblemError(
            problems.EXISTS,
            Bilingual(
                vi=f"Trung tâm đã có tổ chức tên “{other.name}”.",
                en=f"The centre has an organisation named “{other.name}” already.",
            ),
        )


def _row(wanted: Organisation) -> dict[str, Any]:
    return {
        "id": wanted.id,
        "centre": wanted.centre,
        "name": wanted.name,
        "name_key": name_key(wanted.name),
        "place": wanted.place,
        "created": wanted.created,
        "version": wanted.version,
    }


def _of_row(row: sa.Row[Any]) -> Organisation:
    return Organisation(row.id, row.centre, row.name, row.place, row.created, row.version)


def _entry(action: str, about: Organisation, by: Actor, request: str) -> Entry:
    return Entry(by.label, action, f"organisation:{about.id}", about.centre, request)


_NO_CENTRE = Bilingual(vi="không có trung tâm này", en="there is no such centre")
_CENTRES = Bilingual(vi="một mã tại /v1/centres", en="an id listed at /v1/centres")
_IN_USE = Bilingual(
    vi="Tổ chức còn người dùng hoặc hồ sơ; hãy chuyển hoặc xóa trước.",
    en="The organisation still has people or records; move or delete them first.",
)
