"""Runs of real server processes: one killed in the middle of a run, and progress over a socket."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from indexer.workspace import Workspace

ROOT = Path(__file__).parents[2]
# A match run waits, telling how far it is, until there is a file "go" in the workspace.
_CODE = """
import sys, time
from pathlib import Path
from api.serve import serve
from api.service import runwork
from indexer.workspace import Workspace

folder, match = Path(sys.argv[1]), runwork._KINDS["match"]

def patient(opened, run, draft, progress):
    (draft / "half").write_text("half")
    for step in range(10**6):
        if (folder / "go").exists():
            return match(opened, run, draft, progress)
        progress("waiting", step, 0)
        time.sleep(0.02)

runwork._KINDS["match"] = patient
serve(Workspace.open(folder), port=0, language="en")
"""
EVENT = 'name = "A"\ntables = 2\n[[slots]]\nstarts = "2027-05-20 08:30"\n'


@contextmanager
def serving(workspace: Workspace) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client]]:
    command = [sys.executable, "-c", _CODE, str(workspace.path)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            address = server.stderr.readline().split()[2]
            with httpx2.Client(base_url=address, timeout=30) as client:
                yield server, client
        finally:
            server.kill()


def start(client: httpx2.Client) -> str:
    event = client.post("/v1/events", json={"body": EVENT}).json()["id"]
    made = client.post(f"/v1/events/{event}/runs", json={"kind": "match"})
    assert made.status_code == 202, made.text
    return str(made.headers["location"])


def until(client: httpx2.Client, location: str, *states: str) -> dict:
    last = time.monotonic() + 30
    while time.monotonic() < last:
        body = client.get(location).json()
        if body["state"] in states:
            return dict(body)
        time.sleep(0.05)
    raise AssertionError(body)


@pytest.fixture
def workspace_made(make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace()


def test_a_server_killed_in_the_middle_of_a_run(workspace_made: Workspace):
    with serving(workspace_made) as (server, client):
        location = start(client)
        until(client, location, "running")
        waiting = start(client)
        third = start(client)  # two are done at a time: this one waits
        until(client, waiting, "running")
        server.send_signal(signal.SIGKILL)
        server.wait()
    with serving(workspace_made) as (_, client):
        found = until(client, location, "failed")
        assert "đột ngột" in found["failure"]["detail"]
        assert until(client, waiting, "failed")["failure"] is not None
        # What nobody had begun is done by the next process, and so is what is new.
        new = start(client)
        (workspace_made.path / "go").touch()
        for one in (third, new):
            assert until(client, one, "done", "failed")["state"] == "done"
        assert client.get(f"{new}/files").json()["items"]
        names = {path.name for path in (workspace_made.path / "runs").iterdir()}
        assert names == {"workers", third.rpartition("/")[2], new.rpartition("/")[2]}


def events(raw: str) -> list[dict]:
    """The events of a stream, `data` read."""
    found = []
    for block in raw.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            found.append({**fields, "data": json.loads(fields["data"])})
    return found


def raw_get(client: httpx2.Client, path: str, **headers: str) -> socket.socket:
    """A request whose answer is read from the socket itself."""
    host, port = client.base_url.host, client.base_url.port
    assert port is not None
    connection = socket.create_connection((host, port), timeout=20)
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Accept: text/event-stream"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return connection


def read_until(connection: socket.socket, words: bytes) -> str:
    got = b""
    while words not in got:
        piece = connection.recv(65536)
        assert piece, got
        got += piece
    return got.decode()


def test_progress_over_a_socket(workspace_made: Workspace):
    with serving(workspace_made) as (server, client):
        location = start(client)
        with raw_get(client, f"{location}/progress") as first:
            head = read_until(first, b'"waiting"')
        assert "200 OK" in head and "text/event-stream" in head and "retry: 2000" in head
        # Cut off in the middle; whoever comes again gets what came after.
        with raw_get(client, f"{location}/progress", **{"Last-Event-ID": "99999999"}) as again:
            (workspace_made.path / "go").touch()
            rest = read_until(again, b"event: end")
        told = events(rest)
        assert [one["event"] for one in told] == ["end"]
        assert told[0]["data"]["state"] == "done"
        last = told[0]["id"]
        whole = events(client.get(f"{location}/progress").text)
        assert [one["event"] for one in whole] == ["end"] and whole[0]["id"] == last
        over = client.get(f"{location}/progress", headers={"Last-Event-ID": last})
        assert (over.status_code, over.content) == (204, b"")
        assert client.get("/v1/runs/nothing/progress").status_code == 404
        # Somebody who watches does not hold up the end of the service.
        (workspace_made.path / "go").unlink()
        location = start(client)
        with raw_get(client, f"{location}/progress") as watching:
            read_until(watching, b'"waiting"')
            server.send_signal(signal.SIGINT)
            began = time.monotonic()
            server.wait(10)
            assert time.monotonic() - began < 5
    with serving(workspace_made) as (_, client):
        (workspace_made.path / "go").touch()
        assert until(client, location, "done", "failed")["state"] == "done"
