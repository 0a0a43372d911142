"""Reading the index in service to its end, beside the questions."""

import time
from collections.abc import Callable

from api.loop import Loop
from indexer.errors import DamagedError
from indexer.index import Index

_POLL = 5.0  # seconds until it is asked again whether somebody changed a file
_BLOCKS = 128  # checked at once: 2 MiB, some milliseconds


class Inspector:
    """Checks the blocks of the index that no question has used yet, a few at a time.

    So damage is known before a question meets it, and questions soon find all they need checked.
    `failure` says what is damaged, until the index is another.
    """

    def __init__(self, index: Callable[[], Index | None], poll: float = _POLL) -> None:
        """`index` gives the one in service, None while none is open."""
        self._index = index
        self._loop = Loop("inspector", self.look, poll)
        self.start, self.close = self._loop.start, self._loop.close
        self.failure: DamagedError | None = None

    def look(self) -> int:
        """How many blocks it checked. Raises DamagedError, which `failure` keeps."""
        started = time.perf_counter()
        index = self._index()
        try:
            done = index.check_more(_BLOCKS) if index else 0
            if index and not done:
                index.check_files()
        except DamagedError as error:
            self.failure = error
            raise
        self.failure = None
        if done:  # as long as it took: questions have the other half of a core at the least
            time.sleep(time.perf_counter() - started)
        return done
