"""Records with who keeps them and the version at which they changed last, for those who may read.

Whoever may not read a record gets what they would get were it not there: the condition is part of
the one query, so that neither answers nor timings tell the two apart.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from indexer.errors import DamagedError
from indexer.keeping.access import Reader, readable
from indexer.keeping.keeper import Kept
from indexer.records import Record
from indexer.sql.changes import chunks
from indexer.sql.schema import bodies, contacts, records
from indexer.sql.stored import restored

_PARTS = (
    sa.select(
        records.c.id,
        records.c.centre,
        records.c.organisation,
        records.c.version,
        bodies.c.body,
        bodies.c.source_file,
        bodies.c.source_sheet,
        bodies.c.source_row,
        contacts.c.person,
        contacts.c.phone,
        contacts.c.email,
    )
    .join(bodies, bodies.c.record_id == records.c.id)
    .outerjoin(contacts, contacts.c.record_id == records.c.id)
)


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record, the centre and organisation that keep it, and the version of its last change."""

    record: Record
    kept: Kept
    version: int


def find(connection: sa.Connection, reader: Reader, record_id: str) -> KeptRecord | None:
    """The record of that id; None where there is none that `reader` may read."""
    query = _PARTS.where(records.c.id == record_id, readable(reader))
    row = connection.execute(query).first()
    return None if row is None else _kept(row)


def find_all(connection: sa.Connection, reader: Reader, ids: Iterable[str]) -> list[KeptRecord]:
    """The records of these ids that `reader` may read, in the order of the ids."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, KeptRecord] = {}
    for chunk in chunks(wanted):
        query = _PARTS.where(records.c.id.in_(chunk), readable(reader))
        found |= {row[0]: _kept(row) for row in connection.execute(query)}
    return [found[key] for key in wanted if key in found]


def stream(
    connection: sa.Connection, reader: Reader, conditions: Sequence[sa.ColumnElement[bool]]
) -> Iterator[KeptRecord]:
    """The records that satisfy `conditions` and that `reader` may read, by id, read while they
    are consumed."""
    query = _PARTS.where(readable(reader), *conditions).order_by(records.c.id)
    for row in connection.execute(query.execution_options(yield_per=500)):
        yield _kept(row)


def following(
    connection: sa.Connection,
    reader: Reader,
    conditions: Sequence[sa.ColumnElement[bool]],
    after: str,
    limit: int,
) -> list[KeptRecord]:
    """The next records by id that satisfy `conditions` and that `reader` may read."""
    query = _PARTS.where(readable(reader), records.c.id > after, *conditions)
    rows = connection.execute(query.order_by(records.c.id).limit(limit))
    return [_kept(row) for row in rows]


def _kept(row: Sequence[Any]) -> KeptRecord:
    record_id, centre, organisation, version, body, file, sheet, number, *contact = row
    try:
        record = restored(body, file, sheet, number, contact)
    except ValidationError as error:
        raise DamagedError(
            vi=f"Hồ sơ {record_id!r} trong danh mục bị hỏng, không đọc được.",
            en=f"Record {record_id!r} in the catalog is damaged: unreadable.",
        ) from error
    return KeptRecord(record, Kept(centre, organisation), int(version))
