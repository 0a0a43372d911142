"""Noting in the audit who read confidential records, without holding up who reads.

Lines are gathered and written together by a thread, within a second; those who read never wait
for the database. They are all written when the service stops.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa
from fastapi import Request

from api.actors import Actor
from indexer.catalog import Catalog
from indexer.errors import CungcauError
from indexer.keeping.audit import Entry, append_all
from indexer.keeping.moments import now
from indexer.records import Record, Visibility
from indexer.sql.changes import chunks
from indexer.sql.schema import records

_LOG = logging.getLogger("cungcau.readings")
_RECORD = "record:"
_EVERY = 0.5  # seconds between two writes
_AFTER_FAILURE = 5.0
_MOST = 100_000  # lines kept while the database cannot be written; then the oldest are logged


class Readings:
    """Lines of the audit that wait to be written."""

    def __init__(self, catalog: Callable[[], Catalog], every: float = _EVERY) -> None:
        self._catalog = catalog
        self._every = every
        self._waiting: list[Entry] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._some = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, entries: Iterable[Entry]) -> None:
        """Has lines written soon; returns at once."""
        with self._lock:
            self._waiting.extend(entries)
            spilled, self._waiting = self._waiting[:-_MOST], self._waiting[-_MOST:]
        for entry in spilled:
            _LOG.error(
                "not in the audit: %s %s %s %s", entry.at, entry.actor, entry.action, entry.object
            )
        self._some.set()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="readings", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Writes what waits, and stops."""
        self._stopping.set()
        self._some.set()
        if self._thread is not None:
            self._thread.join(5)
        self._try()

    def flush(self) -> None:
        """Writes what waits. Raises what the catalog raises; the lines then still wait."""
        with self._writing:
            with self._lock:
                entries, self._waiting = self._waiting, []
            if not entries:
                return
            try:
                with self._catalog().writing() as connection:
                    append_all(connection, _of_their_centres(connection, entries))
            except BaseException:
                with self._lock:
                    self._waiting = entries + self._waiting
                raise

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._some.wait()
            self._stopping.wait(self._every)
            self._some.clear()
            if not self._try():
                self._stopping.wait(_AFTER_FAILURE)
                self._some.set()

    def _try(self) -> bool:
        try:
            self.flush()
        except CungcauError:
            _LOG.warning("readings wait: the catalog cannot be written", exc_info=True)
            return False
        except Exception:
            _LOG.exception("readings could not be written")
            return False
        return True


def _of_their_centres(connection: sa.Connection, entries: Sequence[Entry]) -> list[Entry]:
    """The lines with the centre that keeps the record, whose organisers are to see them."""
    ids = {entry.object.removeprefix(_RECORD) for entry in entries}
    query = sa.select(records.c.id, records.c.centre)
    kept = {
        record_id: centre
        for chunk in chunks(sorted(ids))
        for record_id, centre in connection.execute(query.where(records.c.id.in_(chunk)))
    }
    return [
        replace(entry, centre=kept.get(entry.object.removeprefix(_RECORD), entry.centre))
        for entry in entries
    ]


def note_reading(
    request: Request, actor: Actor, found: Iterable[Record], action: str = "record.read"
) -> None:
    """Notes that `actor` is shown records; only of confidential ones a line is kept.

    `action` says how, such as "record.read", "search", "record.export".
    """
    private = [record.id for record in found if record.visibility is Visibility.CONFIDENTIAL]
    note_read(request, actor, private, action)


def note_read(request: Request, actor: Actor, private: Iterable[str], action: str) -> None:
    """Notes that `actor` is shown what confidential records hold, given by their ids."""
    at, request_id = now(), str(getattr(request.state, "request_id", ""))
    entries = [
        Entry(actor.label, action, _RECORD + record_id, actor.centre, request_id, at=at)
        for record_id in private
    ]
    if entries:
        request.app.state.readings.note(entries)
