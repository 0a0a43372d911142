"""Where the catalog's tables name a person, wherever somebody may have typed it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from indexer.keeping.subjects import Subject
from indexer.sql.schema import bodies, contacts, judgements, meta, metadata, records
from indexer.sql.serviceschema import (
    audit,
    consents,
    deliveries,
    idempotency,
    people,
)

# Looked at by their own rules, or without text that people type.
_APART = {records, contacts, meta, audit, people, consents}
# Nothing in these is kept for its own sake: a row that names the person goes as a whole.
PASSING = (deliveries, idempotency)
# The table and column of what records say.
IN_RECORDS = (bodies.name, "body")
# Not typed by people, or (`judgements.who`) looked at by its own rule.
_NEVER = {"id", "secret", "digest", "password", "content_hash", "who"}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A text that names a person `times` times: the column of a table, and the row's key."""

    table: str
    column: str
    key: str
    times: int


def occurrences(
    connection: sa.Connection, subject: Subject, centre: str | None
) -> Iterator[Occurrence]:
    """Every text that names the subject, but contacts and the person's own rows; of one centre,
    or (None) of all."""
    for table in metadata.sorted_tables:
        if table in _APART:
            continue
        names = _texts(table)
        query = _of_centre(table, [*table.primary_key, *(table.c[name] for name in names)], centre)
        if query is None:
            continue
        keys = len(table.primary_key)
        for row in connection.execute(query.execution_options(yield_per=500)):
            for name, text in zip(names, row[keys:], strict=True):
                times = len(subject.find(text)) if isinstance(text, str) else 0
                if times:
                    yield Occurrence(table.name, name, _key(row[:keys]), times)


def clear(connection: sa.Connection, subject: Subject, found: Iterable[Occurrence]) -> int:
    """Takes the subject out of texts that are no record's body; rows of `PASSING` go as a whole.
    Returns how many rows were changed or taken out."""
    columns_of: dict[tuple[str, str], set[str]] = {}
    for one in found:
        if (one.table, one.column) != IN_RECORDS:
            columns_of.setdefault((one.table, one.key), set()).add(one.column)
    count = 0
    for (name, key), columns in columns_of.items():
        table = metadata.tables[name]
        here = _row(table, key)
        row = connection.execute(sa.select(table).where(here)).mappings().one_or_none()
        if row is None:
            continue  # gone with the person's account
        if table in PASSING:
            connection.execute(sa.delete(table).where(here))
        else:
            values = {column: subject.without(row[table.c[column]]) for column in columns}
            connection.execute(sa.update(table).where(here).values(values))
        count += 1
    return count


def _texts(table: sa.Table) -> list[str]:
    keys = {column.name for column in table.primary_key}
    passing = table in PASSING
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, sa.String)
        and column.name not in _NEVER
        and (passing or column.name not in keys)
    ]


def _of_centre(
    table: sa.Table, columns: list[sa.Column[Any]], centre: str | None
) -> sa.Select[Any] | None:
    """The rows of a centre; None for a table whose rows are of no centre."""
    query = sa.select(*columns)
    if centre is None:
        return query
    if "centre" in table.c:
        return query.where(table.c.centre == centre)
    if table is bodies:
        own = sa.select(records.c.id).where(records.c.centre == centre)
        return query.where(bodies.c.record_id.in_(own))
    if table is judgements:
        own = sa.select(records.c.id).where(records.c.centre == centre)
        return query.where(judgements.c.need.in_(own))
    return None


def _key(parts: Sequence[object]) -> str:
    """The key of a row: as it is, or a JSON list where several columns make it."""
    return str(parts[0]) if len(parts) == 1 else json.dumps(list(parts), ensure_ascii=False)


def _row(table: sa.Table, key: str) -> sa.ColumnElement[bool]:
    """The row of an `Occurrence.key`."""
    columns = list(table.primary_key)
    parts = [key] if len(columns) == 1 else json.loads(key)
    return sa.and_(
        *(
            column == (int(part) if isinstance(column.type, sa.Integer) else part)
            for column, part in zip(columns, parts, strict=True)
        )
    )
