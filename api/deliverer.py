"""The thread that sends what waits in `deliveries`; what it had not finished is sent after a
restart, by this process or another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from api.loop import Loop
from api.sending import Sender, SendError
from api.service import deliveries
from api.service.deliveries import Taken
from indexer.catalog import Catalog
from indexer.keeping.moments import now

_POLL = 2.0  # seconds between two looks, where nobody wakes it
_AT_ONCE = 4


class Deliverer:
    """Sends until closed. `wake` makes it look now: call it after a message was committed."""

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        sender: Sender,
        poll: float = _POLL,
        most_attempts: int = deliveries.MOST_ATTEMPTS,
    ) -> None:
        self._catalog = catalog
        self._sender = sender
        self._most = most_attempts
        self._loop = Loop("deliverer", self.deliver, poll)
        self.start, self.wake, self.close = self._loop.start, self._loop.wake, self._loop.close

    def deliver(self) -> int:
        """Sends what is due now; returns how many were tried. Raises what the catalog raises."""
        catalog = self._catalog()
        with catalog.reading() as connection:
            due = deliveries.due_in(connection)
        if not due or due > now():
            return 0  # nothing is locked for nothing
        with catalog.writing() as connection:
            taken = deliveries.take(connection, _AT_ONCE)
        if len(taken) == 1:
            self._send(catalog, taken[0])
        elif taken:
            with ThreadPoolExecutor(len(taken), "delivery") as pool:
                list(pool.map(lambda one: self._send(catalog, one), taken))
        return len(taken)

    def _send(self, catalog: Catalog, one: Taken) -> None:
        failure = ""
        try:
            self._sender.send(one.message)
        except SendError as error:
            failure = str(error) or type(error).__name__
        with catalog.writing() as connection:
            deliveries.settle(connection, one, failure, self._most)

    def tidy(self) -> None:
        """Takes out messages settled long ago."""
        with self._catalog().writing() as connection:
            deliveries.forget_old(connection)
