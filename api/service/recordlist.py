"""Lists of records: page by page, by id or newest first, of those the asker may read."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from api import cursors
from api.schemas.records import RecordsFilter, RecordsQuery
from indexer.conditions import Condition, clause
from indexer.keeping.access import Reader, readable
from indexer.keeping.records import KeptRecord, find_all
from indexer.sql.schema import records
from indexer.sql.stored import folded

_SEARCHED = ("title_key", "owner_key", "field_key", "place_key")
_MOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """One page: its records, the cursor of the next page, and how many there are in all."""

    found: list[KeptRecord]
    next: str | None
    total: int


def page(
    connection: sa.Connection, reader: Reader, asked: RecordsQuery, where: Sequence[Condition]
) -> Listed:
    """A page of what `asked` and `where` ask for.

    Going through all pages by id meets every record that was there all the time exactly once;
    newest first, those too that nobody changed meanwhile.

    Raises:
        ProblemError: 422, the cursor is of another list.
    """
    conditions = [readable(reader), *narrowed(asked, where)]
    counted = sa.select(sa.func.count()).select_from(records).where(*conditions)
    total = connection.scalar(counted) or 0
    query = sa.select(records.c.id, records.c.version).where(*conditions, *_after(asked))
    order = [records.c.id] if asked.sort == "id" else [records.c.version.desc(), records.c.id]
    rows = connection.execute(query.order_by(*order).limit(asked.limit + 1)).all()
    shown = rows[: asked.limit]
    found = find_all(connection, reader, [row.id for row in shown])
    following = None
    if len(rows) > asked.limit:
        last = shown[-1]
        parts = (last.id,) if asked.sort == "id" else (int(last.version), last.id)
        following = cursors.encode(*parts)
    return Listed(found, following, int(total))


def narrowed(asked: RecordsFilter, where: Sequence[Condition] = ()) -> list[sa.ColumnElement[bool]]:
    """What `asked` and `where` ask of the columns of `records`."""
    conditions = [clause(item) for item in where]
    if asked.side is not None:
        conditions.append(records.c.side == asked.side.value)
    if asked.type is not None:
        conditions.append(records.c.type == asked.type.value)
    for word in folded(asked.q or "").split()[:_MOST_WORDS]:
        columns = [records.c[name].contains(word, autoescape=True) for name in _SEARCHED]
        conditions.append(sa.or_(*columns))
    return conditions


def _after(asked: RecordsQuery) -> list[sa.ColumnElement[bool]]:
    if not asked.cursor:
        return []
    if asked.sort == "id":
        return [records.c.id > cursors.decode(asked.cursor, str)[0]]
    version, record_id = cursors.decode(asked.cursor, int, str)
    same = sa.and_(records.c.version == version, records.c.id > record_id)
    return [sa.or_(records.c.version < version, same)]
