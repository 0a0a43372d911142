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
    largest child; None on systems without wait4.
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


# Linux counts the memory of the process that starts another, up to exec, as the other's own: the
# process that starts the measured one holds nothing but this.
_STARTER = """
import os, sys, time
report = int(sys.argv[1])
os.set_inheritable(report, False)
started = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(child, 0)
os.write(report, f"{time.perf_counter() - started} {used.ru_maxrss}".encode())
sys.exit(os.waitstatus_to_exitcode(status))
"""


def measured(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Usage:
    """Run any command to its end and measure it from before its start."""
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        tempfile.TemporaryFile() as report,
    ):
        told = [report.fileno()] if hasattr(os, "wait4") else []
        starter = [sys.executable, "-I", "-S", "-c", _STARTER, *map(str, told)] if told else []
        started = time.perf_counter()
        status = subprocess.call(
            [*starter, *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **(environment or {})},
            pass_fds=told,
        )
        seconds = time.perf_counter() - started
        for file in (out, err, report):
            file.seek(0)
        if status != 0:
            words = err.read().decode("utf-8", "replace")
            raise RuntimeError(f"exit code {status} from {' '.join(command)}\n{words[-4000:]}")
        peak = None
        if told:
            seconds, most = map(float, report.read().split())
            peak = round(most / (2**20 if sys.platform == "darwin" else 2**10), 1)
        return Usage(seconds=seconds, peak_mib=peak, stdout=out.read(), stderr=err.read())
