"""Search through HTTP by many clients at once, alone and while records are imported.

    python -m evaluation.benchmarks.http --workspace FOLDER --out docs/benchmarks/http.json

FOLDER is a workspace with a ready index and with needs, of whose words the queries are made; it is
copied, so that it stays as it is. Beside it, one after the other on the same machine and asked the
same: txtai's own service over the texts of the same records (`evaluation.benchmarks.txtaiserver`).
The clients share the cores with the server.
"""

import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.load import Load, closed_loop, get
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.servers import Server, cungcau_server, running
from evaluation.benchmarks.txtaiserver import build, txtai_server
from evaluation.benchmarks.words import vocabulary
from indexer.records import Side
from indexer.workspace import Workspace

_K = 10
_WORDS = 20  # of a query: ten of one need, ten of another
_REPEATED = 1_000  # queries of the series in which they come again, by Zipf's law
_WARM = 5.0
_STARTS = 3
_AFTER = 300.0  # seconds the index is given to take in an import
_LEAST = 30.0
_Seconds = tuple[float, float, float]  # warming up, counted, beside an import


def queries(needs: list[str], seed: int) -> Iterator[str]:
    """Texts without end: ten words in a row of one need, then ten of another. Hardly one comes
    twice."""
    rng = np.random.default_rng(seed)
    words = [need.split() for need in needs]
    half = _WORDS // 2
    while True:
        parts = []
        for of in rng.integers(len(words), size=2):
            start = rng.integers(max(1, len(words[of]) - half))
            parts += words[of][start : start + half]
        yield " ".join(parts)


def repeated(needs: list[str], seed: int) -> Iterator[str]:
    """The first thousand of `queries`, each as often as its place in them says (Zipf, s = 1)."""
    rng = np.random.default_rng(seed)
    endless = queries(needs, seed)
    kept = [next(endless) for _ in range(_REPEATED)]
    shares = 1 / np.arange(1, _REPEATED + 1)
    drawn = rng.choice(_REPEATED, size=100_000, p=shares / shares.sum())
    return cycle([kept[place] for place in drawn.tolist()])


def http(
    workspace: Path,
    *,
    clients: int,
    seconds: float,
    rows: int,
    peer: bool,
    seed: int,
    warm: float = _WARM,
    least: float = _LEAST,
) -> dict[str, Any]:
    """Every series of both services, one after the other; of each `warm` seconds are not counted,
    and that beside an import takes `least` seconds."""
    lengths = warm, seconds, least
    with tempfile.TemporaryDirectory(dir=workspace.parent) as scratch:
        copied = Path(shutil.copytree(workspace, Path(scratch) / "workspace"))
        with Workspace.open(copied).catalog() as catalog:
            needs = [record.text() for record in catalog.records(side=Side.DEMAND)]
            offers = [record.text() for record in catalog.records(side=Side.SUPPLY)] if peer else []
            count = len(catalog.ids())
        found: dict[str, Any] = {
            "benchmark": "http",
            "records": count,
            "words": _WORDS,
            "repeated": _REPEATED,
            "k": _K,
            "cungcau": _ours(copied, needs, clients, lengths, rows, seed),
        }
        if peer:
            found["txtai"] = _theirs(
                Path(scratch), needs, offers, clients, (warm, seconds, least), seed
            )
        return {**found, "seed": seed, "machine": machine.describe()}


def _ours(
    workspace: Path, needs: list[str], clients: int, seconds: _Seconds, rows: int, seed: int
) -> dict[str, Any]:
    command, probe = cungcau_server(workspace)
    ready = []
    for _ in range(_STARTS):
        with running(command, probe) as server:
            ready.append(server.ready)
    say(f"ready after {ready} s")
    with running(command, probe) as server:
        asking = {
            "distinct": _requests(server, "/v1/search", "text", "k", queries(needs, seed)),
            "repeated": _requests(server, "/v1/search", "text", "k", repeated(needs, seed)),
        }
        found: dict[str, Any] = {"ready_s": statistics.median(ready)}
        found |= {name: _series(server, given, clients, seconds) for name, given in asking.items()}
        if rows:
            found["importing"] = _importing(
                server, asking["distinct"], clients, seconds[2], rows, seed
            )
        return found


