"""The catalog: all records, versioned; the only truth."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from pydantic import ValidationError

from indexer.bilingual import Bilingual
from indexer.collecting import put_off
from indexer.conditions import Condition, clause
from indexer.errors import DamagedError, RequestError
from indexer.judgements import Judgement, forget, latest, record
from indexer.keeping.access import LOCAL, Reader, readable
from indexer.keeping.purging import purge
from indexer.records import Record, Side
from indexer.sql.changes import Change, Changes, chunks, distinct, since, write
from indexer.sql.database import engine_of, explained, missing, prepare, url_of, writer_of
from indexer.sql.integrity import problems
from indexer.sql.lookup import look_up
from indexer.sql.schema import bodies, contacts, meta, records
from indexer.sql.stored import restored

__all__ = ["Catalog", "Change", "Changes"]

# Joins ids inside the database, three times as fast as fetching rows; no stored id holds it.
_SEPARATOR = "\x1f"

_PARTS = (
    sa.select(
        records.c.id,
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
    .order_by(records.c.id)
    .execution_options(yield_per=1000)
)


class Catalog:
    """All records in one database; opened with `Catalog.open`, closed as a context manager.

    Every method is one transaction and sees one state of the catalog. Any of them raises
    DamagedError where the database is damaged and RequestError where it cannot be reached,
    read or written; both name the catalog. Threads may share one.
    """

    def __init__(self, engine: sa.Engine, name: str, reader: Reader = LOCAL) -> None:
        self._engine = engine
        self._writer = writer_of(engine)
        self._reader = reader
        self.name = name

    @classmethod
    def open(cls, url_or_path: str | Path, create: bool = True) -> Self:
        """Opens a SQLite file or a database URL; migrates an older schema.

        Raises:
            RequestError: not there and `create` is false; of another program; of a newer version.
            DamagedError: the file is not a database.
        """
        url = url_of(url_or_path)
        name = url.render_as_string(hide_password=True)
        if url.get_backend_name() == "sqlite" and url.database:
            name = url.database
            _make_room(Path(name), create)
        engine = engine_of(url)
        try:
            with explained(name):
                prepare(engine, name, create)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, name)

    def readable(self, reader: Reader) -> Self:
        """The same catalog, whose records `reader` may not read are not there for `get`, `records`
        and `ids`. Closing either closes both."""
        return type(self)(self._engine, self.name, reader)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One transaction that sees one state of the catalog."""
        with explained(self.name), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction that excludes other writers where the database needs it; left by an
        error, nothing has happened."""
        with explained(self.name), self._writer.begin() as connection:
            yield connection

    def purge(self) -> bool:
        """Overwrites what deleted rows left behind, see `indexer.keeping.purging.purge`."""
        with explained(self.name):
            return purge(self._engine)

    @property
    def version(self) -> int:
        """Counts the transactions that changed a record; 0 for a new catalog."""
        with explained(self.name), self._engine.connect() as connection:
            return int(connection.execute(sa.select(meta.c.version)).scalar_one())

    @property
    def identity(self) -> str:
        """A name no other catalog has, nor this one before a restore, so that equal versions of
        two are told apart."""
        with explained(self.name), self._engine.connect() as connection:
            return "".join(connection.execute(sa.select(meta.c.identity, meta.c.restored)).one())

    @put_off()
    def apply(self, new: Iterable[Record] = (), *, deleted_ids: Iterable[str] = ()) -> Change:
        """Inserts, updates and deletes in one transaction; interrupted, nothing has happened.

        The version rises by one, or stays where nothing changed. A record that differs only in
        the place it was read from counts as unchanged. Ids to delete that are not there are
        passed over.

        Raises:
            RequestError: an id stands twice in `new`, or is also to be deleted; a record holds
                characters that cannot be stored.
        """
        incoming, gone = distinct(new, deleted_ids)
        with explained(self.name), self._writer.begin() as connection:
            return write(connection, incoming, gone)

    def delete(self, ids: Iterable[str]) -> Change:
        """Deletes the records of these ids; those not there are passed over."""
        return self.apply(deleted_ids=ids)

    def get(self, record_id: str) -> Record | None:
        """The record of that id, or None."""
        return next(iter(list(self.records(ids=(record_id,)))), None)

    def records(
        self,
        side: Side | None = None,
        ids: Iterable[str] | None = None,
        active_on: date | None = None,
        where: Sequence[Condition] = (),
    ) -> Iterator[Record]:
        """Records by ascending id, read while they are consumed, all of one catalog version.

        With `ids`, only those, each once; ids not there are passed over. With `active_on`,
        without those that expired before that day; all of them satisfy every condition.
        """
        query = self._narrowed(_PARTS, side, active_on).where(*map(clause, where))
        parts = [query]
        if ids is not None:
            parts = [query.where(records.c.id.in_(chunk)) for chunk in chunks(sorted(set(ids)))]
        with explained(self.name), self._engine.connect() as connection:
            for part in parts:
                for record_id, body, file, sheet, row, *contact in connection.execute(part):
                    try:
                        yield restored(body, file, sheet, row, contact)
                    except ValidationError as error:
                        raise DamagedError(
                            vi=f"Hồ sơ {record_id!r} trong {self.name} bị hỏng, không đọc được.",
                            en=f"Record {record_id!r} in {self.name} is damaged: unreadable.",
                        ) from error

    def look_up(self, ids: Iterable[str], where: Sequence[Condition] = ()) -> dict[str, Record]:
        """The records of these ids that satisfy every condition, by id, without contact and
        source: what was read before is only looked at, see `indexer.sql.lookup`."""
        conditions = [readable(self._reader), *map(clause, where)]
        with explained(self.name), self._engine.connect() as connection:
            try:
                return look_up(connection, ids, conditions)
            except ValidationError as error:
                raise DamagedError(
                    vi=f"Một hồ sơ trong {self.name} bị hỏng, không đọc được; tìm bằng: "
                    "cungcau doctor",
                    en=f"A record in {self.name} is damaged: unreadable; find it: cungcau doctor",
                ) from error

    def ids(
        self,
        side: Side | None = None,
        where: Sequence[Condition] = (),
        active_on: date | None = None,
        since: int | None = None,
    ) -> frozenset[str]:
        """Ids of the records that satisfy every condition.

        With `active_on`, without those that expired before that day; with `since`, of those
        that changed after that version.
        """
        joined = sa.select(sa.func.aggregate_strings(records.c.id, _SEPARATOR))
        query = self._narrowed(joined, side, active_on).where(*(clause(item) for item in where))
        if since is not None:
            query = query.where(records.c.version > since)
        with explained(self.name), self._engine.connect() as connection:
            found = connection.execute(query).scalar_one()
        return frozenset(found.split(_SEPARATOR)) if found else frozenset()

    def changes_since(self, version: int) -> Changes:
        """What a reader who holds `version` has to insert or replace, and to drop.

        Raises:
            RequestError: the catalog never had that version.
        """
        with explained(self.name), self._engine.connect() as connection:
            return since(connection, version, self.name)

    def judge(self, new: Iterable[Judgement]) -> int:
        """Adds judgements in one transaction; returns how many said something new.

        They change no record and not the version. Whether their records are there is the
        caller's to look after.
        """
        with explained(self.name), self._writer.begin() as connection:
            return record(connection, new)

    def judgements(self) -> tuple[Judgement, ...]:
        """The last judgement of every person on every pair, by need, offer and person.

        Those of records that are not here (any more) are among them.
        """
        with explained(self.name), self._engine.connect() as connection:
            return latest(connection)

    def forget_judgements(self, source: str) -> int:
        """Takes out all judgements of a source; returns how many there were.

        Raises:
            RequestError: there is no such source (names those there are).
        """
        with explained(self.name), self._writer.begin() as connection:
            return forget(connection, source)

    def check(self) -> list[Bilingual]:
        """What is wrong with the database and its records; empty when sound."""
        with explained(self.name), self._engine.connect() as connection:
            return problems(connection)

    def _narrowed(
        self, query: sa.Select[Any], side: Side | None, active_on: date | None
    ) -> sa.Select[Any]:
        if not self._reader.everything:
            query = query.where(readable(self._reader))
        if side is not None:
            query = query.where(records.c.side == Side(side).value)
        if active_on is not None:
            query = query.where(sa.or_(records.c.expires.is_(None), records.c.expires >= active_on))
        return query


def _make_room(path: Path, create: bool) -> None:
    if not create:
        # Where permissions hide whether it is there, opening it will say so.
        with suppress(PermissionError):
            if not path.exists():
                raise missing(str(path))
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(
            vi=f"Không tạo được thư mục {path.parent}: {error.strerror}",
            en=f"The folder {path.parent} cannot be made: {error.strerror}",
        ) from error
