"""One hybrid search in a running process, part by part.

    python -m evaluation.benchmarks.query --records 100000 --out docs/benchmarks/query.json

Synthetic offers are imported and indexed first (minutes); `--workspace` keeps them for next time.
"""

import statistics
import tempfile
import time
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


def query(*, records: int, encoder: str, asked: int, seed: int, folder: Path) -> dict[str, Any]:
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
    out: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Measure and print one JSON document."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = workspace or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        emit(query(records=records, encoder=encoder, asked=asked, seed=seed, folder=folder), out)


if __name__ == "__main__":
    typer.run(main)
