"""Very many vectors in bounded memory: built, opened by a fresh process, searched, added to.

    python -m evaluation.benchmarks.manyvectors --out docs/benchmarks/manyvectors.json

Measures a million and ten million; each step is a process of its own, so that its memory is its
own. Vectors are drawn and compared exactly block by block, and lie in a file: --folder needs 512
bytes a vector of dimension 256, a fifth more with what is built over them.
"""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.textlike import drawn_blocks
from indexer.arrays import mapped, read_array
from indexer.vectors.lists import LISTS_FILE, Lists
from indexer.vectors.recall import recall
from indexer.vectors.storage import FloatArray, Mask, half
from indexer.vectors.vectors import Vectors

_K = 100  # what a search of the matcher looks at first
_SHARES = (1.0, 0.01, 0.001, 0.0001)  # of the vectors that conditions leave
_ADDED = 1000
_PREFIX = "many."
_VECTORS = f"{_PREFIX}vectors.npy"

Row = dict[str, Any]


@dataclass(frozen=True)
class Trial:
    """N vectors of one dimension in a folder, with as many queries drawn beside them."""

    folder: Path
    count: int
    dimension: int
    queries: int
    seed: int

    def allowed(self, share: float) -> Mask | None:
        """The rows that conditions leave, None for all: the same at each call."""
        if share == 1:
            return None
        random = np.random.default_rng([self.seed, round(1 / share)])
        rows = random.choice(self.count, size=max(round(share * self.count), 1), replace=False)
        mask = np.zeros(self.count, dtype=bool)
        mask[rows] = True
        return mask

    def truth(self, share: float) -> FloatArray:
        """The similarities of each query's nearest among these rows, best first."""
        found: FloatArray = np.load(self.folder / f"truth-{share}.npy")
        return found

    def asked(self) -> FloatArray:
        found: FloatArray = np.load(self.folder / "queries.npy")
        return found

    def opened(self) -> Vectors:
        names = (_VECTORS, f"{_PREFIX}{LISTS_FILE}")
        files = {name: mapped(self.folder / name) for name in names}
        return Vectors.load(files, _PREFIX, self.dimension, self.count)


def draw(trial: Trial) -> Row:
    """Writes the vectors, the queries (the first that are drawn) and their true nearest."""
    started = time.perf_counter()
    shape = (trial.count, trial.dimension)
    stored = np.lib.format.open_memmap(
        trial.folder / _VECTORS, mode="w+", dtype=np.float16, shape=shape, version=(1, 0)
    )
    masks = {share: trial.allowed(share) for share in _SHARES}
    best = {share: np.zeros((trial.queries, 0), dtype=np.float32) for share in _SHARES}
    queries = np.empty((trial.queries, trial.dimension), dtype=np.float32)
    told = 0.0
    for start, drawn in drawn_blocks(trial.queries + trial.count, trial.dimension, trial.seed):
        asked = max(min(trial.queries - start, len(drawn)), 0)
        queries[start : start + asked] = drawn[:asked]
        row = start + asked - trial.queries
        codes = half(drawn[asked:])
        stored[row : row + len(codes)] = codes
        near = queries @ codes.astype(np.float32).T
        for share, mask in masks.items():
            there = near if mask is None else near[:, mask[row : row + len(codes)]]
            best[share] = _nearest(best[share], there)
        told = _tell("drawn", row + len(codes), trial.count, told)
    stored.flush()
    np.save(trial.folder / "queries.npy", queries)
    for share, similarities in best.items():
        np.save(trial.folder / f"truth-{share}.npy", similarities)
    return {"seconds": round(time.perf_counter() - started, 1)}


def build(trial: Trial) -> Row:
    """Puts the vectors of the file on lists, and saves these."""
    told = 0.0

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal told
        told = _tell(stage, done, total, told)

    codes = read_array(mapped(trial.folder / _VECTORS))
    started, used = time.perf_counter(), time.process_time()
    lists = Lists.build(codes, progress)
    seconds, used = time.perf_counter() - started, time.process_time() - used
    (name,) = lists.save(trial.folder, _PREFIX)
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used, 1),
        "lists": lists.count,
        "file_mib": _mib((trial.folder / name).stat().st_size),
        "memory": _memory(),
    }


def search(trial: Trial) -> Row:
    """Opens what was saved and asks, one query at a time, under each of the conditions."""
    queries = trial.asked()
    started = time.perf_counter()
    vectors = trial.opened()
    opened = time.perf_counter() - started
    started = time.perf_counter()
    vectors.search(queries[:1], _K)
    first = time.perf_counter() - started
    rows = []
    for share in _SHARES:
        allowed = trial.allowed(share)
        rows.append({"share": share, **_asked(vectors, queries, allowed, trial.truth(share))})
        say(f"searched {share:.2%} of them: {rows[-1]}")
    return {
        "open_s": round(opened, 2),
        "first_ms": round(1000 * first, 1),
        "searches": rows,
        "memory": _memory(),
    }


