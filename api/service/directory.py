"""Lists of a centre's organisations, people and keys as pages show them: searched, in the order of
names, a page at a time, with what belongs to each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from api.actors import Actor
from api.service import organisations, people
from api.service.organisations import Organisation
from api.service.people import Person
from api.service.scope import centre_of
from indexer.sql.changes import chunks
from indexer.sql.schema import records
from indexer.sql.serviceschema import api_keys, centres
from indexer.sql.serviceschema import organisations as organisation_rows
from indexer.sql.serviceschema import people as people_rows
from indexer.text import fold

PAGE = 50
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """An organisation with how many people and records are of it."""

    organisation: Organisation
    people: int
    records: int


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person with the name of the organisation."""

    person: Person
    organisation: str


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key and whose it is; never its secret. Moments are "" for never."""

    id: str
    name: str
    person: str
    owner: str
    scopes: Sequence[str]
    created: str
    expires: str
    revoked: str
    used: str


@dataclass(frozen=True, slots=True)
class Found(Generic[Line]):
    """One page of `total` lines; pages count from 1."""

    lines: Sequence[Line]
    total: int
    page: int
    pages: int


def of_organisations(
    connection: sa.Connection, by: Actor, wanted: str, page: int
) -> Found[OrganisationLine]:
    """The organisations the actor sees whose name or place holds `wanted`, accents aside."""
    plain = fold(wanted)
    found = [
        one
        for one in organisations.page(connection, by)
        if plain in fold(f"{one.name}\n{one.place}")
    ]
    shown = _paged(sorted(found, key=lambda one: (one.centre, fold(one.name))), page)
    return Found(_lines(connection, shown.lines), shown.total, shown.page, shown.pages)


def line_of(connection: sa.Connection, one: Organisation) -> OrganisationLine:
    """The line of one organisation."""
    return _lines(connection, [one])[0]


def of_people(
    connection: sa.Connection, by: Actor, wanted: str, role: str, page: int
) -> Found[PersonLine]:
    """The people the actor manages whose name, address or organisation holds `wanted`."""
    all_people = people.page(connection, by)
    names = organisation_names(connection, [one.organisation for one in all_people])
    plain = fold(wanted)
    found = [
        PersonLine(one, names.get(one.organisation, ""))
        for one in all_people
        if (not role or one.role.value == role)
        and plain in fold(f"{one.name}\n{one.email}\n{names.get(one.organisation, '')}")
    ]
    return _paged(
        sorted(found, key=lambda one: (bool(one.person.disabled), _name(one.person))), page
    )


def of_keys(connection: sa.Connection, by: Actor, page: int) -> Found[KeyLine]:
    """The keys of the people the actor manages, and the actor's own; those that hold first."""
    owners: Mapping[str, Person] = {one.id: one for one in people.page(connection, by)}
    mine = sa.select(people_rows).where(people_rows.c.id == by.id)
    owners = {**owners, **{row.id: people.of_row(row) for row in connection.execute(mine)}}
    lines = [
        _key_line(row, owners[row.person])
        for chunk in chunks(sorted(owners))
        for row in connection.execute(sa.select(api_keys).where(api_keys.c.person.in_(chunk)))
    ]
    newest = sorted(lines, key=lambda one: one.created, reverse=True)
    return _paged(sorted(newest, key=lambda one: bool(one.revoked)), page)


def organisation_names(connection: sa.Connection, ids: Sequence[str]) -> dict[str, str]:
    """The names of organisations by id."""
    query = sa.select(organisation_rows.c.id, organisation_rows.c.name)
    return {
        row.id: row.name
        for chunk in chunks(sorted(set(ids) - {""}))
        for row in connection.execute(query.where(organisation_rows.c.id.in_(chunk)))
    }


def centre_names(connection: sa.Connection, by: Actor) -> list[tuple[str, str]]:
    """The centres the actor manages, id and name; none where the workspace has none."""
    query = sa.select(centres.c.id, centres.c.name).order_by(centres.c.name)
    own = centre_of(by)
    if own is not None:
        query = query.where(centres.c.id == own)
    return [(row.id, row.name) for row in connection.execute(query)]


def _lines(connection: sa.Connection, shown: Sequence[Organisation]) -> list[OrganisationLine]:
    ids = [one.id for one in shown]
    members = _counts(connection, people_rows.c.organisation, ids)
    held = _counts(connection, records.c.organisation, ids)
    return [OrganisationLine(one, members.get(one.id, 0), held.get(one.id, 0)) for one in shown]


def _key_line(row: sa.Row[Any], owner: Person) -> KeyLine:
    return KeyLine(
        row.id,
        row.name,
        owner.id,
        owner.name or owner.email,
        row.scopes.split(),
        row.created,
        row.expires,
        row.revoked,
        row.used,
    )


def _name(person: Person) -> str:
    return fold(person.name or person.email)


def _counts(
    connection: sa.Connection, column: sa.Column[str], ids: Sequence[str]
) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(column.in_(ids)).group_by(column)
    return {str(id_): int(count) for id_, count in connection.execute(query)}


def _paged(lines: Sequence[Line], page: int) -> Found[Line]:
    pages = max(1, -(-len(lines) // PAGE))
    page = min(max(1, page), pages)
    return Found(lines[(page - 1) * PAGE : page * PAGE], len(lines), page, pages)