def _theirs(
    scratch: Path, needs: list[str], offers: list[str], clients: int, seconds: _Seconds, seed: int
) -> dict[str, Any]:
    say(f"building the peer's index of {len(offers)} texts")
    build(offers, scratch, seed)
    command, probe, environment = txtai_server(scratch)
    with running(command, probe, environment) as server:
        made = {"distinct": queries(needs, seed), "repeated": repeated(needs, seed)}
        found: dict[str, Any] = {"ready_s": server.ready}
        for name, texts in made.items():
            asking = _requests(server, "/search", "query", "limit", texts)
            found[name] = _series(server, asking, clients, seconds)
        return found


def _requests(
    server: Server, path: str, text: str, limit: str, texts: Iterator[str]
) -> Iterator[bytes]:
    return (get(server.host, path, {text: one, limit: _K}) for one in texts)


def _series(
    server: Server, asking: Iterator[bytes], clients: int, seconds: _Seconds
) -> dict[str, Any]:
    """So many clients for so many seconds, after a few that are not counted."""
    warm, length, _ = seconds
    closed_loop(server.port, asking, clients=clients, enough=lambda passed: passed > warm)
    before, used = server.mib(), server.cpu()
    load = closed_loop(server.port, asking, clients=clients, enough=lambda passed: passed > length)
    found = _told(load, server, used)
    found["mib"] = {"start": before, "end": server.mib()}
    say(f"{found}")
    return found


def _importing(
    server: Server, asking: Iterator[bytes], clients: int, least: float, rows: int, seed: int
) -> dict[str, Any]:
    """The same clients from the sending of the rows until all can be found, and half a minute at
    least: what was found by its words is encoded meanwhile."""
    answered: dict[str, float] = {}
    done = threading.Event()
    body = {"records": list(_new_records(rows, seed + 1))}

    def bring() -> None:
        try:
            began = time.perf_counter()
            status, told = server.ask("POST", "/v1/imports/records?side=supply", body)
            answered["import_s"] = round(time.perf_counter() - began, 1)
            if status != 200 or told["rejected"]:
                raise RuntimeError(f"the import was answered {status}: {str(told)[:400]}")
            while server.ask("GET", "/v1/ready")[1]["index_version"] < told["catalog_version"]:
                if time.perf_counter() - began > _AFTER:
                    raise RuntimeError("what was imported is not found")
                time.sleep(0.2)
            answered["found_s"] = round(time.perf_counter() - began, 1)
        finally:
            done.set()

    used = server.cpu()
    thread = threading.Thread(target=bring)
    thread.start()
    load = closed_loop(
        server.port,
        asking,
        clients=clients,
        enough=lambda passed: done.is_set() and passed > least,
    )
    thread.join()
    if "found_s" not in answered:
        raise RuntimeError("the import failed")
    found = {"rows": rows, **answered, **_told(load, server, used), "mib": server.mib()}
    say(f"{found}")
    return found


def _told(load: Load, server: Server, used: float) -> dict[str, Any]:
    cores = (server.cpu() - used) / load.seconds
    return {**load.summary(), "server_cores": round(cores, 2)}


def _new_records(rows: int, seed: int) -> Iterator[dict[str, str]]:
    words = vocabulary("vi", seed)
    rng = np.random.default_rng(seed)
    for row in range(rows):
        field = int(rng.integers(10))
        yield {
            "id": f"http-{seed}-{row}",
            "title": words.draw(rng, field, 12),
            "description": words.draw(rng, field, 60),
            "owner": f"Viện {row % 400}",
        }


def main(
    workspace: Annotated[Path, typer.Option(help="A workspace with an index; copied first.")],
    clients: Annotated[int, typer.Option(min=1, help="Asking at once.")] = 50,
    seconds: Annotated[float, typer.Option(min=1, help="Of every series.")] = 600,
    rows: Annotated[int, typer.Option(min=0, max=10_000, help="Imported; 0: none.")] = 10_000,
    peer: Annotated[bool, typer.Option(help="txtai's service beside it.")] = True,
    seed: Annotated[int, typer.Option()] = 1,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Measure and print one JSON document."""
    emit(
        http(workspace, clients=clients, seconds=seconds, rows=rows, peer=peer, seed=seed),
        out,
    )


if __name__ == "__main__":
    typer.run(main)
