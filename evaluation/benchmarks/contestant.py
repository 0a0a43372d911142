"""One engine of the comparison in a process of its own: orders by line on stdin, answers on stdout.

Started by `evaluation.benchmarks.suite`; an order and its answer are JSON objects of one line.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks.spread import spread
from evaluation.loading import load_collections
from evaluation.metrics import measure
from evaluation.peers.engines import Given, load
from evaluation.peers.minilm import folder as minilm_folder
from evaluation.runs import Ranking
from indexer.encoder import FloatArray, unit_rows
from indexer.records import Record, RecordType, Side
from indexer.workspace import Workspace

_DIMENSION, _K, _FOUND = 384, 10, 100
_MEASURE = "nDCG@10"
_JUDGED = 300  # queries of one collection at most, evenly through it


class Contestant:
    """An engine, the records it is given, and how its vectors come about."""

    def __init__(self, name: str, workspace: Path, documents: int, folder: Path, seed: int) -> None:
        self._name = name
        self._folder = folder
        self._random = np.random.default_rng(seed)
        with Workspace.open(workspace).catalog() as catalog:
            self._records = list(islice(catalog.records(side=Side.SUPPLY), documents))
            self._more = list(islice(catalog.records(side=Side.SUPPLY), documents, None))
        self._engine = load(name, Given(self._drawn, self._encoded), _made(folder / "engine"))

    def index(self) -> dict[str, Any]:
        return _taken(lambda: self._engine.index(self._records))

    def warm(self, texts: Sequence[str]) -> dict[str, Any]:
        for text in texts:
            self._engine.ask(text, _K)
        return {}

    def ask(self, texts: Sequence[str], where: Sequence[Any] | None) -> dict[str, Any]:
        """Seconds of every question, and how many were found that satisfy the filter."""
        asked = None if where is None else (where[0], where[1], where[2])
        seconds, found = [], []
        for text in texts:
            started = time.perf_counter()
            ids = self._engine.ask(text, _K, asked)
            seconds.append(time.perf_counter() - started)
            found.append(len(ids))
        return {"seconds": seconds, "found": found}

    def search(self, texts: Sequence[str]) -> dict[str, Any]:
        """Ours alone: everything a search shows."""
        whole = getattr(self._engine, "search", None)
        if whole is None:
            return {}
        seconds = []
        for text in texts:
            started = time.perf_counter()
            whole(text, _K)
            seconds.append(time.perf_counter() - started)
        return {"search_ms": spread(seconds)}

    def batch(self, texts: Sequence[str]) -> dict[str, Any]:
        return _taken(lambda: self._engine.batch(texts, _K))

    def add(self) -> dict[str, Any]:
        """Ends when a question for the text of the last finds it."""
        last = self._more[-1]

        def work() -> None:
            self._engine.add(self._more)
            # Vectors are drawn: fused by rank, even its own text need not be among the first ten.
            if last.id not in self._engine.ask(last.text(), _FOUND):
                raise RuntimeError(f"{self._name} does not find {last.id}")

        return {**_taken(work), "added": len(self._more)}

    def weight(self) -> dict[str, Any]:
        """MiB of memory at most, and on disk."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        files = [path for path in (self._folder / "engine").rglob("*") if path.is_file()]
        disk = sum(path.stat().st_size for path in files)
        return {"peak_mib": round(peak, 1), "disk_mib": round(disk / 2**20, 1)}

    def rate(self, texts: int) -> dict[str, Any]:
        """Texts a second that all-MiniLM encodes."""
        given = [record.text() for record in self._records[:texts]]
        self._encoded(given[:2])
        started = time.perf_counter()
        self._encoded(given)
        return {"texts_per_second": len(given) / (time.perf_counter() - started)}

    def judge(self, path: str) -> dict[str, Any]:
        """nDCG@10 on the first collection that lies there, every vector encoded."""
        collection = load_collections(Path(path))[0]
        empty = _made(self._folder / f"judged-{collection.name}")
        engine = load(self._name, Given(self._remembered, self._remembered), empty)
        pairs = zip(collection.document_ids, collection.documents, strict=True)
        engine.index([_document(*pair) for pair in pairs])
        judged = sorted(set(collection.query_ids) & set(collection.qrels))
        chosen = judged[:: -(-len(judged) // _JUDGED)]
        text_of = dict(zip(collection.query_ids, collection.queries, strict=True))
        lists = engine.batch([text_of[query] for query in chosen], _K + 1)
        run: dict[str, Ranking] = {}
        for query, ids in zip(chosen, lists, strict=True):
            kept = [name for name in ids if name != collection.itself.get(query)][:_K]
            run[query] = Ranking(tuple(kept), -np.arange(len(kept), dtype=np.float32))
        found = measure(run, {query: collection.qrels[query] for query in chosen})
        return {
            "collection": collection.name,
            "documents": len(collection.documents),
            "queries": len(chosen),
            _MEASURE: round(found.mean[_MEASURE], 4),
        }

    def _drawn(self, texts: Sequence[str]) -> FloatArray:
        return unit_rows(self._random.normal(size=(len(texts), _DIMENSION)).astype(np.float32))

    def _encoded(self, texts: Sequence[str]) -> FloatArray:
        rows = self._model.encode(list(texts), show_progress_bar=False)
        return unit_rows(np.asarray(rows, dtype=np.float32))

    def _remembered(self, texts: Sequence[str]) -> FloatArray:
        """Encoded once for all engines, whose folders lie side by side."""
        import hashlib  # noqa: PLC0415

        name = hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:20]
        kept = self._folder.parent / f"minilm-{name}.npy"
        if not kept.is_file():
            np.save(kept, self._encoded(texts))
        found: FloatArray = np.load(kept)
        return found

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401 - sentence-transformers is not imported here
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        where = str(minilm_folder("minilm"))
        return SentenceTransformer(where, device="cpu", local_files_only=True)


def _document(name: str, text: str) -> Record:
    return Record(
        id=name, side=Side.SUPPLY, type=RecordType.TECHNOLOGY, description=text.strip() or "-"
    )


def _taken(work: Callable[[], object]) -> dict[str, Any]:
    wall, used = time.perf_counter(), time.process_time()
    work()
    return {"seconds": time.perf_counter() - wall, "cpu_s": time.process_time() - used}


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def main(
    name: Annotated[str, typer.Argument()],
    workspace: Annotated[Path, typer.Argument()],
    documents: Annotated[int, typer.Argument(min=1)],
    folder: Annotated[Path, typer.Argument()],
    seed: Annotated[int, typer.Argument()],
) -> None:
    """Do what the lines say until they end."""
    # Libraries print; what goes to stdout is ours alone.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    contestant = Contestant(name, workspace, documents, folder, seed)
    for line in sys.stdin:
        order = json.loads(line)
        found = getattr(contestant, order.pop("do"))(**order)
        answers.write(json.dumps(found) + "\n")
        answers.flush()


if __name__ == "__main__":
    typer.run(main)
