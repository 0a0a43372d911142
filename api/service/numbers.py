"""How much a centre has, as far as somebody may read it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from api.actors import Action, Actor
from api.service.scope import centre_of
from indexer.keeping.access import Reader, readable
from indexer.records import Side
from indexer.sql.schema import meta, records
from indexer.sql.serviceschema import events, organisations

_REMEMBERED = 60.0  # seconds
_MOST = 1_000  # readers


@dataclass(frozen=True, slots=True)
class Numbers:
    """Records by side that the actor may read, different owners of them; organisations and events
    of the centre, None for those who may not list them."""

    records: Mapping[Side, int]
    owners: int
    organisations: int | None
    events: int | None


@dataclass(frozen=True, slots=True)
class _Counted:
    records: Mapping[Side, int]
    owners: int
    version: int
    until: float


class Counts:
    """Counts, remembered while the catalog stays as it is: 100,000 records take 0.2 s to count.

    A minute at most, because what somebody may read changes without it. Threads may share one.
    """

    def __init__(self) -> None:
        self._held: dict[Reader, _Counted] = {}

    def of_centre(self, connection: sa.Connection, actor: Actor) -> Numbers:
        """The numbers as the actor sees them; an administrator sees those of all centres."""
        counted = self._records(connection, actor.reader)
        return Numbers(
            records=counted.records,
            owners=counted.owners,
            organisations=_of(connection, organisations, actor, Action.ORGANISATIONS_READ),
            events=_of(connection, events, actor, Action.EVENTS_READ),
        )

    def _records(self, connection: sa.Connection, reader: Reader) -> _Counted:
        version = _one(connection, sa.select(meta.c.version))
        held = self._held.get(reader)
        if held is None or held.version != version or held.until < time.monotonic():
            if len(self._held) >= _MOST:
                self._held.clear()
            held = self._held[reader] = _count(connection, reader, version)
        return held


def _count(connection: sa.Connection, reader: Reader, version: int) -> _Counted:
    visible = readable(reader)
    by_side = sa.select(records.c.side, sa.func.count()).where(visible).group_by(records.c.side)
    counted = {side: int(n) for side, n in connection.execute(by_side)}
    owners = sa.select(sa.func.count(sa.distinct(records.c.owner_key)))
    return _Counted(
        records={side: counted.get(side.value, 0) for side in Side},
        owners=_one(connection, owners.where(visible, records.c.owner_key != "")),
        version=version,
        until=time.monotonic() + _REMEMBERED,
    )


def _of(connection: sa.Connection, table: sa.Table, actor: Actor, action: Action) -> int | None:
    if not actor.may(action):
        return None
    query = sa.select(sa.func.count()).select_from(table)
    centre = centre_of(actor)
    return _one(connection, query if centre is None else query.where(table.c.centre == centre))


def _one(connection: sa.Connection, query: sa.Select[int]) -> int:
    return int(connection.execute(query).scalar_one())
