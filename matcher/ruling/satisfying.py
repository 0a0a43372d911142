"""Which of some records satisfy a condition: answered in memory exactly as the catalog answers."""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import sqlalchemy as sa

from indexer.conditions import Condition, clause
from indexer.records import Money, Record
from indexer.sql.schema import FOLDED
from indexer.sql.schema import records as table
from indexer.sql.stored import filters
from matcher.filters import Mask
from matcher.ruling.rulecodes import CodeCondition

_MONEY = ("price", "budget", "money")


class Answers:
    """Answers conditions over `records`, whose ids differ."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self._engine: sa.Engine | None = None

    def met(self, condition: Condition | CodeCondition) -> Mask:
        """(n_records,): whether each record satisfies the condition."""
        if isinstance(condition, CodeCondition):
            return self._mask(condition.met(record) for record in self._records)
        with self._filled().connect() as connection:
            found = set(connection.scalars(sa.select(table.c.id).where(clause(condition))))
        return self._mask(record.id in found for record in self._records)

    def stated(self, condition: Condition | CodeCondition) -> Mask:
        """(n_records,): whether each record states what the condition can be compared with."""
        return self._mask(states(record, condition) for record in self._records)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _mask(self, values: Iterable[bool]) -> Mask:
        return np.fromiter(values, dtype=bool, count=len(self._records))

    def _filled(self) -> sa.Engine:
        """The narrow rows of the records in a database of their own, so that no condition ever
        means one thing in a search and another in a rule."""
        if self._engine is None:
            self._engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
            with self._engine.begin() as connection:
                table.create(connection)
                rows = [
                    {**filters(record), "content_hash": "", "version": 0}
                    for record in self._records
                ]
                if rows:
                    connection.execute(sa.insert(table), rows)
        return self._engine


def states(record: Record, condition: Condition | CodeCondition) -> bool:
    """Whether the record states what the condition can be compared with; a price in another
    currency cannot be."""
    if isinstance(condition, CodeCondition):
        return condition.stated(record)
    name = condition.field
    if name in _MONEY and isinstance(condition.value, Money):
        return record.money is not None and record.money.currency == condition.value.currency
    if name == "currency":
        return record.money is not None
    value: str | date | object | None = getattr(record, name)
    return bool(value.strip()) if name in FOLDED and isinstance(value, str) else value is not None
