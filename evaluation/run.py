"""Run systems over collections and measure them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.collections import Collection, load_collection
from evaluation.metrics import measure
from evaluation.runs import Ranking, Run, best
from evaluation.systems import DEFAULT_SYSTEMS, Parts, System, named
from indexer.bilingual import Bilingual
from indexer.encoder import DEFAULT_ENCODER
from indexer.progress import Progress, silent

# As deep as trec_eval's customary runs: AP and R@100 see all they can use.
DEPTH = 1000

# Scores are compared to this many decimals, so that the last bits of a matrix product, which
# depend on the machine, never decide between two equal documents.
DECIMALS = 6

_CELLS = 12_000_000  # scores held at once: 48 MB for each array a system works with


@dataclass(frozen=True)
class Result:
    """One system on one collection.

    `queries` counts the judged queries, which are those the mean is taken over; `seconds_index`
    is the time to build everything the system needs from the documents, `seconds_search` to
    rank them for all queries, judged or not. `per_query` holds every measure of every judged
    query, `run` what was returned.
    """

    collection: str
    system: str
    queries: int
    documents: int
    metrics: Mapping[str, float]
    seconds_index: float
    seconds_search: float
    per_query: Mapping[str, Mapping[str, float]] = field(repr=False)
    run: Run = field(repr=False)
    notices: tuple[Bilingual, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The object `cungcau evaluate --json` prints."""
        return {
            "collection": self.collection,
            "system": self.system,
            "queries": self.queries,
            "documents": self.documents,
            "metrics": {name: round(value, 6) for name, value in self.metrics.items()},
            "seconds": {
                "index": round(self.seconds_index, 3),
                "search": round(self.seconds_search, 3),
            },
        }


def evaluate(
    collections: Sequence[Path | str | Collection],
    systems: Sequence[str] = DEFAULT_SYSTEMS,
    *,
    encoder: str = DEFAULT_ENCODER,
    depth: int = DEPTH,
    progress: Progress = silent,
) -> list[Result]:
    """Measure every system on every collection, in the order given.

    Collections are BEIR folders or loaded ones. Rankings are `depth` documents deep and hold no
    document without any similarity (score 0 or less). Every document is scored: nothing here
    depends on candidate generation. `encoder` names what `dense` and `hybrid` encode with.
    Raises RequestError for an unknown system or encoder and for an unreadable collection.
    """
    chosen = {name: named(name) for name in systems}
    results = []
    for source in collections:
        collection = source if isinstance(source, Collection) else load_collection(source)
        parts = Parts(collection.documents, collection.queries, encoder, progress)
        for name, system in chosen.items():
            seconds_index = parts.build(system.needs)
            started = time.perf_counter()
            run = search(system, parts, collection, depth, progress, f"{collection.name} {name}")
            seconds_search = time.perf_counter() - started
            figures = measure(run, collection.qrels)
            results.append(
                Result(
                    collection=collection.name,
                    system=name,
                    queries=len(figures.per_query),
                    documents=len(collection.documents),
                    metrics=figures.mean,
                    seconds_index=seconds_index,
                    seconds_search=seconds_search,
                    per_query=figures.per_query,
                    run=run,
                    notices=collection.notices,
                )
            )
    return results


def search(
    system: System,
    parts: Parts,
    collection: Collection,
    depth: int,
    progress: Progress,
    stage: str,
) -> dict[str, Ranking]:
    """The rankings of all queries of a collection, block by block, to bound memory."""
    row_of = {document: row for row, document in enumerate(collection.document_ids)}
    run: dict[str, Ranking] = {}
    total = len(collection.queries)
    for start, stop in _blocks(total, len(row_of)):
        scores = np.round(system.score(parts, collection.queries[start:stop]), DECIMALS)
        for query, row in zip(collection.query_ids[start:stop], scores, strict=True):
            if query in collection.itself:
                row[row_of[collection.itself[query]]] = 0.0
            rows = best(row, depth)
            rows = rows[row[rows] > 0.0]
            found = tuple(collection.document_ids[one] for one in rows.tolist())
            run[query] = Ranking(found, row[rows])
        progress(stage, stop, total)
    return run


def _blocks(queries: int, documents: int) -> Iterator[tuple[int, int]]:
    size = max(1, min(256, _CELLS // max(documents, 1)))
    for start in range(0, queries, size):
        yield start, min(start + size, queries)
