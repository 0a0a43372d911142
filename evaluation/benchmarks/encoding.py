"""Speed, loading and size of the bundled encoders, beside all-MiniLM and BM25 in one run.

    python -m evaluation.benchmarks.encoding --out docs/benchmarks/encoding.json

Documents are of 100 words, half Vietnamese and half English, cut from datasets/techmart-pairs.
"""

import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.peers import minilm
from indexer.encoder import CONTEXTUAL, STATIC
from indexer.encoders.bundled import MODELS
from indexer.encoders.loading import load_encoder
from indexer.training.corpus import read_corpus
from indexer.words.lexical import LexicalIndex
from indexer.words.tokentable import TokenTable

_PAIRS = Path(__file__).parents[2] / "datasets/techmart-pairs"
_WORDS = 100
_SHARE = 8  # of the documents, what the slow peer gets
_LOADING = """
import sys, time
import indexer
started = time.perf_counter()
from indexer.encoders.loading import load_encoder
load_encoder(sys.argv[1]).encode(["x"])
print(time.perf_counter() - started)
"""


def documents(count: int) -> list[str]:
    """Texts of 100 words, the languages in turn."""
    corpus = read_corpus([_PAIRS], [], [])
    texts = []
    for language in (corpus.pairs.vietnamese, corpus.pairs.english):
        words = " ".join(language).split()
        starts = range(0, len(words) - _WORDS, _WORDS)
        texts.append([" ".join(words[start : start + _WORDS]) for start in starts])
    both = [text for pair in zip(*texts, strict=False) for text in pair]
    return [both[i % len(both)] for i in range(count)]


def encoding(count: int, runs: int) -> dict[str, Any]:
    """Documents a second of every system, in turns, so that noise falls on all alike."""
    texts = documents(count)
    few = texts[: count // _SHARE]
    peer = load_encoder(str(minilm.folder("encoding")))
    systems: dict[str, tuple[Callable[[Sequence[str]], object], Sequence[str]]] = {
        STATIC: (load_encoder(STATIC).encode, texts),
        CONTEXTUAL: (load_encoder(CONTEXTUAL).encode, texts),
        "BM25 index": (lambda given: LexicalIndex.build(TokenTable.of(given)), texts),
        "all-MiniLM": (peer.encode, few),
    }
    speeds: dict[str, list[float]] = {name: [] for name in systems}
    for run in range(runs):
        for name, (work, given) in systems.items():
            started = time.perf_counter()
            work(given)
            speeds[name].append(len(given) / (time.perf_counter() - started))
        say(f"{run + 1}/{runs}: " + ", ".join(f"{n} {s[-1]:,.0f}/s" for n, s in speeds.items()))
    rates = {name: round(statistics.median(each), 1) for name, each in speeds.items()}
    return {
        "benchmark": "encoding",
        "documents": count,
        "words": _WORDS,
        "runs": runs,
        "documents_per_second": rates,
        "times_minilm": {n: round(rate / rates["all-MiniLM"], 1) for n, rate in rates.items()},
        "loading_seconds": {name: _loading(name, runs) for name in (STATIC, CONTEXTUAL)},
        "mib": {path.name: _packed(path) for path in sorted(MODELS.iterdir())},
        "seed": 0,
        "machine": machine.describe(),
    }


def _loading(name: str, runs: int) -> float:
    """Median seconds from asking for it to the first vector, in processes of their own."""
    found = [
        float(subprocess.check_output([sys.executable, "-c", _LOADING, name])) for _ in range(runs)
    ]
    return round(statistics.median(found), 3)


def _packed(path: Path) -> float:
    """MiB in a wheel, which is a zip."""
    body = BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file():
                packed.write(file)
    return round(len(body.getvalue()) / 2**20, 2)


def main(
    count: Annotated[int, typer.Option("--documents")] = 4_000,
    runs: Annotated[int, typer.Option()] = 5,
    out: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Measure and print one JSON document."""
    document = encoding(count, runs)
    emit(document, out)


if __name__ == "__main__":
    typer.run(main)
