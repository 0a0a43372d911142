"""Reading the audit: page by page, or all of it with its chain."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from indexer.catalog import Catalog
from indexer.sql.serviceschema import audit

_BATCH = 1000  # lines read in one transaction


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: `centre` None is all centres, other fields None are any. `start` is the first
    moment, `end` the first one after."""

    centre: str | None = None
    actor: str | None = None
    action: str | None = None
    object: str | None = None
    start: str | None = None
    end: str | None = None

    def condition(self) -> sa.ColumnElement[bool]:
        column = audit.c
        tests = [
            getattr(column, name) == value
            for name in ("centre", "actor", "action", "object")
            if (value := getattr(self, name)) is not None
        ]
        if self.start is not None:
            tests.append(column.at >= self.start)
        if self.end is not None:
            tests.append(column.at < self.end)
        return sa.and_(sa.true(), *tests)


def page(
    connection: sa.Connection, wanted: Wanted, before: int | None, limit: int
) -> Sequence[dict[str, Any]]:
    """Lines, the newest first, those with a number below `before`."""
    query = sa.select(audit).where(wanted.condition()).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [_line(row) for row in connection.execute(query)]


def lines(catalog: Catalog, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Lines, the oldest first; no transaction is held while they are consumed."""
    last = 0
    while True:
        with catalog.reading() as connection:
            rows = connection.execute(
                sa.select(audit)
                .where(wanted.condition(), audit.c.id > last)
                .order_by(audit.c.id)
                .limit(_BATCH)
            ).all()
        yield from map(_line, rows)
        if len(rows) < _BATCH:
            return
        last = rows[-1].id


def _line(row: sa.Row[Any]) -> dict[str, Any]:
    """As it is sealed, but `detail` as JSON: written again by `json.dumps(…, sort_keys=True,
    ensure_ascii=False)` it is what was sealed ("" for an empty one)."""
    found = dict(row._mapping)
    found["detail"] = json.loads(row.detail) if row.detail else {}
    return found
