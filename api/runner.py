"""The threads that do runs: they take what waits, tell how far they are, and keep the result."""

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic
from typing import Any

from api.opened import Opened
from api.service import runs, runwork
from api.service.runfolders import begun, folder_of, put, remove
from api.service.runs import Run
from indexer.errors import CungcauError, RequestError
from indexer.lock import exclusive

_LOG = logging.getLogger("cungcau.runner")
_WORKERS = 2
_POLL = 2.0  # seconds between two looks for work, where nobody wakes it
_BEAT = 1.0  # seconds between two notes of how far a run is
_LOOK_ROUND = 10.0  # seconds between two looks for processes that died
_PATIENCE = 2.0  # seconds a run is given to stop
_CATALOG_PATIENCE = 120.0  # seconds a catalog that is away is waited for at the end of a run
_LOCKS = "workers"


class StoppedError(Exception):
    """Raised inside a run that is cancelled, or whose service is being stopped."""


class Live:
    """How far a run of this process is; called by the work, which it also stops."""

    def __init__(self, run_id: str, number: int = 0) -> None:
        self.id = run_id
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._now: dict[str, int | str] = {"n": number + 1, "stage": "", "done": 0, "total": 0}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._stop.is_set():
            raise StoppedError
        with self._lock:
            number = int(self._now["n"]) + 1
            self._now = {"n": number, "stage": stage, "done": done, "total": total}

    @property
    def progress(self) -> dict[str, int | str]:
        with self._lock:
            return self._now

    def stop(self) -> None:
        self._stop.set()


