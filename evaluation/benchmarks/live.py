"""How soon a running service finds what was stored, and what that costs those who search meanwhile.

    python -m evaluation.benchmarks.live --records 100000 --out docs/benchmarks/live.json

Synthetic offers are imported and indexed first (minutes); `--workspace` keeps them for next time:
its catalog is copied, so that it stays as it is.
"""

import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.process import cungcau
from evaluation.benchmarks.synthetic import write_event
from indexer.catalog import Catalog
from indexer.index import Index
from indexer.keeping.access import Reader
from indexer.live.base import Base
from indexer.live.following import encode_some, remembering, take_in
from indexer.live.live import LiveIndex
from indexer.records import Record, Side
from indexer.workspace import Workspace
from matcher.matcher import Matcher

_COUNTS = (1, 100, 1_000)
_WORDS, _FIRST = 20, 5  # of a query for all, and for one record
_BLOCK = 24  # texts encoded between two looks at the catalog, as `api.follower` does
_POLL = 0.5
_PATIENCE = 120.0


class Service:
    """A snapshot that follows its catalog, as in a server process, and without its HTTP."""

    def __init__(self, workspace: Workspace, catalog: Catalog) -> None:
        index = Index.open(workspace.index_path)
        self.live = LiveIndex.over(Base.of(index, catalog))
        self.workspace = workspace
        self.catalog = catalog
        self._encoder = remembering(index.encoder, workspace.cache_path)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()

    def search(self, text: str, reader: Reader | None = None) -> list[str]:
        matcher = Matcher(self.live, self.catalog, self.workspace.settings)
        return [hit.record.id for hit in matcher.search(text, reader=reader)]

    def _run(self) -> None:
        while not self._stopping.is_set():
            for live in take_in(self.live, self.catalog):
                self.live = live
            if self.live.waiting:
                self.live = encode_some(self.live, self._encoder, _BLOCK)
            else:
                self._stopping.wait(_POLL)


def live(*, records: int, encoder: str, queries: int, seed: int, folder: Path) -> dict[str, Any]:
    """Seconds until records are found, milliseconds of a search before and meanwhile, memory."""
    kept = folder / "workspace"
    if not kept.is_dir():
        say(f"importing and indexing {records} records")
        needs, offers = write_event(folder, needs=200, offers=records, words=60, seed=seed)
        for path, side in ((offers, "supply"), (needs, "demand")):
            cungcau(["import", str(path), "--side", side, "--workspace", str(kept)])
        cungcau(["index", "--encoder", encoder, "--workspace", str(kept)])
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        copied = Path(shutil.copytree(kept, Path(scratch) / "workspace"))
        workspace = Workspace.open(copied)
        with workspace.catalog() as catalog:
            service = Service(workspace, catalog)
            try:
                return _measured(service, queries, seed)
            finally:
                service.close()


def _measured(service: Service, queries: int, seed: int) -> dict[str, Any]:
    needs = [record.text() for record in service.catalog.records(side=Side.DEMAND)][:queries]
    texts = [" ".join(text.split()[:_WORDS]) for text in needs]
    for text in texts:
        service.search(text)
    count = len(service.live.supply)
    quiet = _taken(service, texts)
    readable = _taken(service, texts, Reader(signed_in=True))
    rows: dict[str, Any] = {}
    memory = [_resident()]
    for many in _COUNTS:
        with searching(service, texts) as meanwhile:
            rows[str(many)] = added(service, many)
        rows[str(many)]["search_ms"] = spread(meanwhile)
        memory.append(_resident())
        say(f"{many} records: {rows[str(many)]}")
    return {
        "benchmark": "live",
        "records": count,
        "encoder": service.live.encoder.name,
        "seconds": rows,
        "search_ms": {"quiet": spread(quiet), "one_reader": spread(readable)},
        "memory_mb": {"before": memory[0], "after": memory[-1]},
        "seed": seed,
        "machine": machine.describe(),
    }


def added(service: Service, many: int) -> dict[str, float]:
    """Seconds from the commit of so many records until a search finds the last of them, and until
    all are encoded."""
    ids = service.live.supply.ids
    known = list(service.catalog.records(ids=[ids[i] for i in range(0, len(ids), 97)][: many + 1]))
    pairs = ((known[i % len(known)], known[(i + 1) % len(known)]) for i in range(many))
    new = [_blend(*pair, f"live{many}x{i}") for i, pair in enumerate(pairs)]
    service.catalog.apply(new)
    started, last = time.perf_counter(), new[-1]
    asked = " ".join(last.title.split()[:_FIRST])  # more would be taken for a copy of the need
    while last.id not in service.search(asked):
        if time.perf_counter() - started > _PATIENCE:
            raise RuntimeError(f"{last.id} is not found")
        time.sleep(0.01)
    found = time.perf_counter() - started
    while service.live.waiting or service.live.catalog_version < service.catalog.version:
        time.sleep(0.01)
    return {"found": round(found, 3), "encoded": round(time.perf_counter() - started, 3)}


def _blend(one: Record, other: Record, name: str) -> Record:
    """A record that nearly repeats none: the title of one over the text of another."""
    texts = {"summary": other.summary, "description": other.description[:400]}
    return one.model_copy(
        update={**texts, "id": name, "title": f"{name} {one.title}", "owner": name}
    )


def _taken(service: Service, texts: Sequence[str], reader: Reader | None = None) -> list[float]:
    found = []
    for text in texts:
        started = time.perf_counter()
        service.search(text, reader)
        found.append((time.perf_counter() - started) * 1_000)
    return found


@contextmanager
def searching(service: Service, texts: Sequence[str], readers: int = 1) -> Iterator[list[float]]:
    """So many search all the time; gives the milliseconds it took."""
    found: list[float] = []
    enough = threading.Event()

    def search(first: int) -> None:
        at = first
        while not enough.is_set():
            found.extend(_taken(service, [texts[at % len(texts)]]))
            at += 1

    starts = range(0, len(texts), -(-len(texts) // readers))
    threads = [threading.Thread(target=search, args=(start,), daemon=True) for start in starts]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        enough.set()
        for thread in threads:
            thread.join()


def spread(taken: Sequence[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95)], 1),
        "worst": round(ordered[-1], 1),
    }


def _resident() -> int:
    """Megabytes of memory in use by this process, 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * 4_096 // 1_000_000


def main(
    records: Annotated[int, typer.Option(min=1)] = 100_000,
    encoder: Annotated[str, typer.Option()] = "contextual",
    queries: Annotated[int, typer.Option(min=1)] = 40,
    seed: Annotated[int, typer.Option()] = 1,
    workspace: Annotated[Path | None, typer.Option(help="A folder to keep the records in.")] = None,
    out: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Measure and print one JSON document."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = workspace or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        emit(live(records=records, encoder=encoder, queries=queries, seed=seed, folder=folder), out)


if __name__ == "__main__":
    typer.run(main)
