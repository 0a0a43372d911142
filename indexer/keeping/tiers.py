"""Who keeps and who may read what is in an index, from the catalog; rule: `access`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from pydantic import ValidationError

from indexer.catalog import Catalog
from indexer.keeping.access import Keeping, Reader
from indexer.records import Record, Side
from indexer.sql.changes import chunks
from indexer.sql.schema import bodies, records
from indexer.sql.serviceschema import grants
from indexer.sql.stored import restored

_NOBODY = ("gone", "", "")  # of what is no longer there

Tier = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that changed, its tier, centre and organisation, and the version it changed at."""

    record: Record
    tier: Tier
    version: int


def keeping(ids: Sequence[str], tiers: Iterable[Tier]) -> Keeping:
    """The keeping of rows whose tiers are given in order."""
    columns = list(zip(*tiers, strict=True)) or [(), (), ()]
    return Keeping(tuple(ids), *(np.array(column, dtype=np.str_) for column in columns))


def read_keeping(catalog: Catalog, side: Side, ids: Sequence[str]) -> Keeping:
    """The keeping of these rows of a side as it is now; nobody may read those that are gone."""
    query = sa.select(
        records.c.id, records.c.visibility, records.c.centre, records.c.organisation
    ).where(records.c.side == side.value)
    with catalog.reading() as connection:
        found = {key: tuple(rest) for key, *rest in connection.execute(query)}
    return keeping(ids, (found.get(key, _NOBODY) for key in ids))


def read_changed(catalog: Catalog, ids: Iterable[str]) -> Iterator[Changed]:
    """The records of these ids with their tiers; those gone, or damaged, are passed over."""
    query = sa.select(
        records.c.visibility,
        records.c.centre,
        records.c.organisation,
        records.c.version,
        bodies.c.body,
    ).join(bodies, bodies.c.record_id == records.c.id)
    for chunk in chunks(ids):
        with catalog.reading() as connection:
            rows = connection.execute(query.where(records.c.id.in_(chunk))).all()
        for visibility, centre, organisation, version, body in rows:
            try:
                record = restored(body, "", "", 0)
            except ValidationError:
                continue  # `cungcau doctor` names it
            yield Changed(record, (visibility, centre, organisation), version)


def granted_to(catalog: Catalog, reader: Reader) -> frozenset[str]:
    """The ids of the records that the organisation of `reader` was granted."""
    if reader.everything or not reader.signed_in or not reader.organisation:
        return frozenset()
    query = sa.select(grants.c.record_id).where(grants.c.organisation == reader.organisation)
    with catalog.reading() as connection:
        return frozenset(connection.scalars(query))
