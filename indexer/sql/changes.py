"""Changes of the catalog: made in one transaction, and asked for since a version."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from indexer.errors import RequestError
from indexer.keeping.keeper import Kept
from indexer.records import Record
from indexer.sql.schema import bodies, contacts, deletions, meta, records
from indexer.sql.stored import Stored, stored

# Ids bound in one statement; databases limit the number of parameters.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction did: counts of records, and the catalog's version after it."""

    inserted: int
    updated: int
    unchanged: int
    deleted: int
    version: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids that changed after some version, each in one of the two, sorted.

    `version` is the catalog's version when they were read. A deleted id may be one the
    reader never saw.
    """

    upserted: tuple[str, ...]
    deleted: tuple[str, ...]
    version: int


def distinct(
    new: Iterable[Record], deleted_ids: Iterable[str]
) -> tuple[dict[str, Stored], list[str]]:
    """What to write, by id, and the sorted ids to delete.

    Raises:
        RequestError: an id stands twice; a record holds characters that cannot be stored.
    """
    gone = sorted(set(deleted_ids))
    taken = set(gone)
    incoming: dict[str, Stored] = {}
    for record in new:
        if record.id in taken:
            raise RequestError(
                vi=f"Mã {record.id!r} xuất hiện hai lần trong cùng một lần thay đổi.",
                en=f"The id {record.id!r} stands twice in one change.",
            )
        taken.add(record.id)
        incoming[record.id] = stored(record)
    return incoming, gone


def write(
    connection: sa.Connection,
    incoming: dict[str, Stored],
    gone: list[str],
    kept: Kept | None = None,
) -> Change:
    """Writes what differs, inside the caller's transaction.

    New records are kept by `kept`, by none without it; a change leaves with whom a record is.

    Raises:
        RequestError: `kept` is given, and a record is there that another centre keeps.
    """
    before = connection.execute(sa.select(meta.c.version).with_for_update()).scalar_one()
    known = _known(connection, incoming)
    if kept is not None:
        check_centre(connection, [*known, *gone], kept.centre)
    added = [item for key, item in incoming.items() if key not in known]
    changed = [i for k, i in incoming.items() if k in known and known[k][0] != _hash(i)]
    moved = [i for k, i in incoming.items() if k in known and known[k][1:] != _source(i)]
    present = [key for chunk in chunks(gone) for key in _present(connection, chunk)]
    version = before + bool(added or changed or present)
    _insert(connection, added, version, kept or Kept())
    _update(connection, changed, version)
    _move(connection, moved)
    _delete(connection, present, version)
    if version != before:
        connection.execute(sa.update(meta).values(version=version))
    return Change(
        inserted=len(added),
        updated=len(changed),
        unchanged=len(incoming) - len(added) - len(changed),
        deleted=len(present),
        version=version,
    )


def check_centre(connection: sa.Connection, ids: Iterable[str], centre: str) -> None:
    """That no record of these ids is another centre's.

    Raises:
        RequestError: one is; a bug of the caller, who must not get that far.
    """
    for chunk in chunks(ids):
        query = sa.select(records.c.id).where(records.c.id.in_(chunk), records.c.centre != centre)
        if (other := connection.scalars(query.limit(1)).first()) is not None:
            raise RequestError(
                vi=f"Hồ sơ {other!r} thuộc trung tâm khác, không sửa được ở đây.",
                en=f"Record {other!r} is another centre's and cannot be changed here.",
            )


def entrust(connection: sa.Connection, record_id: str, organisation: str) -> int:
    """Gives a record to an organisation of its centre, "" for none; returns the new version."""
    before = connection.execute(sa.select(meta.c.version).with_for_update()).scalar_one()
    version = int(before) + 1
    connection.execute(
        sa.update(records)
        .where(records.c.id == record_id)
        .values(organisation=organisation, version=version)
    )
    connection.execute(sa.update(meta).values(version=version))
    return version


def since(connection: sa.Connection, version: int, name: str) -> Changes:
    """What changed after `version`.

    Raises:
        RequestError: the catalog never had that version.
    """
    current = connection.execute(sa.select(meta.c.version)).scalar_one()
    if not 0 <= version <= current:
        raise RequestError(
            vi=f"Danh mục {name} đang ở phiên bản {current}, chưa từng có phiên bản {version}. "
            "Hãy lập lại chỉ mục từ đầu: cungcau index --full",
            en=f"The catalog {name} is at version {current} and never had version {version}. "
            "Build the index anew: cungcau index --full",
        )
    upserted, deleted = (
        sorted(connection.scalars(sa.select(table.c.id).where(table.c.version > version)))
        for table in (records, deletions)
    )
    return Changes(tuple(upserted), tuple(deleted), current)


def chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in lists of at most `CHUNK`."""
    ordered = list(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def _hash(item: Stored) -> str:
    return str(item.record["content_hash"])


def _source(item: Stored) -> tuple[object, ...]:
    return tuple(item.body[key] for key in ("source_file", "source_sheet", "source_row"))


def _known(connection: sa.Connection, ids: Iterable[str]) -> dict[str, tuple[object, ...]]:
    """id -> (content hash, source file, source sheet, source row) of those that are there."""
    query = sa.select(
        records.c.id,
        records.c.content_hash,
        bodies.c.source_file,
        bodies.c.source_sheet,
        bodies.c.source_row,
    ).join(bodies, bodies.c.record_id == records.c.id)
    return {
        key: tuple(rest)
        for chunk in chunks(ids)
        for key, *rest in connection.execute(query.where(records.c.id.in_(chunk)))
    }


def _present(connection: sa.Connection, ids: list[str]) -> list[str]:
    return list(connection.scalars(sa.select(records.c.id).where(records.c.id.in_(ids))))


def _insert(connection: sa.Connection, items: list[Stored], version: int, kept: Kept) -> None:
    if not items:
        return
    own = {"version": version, "centre": kept.centre, "organisation": kept.organisation}
    connection.execute(sa.insert(records), [{**i.record, **own} for i in items])
    connection.execute(sa.insert(bodies), [item.body for item in items])
    _write_contacts(connection, items)
    for chunk in chunks(item.record["id"] for item in items):
        connection.execute(sa.delete(deletions).where(deletions.c.id.in_(chunk)))


def _update(connection: sa.Connection, items: list[Stored], version: int) -> None:
    if not items:
        return
    _replace(connection, records, [{**item.record, "version": version} for item in items])
    _replace(connection, bodies, [item.body for item in items], ("body",))
    for chunk in chunks(item.record["id"] for item in items):
        connection.execute(sa.delete(contacts).where(contacts.c.record_id.in_(chunk)))
    _write_contacts(connection, items)


def _replace(
    connection: sa.Connection,
    table: sa.Table,
    rows: list[dict[str, object]],
    names: tuple[str, ...] = (),
) -> None:
    """Sets these columns, or all that are given, of rows that are there.

    An insert that meets its own key: many rows go in one statement, where an update of each, over
    a network, would wait for each.
    """
    remote = connection.dialect.name == "postgresql"
    new = (postgresql.insert if remote else sqlite.insert)(table)
    keys = [column.name for column in table.primary_key]
    names = names or tuple(name for name in rows[0] if name not in keys)
    taken = {name: new.excluded[name] for name in names}
    statement = new.on_conflict_do_update(index_elements=keys, set_=taken)
    if remote:  # SQLAlchemy sends many rows at once where they are asked back
        connection.execute(statement.returning(table.c[keys[0]]), rows).all()
    else:
        connection.execute(statement, rows)


def _write_contacts(connection: sa.Connection, items: list[Stored]) -> None:
    known = [item.contact for item in items if item.contact]
    if known:
        connection.execute(sa.insert(contacts), known)


def _move(connection: sa.Connection, items: list[Stored]) -> None:
    """Notes where records were read from last; that is no change of the records."""
    if items:
        names = ("source_file", "source_sheet", "source_row")
        _replace(connection, bodies, [item.body for item in items], names)


def _delete(connection: sa.Connection, ids: list[str], version: int) -> None:
    if not ids:
        return
    for chunk in chunks(ids):
        connection.execute(sa.delete(records).where(records.c.id.in_(chunk)))
    connection.execute(sa.insert(deletions), [{"id": key, "version": version} for key in ids])
