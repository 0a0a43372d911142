"""How the service is: its catalog and index, its disk, what is under way."""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from api.actors import Actor
from api.opened import Opened
from api.service.scope import centre_of
from indexer.bilingual import Bilingual
from indexer.errors import CungcauError
from indexer.records import Side
from indexer.sql.schema import records
from indexer.sql.serviceschema import deliveries


@dataclass(frozen=True, slots=True)
class IndexState:
    """`fresh` is what was added since the index was made, `waiting` what is found by its words
    alone so far."""

    version: int
    encoder: str
    fresh: int
    waiting: int


@dataclass(frozen=True, slots=True)
class SystemState:
    """`index` is None where none can be opened; `failure` says what is wrong with it or
    with a newer one that cannot be opened.
    Sizes are in bytes."""

    catalog_version: int
    records: Mapping[Side, int]
    index: IndexState | None
    failure: Bilingual | None
    disk_total: int
    disk_free: int
    database: str


def state(connection: sa.Connection, opened: Opened) -> SystemState:
    """The state of the whole service; for who looks after it."""
    by_side = sa.select(records.c.side, sa.func.count()).group_by(records.c.side)
    counted = {side: int(count) for side, count in connection.execute(by_side)}
    disk = shutil.disk_usage(opened.workspace.path)
    index, failure = None, opened.failure
    try:
        live = opened.index()
        index = IndexState(live.catalog_version, live.encoder.name, live.fresh, live.waiting)
    except CungcauError as error:
        failure = error
    return SystemState(
        catalog_version=opened.catalog.version,
        records={side: counted.get(side.value, 0) for side in Side},
        index=index,
        failure=failure.message if failure else None,
        disk_total=disk.total,
        disk_free=disk.free,
        database=connection.dialect.name,
    )


def messages(connection: sa.Connection, by: Actor) -> Counter[str]:
    """How many messages to others there are, by state, of the centres the actor manages."""
    query = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
    centre = centre_of(by)
    if centre is not None:
        query = query.where(deliveries.c.centre == centre)
    return Counter({state: int(count) for state, count in connection.execute(query)})
