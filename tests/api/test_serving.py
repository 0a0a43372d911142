"""A service as it is operated: JSON lines, a request that is finished after SIGTERM."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from indexer.workspace import Workspace

ROOT = Path(__file__).parents[2]
SERVE = ("-c", "import sys; from api.cli import main; sys.exit(main())", "serve", "--port", "0")


@contextmanager
def service(workspace: Workspace, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, *SERVE, "--workspace", str(workspace.path), "--lang", "en"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def json_lines(process: subprocess.Popen[str]) -> list[dict]:
    assert process.stderr is not None
    return [json.loads(line) for line in process.stderr.read().splitlines()]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_end(workspace: Workspace, stop: int) -> None:
    with service(workspace, CUNGCAU_LOG_FORMAT="json") as process:
        assert process.stderr is not None
        first = json.loads(process.stderr.readline())
        assert first["event"] == "serving"
        address = first["address"]
        httpx2.get(f"{address}/v1/ready", headers={"X-Request-ID": "r1"}, trust_env=False)
        body = json.dumps({"text": "sấy xoài"}).encode()
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(
                b"POST /v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"X-Request-ID: r2\r\nContent-Length: %d\r\n\r\n" % len(body)
            )
            connection.sendall(body[:5])
            time.sleep(0.3)
            os.kill(process.pid, stop)
            time.sleep(0.3)
            connection.sendall(body[5:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        assert process.wait(15) in (0, -stop)
        lines = json_lines(process)
    answered = {line["request"]: line for line in lines if line["event"] == "request"}
    assert answered["r1"]["route"] == "/v1/ready"
    assert answered["r2"]["status"] == 200
    assert {line["level"] for line in lines} == {"info"}


def test_who_watches_something_does_not_hold_up_the_end(workspace: Workspace) -> None:
    """A client that never goes on is given up after the time of grace."""
    with service(workspace, CUNGCAU_LOG_FORMAT="json") as process:
        assert process.stderr is not None
        port = int(json.loads(process.stderr.readline())["address"].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(
                b"POST /v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n"
            )
            time.sleep(0.3)
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(15) in (0, -signal.SIGTERM)
