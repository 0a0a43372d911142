"""Who could take part in an event: the owners of the records somebody may read."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from api.actors import Actor
from indexer.keeping.access import readable
from indexer.owners import owner_key
from indexer.records import Side
from indexer.sql.schema import records


@dataclass(frozen=True, slots=True)
class Owner:
    """An organisation as its records name it, with how many needs and offers it has."""

    key: str
    name: str
    demands: int
    supplies: int


def owners(connection: sa.Connection, by: Actor) -> list[Owner]:
    """By name. Spellings of one name are one owner, called as its first record calls it."""
    query = (
        sa.select(records.c.owner, records.c.side, sa.func.count(), sa.func.min(records.c.id))
        .where(readable(by.reader), records.c.owner != "")
        .group_by(records.c.owner, records.c.side)
    )
    counted: dict[str, dict[Side, int]] = {}
    called: dict[str, tuple[str, str]] = {}
    for name, side, count, first in connection.execute(query):
        key = owner_key(name)
        sides = counted.setdefault(key, dict.fromkeys(Side, 0))
        sides[Side(side)] += count
        called[key] = min(called.get(key, (first, name)), (first, name))
    found = [
        Owner(key, called[key][1], sides[Side.DEMAND], sides[Side.SUPPLY])
        for key, sides in counted.items()
    ]
    return sorted(found, key=lambda one: (one.key, one.name))


def names(connection: sa.Connection, by: Actor, most: int) -> list[str]:
    """The names of the owners with the most records, to choose from while one types."""
    every = owners(connection, by)
    kept = sorted(every, key=lambda one: -(one.demands + one.supplies))[:most]
    return sorted(one.name for one in kept)


def unknown(named: Iterable[str], known: Iterable[Owner]) -> list[str]:
    """Those of the names by whom there is no record."""
    keys = {one.key for one in known}
    return [name for name in named if owner_key(name) not in keys]
