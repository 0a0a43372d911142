"""Servers under measurement: processes of their own, their start, their memory."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

_STARTING = 120.0
_CODE = "import sys; from api.cli import main; sys.exit(main(sys.argv[1:]))"


@dataclass
class Server:
    """A process that answers at 127.0.0.1:`port`; `ready` seconds after its start it did."""

    process: subprocess.Popen[bytes]
    port: int
    ready: float

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def mib(self) -> dict[str, float]:
        """Resident memory: all of it, and what is not pages of files."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        values = dict(line.split(":", 1) for line in status.splitlines())
        return {
            name: round(int(values[key].split()[0]) / 1024, 1)
            for name, key in (("resident", "VmRSS"), ("own", "RssAnon"))
        }

    def cpu(self) -> float:
        """Seconds of CPU time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:  # noqa: ANN401
        """Status and JSON of one request."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            sent = None if body is None else json.dumps(body).encode()
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()


def cungcau_server(workspace: Path) -> tuple[Sequence[str], str]:
    """Command and address of readiness of `cungcau serve`."""
    command = [sys.executable, "-c", _CODE, "serve", "--workspace", str(workspace), "--port"]
    return command, "/v1/ready"


@contextmanager
def running(
    command: Sequence[str], probe: str, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """The command, with a free port behind it, from its start until `probe` answers 200.

    Raises RuntimeError with what it said where it ends before that, or takes too long.
    """
    with tempfile.TemporaryFile() as said:
        port = _free_port()
        started = time.perf_counter()
        process = subprocess.Popen(
            [*command, str(port)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, **(environment or {})},
        )
        try:
            server = Server(process, port, 0.0)
            while not _answers(server, probe):
                if process.poll() is not None or time.perf_counter() - started > _STARTING:
                    said.seek(0)
                    words = said.read().decode("utf-8", "replace")
                    raise RuntimeError(f"does not start: {' '.join(command)}\n{words[-2000:]}")
                time.sleep(0.01)
            server.ready = round(time.perf_counter() - started, 2)
            yield server
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(server: Server, probe: str) -> bool:
    try:
        return server.ask("GET", probe)[0] == 200
    except OSError:
        return False


def _free_port() -> int:
    """Below those that systems give to connections, one of which may take it meanwhile."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as taken, suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return port
