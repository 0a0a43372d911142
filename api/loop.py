"""A piece of work that a service does again and again beside answering."""

import logging
import threading
from collections.abc import Callable

from indexer.errors import CungcauError

_LOG = logging.getLogger("cungcau.loop")


class Loop:
    """Does `work` in a thread of its own until closed: at once again while it returns more than 0,
    else when woken or after `poll` seconds.

    What `work` raises is logged and ends nothing; of a CungcauError that lasts, the first.
    """

    def __init__(self, name: str, work: Callable[[], int], poll: float) -> None:
        self._name = name
        self._work = work
        self._poll = poll
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def closing(self) -> bool:
        return self._stopping.is_set()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def close(self, patience: float = 3.0) -> None:
        """Lets no new turn begin; the one under way is waited for so many seconds."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(patience)

    def _run(self) -> None:
        failing = False
        while not self.closing:
            self._wake.clear()
            done = 0
            try:
                done = self._work()
                failing = False
            except CungcauError as error:
                if not failing:
                    _LOG.warning("the %s waits: %s", self._name, error)
                failing = True
            except Exception:
                _LOG.exception("the %s failed and goes on", self._name)
            if not done:
                self._wake.wait(self._poll)
