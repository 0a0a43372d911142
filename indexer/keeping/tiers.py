"""What changed in the catalog, and what a reader was granted, for who searches an index."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import ValidationError

from indexer.catalog import Catalog
from indexer.filtering.fieldtable import COLUMNS, Row
from indexer.keeping.access import Reader
from indexer.records import Record
from indexer.sql.changes import chunks
from indexer.sql.schema import bodies, records
from indexer.sql.serviceschema import grants
from indexer.sql.stored import restored


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that changed, the version it changed at, and what conditions and readers ask of it:
    see `indexer.filtering.fieldtable.COLUMNS`."""

    record: Record
    version: int
    fields: Row


def read_changed(catalog: Catalog, ids: Iterable[str]) -> Iterator[Changed]:
    """The records of these ids; those gone, or damaged, are passed over."""
    fields = (records.c[name] for name in COLUMNS)
    query = sa.select(records.c.version, bodies.c.body, *fields)
    query = query.join(bodies, bodies.c.record_id == records.c.id)
    for chunk in chunks(ids):
        with catalog.reading() as connection:
            rows = connection.execute(query.where(records.c.id.in_(chunk))).all()
        for version, body, *held in rows:
            try:
                record = restored(body, "", "", 0)
            except ValidationError:
                continue  # `cungcau doctor` names it
            yield Changed(record, version, held)


def granted_to(catalog: Catalog, reader: Reader) -> frozenset[str]:
    """The ids of the records that the organisation of `reader` was granted."""
    if reader.everything or not reader.signed_in or not reader.organisation:
        return frozenset()
    query = sa.select(grants.c.record_id).where(grants.c.organisation == reader.organisation)
    with catalog.reading() as connection:
        return frozenset(connection.scalars(query))
