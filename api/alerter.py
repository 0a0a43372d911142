"""The thread that looks, for every saved search, at what was changed since it looked last."""

import logging
import threading
from collections.abc import Callable

from api.opened import Opened
from api.service import alerts
from api.service.savedsearches import SavedSearch
from indexer.errors import CungcauError, RequestError
from matcher.matcher import Matcher

_LOG = logging.getLogger("cungcau.alerter")
_POLL = 2.0  # seconds between two looks, where nobody wakes it


class Alerter:
    """Looks until closed. `wake` makes it look now: call it when the index has moved on.

    `told` is called when messages were put in.
    """

    def __init__(self, opened: Opened, told: Callable[[], None], poll: float = _POLL) -> None:
        self._opened = opened
        self._told = told
        self._poll = poll
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="alerter", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def close(self, patience: float = 3.0) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(patience)

    def look(self) -> int:
        """Looks for every saved search that has not seen the newest index; returns how many
        alerts are new. Raises what the workspace raises."""
        catalog = self._opened.catalog
        with catalog.reading() as connection:
            if not alerts.behind(connection):
                return 0  # the index is not opened for nothing
        version, matcher = self._opened.index().catalog_version, self._opened.matcher()
        with catalog.reading() as connection:
            waiting = alerts.due(connection, version)
        new = 0
        for search in waiting:
            if self._stopping.is_set():
                return new
            new += self._answer(search, matcher, version)
        if new:
            self._told()
        return new

    def _answer(self, search: SavedSearch, matcher: Matcher, version: int) -> int:
        catalog = self._opened.catalog
        with catalog.reading() as connection:
            asker = alerts.asker_of(connection, search)
        if asker is None:
            with catalog.writing() as connection:
                alerts.skip(connection, search, version)
            return 0
        try:
            hits = alerts.answers(matcher, search, asker)
        except RequestError:
            # A condition of an older version of the program: the search is passed over.
            _LOG.warning("saved search %s cannot be answered", search.id, exc_info=True)
            hits = []
        url = self._opened.workspace.settings.public_url
        with catalog.writing() as connection:
            return alerts.keep(connection, search, asker, hits, version, url)

    def _run(self) -> None:
        failing = False
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self.look()
                failing = False
            except CungcauError as error:
                if not failing:
                    _LOG.warning("saved searches wait: %s", error)
                failing = True
            except Exception:
                _LOG.exception("saved searches could not be answered")
            self._wake.wait(self._poll)
