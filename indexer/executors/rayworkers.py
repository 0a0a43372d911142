"""Workers of Ray: of a cluster that others run, or of a Ray started here for the occasion."""

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from indexer.errors import RequestError
from indexer.executors.executor import Done, Item, Killed, Result
from indexer.executors.single import cores, keep_to_one_thread

_STORE = 80 * 2**20  # bytes of Ray's object store, the least it takes: results lie in files
_PORT, _ANSWERS = 10001, 5.0  # of a cluster where the address names none; seconds


class RayWorkers:
    """One Ray task a piece, one CPU a task; entered as a context manager."""

    def __init__(self, address: str | None, workers: int | None = None) -> None:
        """`address` is that of a cluster ("ray://host:10001"); None starts a Ray on this machine,
        which ends with the run. `workers` are at work at a time, by default one a CPU."""
        self._address = address
        self._asked = workers
        self._ray: Any = None
        self.workers = workers or 1

    def __enter__(self) -> Self:
        """Raises RequestError: Ray is not installed, or nothing answers at the address."""
        # Ray writes a field of its own into every line that is logged from then on.
        before = logging.getLogRecordFactory()
        self._ray = _library()
        logging.setLogRecordFactory(before)
        if self._address is not None:
            _reach(self._address)
        options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
        if self._address is None:
            options |= {
                "num_cpus": self._asked or cores(),
                "include_dashboard": False,
                "object_store_memory": _STORE,
            }
        try:
            self._ray.init(address=self._address or "local", **options)
        except (ConnectionError, RuntimeError, TimeoutError) as error:
            raise _unreachable(self._address or "local", error) from error
        self.workers = self._asked or int(self._ray.cluster_resources().get("CPU", 1))
        return self

    def __exit__(self, *_: object) -> None:
        self._ray.shutdown()

    def run(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[Done[Item, Result] | Killed[Item]]:
        """As `Executor.run`."""
        ray = self._ray
        # Ray would try again by itself and say nothing.
        remote = ray.remote(num_cpus=1, max_retries=0)(_alone)
        waiting = list(reversed(range(len(items))))
        tries = [0] * len(items)
        at_work: dict[Any, int] = {}
        try:
            while waiting or at_work:
                while waiting and len(at_work) < self.workers:
                    number = waiting.pop()
                    at_work[remote.remote(work, items[number])] = number
                for ready in ray.wait(list(at_work), num_returns=1)[0]:
                    number = at_work.pop(ready)
                    try:
                        found = ray.get(ready)
                    except ray.exceptions.RayTaskError as error:
                        raise error.cause from error
                    except ray.exceptions.RayError as error:
                        tries[number] += 1
                        killed = Killed(items[number], tries[number], _first_line(error))
                        if killed.again:
                            waiting.append(number)
                        yield killed
                        continue
                    yield Done(items[number], found)
        finally:
            for ready in at_work:
                ray.cancel(ready, force=True)


def _alone(work: Callable[[Any], Any], item: object) -> object:
    keep_to_one_thread()
    return work(item)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0]


def _reach(address: str) -> None:
    """Ray itself would try for half a minute, and then say much."""
    found = urlsplit(address)
    try:
        socket.create_connection((found.hostname, found.port or _PORT), timeout=_ANSWERS).close()
    except (OSError, ValueError) as error:
        raise _unreachable(address, error) from error


def _unreachable(where: str, error: Exception) -> RequestError:
    return RequestError(
        vi=f"Không nối được với Ray tại {where}: {error}",
        en=f"Ray at {where} cannot be reached: {error}",
    )


def _library() -> Any:  # noqa: ANN401 - a module
    # Read as it is imported: without the first, a Ray of our own would run the code of whoever
    # reaches this machine over the network; without the second, it would report to its makers.
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray  # noqa: PLC0415 - optional
    except ImportError as error:
        raise RequestError(
            vi="--on ray cần thư viện Ray. Hãy cài: pip install 'cungcau[ray]'",
            en="--on ray needs the library Ray. Install it: pip install 'cungcau[ray]'",
        ) from error
    return ray
