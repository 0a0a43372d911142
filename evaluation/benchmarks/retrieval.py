"""Match quality on judged collections, ours beside BM25 and all-MiniLM, with significance.

    python -m evaluation.benchmarks.retrieval --collections ../shared/data/collections \\
        --real ../shared/data/real/event-offers.xlsx \\
        --tatoeba ../shared/data/parallel-test/tatoeba1000_laser_test.tsv.gz \\
        --out docs/benchmarks/retrieval.json --page docs/quality.md

What is not given is left out. `--half odd` keeps the queries that the weights of words and meaning
were not tuned on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.markdown import table
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.tatoeba import found_share, read_pairs
from evaluation.collections import Collection
from evaluation.judged import judged_event, real_event
from evaluation.loading import load_collection
from evaluation.measures.intervals import interval
from evaluation.measures.significance import holm, randomisation
from evaluation.peers import minilm
from evaluation.run import Result, evaluate
from indexer.encoder import CONTEXTUAL, STATIC
from indexer.encoders.loading import load_encoder
from indexer.text import fold

_DATASETS = Path(__file__).parents[2] / "datasets"
_MEASURE = "nDCG@10"
# Documents and queries in English: where an English model is a fair peer.
_ENGLISH = ("xquad_en_en", "mshelp_enq_endoc", "cranfield", "cacm", "csfcube")
_STRIPPED = "xquad_vi_vi"
_ENOUGH = 0.05

# column: (system, encoder); the last one only on English rows
_COLUMNS = {
    "BM25": ("bm25", CONTEXTUAL),
    "lexicon": ("lexicon", CONTEXTUAL),
    "static": ("dense", STATIC),
    "contextual": ("dense", CONTEXTUAL),
    "hybrid, static": ("hybrid", STATIC),
    "hybrid": ("hybrid", CONTEXTUAL),
}

Half = Literal["all", "odd", "even"]


def measured(collections: Iterable[Collection], peer: Path | None) -> Iterator[dict[str, Any]]:
    """One row a collection: nDCG@10 by column, and how the hybrid compares."""
    for collection in collections:
        results: dict[str, Result] = {}
        for encoder in (CONTEXTUAL, STATIC):
            columns = {n: system for n, (system, by) in _COLUMNS.items() if by == encoder}
            found = evaluate([collection], list(columns.values()), encoder=encoder)
            results |= dict(zip(columns, found, strict=True))
        if peer is not None and _is_english(collection.name):
            results["all-MiniLM"] = evaluate([collection], ["dense"], encoder=str(peer))[0]
        yield _row(collection, results)


def _is_english(name: str) -> bool:
    return name in _ENGLISH or name.endswith("en→en")


def _row(collection: Collection, results: Mapping[str, Result]) -> dict[str, Any]:
    ours = results["hybrid"].per_query
    against = {}
    for peer in ("BM25", "all-MiniLM"):
        if peer in results:
            found = randomisation(ours, results[peer].per_query)
            against[peer] = {"gained": round(found.mean, 4), "p": round(found.p, 5)}
    row = {
        "collection": collection.name,
        "queries": results["hybrid"].queries,
        "documents": results["hybrid"].documents,
        _MEASURE: {name: round(r.metrics[_MEASURE], 4) for name, r in results.items()},
        "interval": {name: _ends(results[name]) for name in ("BM25", "hybrid")},
        "against": against,
    }
    say(f"{collection.name}: {row[_MEASURE]}")
    return row


def _ends(result: Result) -> list[float]:
    low, high = interval([figures[_MEASURE] for figures in result.per_query.values()])
    return [round(low, 4), round(high, 4)]


def corrected(rows: Sequence[dict[str, Any]]) -> None:
    """Adds to every difference its p corrected for how many are looked at (Holm 1979)."""
    every = [found for row in rows for found in row["against"].values()]
    for found, p in zip(every, holm([found["p"] for found in every]), strict=True):
        found["p, corrected"] = round(p, 5)


def tatoeba(path: Path) -> dict[str, float]:
    """How often a sentence's nearest neighbour is its translation, mean of both directions."""
    pairs = read_pairs(path)
    return {
        name: round(found_share(load_encoder(name).encode, pairs), 4)
        for name in (CONTEXTUAL, STATIC)
    }


