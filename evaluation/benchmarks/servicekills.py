"""A service that is killed while it takes records: every record it acknowledged is there.

    python -m evaluation.benchmarks.servicekills --times 200 --out docs/benchmarks/servicekills.json

Each time `cungcau serve` is started on the same workspace, takes, changes and removes records over
HTTP, and is killed (SIGKILL) at a random moment; then the workspace is looked through.
"""

import http.client
import json
import random
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.kills import LossError, look_through
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.postgresql import PostgreSQL
from evaluation.benchmarks.process import command
from indexer.workspace import Workspace

_LONGEST = 1.5  # seconds from the first request to the end
Held = dict[str, str]


class _Writer:
    """Sends changes one after the other, and keeps what the answers acknowledged."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.acknowledged = 0
        # What was sent and not answered may have been done, or not.
        self.doubtful: tuple[str, str | None] | None = None

    def write(self, address: str, number: int) -> None:
        """Until the connection breaks."""
        host = address.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            while True:
                number += 1
                self._change(connection, number)
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()

    def _change(self, connection: http.client.HTTPConnection, number: int) -> None:
        id_, title = f"r{number}", f"Máy sấy bơm nhiệt {number}"
        body = {"id": id_, "side": "supply", "type": "technology", "title": title}
        method, path = "POST", "/v1/records"
        goes = number % 5 == 0 and f"r{number - 1}" in self.held
        if goes:
            id_, method, path = f"r{number - 1}", "DELETE", f"/v1/records/r{number - 1}"
        self.doubtful = (id_, None if goes else title)
        headers = {"Content-Type": "application/json", "If-Match": "*"}
        connection.request(method, path, None if goes else json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (201, 204):
            raise RuntimeError(f"{method} {path}: {answer.status}")
        self.doubtful = None
        self.acknowledged += 1
        if goes:
            del self.held[id_]
        else:
            self.held[id_] = title


def kill(workspace: Workspace, held: Held, number: int, seconds: float) -> int:
    """One life of the service; brings `held` up to what it must have kept, and checks it.

    Returns how many changes it acknowledged.
    """
    start = [*command(), "serve", "--port", "0", "--lang", "en", "--workspace", str(workspace.path)]
    writer = _Writer(held)
    with subprocess.Popen(start, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = server.stderr.readline().split()[2]
        timer = threading.Timer(seconds, server.send_signal, [signal.SIGKILL])
        timer.start()
        try:
            writer.write(address, number)
        finally:
            timer.join()
    look_through(workspace)
    with workspace.catalog() as catalog:
        found = {record.id: record.title for record in catalog.records()}
    if writer.doubtful is not None and found != held:
        id_, title = writer.doubtful
        held.pop(id_, None)
        if title is not None:
            held[id_] = title
    if found != held:
        raise LossError(f"{len(held)} records were acknowledged, {len(found)} are there")
    return writer.acknowledged


def run(times: int, seed: int, database: str) -> dict[str, Any]:
    """Kills the service so often. Raises LossError with the first loss."""
    random_ = random.Random(f"{seed} {database}")
    with tempfile.TemporaryDirectory(prefix="cungcau-kills-") as folder, ExitStack() as stack:
        if database == "postgresql":
            url = stack.enter_context(PostgreSQL()).database()
            (Path(folder) / "cungcau.toml").write_text(f'database = "{url}"\n')
        workspace = Workspace.open(folder, create=True)
        held: Held = {}
        acknowledged, began = 0, time.monotonic()
        for turn in range(times):
            moment = random_.uniform(0, _LONGEST)
            acknowledged += kill(workspace, held, 1_000_000 * (turn + 1), moment)
    return {
        "kind": "service",
        "database": database,
        "killed": times,
        "acknowledged": acknowledged,
        "lost": 0,
        "half": 0,
        "seconds": round(time.monotonic() - began, 1),
    }


def main(
    times: Annotated[int, typer.Option(min=1, help="How often it is killed.")] = 200,
    database: Annotated[list[str] | None, typer.Option(help="sqlite, postgresql")] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same moments.")] = 7,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Kill the service at random moments; prints one JSON document, or what was lost."""
    found = []
    for one in database or ["sqlite", "postgresql"]:
        found.append(run(times, seed, one))
        say(f"{found[-1]}")
    emit({"machine": machine.describe(), "kills": found}, out)


if __name__ == "__main__":
    typer.run(main)
