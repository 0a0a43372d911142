"""The thread that looks, for every saved search, at what was changed since it looked last."""

import logging
from collections.abc import Callable

from api.loop import Loop
from api.opened import Opened
from api.service import alerts
from api.service.savedsearches import SavedSearch
from indexer.errors import RequestError
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
        self._loop = Loop("alerter", self.look, poll)
        self.start, self.wake, self.close = self._loop.start, self._loop.wake, self._loop.close

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
            if self._loop.closing:
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
