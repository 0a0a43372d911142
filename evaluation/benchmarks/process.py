"""Run `cungcau` as a person would, a new process each time, and take its time and memory."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """What one process took. `peak_mib` is its resident set at its largest, or that of its
    largest child; None on systems without wait4. It can never read lower than the memory of
    the process that started it (Linux counts the moment before exec), so that one stays small.
    """

    seconds: float
    peak_mib: float | None
    stdout: bytes
    stderr: bytes


def cungcau(arguments: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Usage:
    """Run the command with these arguments; raises RuntimeError with its stderr if it fails."""
    return measured([*command(), *arguments], environment=environment)


def command() -> list[str]:
    """The console script installed beside this Python, else the same function through -c."""
    for name in ("cungcau", "cungcau.exe"):
        script = Path(sys.executable).with_name(name)
        if script.is_file():
            return [str(script)]
    return [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())"]


def measured(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Usage:
    """Run any command to its end and measure it from before its start."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **(environment or {})},
        )
        status, peak = _wait(child)
        seconds = time.perf_counter() - started
        out.seek(0)
        err.seek(0)
        usage = Usage(seconds=seconds, peak_mib=peak, stdout=out.read(), stderr=err.read())
    if status != 0:
        words = usage.stderr.decode("utf-8", "replace")
        raise RuntimeError(f"exit code {status} from {' '.join(command)}\n{words[-4000:]}")
    return usage


def _wait(child: subprocess.Popen[bytes]) -> tuple[int, float | None]:
    if not hasattr(os, "wait4"):
        return child.wait(), None
    _, status, used = os.wait4(child.pid, 0)
    # Tell Popen, which would otherwise wait for a process that is gone.
    child.returncode = os.waitstatus_to_exitcode(status)
    kib = used.ru_maxrss / 1024 if sys.platform == "darwin" else used.ru_maxrss
    return child.returncode, round(kib / 1024, 1)
