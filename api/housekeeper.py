"""The thread that tidies up once an hour."""

import logging
import threading
from collections.abc import Callable, Sequence

from indexer.errors import CungcauError

_LOG = logging.getLogger("cungcau.housekeeper")
_EVERY = 3600.0  # seconds


class Housekeeper:
    """Does its jobs every hour until closed, at first an hour after the start. A job that fails is
    done again with the next round."""

    def __init__(self, jobs: Sequence[Callable[[], object]], every: float = _EVERY) -> None:
        self._jobs = jobs
        self._every = every
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)
        self._thread.start()

    def close(self, patience: float = 3.0) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(patience)

    def tidy(self) -> None:
        """Does every job once."""
        for job in self._jobs:
            try:
                job()
            except CungcauError as error:
                _LOG.warning("tidying waits: %s", error)
            except Exception:
                _LOG.exception("tidying failed")

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            self.tidy()
