"""Exact and approximate search of vectors at growing numbers, side by side.

    python -m evaluation.benchmarks.vectors --out docs/benchmarks/vectors.json

The figures behind the rules in `indexer/vectors/`. Every method gets the same
vectors and queries; recall is against an exact search in single precision.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import faiss
import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.textlike import drawn, of_pairs
from indexer.vectors import graph, vectors
from indexer.vectors.recall import recall
from indexer.vectors.storage import FloatArray, HalfArray, RowArray, Storage, half

_K = 100  # what a search of the matcher looks at first
_SINGLE = 200  # queries asked one at a time
_OTHERS_AT = 100_000  # where the other approximate indexes and other graphs are compared
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
        """One line of the table; `size` in bytes, of vectors and links together."""
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
    """All methods at each size; the graph of one size is the one before, added to."""
    grown, seconds = graph.Graph(Storage(half(matrix[:0]))), 0.0
    for size in sizes:
        trial = _Trial.of(matrix[:size], queries)
        codes = half(trial.vectors)
        yield from _exact(trial, codes)
        started = time.perf_counter()
        grown.add(codes[len(grown) :])
        seconds += time.perf_counter() - started
        yield _graph(trial, "graph, half", grown, seconds)


def others(matrix: FloatArray, queries: FloatArray) -> Iterator[Row]:
    """What else could be built: inverted lists, and graphs of other figures."""
    trial = _Trial.of(matrix, queries)
    codes = half(matrix)
    for links, look in ((16, 80), (32, 80)):
        chosen, graph.BUILD_LOOK = graph.BUILD_LOOK, look
        try:
            started = time.perf_counter()
            other = graph.Graph(Storage(codes[:0]), links)
            other.add(codes)
        finally:
            graph.BUILD_LOOK = chosen
        name = f"graph, {links} links of {look}"
        yield _graph(trial, name, other, time.perf_counter() - started)
    started = time.perf_counter()
    lists = _faiss.IndexIVFFlat(
        _flat(matrix[:0]), matrix.shape[1], round(4 * len(matrix) ** 0.5), 0
    )
    lists.cp.max_points_per_centroid, lists.cp.spherical = 64, True
    lists.train(matrix)
    lists.add(matrix)
    seconds = time.perf_counter() - started
    for looked_at in _LISTS_LOOKED_AT:
        lists.nprobe = looked_at
        name = f"{lists.nlist} lists, {looked_at} looked at"
        yield trial.measure(name, lambda asked: _found(lists, asked), seconds, matrix.nbytes)


def changes(matrix: FloatArray, queries: FloatArray) -> Row:
    """A tenth of the rows replaced: the graph added to, beside one built anew."""
    count = round(_CHANGED * len(matrix))
    before, new = matrix[:-count], matrix[-count:]
    held = vectors.Vectors.linked(half(before))
    order = np.arange(count, len(matrix))  # the first tenth goes, the last tenth comes
    started = time.perf_counter()
    after = held.merged(new, order)
    followed = time.perf_counter() - started
    few = min(100, count)
    started = time.perf_counter()
    held.merged(new[:few], np.arange(few, len(held) + few))
    one_hundred = time.perf_counter() - started
    rows = matrix[count:]
    started = time.perf_counter()
    anew = vectors.Vectors.linked(half(rows))
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
    search: Search = lambda asked: _found(flat, asked)  # noqa: E731
    yield trial.measure("exact, single", search, 0.0, trial.vectors.nbytes)
    started = time.perf_counter()
    stored = Storage(codes)
    seconds = time.perf_counter() - started
    search = lambda asked: stored.search(asked, _K)  # noqa: E731
    yield trial.measure("exact, half", search, seconds, codes.nbytes)
    eight = _faiss.IndexScalarQuantizer(codes.shape[1], faiss.ScalarQuantizer.QT_8bit, 0)
    started = time.perf_counter()
    eight.train(trial.vectors)
    eight.add(trial.vectors)
    seconds = time.perf_counter() - started
    search = lambda asked: _found(eight, asked)  # noqa: E731
    yield trial.measure("exact, 8 bit", search, seconds, codes.nbytes // 2)


def _graph(trial: _Trial, name: str, built: graph.Graph, seconds: float) -> Row:
    look = graph.look_for(_K)
    size = built.storage.codes.nbytes + built.nbytes
    return trial.measure(name, lambda asked: built.search(asked, _K, None, look), seconds, size)


def _flat(matrix: FloatArray) -> Any:  # noqa: ANN401 - faiss has no types
    flat = _faiss.IndexFlatIP(matrix.shape[1])
    flat.add(matrix)
    return flat


def _found(index: Any, asked: FloatArray) -> tuple[FloatArray, RowArray]:  # noqa: ANN401
    similarities, rows = index.search(asked, _K)
    return similarities, rows


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
            "rows_per_look": vectors.ROWS_PER_LOOK,
            "most_gone": vectors.MOST_GONE,
            "links": graph.LINKS,
            "build_look": graph.BUILD_LOOK,
            "look": graph.LOOK,
            "look_each": graph.LOOK_EACH,
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
