"""How long a large collection takes to evaluate, and in how much memory.

    python -m evaluation.benchmarks.bulk --out docs/benchmarks/bulk.json

Text is drawn (`evaluation.benchmarks.words`): the figures say nothing about quality.
"""

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.process import cungcau
from evaluation.benchmarks.words import FIELDS, vocabulary


def bulk(
    *, documents: int, queries: int, words: int, system: str, seed: int, folder: Path
) -> dict[str, Any]:
    """Seconds and memory of one `cungcau evaluate`, process start and report included."""
    say(f"drawing {documents} documents")
    write_collection(folder / "bulk", documents=documents, queries=queries, words=words, seed=seed)
    report = folder / "report"
    used = cungcau(
        ["evaluate", str(folder / "bulk"), "--system", system, "--out", str(report), "--json"]
    )
    (result,) = json.loads(used.stdout)
    return {
        "benchmark": "bulk",
        "documents": result["documents"],
        "queries": result["queries"],
        "words": words,
        "system": system,
        "seconds": round(used.seconds, 1),
        "index_s": result["seconds"]["index"],
        "search_s": result["seconds"]["search"],
        "peak_mib": used.peak_mib,
        "seed": seed,
        "machine": machine.describe(),
    }


def write_collection(folder: Path, *, documents: int, queries: int, words: int, seed: int) -> None:
    """A BEIR folder; each query is drawn like a document of one field and judged with one."""
    (folder / "qrels").mkdir(parents=True)
    languages = vocabulary("vi", seed), vocabulary("en", seed)

    def text(kind: int, number: int, size: int) -> str:
        random = np.random.default_rng([seed, kind, number])
        return languages[number % 2].draw(random, int(random.integers(len(FIELDS))), size)

    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for number in range(documents):
            entry = {"_id": f"d{number}", "title": "", "text": text(1, number, words)}
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as file:
        for number in range(queries):
            entry = {"_id": f"q{number}", "text": text(2, number, words // 4)}
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    lines = [f"q{number}\td{number % documents}\t1" for number in range(queries)]
    (folder / "qrels/test.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(
    documents: Annotated[int, typer.Option(min=1)] = 100_000,
    queries: Annotated[int, typer.Option(min=1)] = 1_000,
    words: Annotated[int, typer.Option(min=4)] = 60,
    system: Annotated[str, typer.Option()] = "hybrid:static",
    seed: Annotated[int, typer.Option()] = 1,
    out: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Measure and print one JSON document."""
    with tempfile.TemporaryDirectory() as folder:
        found = bulk(
            documents=documents,
            queries=queries,
            words=words,
            system=system,
            seed=seed,
            folder=Path(folder),
        )
        emit(found, out)


if __name__ == "__main__":
    typer.run(main)