def add(trial: Trial) -> Row:
    """Adds some vectors to those that were saved, in memory."""
    vectors = trial.opened()
    blocks = drawn_blocks(_ADDED, trial.dimension, trial.seed + 1)
    new = np.concatenate([block for _, block in blocks])
    order = np.arange(trial.count + len(new))
    started = time.perf_counter()
    after = vectors.merged(new, order)
    seconds = time.perf_counter() - started
    itself = after.search(new, 1)[1][:, 0] == order[trial.count :]
    return {
        "vectors": len(new),
        "seconds": round(seconds, 2),
        "found": round(float(itself.mean()), 4),
        "memory": _memory(),
    }


def _asked(vectors: Vectors, queries: FloatArray, allowed: Mask | None, truth: FloatArray) -> Row:
    vectors.search(queries[:1], _K, allowed)
    single, found = [], []
    for query in queries:
        started = time.perf_counter()
        similarities, _ = vectors.search(query[None], _K, allowed)
        single.append(1000 * (time.perf_counter() - started))
        found.append(similarities[0])
    near = np.stack(found)
    return {
        "median_ms": round(statistics.median(single), 2),
        "p99_ms": round(float(np.percentile(single, 99)), 2),
        "full": near.shape == truth.shape,
        "recall@10": round(recall(truth[:, :10], near[:, :10]), 4),
        "recall@100": round(recall(truth, near), 4),
    }


def _nearest(best: FloatArray, near: FloatArray) -> FloatArray:
    """The best so far, and of these those that are better: at most k of each, best first."""
    if best.shape[1] < _K:
        both = np.concatenate([best, near], axis=1)
        return -np.sort(-both, axis=1)[:, :_K]
    better = near > best[:, -1:]
    for i in np.flatnonzero(better.any(axis=1)):
        best[i] = -np.sort(-np.concatenate([best[i], near[i, better[i]]]))[:_K]
    return best


def _memory() -> Mapping[str, float | None]:
    """What this process holds, in MiB: its own, and of files, which the system may take back;
    `peak` is both at their largest. Own and files are None where the system does not tell."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    listing = Path("/proc/self/status")
    held = {}
    if listing.is_file():
        for line in listing.read_text().splitlines():
            name, _, said = line.partition(":")
            if name in ("RssAnon", "RssFile"):
                held[name] = _mib(1024 * int(said.split()[0]))
    return {
        "own_mib": held.get("RssAnon"),
        "files_mib": held.get("RssFile"),
        "peak_mib": _mib(peak if sys.platform == "darwin" else 1024 * peak),
    }


def _mib(size: int) -> float:
    return round(size / 2**20, 1)


def _tell(stage: str, done: int, total: int, told: float) -> float:
    """Says how far it is at most every ten seconds; returns when it last did."""
    if done < total and time.monotonic() - told < 10:
        return told
    say(f"{stage} {done:,} of {total:,}")
    return time.monotonic()


def _alone(step: Callable[[Trial], Row], trial: Trial) -> Row:
    """The step in a process of its own."""
    say(f"{step.__name__}: {trial.count:,} × {trial.dimension}")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        return processes.submit(step, trial).result()


def benchmark(
    *, counts: Sequence[int], dimension: int, queries: int, seed: int, folder: Path
) -> dict[str, Any]:
    """Every step at each count; what was written is removed again."""
    tables = []
    for count in counts:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            trial = Trial(Path(scratch), count, dimension, queries, seed)
            steps = {step.__name__: _alone(step, trial) for step in (draw, build, search, add)}
        tables.append({"vectors": count, "dimension": dimension, **steps})
    return {
        "benchmark": "manyvectors",
        "k": _K,
        "queries": queries,
        "tables": tables,
        "seed": seed,
        "machine": machine.describe(),
    }


def main(
    count: Annotated[list[int] | None, typer.Option(help="May be repeated.")] = None,
    dimension: Annotated[int, typer.Option(min=2)] = 256,
    queries: Annotated[int, typer.Option(min=1, help="Queries, held out.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed draws the same vectors.")] = 7,
    folder: Annotated[
        Path, typer.Option(help="Where the vectors are kept meanwhile.", exists=True)
    ] = Path(),
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Measure lists over very many vectors; prints one JSON document."""
    emit(
        benchmark(
            counts=sorted(count or [1_000_000, 10_000_000]),
            dimension=dimension,
            queries=queries,
            seed=seed,
            folder=folder,
        ),
        out,
    )


if __name__ == "__main__":
    typer.run(main)
