"""What would make a record easier to find, said while it is being written."""

from collections import Counter
from statistics import median

import sqlalchemy as sa

from indexer.index import Index
from indexer.keeping.access import Reader, readable
from indexer.records import Record, Side
from indexer.sql.schema import records
from matcher.advice import Advice, advise

_LEAST_ASKING = 3  # needs that state a readiness, before anything is said of what is usual


def advice_of(
    connection: sa.Connection, index: Index, record: Record, reader: Reader
) -> tuple[Advice, ...]:
    """The advice of `matcher.advice`, by what `reader` may read."""
    usual = _usual_readiness(connection, reader) if record.side is Side.SUPPLY else None
    return advise(record, index.rarity, usual)


def _usual_readiness(connection: sa.Connection, reader: Reader) -> int | None:
    """The least readiness that half of the needs ask for, as `matcher.advice.usual_readiness`;
    counted in the database, because there may be many and somebody is typing."""
    column = records.c
    query = sa.select(column.trl_low, sa.func.count()).where(
        column.side == Side.DEMAND.value, column.trl_low.is_not(None), readable(reader)
    )
    levels: Counter[int] = Counter()
    for level, count in connection.execute(query.group_by(column.trl_low)):
        levels[level] = count
    return int(median(levels.elements())) if levels.total() >= _LEAST_ASKING else None
