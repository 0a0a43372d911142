"""One hybrid search in a running process, part by part.

    python -m evaluation.benchmarks.query --records 100000 --out docs/benchmarks/query.json

Synthetic offers are imported and indexed first (minutes); `--workspace` keeps them for next time.
Beside it, for the same texts and queries: all-MiniLM-L6-v2 with a flat FAISS index and bm25s, fused
by rank. The peer's document vectors are drawn at random: encoding them would take an hour, and an
exact search takes the same time whatever they are.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.process import cungcau
from evaluation.benchmarks.synthetic import write_event
from indexer.index import Index
from indexer.records import Side
from indexer.workspace import Workspace
from matcher.candidates import Question
from matcher.matcher import Matcher

_LENGTHS = (8, 20, 100)  # words of a query
_WARM = 10
_LOOK = 100  # what a search looks at first


def query(
    *, records: int, encoder: str, asked: int, seed: int, folder: Path, peer: bool
) -> dict[str, Any]:
    """Median milliseconds by words of the query: encoding, scoring, the whole of a search."""
    workspace = folder / "workspace"
    if not workspace.is_dir():
        say(f"importing and indexing {records} records")
        needs, offers = write_event(folder, needs=200, offers=records, words=60, seed=seed)
        for path, side in ((offers, "supply"), (needs, "demand")):
            cungcau(["import", str(path), "--side", side, "--workspace", str(workspace)])
        cungcau(["index", "--encoder", encoder, "--workspace", str(workspace)])
    opened = Workspace.open(workspace)
    with opened.catalog() as catalog:
        index = Index.open(opened.index_path)
        matcher = Matcher(index, catalog, opened.settings)
        texts = [r.text() for r in catalog.records(side=Side.DEMAND)][: asked + _WARM]
        against = None
        if peer:
            say("preparing the peer")
            against = _peer([r.text() for r in catalog.records(side=Side.SUPPLY)], seed)
        rows = {}
        for words in _LENGTHS:
            given = [" ".join(text.split()[:words]) for text in texts]
            for text in given[:_WARM]:
                matcher.search(text)
            rows[str(words)] = {
                "encode": _median(given, lambda t: index.encode([t], Side.DEMAND)),
                "retrieve": _median(
                    given,
                    lambda t: Question(index, Side.SUPPLY, t, None, "auto").candidates(_LOOK),
                ),
                "search": _median(given, matcher.search),
            }
            if against is not None:
                rows[str(words)]["peer"] = _median(given, against)
            say(f"{words} words: {rows[str(words)]}")
        found = len(index.supply)
    return {
        "benchmark": "query",
        "records": found,
        "encoder": index.encoder.name,
        "queries": asked,
        "milliseconds": rows,
        "seed": seed,
        "machine": machine.describe(),
    }


def _peer(documents: list[str], seed: int) -> Callable[[str], None]:
    """What answers one query as people commonly build it: a transformer, FAISS, BM25, RRF."""
    import bm25s  # noqa: PLC0415
    import faiss  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    from evaluation.peers.minilm import folder  # noqa: PLC0415

    words = bm25s.BM25()
    words.index(bm25s.tokenize(documents, show_progress=False), show_progress=False)
    model = SentenceTransformer(str(folder("query")), device="cpu", local_files_only=True)
    rows = np.random.default_rng(seed).normal(size=(len(documents), 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    vectors = faiss.IndexFlatIP(rows.shape[1])
    vectors.add(rows)

    def answer(text: str) -> None:
        near = vectors.search(model.encode([text], show_progress_bar=False), _LOOK)[1][0]
        asked = bm25s.tokenize([text], show_progress=False)
        said = words.retrieve(asked, k=min(_LOOK, len(documents)), show_progress=False)[0][0]
        fused: dict[int, float] = {}
        for found in (near.tolist(), said.tolist()):
            for rank, row in enumerate(found, start=1):
                fused[row] = fused.get(row, 0.0) + 1 / (60 + rank)
        sorted(fused, key=fused.__getitem__, reverse=True)

    return answer


def _median(texts: list[str], work: Any) -> float:  # noqa: ANN401 - any one-text function
    taken = []
    for text in texts[_WARM:]:
        started = time.perf_counter()
        work(text)
        taken.append((time.perf_counter() - started) * 1_000)
    return round(statistics.median(taken), 2)


def main(
    records: Annotated[int, typer.Option(min=1)] = 100_000,
    encoder: Annotated[str, typer.Option()] = "contextual",
    asked: Annotated[int, typer.Option("--queries", min=1)] = 60,
    seed: Annotated[int, typer.Option()] = 1,
    workspace: Annotated[Path | None, typer.Option(help="A folder to keep the records in.")] = None,
    peer: Annotated[bool, typer.Option(help="BM25 and all-MiniLM beside it.")] = True,
    out: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Measure and print one JSON document."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = workspace or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        found = query(
            records=records, encoder=encoder, asked=asked, seed=seed, folder=folder, peer=peer
        )
        emit(found, out)


if __name__ == "__main__":
    typer.run(main)
