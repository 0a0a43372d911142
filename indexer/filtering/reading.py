"""The fields of the records of an index, from the columns in which the catalog keeps them."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from indexer.catalog import Catalog
from indexer.filtering.fieldtable import COLUMNS, FieldTable, Row
from indexer.records import Side
from indexer.sql.schema import records

_PART = 10_000  # records read at once


def read_fields(
    catalog: Catalog, side: Side, ids: Sequence[str], since: int | None = None
) -> FieldTable:
    """The fields of these records as they are now; of those no longer there nothing is known.

    With `since`, only what changed after that version is looked through for them. A record that
    changed after an index was made has, by its version, no say in what it finds.
    """
    if not ids:
        return FieldTable.of(0)
    query = sa.select(records.c.id, *(records.c[name] for name in COLUMNS))
    query = query.where(records.c.side == side.value).execution_options(yield_per=_PART)
    if since is not None:
        query = query.where(records.c.version > since)
    return FieldTable.of(len(ids), _parts(catalog, query, ids))


def _parts(
    catalog: Catalog, query: sa.Select[Any], ids: Sequence[str]
) -> Iterator[tuple[list[int], list[Row]]]:
    row_of = {record_id: row for row, record_id in enumerate(ids)}
    with catalog.reading() as connection:
        for part in connection.execute(query).partitions():
            found = [(row_of[i], held) for i, *held in part if i in row_of]
            if found:
                rows, held_by = zip(*found, strict=True)
                yield list(rows), list(held_by)
