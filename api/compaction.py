"""Making the next index in a process of its own, so that those who search do not notice."""

import contextlib
import logging
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from indexer.live.live import LiveIndex
from indexer.workspace import Workspace

_LOG = logging.getLogger("cungcau.compaction")
_NICE = 10
_GRACE = 5.0  # seconds the process is given to stop


@dataclass(frozen=True, slots=True)
class Rules:
    """When the next index is due; times in seconds."""

    many: int = 4_000  # changes: at once
    # Where most records came since the index was made, as at the very beginning, it is soon made.
    soon: float = 2.0
    # Few changes are left to the live index for long, and until nothing more comes.
    quiet: float = 60.0
    seldom: float = 600.0
    rest: float = 20.0  # times as long as the last one took
    after_failure: float = 10.0


class Compaction:
    """At most one process that runs `cungcau index`; which of several services on one workspace
    makes the index, the lock of its writers decides."""

    def __init__(self, workspace: Workspace, rules: Rules | None = None) -> None:
        self._workspace = workspace
        self._rules = rules or Rules()
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._started = 0.0
        self._next = 0.0  # not before
        self._next_few = 0.0  # nor for few changes before

    @property
    def running(self) -> bool:
        return self._process is not None

    def consider(self, live: LiveIndex, behind: bool, quiet: float) -> None:
        """Starts a process where one is due, and looks after the one there is.

        `behind` tells that the catalog has changes that `live` could not take, `quiet` how many
        seconds ago it last changed.
        """
        self._look()
        if self._process is None and self._due(live, behind, quiet):
            self._start()

    def close(self) -> None:
        """Stops the process; what it was writing is thrown away, and the old index stays."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._end()

    def _due(self, live: LiveIndex, behind: bool, quiet: float) -> bool:
        now, rules = time.monotonic(), self._rules
        if now < self._next or not (behind or live.fresh):
            return False
        if behind or live.fresh >= rules.many:
            return True
        if live.fresh >= sum(live.manifest.counts.values()):
            return quiet >= rules.soon
        return quiet >= rules.quiet and now >= self._next_few

    def _start(self) -> None:
        command = [sys.executable, "-m", "api.cli", "index"]
        threads = str(max(1, (os.cpu_count() or 1) // 2))
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._process = subprocess.Popen(
                [*command, "--workspace", str(self._workspace.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                env={**os.environ, "OMP_NUM_THREADS": threads, "PYTHONPATH": _import_path()},
            )
        except OSError:
            _LOG.exception("the index cannot be brought up to date")
            self._end()
            self._next = time.monotonic() + self._rules.after_failure
            return
        self._started = time.monotonic()
        if hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):  # gone already
                os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICE)

    def _look(self) -> None:
        if self._process is None or self._process.poll() is None:
            return
        now, took = time.monotonic(), time.monotonic() - self._started
        if self._process.returncode == 0:
            self._next_few = now + max(self._rules.seldom, self._rules.rest * took)
        else:
            _LOG.warning("cungcau index: %s", self._last_words())
            self._next = now + self._rules.after_failure
        self._end()

    def _last_words(self) -> str:
        if self._said is None:
            return ""
        self._said.seek(0)
        return self._said.read()[-2_000:].decode(errors="replace").strip()

    def _end(self) -> None:
        self._process = None
        if self._said is not None:
            self._said.close()
            self._said = None


def _import_path() -> str:
    """That of this process, and where it found the program, should that be its working folder."""
    before = os.environ.get("PYTHONPATH", "")
    here = str(Path(__file__).parents[1])
    return os.pathsep.join(path for path in (here, before) if path)
