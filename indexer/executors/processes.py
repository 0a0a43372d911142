"""Processes of this machine as workers.

The pool of the standard library gives up all its pieces when one worker is killed; this one loses
that piece alone. Workers are spawned, not forked: BLAS and OpenMP do not survive a fork.
"""

import multiprocessing as mp
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Self

from indexer.executors.executor import Done, Item, Killed, Result
from indexer.executors.single import cores, keep_to_one_thread

_ENDS = 5.0  # seconds a worker has to end when it is asked to


@dataclass
class _Worker:
    """One process and our end of the pipe to it; `busy` with a piece by its number."""

    process: SpawnProcess
    pipe: Connection
    busy: int | None = None


class Processes:
    """Up to `workers` processes, started as pieces come; entered as a context manager."""

    def __init__(self, workers: int | None = None) -> None:
        """By default one worker a core that this process may use."""
        self.workers = workers or cores()
        self._pool: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the workers, those too that are at work: what they began is lost."""
        for worker in self._pool:
            worker.process.terminate()
            worker.pipe.close()
        for worker in self._pool:
            worker.process.join(_ENDS)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._pool.clear()

    def run(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[Done[Item, Result] | Killed[Item]]:
        """As `Executor.run`."""
        waiting = deque(range(len(items)))
        tries = [0] * len(items)
        while waiting or any(worker.busy is not None for worker in self._pool):
            self._hand_out(work, items, waiting)
            busy = [worker for worker in self._pool if worker.busy is not None]
            ready = wait([worker.pipe for worker in busy])
            for worker in (one for one in busy if one.pipe in ready):
                number = worker.busy
                assert number is not None
                try:
                    found = worker.pipe.recv()
                except (EOFError, OSError):
                    tries[number] += 1
                    killed = Killed(items[number], tries[number], self._buried(worker))
                    if killed.again:
                        waiting.appendleft(number)
                    yield killed
                    continue
                worker.busy = None
                if isinstance(found, _Raised):
                    raise found.error
                yield Done(items[number], found)

    def _hand_out(
        self, work: Callable[[Any], object], items: Sequence[object], waiting: deque[int]
    ) -> None:
        while waiting:
            worker = next((one for one in self._pool if one.busy is None), None)
            if worker is None:
                if len(self._pool) >= self.workers:
                    return
                worker = _started()
                self._pool.append(worker)
            worker.busy = waiting.popleft()
            # A worker that was killed while it had nothing to do is found out as one at work is.
            with suppress(OSError):
                worker.pipe.send((work, items[worker.busy]))

    def _buried(self, worker: _Worker) -> str:
        """Takes a worker that ended out of the pool; how it ended."""
        worker.pipe.close()
        worker.process.join(_ENDS)
        self._pool.remove(worker)
        code = worker.process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit {code}"


class _Raised:
    """What a piece raised, on its way to the driver."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _started() -> _Worker:
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    with _ctrl_c_put_off():
        process.start()
    theirs.close()  # now the pipe ends when the worker does
    return _Worker(process, ours)


@contextmanager
def _ctrl_c_put_off() -> Iterator[None]:
    """A process started meanwhile does not hear Ctrl-C, which goes to all processes of a terminal:
    it is the driver's to say what becomes of it. The driver hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started first: it lets signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    """A worker: does what it is handed until the driver is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it could not be kept from it
    keep_to_one_thread()
    while True:
        try:
            work, item = pipe.recv()
        except EOFError:
            return
        try:
            found = work(item)
        except Exception as error:
            found = _Raised(error)
        try:
            pipe.send(found)
        except OSError:
            return