class Runner:
    """Does the runs of one workspace, two at a time; `told` is called when one has ended.

    Every process takes what waits, so that a run outlives the process that accepted it. While a
    process has runs it holds a lock of its own in `runs/workers`, which the system drops when
    the process dies: the next one to look notes its runs as failed.
    """

    def __init__(self, opened: Opened, told: Callable[[], None] = lambda: None) -> None:
        self._opened = opened
        self._told = told
        self.worker = secrets.token_hex(8)
        self._live: dict[str, Live] = {}
        self._lock = threading.Lock()
        self._work = threading.Condition()
        self._woken = 0
        self._shown = False
        self.stopping = threading.Event()
        self._alive = ExitStack()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        loops = [("runner", self._run)] * _WORKERS + [("runner-pulse", self._pulse)]
        for name, loop in loops:
            thread = threading.Thread(target=loop, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def wake(self) -> None:
        """Has what waits looked for at once: call it after a run was put in."""
        with self._work:
            self._woken += 1
            self._work.notify_all()

    def live(self, run_id: str) -> Live | None:
        """How far a run is, where this process does it."""
        with self._lock:
            return self._live.get(run_id)

    def cancel(self, run_id: str) -> None:
        """Has the work on a run stop at its next step: call it after it was noted."""
        live = self.live(run_id)
        if live is not None:
            live.stop()

    def stop(self) -> None:
        """Has everybody stop soon; those who watch are let go. `close` waits for it."""
        self.stopping.set()
        with self._lock:
            for live in self._live.values():
                live.stop()
        self.wake()

    def close(self) -> None:
        """Stops, and gives back what is not done, for the next process to begin anew."""
        self.stop()
        until = monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        with self._lock:
            left = bool(self._live)
        if left:
            with suppress(CungcauError), self._opened.catalog.writing() as connection:
                runs.give_back(connection, self.worker)
        self._alive.close()

    def look_round(self) -> None:
        """Notes the runs of processes that have died as failed. Raises what the catalog raises."""
        catalog = self._opened.catalog
        with catalog.reading() as connection:
            found = runs.running(connection)
        dead = [run for run in found if self._is_dead(run)]
        for run in dead:
            with catalog.writing() as connection:
                buried = runs.bury(connection, run)
            if buried:
                remove(self._opened.workspace.path, run.id)
                self._told()
            if run.worker != self.worker:
                self._lock_file(run.worker).unlink(missing_ok=True)
                self._lock_file(run.worker).with_suffix(".json").unlink(missing_ok=True)

    def _is_dead(self, run: Run) -> bool:
        if run.worker == self.worker:
            return self.live(run.id) is None and runs.silent(run)
        return runs.silent(run) or self._has_died(run.worker)

    def _has_died(self, worker: str) -> bool:
        """Whether the lock of a process is free, as only its death leaves it."""
        path = self._lock_file(worker)
        if not path.is_file():
            return False  # of another machine: its heartbeat tells
        try:
            with exclusive(path):
                return True
        except RequestError:
            return False

    def _lock_file(self, worker: str) -> Path:
        return folder_of(self._opened.workspace.path, _LOCKS) / f"{worker}.lock"

    def _run(self) -> None:
        failing = False
        while not self.stopping.is_set():
            with self._work:
                seen = self._woken
            try:
                while self._do_one():
                    pass
                failing = False
            except CungcauError as error:
                if not failing:
                    _LOG.warning("runs wait: %s", error)
                failing = True
            except Exception:
                _LOG.exception("a run could not be taken or ended")
            with self._work:
                if self._woken == seen:
                    self._work.wait(_POLL)

    def _do_one(self) -> bool:
        catalog = self._opened.catalog
        with catalog.reading() as connection:
            if self.stopping.is_set() or not runs.waits(connection):
                return False
        self._show_life()
        with catalog.writing() as connection:
            run = runs.take(connection, self.worker)
        if run is None:
            return False
        live = Live(run.id, int(run.progress.get("n", 0)))
        with self._lock:
            self._live[run.id] = live
            if self.stopping.is_set():
                live.stop()
        try:
            self._do(run, live)
        finally:
            with self._lock:
                del self._live[run.id]
        return True

    def _do(self, run: Run, live: Live) -> None:
        """Does the work in a folder beside, which takes its place just before it is noted that
        the run is done: where it was cancelled meanwhile, nothing is left of it."""
        folder = self._opened.workspace.path
        result: Mapping[str, Any] | None = None
        failure: Mapping[str, Any] = {}
        try:
            with begun(folder, run.id) as draft:
                made = runwork.do(self._opened, run, draft, live)
                live("keep", 0, 0)
                put(folder, run.id, draft)
            result = made
        except StoppedError:
            if self.stopping.is_set():
                with self._opened.catalog.writing() as connection:
                    runs.give_back(connection, self.worker, run.id)
            return
        except runwork.KNOWN as error:
            failure = runwork.failure_of(error)
        except Exception as error:
            _LOG.exception("run %s failed", run.id)
            failure = runwork.failure_of(error)
        if not self._ended(run, result, failure):
            remove(folder, run.id)
        self._told()

    def _ended(
        self, run: Run, result: Mapping[str, Any] | None, failure: Mapping[str, Any]
    ) -> bool:
        """Notes how a run ended; waits for a catalog that is away. False where the run is not
        ours any more."""
        until = monotonic() + _CATALOG_PATIENCE
        while True:
            try:
                with self._opened.catalog.writing() as connection:
                    return runs.finish(connection, run, self.worker, result, failure)
            except CungcauError:
                if monotonic() > until or self.stopping.wait(1.0):
                    raise

    def _show_life(self) -> None:
        """Takes the lock by which other processes see that this one lives."""
        with self._lock:
            if self._shown:
                return
            path = self._lock_file(self.worker)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._alive.callback(path.unlink, missing_ok=True)
            self._alive.enter_context(exclusive(path))
            self._shown = True

    def _pulse(self) -> None:
        next_look = 0.0
        while not self.stopping.is_set():
            try:
                if monotonic() >= next_look:
                    self.look_round()
                    next_look = monotonic() + _LOOK_ROUND
                self._beat()
            except CungcauError:
                _LOG.debug("the catalog cannot be reached", exc_info=True)
            except Exception:
                _LOG.exception("runs could not be looked after")
            self.stopping.wait(_BEAT)

    def _beat(self) -> None:
        with self._lock:
            living = list(self._live.values())
        if not living:
            return
        with self._opened.catalog.writing() as connection:
            for live in living:
                if not runs.beat(connection, live.id, self.worker, live.progress):
                    live.stop()  # cancelled, by this process or another
