"""Ours beside what else is installed for the job: one command, one machine, one run.

    python -m evaluation.benchmarks.suite --texts ../shared/data \\
        --collections ../shared/data/collections --out docs/benchmarks/suite.json

Every engine is a process of its own. In each round each is started anew and builds its index; then
they are asked in turn, a block of questions each, so that what else the machine does meets all of
them. Ratios are over pairs of the same round and question, their intervals by the bootstrap.

Document vectors of engines without an encoder of their own are drawn at random for speed
(all-MiniLM would take ten minutes for 20,000 texts; an engine takes the same time whatever they
are): the time they would take is added from the measured rate. For quality all are encoded.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.records import NEEDS, fill, questions
from evaluation.benchmarks.spread import spread
from evaluation.measures.intervals import RESAMPLES, SEED, percentiles
from evaluation.peers.engines import ENGINES, OURS, WITHOUT_ENCODER
from indexer.workspace import Workspace

_WORDS, _BLOCK, _WARM = 20, 20, 5
_ADDED = 1_000
_ENCODED = 200  # texts that tell the rate of all-MiniLM
FILTERS = {
    "50%": ("trl", ">=", 6),
    "10%": ("place", "=", "Hà Nội"),
    "1%": ("place", "=", "Điện Biên"),
    "0.1%": ("owner", "=", "Viện Nghiên cứu số 7"),
}
COLLECTIONS = ("xquad_vi_vi", "xquad_en_en", "xquad_enq_vidoc", "cranfield")
_DEMO = Path(__file__).parents[2] / "datasets/techmart-demo"

Figures = dict[str, Any]


class _Worker:
    """The process of one engine, see `evaluation.benchmarks.contestant`."""

    def __init__(self, name: str, workspace: Path, documents: int, folder: Path, seed: int) -> None:
        self.name = name
        command = [sys.executable, "-m", "evaluation.benchmarks.contestant", name]
        command += [str(workspace), str(documents), str(folder), str(seed)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def do(self, order: str, **rest: object) -> Figures:
        """Raises RuntimeError, naming the engine, where its process has ended."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"do": order, **rest}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name}: its process ended at {order!r}")
        found: Figures = json.loads(line)
        return found

    def close(self) -> None:
        self._process.communicate()


def suite(
    *,
    engines: Sequence[str],
    documents: int,
    queries: int,
    rounds: int,
    workspace: Path,
    texts: Path | None,
    judged: Sequence[Path],
    seed: int,
) -> Figures:
    """All figures; `judged` are collections for the quality, `workspace` is kept and reused."""
    made = fill(workspace, count=documents + _ADDED + NEEDS, texts=texts)
    with Workspace.open(workspace).catalog() as catalog:
        asked = questions(catalog, _WORDS, queries + _WARM)
    taken: dict[str, list[Figures]] = {name: [] for name in engines}
    quality: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory(dir=workspace) as scratch:
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            places = {name: Path(scratch) / str(at) for at, name in enumerate(engines)}
            # The first to go is another one in every round.
            turn = [*engines[number % len(engines) :], *engines[: number % len(engines)]]
            workers = [
                _Worker(name, workspace, documents, places[name], seed + number) for name in turn
            ]
            try:
                for name, figures in _round(
                    workers, documents, asked[:_WARM], asked[_WARM:]
                ).items():
                    taken[name].append(figures)
                if number == rounds - 1:
                    quality = {worker.name: _quality(worker, judged) for worker in workers}
            finally:
                for worker in workers:
                    worker.close()
                for place in places.values():
                    shutil.rmtree(place, ignore_errors=True)
    return {
        "benchmark": "suite",
        "documents": documents,
        "queries": queries,
        "rounds": rounds,
        "words": made["words"],
        "source": made["source"],
        "engines": {name: {**_told(taken[name]), "quality": quality[name]} for name in engines},
        "ratios": _ratios(taken),
        "seed": seed,
        "machine": machine.describe(),
    }


def _round(
    workers: Sequence[_Worker], documents: int, warm: Sequence[str], asked: Sequence[str]
) -> dict[str, Figures]:
    """What every engine took in one round, by name."""
    found: dict[str, Figures] = {worker.name: {} for worker in workers}
    rate = workers[0].do("rate", texts=_ENCODED)["texts_per_second"]
    for worker in workers:
        own = found[worker.name]
        own["index"] = worker.do("index")
        own["rate"] = rate
        worker.do("warm", texts=warm)
        say(f"{worker.name}: {own['index']['seconds']:.1f} s")
    blocks = [asked[at : at + _BLOCK] for at in range(0, len(asked), _BLOCK)]
    for key, where in (("all", None), *FILTERS.items()):
        for worker in workers:
            # What an engine makes once for a filter is not the time of a question.
            worker.do("ask", texts=warm[:1], where=where)
            found[worker.name][f"ask {key}"] = {"seconds": [], "found": []}
        for block in blocks:
            for worker in workers:
                one = worker.do("ask", texts=block, where=where)
                for name, values in one.items():
                    found[worker.name][f"ask {key}"][name] += values
    for worker in workers:
        own = found[worker.name]
        own["batch"] = worker.do("batch", texts=asked)
        own["indexed"] = indexed(worker.name, own, documents)
        own["end to end"] = own["indexed"] + own["batch"]["seconds"]
        own |= worker.do("search", texts=asked)
        own["weight"] = worker.do("weight")
        own["add"] = worker.do("add")
        if worker.name not in WITHOUT_ENCODER:
            own["add"]["seconds"] += own["add"]["added"] / rate
    return found


