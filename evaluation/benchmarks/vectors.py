"""Exact and approximate search of vectors at growing numbers, side by side.

    python -m evaluation.benchmarks.vectors --out docs/benchmarks/vectors.json

The figures behind the rules in `indexer/vectors/`. Every method gets the same
vectors and queries; recall is against an exact search in single precision.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import faiss
import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.textlike import drawn, of_pairs
from indexer.vectors import lists, vectors
from indexer.vectors.recall import recall
from indexer.vectors.storage import FloatArray, HalfArray, RowArray, Storage, found, half

_K = 100  # what a search of the matcher looks at first
_SINGLE = 200  # queries asked one at a time
_OTHERS_AT = 100_000  # where the other approximate indexes are compared
_GRAPHS = ((16, 120), (32, 80))  # links of each vector, and candidates they are chosen among
_CHANGES_AT = 60_000
_CHANGED = 0.1  # the share of rows that are replaced
_LISTS_LOOKED_AT = (32, 128)

_faiss: Any = faiss
Search = Callable[[FloatArray], tuple[FloatArray, RowArray]]
Row = dict[str, Any]


@dataclass(frozen=True)
class _Trial:
    """N vectors, the queries, and each query's true nearest in single precision."""

    vectors: FloatArray
    queries: FloatArray
    best: FloatArray
    rows: RowArray

    @classmethod
    def of(cls, matrix: FloatArray, queries: FloatArray) -> "_Trial":
        best, rows = _flat(matrix).search(queries, _K)
        return cls(matrix, queries, best, rows)

    def measure(self, method: str, search: Search, build: float, size: int) -> Row:
        """One line of the table; `size` in bytes, all that is built included."""
        search(self.queries[:_SINGLE])  # warm: the first use of an index pays for its pages
        single = []
        for query in self.queries[:_SINGLE]:
            started = time.perf_counter()
            search(query[None])
            single.append(time.perf_counter() - started)
        started = time.perf_counter()
        rows = search(self.queries)[1]
        seconds = time.perf_counter() - started
        said = {
            "method": method,
            "vectors": len(self.vectors),
            "dimension": int(self.vectors.shape[1]),
            "build_s": round(build, 2),
            "mib": round(size / 2**20, 1),
            "single_ms": round(1000 * statistics.median(single), 3),
            "batch_qps": round(len(self.queries) / seconds),
            "recall@10": round(self._recall(rows, 10), 4),
            "recall@100": round(self._recall(rows, _K), 4),
        }
        say(" ".join(f"{value}" for value in said.values()))
        return said

    def _recall(self, rows: RowArray, k: int) -> float:
        """By the similarities in single precision of what was found."""
        facing = np.stack(
            [self.vectors[found] @ query for found, query in zip(rows, self.queries, strict=True)]
        )
        return recall(self.best[:, :k], -np.sort(-facing[:, :k], axis=1))


def measure(matrix: FloatArray, queries: FloatArray, sizes: Sequence[int]) -> Iterator[Row]:
    """All methods at each size."""
    for size in sizes:
        trial = _Trial.of(matrix[:size], queries)
        codes = half(trial.vectors)
        yield from _exact(trial, codes)
        yield _lists(trial, codes)