def page(document: Mapping[str, Any]) -> str:
    """docs/quality.md."""
    columns = [*_COLUMNS, "all-MiniLM"]
    rows = []
    for row in document["rows"]:
        figures = row[_MEASURE]
        cells = [f"{figures[c]:.3f}" if c in figures else "–" for c in columns]
        low, high = row["interval"]["hybrid"]
        cells.insert(columns.index("hybrid") + 1, f"{low:.3f}–{high:.3f}")
        against = [_against(row["against"].get(peer)) for peer in ("BM25", "all-MiniLM")]
        rows.append((row["collection"], str(row["queries"]), *cells, *against))
    heads = ["collection", "queries", *columns, "hybrid − BM25", "hybrid − MiniLM"]
    heads.insert(heads.index("hybrid") + 1, "95%")
    host = document["machine"]
    lines = [
        "# Match quality\n",
        "Written by `python -m evaluation.benchmarks.retrieval`; do not edit. nDCG@10. *BM25* is "
        "ours without the lexicon, *lexicon* BM25 through the translation table, *static* and "
        "*contextual* the bundled encoders alone, *hybrid* the default of every command. "
        "*all-MiniLM* is all-MiniLM-L6-v2 alone. Differences with a star are significant at "
        f"p < {_ENOUGH} (paired randomisation test over the queries, Holm-corrected for all "
        "differences of the page); *95%* is the bootstrap interval of the hybrid. Queries: "
        f"{document['half']}.\n",
        table(heads, rows),
    ]
    if document["tatoeba"]:
        figures = ", ".join(f"{name} {value:.3f}" for name, value in document["tatoeba"].items())
        lines.append(
            f"Tatoeba, 1,000 pairs, translation found (mean of both directions): {figures}.\n"
        )
    lines.append(f"<sub>{host['cpu']}, {host['cores']} cores, {host['date']}</sub>\n")
    return "\n".join(lines)


def _against(found: Mapping[str, float] | None) -> str:
    if found is None:
        return "–"
    star = "*" if found["p, corrected"] < _ENOUGH else ""
    return f"{found['gained']:+.3f}{star}"


def _collections(
    folder: Path | None, demo: Path, real: Path | None, half: Half
) -> Iterator[Collection]:
    found: list[Collection] = []
    if folder is not None:
        names = sorted(p.name for p in folder.iterdir() if (p / "qrels/test.tsv").is_file())
        found += [load_collection(folder / name) for name in names if name != "sbir_topics_proxy"]
    found += [_stripped(each) for each in found if each.name == _STRIPPED]
    found += judged_event(demo)
    if real is not None:
        found += real_event(_DATASETS / "real-event-needs", real)
    return (_half(each, half) for each in found)


def _stripped(collection: Collection) -> Collection:
    """The same queries as somebody types them who has no accents."""
    queries = tuple(map(fold, collection.queries))
    return replace(collection, name=f"{collection.name}, accents stripped", queries=queries)


def _half(collection: Collection, half: Half) -> Collection:
    """Every other judged query, in the order of the collection."""
    if half == "all":
        return collection
    judged = [query for query in collection.query_ids if query in collection.qrels]
    kept = judged[1::2] if half == "odd" else judged[::2]
    return replace(collection, qrels={query: collection.qrels[query] for query in kept})


def main(
    collections: Annotated[Path | None, typer.Option(help="A folder of BEIR folders.")] = None,
    real: Annotated[Path | None, typer.Option(help="event-offers.xlsx of the real event.")] = None,
    tatoeba_pairs: Annotated[Path | None, typer.Option("--tatoeba")] = None,
    demo: Annotated[Path, typer.Option()] = _DATASETS / "techmart-demo",
    half: Annotated[str, typer.Option(help="all, odd or even queries.")] = "all",
    peer: Annotated[bool, typer.Option(help="all-MiniLM on the English rows.")] = True,
    out: Annotated[Path | None, typer.Option()] = None,
    page_out: Annotated[Path | None, typer.Option("--page")] = None,
) -> None:
    """Measure, print one JSON document, and write the page where asked."""
    chosen: Half = "odd" if half == "odd" else "even" if half == "even" else "all"
    rows: Sequence[dict[str, Any]] = list(
        measured(
            _collections(collections, demo, real, chosen), minilm.folder("minilm") if peer else None
        )
    )
    corrected(rows)
    document = {
        "benchmark": "retrieval",
        "half": chosen,
        "rows": rows,
        "tatoeba": tatoeba(tatoeba_pairs) if tatoeba_pairs else {},
        "machine": machine.describe(),
    }
    emit(document, out)
    if page_out is not None:
        page_out.write_text(page(document), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    typer.run(main)