def _quality(worker: _Worker, judged: Sequence[Path]) -> list[Figures]:
    found = [worker.do("judge", path=str(path)) for path in judged]
    say(f"{worker.name}: {[one['nDCG@10'] for one in found]}")
    return found


def indexed(name: str, one: Figures, documents: int) -> float:
    """Seconds until the records can be asked for, encoding included."""
    seconds: float = one["index"]["seconds"]
    return seconds if name in WITHOUT_ENCODER else seconds + documents / one["rate"]


def _told(rounds: Sequence[Figures]) -> Figures:
    """The figures of one engine over its rounds: means, and the spread of all questions."""

    def mean(key: str, name: str) -> float:
        return round(float(np.mean([one[key][name] for one in rounds])), 3)

    last = rounds[-1]
    asked = len(last["ask all"]["seconds"])
    return {
        "index_s": mean("index", "seconds"),
        "index_cpu_s": mean("index", "cpu_s"),
        "batch_qps": round(asked / mean("batch", "seconds"), 1),
        "add_s": mean("add", "seconds"),
        "end_to_end_s": round(float(np.mean([one["end to end"] for one in rounds])), 2),
        "peak_mib": max(one["weight"]["peak_mib"] for one in rounds),
        "disk_mib": last["weight"]["disk_mib"],
        "minilm_texts_per_second": round(float(np.mean([one["rate"] for one in rounds])), 1),
        "ask_ms": {
            key.removeprefix("ask "): {
                **spread([taken for one in rounds for taken in one[key]["seconds"]]),
                "found": round(float(np.mean(last[key]["found"])), 2),
            }
            for key in last
            if key.startswith("ask ")
        },
        **({"search_ms": last["search_ms"]} if "search_ms" in last else {}),
    }


def _ratios(taken: Mapping[str, Sequence[Figures]]) -> dict[str, dict[str, dict[str, list[float]]]]:
    """By engine of ours, by peer: how many times ours the time of the peer is, and its interval."""
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for ours in (name for name in OURS if name in taken):
        found[ours] = {}
        for peer in (name for name in taken if name not in OURS):
            pairs = list(zip(taken[peer], taken[ours], strict=True))
            found[ours][peer] = {
                what: ratio([_cost(a, what) for a, _ in pairs], [_cost(b, what) for _, b in pairs])
                for what in ("indexed", "ask", "batch", "add", "end to end")
            }
    return found


def _cost(one: Figures, what: str) -> list[float]:
    """Seconds, one for every pair that is compared."""
    if what == "ask":
        return list(one["ask all"]["seconds"])
    if what in ("indexed", "end to end"):
        return [one[what]]
    return [one[what]["seconds"]]


def ratio(peer: Sequence[Sequence[float]], ours: Sequence[Sequence[float]]) -> list[float]:
    """[sum of the peer's costs over the sum of ours, low, high], 95% of paired resamples.

    Costs come as rounds of pairs; all pairs are resampled together. One pair has no spread.
    """
    a = np.array([cost for each in peer for cost in each])
    b = np.array([cost for each in ours for cost in each])
    random = np.random.default_rng(SEED)
    rows = random.integers(0, len(a), size=(RESAMPLES // 5, len(a)))
    low, high = percentiles(a[rows].sum(axis=1) / b[rows].sum(axis=1), 0.95)
    return [round(float(value), 3) for value in (a.sum() / b.sum(), low, high)]


def main(
    engine: Annotated[list[str] | None, typer.Option(help="One of them; may be repeated.")] = None,
    documents: Annotated[int, typer.Option(min=10)] = 20_000,
    queries: Annotated[int, typer.Option(min=1)] = 200,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    workspace: Annotated[Path | None, typer.Option(help="A folder to keep the records in.")] = None,
    texts: Annotated[Path | None, typer.Option(help="A folder of real texts.")] = None,
    collections: Annotated[Path | None, typer.Option(help="A folder of BEIR folders.")] = None,
    demo: Annotated[Path, typer.Option(help="A judged event.")] = _DEMO,
    seed: Annotated[int, typer.Option()] = 1,
    out: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Measure and print one JSON document, which `evaluation.benchmarks.suitepage` tells."""
    unknown = set(engine or ()) - set(ENGINES)
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}; known: {', '.join(ENGINES)}")
    judged = [demo, *((collections / name) for name in COLLECTIONS if collections is not None)]
    with tempfile.TemporaryDirectory() as scratch:
        found = suite(
            engines=engine or tuple(ENGINES),
            documents=documents,
            queries=queries,
            rounds=rounds,
            workspace=workspace or Path(scratch) / "records",
            texts=texts,
            judged=judged,
            seed=seed,
        )
    emit(found, out)


if __name__ == "__main__":
    typer.run(main)
