"""Run systems over collections and measure them."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.collections import Collection
from evaluation.loading import load_collections
from evaluation.metrics import CONTRACT, measure
from evaluation.parts import DECIMALS, Parts, System
from evaluation.runs import Ranking, Run, best
from evaluation.systems import DEFAULT_SYSTEMS, named
from indexer.bilingual import Bilingual
from indexer.encoder import DEFAULT_ENCODER
from indexer.progress import Progress, silent

if TYPE_CHECKING:
    from indexer.catalog import Catalog

# As deep as trec_eval's customary runs: AP and R@100 see all they can use.
DEPTH = 1000

_CELLS = 12_000_000  # scores held at once: 48 MB for each array a system works with


@dataclass(frozen=True)
class Result:
    """One system on one collection.

    `queries` counts the judged queries, which are those the mean is taken over; `seconds_index`
    is the time to build everything the system needs from the documents, `seconds_search` to
    rank them for all queries, judged or not. `per_query` holds every measure of every judged
    query, `run` what was returned, `judged` the collection it was measured on.
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
    judged: Collection = field(repr=False)
    notices: tuple[Bilingual, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The object `cungcau evaluate --json` prints."""
        return {
            "collection": self.collection,
            "system": self.system,
            "queries": self.queries,
            "documents": self.documents,
            "metrics": {name: round(self.metrics[name], 6) for name in CONTRACT},
            "seconds": {
                "index": round(self.seconds_index, 3),
                "search": round(self.seconds_search, 3),
            },
        }


def evaluate(
    collections: Iterable[Path | str | Collection],
    systems: Sequence[str] = DEFAULT_SYSTEMS,
    *,
    encoder: str = DEFAULT_ENCODER,
    depth: int = DEPTH,
    catalog: "Catalog | None" = None,
    progress: Progress = silent,
) -> list[Result]:
    """Measure every system on every collection, in the order given.

    Collections are what `load_collections` reads, or loaded ones; `catalog` is what the cells of
    a spreadsheet name. Systems are named as `evaluation.systems` tells, `encoder` is that of
    those whose name has none. Rankings are `depth` documents deep and hold no document without
    any similarity (score 0 or less). Every document is scored: nothing here depends on candidate
    generation. Raises RequestError for an unknown system or encoder and for an unreadable
    collection.
    """
    chosen = {name: named(name) for name in systems}
    results = []
    for collection in _loaded(collections, catalog):
        records = {one.text(): one for one in collection.records.values()}
        parts = Parts(collection.documents, collection.queries, encoder, progress, records)
        for name, system in chosen.items():
            seconds_index = parts.build(system.needs)
            started = time.perf_counter()
            run = search(system, parts, collection, depth, progress, f"{collection.name} {name}")
            seconds = (seconds_index, time.perf_counter() - started)
            results.append(judge(collection, name, run, seconds))
    return results


def _loaded(
    collections: Iterable[Path | str | Collection], catalog: "Catalog | None"
) -> Iterator[Collection]:
    for source in collections:
        if isinstance(source, Collection):
            yield source
        else:
            yield from load_collections(source, catalog)


def judge(
    collection: Collection, system: str, run: Run, seconds: tuple[float, float] = (0.0, 0.0)
) -> Result:
    """The figures of a run, ours or one that `evaluation.readers.trec.read_run` has read.

    `seconds` are those of building the index and of searching. Raises RequestError where nothing
    is judged.
    """
    figures = measure(run, collection.qrels)
    return Result(
        collection=collection.name,
        system=system,
        queries=len(figures.per_query),
        documents=len(collection.documents),
        metrics=figures.mean,
        seconds_index=seconds[0],
        seconds_search=seconds[1],
        per_query=figures.per_query,
        run=run,
        judged=collection,
        notices=collection.notices,
    )


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
