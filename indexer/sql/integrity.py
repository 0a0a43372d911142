"""Invariants of a catalog: what must hold beyond what the database checks itself."""

from collections.abc import Iterator
from itertools import chain, islice

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import DatabaseError

from indexer.bilingual import Bilingual
from indexer.sql.database import engine_problems
from indexer.sql.schema import bodies, contacts, deletions, meta, records
from indexer.sql.stored import content_hash, filters, restored

# A ruined catalog has a problem per record; nobody reads more than these.
MOST = 100


def problems(connection: sa.Connection) -> list[Bilingual]:
    """What is wrong with the database and its records, at most 100 sentences."""
    found: list[Bilingual] = []
    try:
        every = chain(
            engine_problems(connection), _record_problems(connection), _version_problems(connection)
        )
        for problem in islice(every, MOST):
            found.append(problem)
    except DatabaseError as error:
        # Pages too damaged to be read to the end: what was found so far, and that.
        found.append(
            Bilingual(
                vi=f"Không đọc được hết cơ sở dữ liệu: {error.orig}",
                en=f"The database cannot be read to its end: {error.orig}",
            )
        )
    return found


def _record_problems(connection: sa.Connection) -> Iterator[Bilingual]:
    query = (
        sa.select(records, bodies, contacts)
        .outerjoin(bodies, bodies.c.record_id == records.c.id)
        .outerjoin(contacts, contacts.c.record_id == records.c.id)
        .order_by(records.c.id)
        .execution_options(yield_per=1000)
    )
    for row in connection.execute(query):
        values = row._mapping
        record_id, body = values[records.c.id], values[bodies.c.body]
        if body is None:
            yield _about(record_id, vi="thiếu nội dung", en="has no body")
            continue
        contact = tuple(
            values[column] for column in (contacts.c.person, contacts.c.phone, contacts.c.email)
        )
        if content_hash(body, *(text or "" for text in contact)) != values[records.c.content_hash]:
            yield _about(
                record_id,
                vi="có nội dung khác với mã kiểm tra đã lưu",
                en="has a body that does not fit its stored checksum",
            )
            continue
        try:
            expected = filters(restored(body, "", "", 0, contact))
        except ValidationError:
            yield _about(record_id, vi="không đọc được nội dung", en="has an unreadable body")
            continue
        wrong = [name for name, value in expected.items() if values[records.c[name]] != value]
        if wrong:
            yield _about(
                record_id,
                vi=f"có cột tìm kiếm không khớp nội dung: {', '.join(wrong)}",
                en=f"has search columns that do not fit its body: {', '.join(wrong)}",
            )


def _version_problems(connection: sa.Connection) -> Iterator[Bilingual]:
    versions = list(connection.scalars(sa.select(meta.c.version)))
    if len(versions) != 1:
        yield Bilingual(
            vi=f"Bộ đếm phiên bản có {len(versions)} dòng thay vì 1",
            en=f"The version counter has {len(versions)} rows instead of 1",
        )
        return
    for table in (records, deletions):
        late = sa.select(table.c.id).where(table.c.version > versions[0])
        for record_id in connection.scalars(late.order_by(table.c.id)):
            yield _about(
                record_id,
                vi="có phiên bản sau phiên bản của danh mục",
                en="has a version after the catalog's own",
            )
    both = sa.select(records.c.id).join(deletions, deletions.c.id == records.c.id)
    for record_id in connection.scalars(both.order_by(records.c.id)):
        yield _about(
            record_id, vi="vừa có vừa bị ghi là đã xóa", en="is there and noted as deleted"
        )


def _about(record_id: str, vi: str, en: str) -> Bilingual:
    return Bilingual(vi=f"Hồ sơ {record_id!r} {vi}", en=f"Record {record_id!r} {en}")