def others(matrix: FloatArray, queries: FloatArray) -> Iterator[Row]:
    """What else could be built: graphs, and lists of whole vectors."""
    trial = _Trial.of(matrix, queries)
    codes = half(matrix)
    for links, look in _GRAPHS:
        stored = _faiss.IndexScalarQuantizer(
            matrix.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        graph = _faiss.IndexHNSW(stored, links)
        graph.hnsw.efConstruction = look
        started = time.perf_counter()
        graph.add(matrix)
        seconds = time.perf_counter() - started
        graph.hnsw.efSearch = 4 * _K
        size = codes.nbytes + 4 * int(graph.hnsw.neighbors.size())
        name = f"graph, {links} links of {look}"
        yield trial.measure(name, partial(_found, graph), seconds, size)
    started = time.perf_counter()
    whole = _faiss.IndexIVFFlat(
        _flat(matrix[:0]), matrix.shape[1], round(4 * len(matrix) ** 0.5), 0
    )
    whole.cp.max_points_per_centroid, whole.cp.spherical = 64, True
    whole.train(matrix)
    whole.add(matrix)
    seconds = time.perf_counter() - started
    for looked_at in _LISTS_LOOKED_AT:
        whole.nprobe = looked_at
        name = f"{whole.nlist} lists of vectors, {looked_at} looked at"
        yield trial.measure(name, partial(_found, whole), seconds, matrix.nbytes)


def changes(matrix: FloatArray, queries: FloatArray) -> Row:
    """A tenth of the rows replaced: lists that follow, beside some built anew."""
    count = round(_CHANGED * len(matrix))
    codes = half(matrix[:-count])
    held = vectors.Vectors(codes, lists.Lists.build(codes))
    new = matrix[-count:]
    order = np.arange(count, len(matrix))  # the first tenth goes, the last tenth comes
    started = time.perf_counter()
    after = held.merged(new, order)
    followed = time.perf_counter() - started
    few = min(100, count)
    started = time.perf_counter()
    held.merged(new[:few], np.arange(few, len(held) + few))
    one_hundred = time.perf_counter() - started
    rows = half(matrix[count:])
    started = time.perf_counter()
    anew = vectors.Vectors(rows, lists.Lists.build(rows))
    rebuilt = time.perf_counter() - started
    exact = anew.search(queries, 10, exact=True)[0]
    return {
        "vectors": len(held),
        "dimension": int(matrix.shape[1]),
        "replaced": count,
        "seconds": {
            "replace": round(followed, 2),
            "replace 100": round(one_hundred, 2),
            "build anew": round(rebuilt, 2),
        },
        "recall@10": {
            "followed": round(recall(exact, after.search(queries, 10)[0]), 4),
            "built anew": round(recall(exact, anew.search(queries, 10)[0]), 4),
        },
    }


def _exact(trial: _Trial, codes: HalfArray) -> Iterator[Row]:
    flat = _flat(trial.vectors)
    yield trial.measure("exact, single", partial(_found, flat), 0.0, trial.vectors.nbytes)
    started = time.perf_counter()
    stored = Storage(codes)
    seconds = time.perf_counter() - started
    search: Search = lambda asked: stored.search(asked, _K)  # noqa: E731
    yield trial.measure("exact, half", search, seconds, codes.nbytes)
    eight = _faiss.IndexScalarQuantizer(codes.shape[1], faiss.ScalarQuantizer.QT_8bit, 0)
    started = time.perf_counter()
    eight.train(trial.vectors)
    eight.add(trial.vectors)
    seconds = time.perf_counter() - started
    yield trial.measure("exact, 8 bit", partial(_found, eight), seconds, codes.nbytes // 2)


def _lists(trial: _Trial, codes: HalfArray) -> Row:
    started = time.perf_counter()
    built = lists.Lists.build(codes)
    seconds = time.perf_counter() - started
    look, visited = lists.look_for(_K), lists.visited_for(1.0)
    search: Search = lambda asked: built.search(asked, _K, None, look, visited)  # noqa: E731
    return trial.measure("lists, half", search, seconds, codes.nbytes + built.nbytes)


def _flat(matrix: FloatArray) -> Any:  # noqa: ANN401 - faiss has no types
    flat = _faiss.IndexFlatIP(matrix.shape[1])
    flat.add(matrix)
    return flat


def _found(index: Any, asked: FloatArray) -> tuple[FloatArray, RowArray]:  # noqa: ANN401
    return found(index, asked, _K)


def benchmark(
    *, sizes: Sequence[int], dimensions: Sequence[int], queries: int, pairs: Path | None, seed: int
) -> dict[str, Any]:
    """Every table; real vectors beside the drawn ones where there is a folder of pairs."""
    tables: list[dict[str, Any]] = []
    compared: list[Row] = []
    changed: Row = {}
    for dimension in dimensions:
        say(f"drawn vectors of dimension {dimension}")
        made = drawn(max(sizes) + queries, dimension, seed)
        asked, matrix = made[-queries:], made[:-queries]
        tables.append({"source": "drawn", "rows": list(measure(matrix, asked, sizes))})
        if dimension == dimensions[0]:
            compared = list(others(matrix[:_OTHERS_AT], asked))
            changed = changes(matrix[:_CHANGES_AT], asked)
    if pairs is not None:
        made = of_pairs(pairs, seed)
        asked, matrix = made[-queries:], made[:-queries]
        say(f"{len(matrix)} vectors of real sentences")
        most = min(len(matrix), max(sizes), _OTHERS_AT)
        fitting = sorted({size for size in sizes if size < most} | {most})
        tables.append({"source": "sentences", "rows": list(measure(matrix, asked, fitting))})
    return {
        "benchmark": "vectors",
        "k": _K,
        "queries": queries,
        "tables": tables,
        "others": compared,
        "changes": changed,
        "rule": {
            "exact_numbers": vectors.EXACT_NUMBERS,
            "most_looked_at": vectors.MOST_LOOKED_AT,
            "most_lists": lists.MOST_LISTS,
            "look": lists.LOOK,
            "look_each": lists.LOOK_EACH,
            "visited": lists.VISITED,
        },
        "seed": seed,
        "machine": machine.describe(),
    }


def main(
    size: Annotated[list[int] | None, typer.Option(help="A size; may be repeated.")] = None,
    dimension: Annotated[list[int] | None, typer.Option(help="May be repeated.")] = None,
    queries: Annotated[int, typer.Option(min=1, help="Queries, held out.")] = 500,
    pairs: Annotated[
        Path | None, typer.Option(help="A folder of pairs (*.tsv.gz): also with its sentences.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same vectors.")] = 7,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Measure exact and approximate search at growing numbers; prints one JSON document."""
    emit(
        benchmark(
            sizes=sorted(size or [10_000, 30_000, 100_000, 300_000]),
            dimensions=dimension or [256, 384],
            queries=queries,
            pairs=pairs,
            seed=seed,
        ),
        out,
    )


if __name__ == "__main__":
    typer.run(main)
