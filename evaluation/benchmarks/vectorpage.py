"""The section of the performance page on the search of vectors: tables, and the rules from them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evaluation.benchmarks.markdown import table

_SOURCES = {
    "drawn": "vectors drawn from a nested mixture of Gaussians (`evaluation.benchmarks.textlike`)",
    "sentences": "LSA vectors of real sentences (`--pairs ../shared/data/parallel`)",
}
_COLUMNS = (
    "method",
    "build, s",
    "MiB",
    "one query, ms",
    "queries/s",
    "recall@10",
    "recall@100",
)


def vector_tables(document: Mapping[str, Any]) -> Iterator[str]:
    """The section, in Markdown, of what `python -m evaluation.benchmarks.vectors` measured."""
    yield (
        f"## Search of vectors\n\nThe {document['k']} nearest of {document['queries']} held-out "
        "queries; one query is the median of single calls, queries/s are those of all at once, MiB "
        "are vectors and links, recall is against an exact search in single precision (“exact, "
        "single”, FAISS's flat index, is the peer of the others). Links of a graph grow from one "
        "size to the next, seconds are added up.\n"
    )
    for part in document["tables"]:
        for size in dict.fromkeys(row["vectors"] for row in part["rows"]):
            rows = [row for row in part["rows"] if row["vectors"] == size]
            yield (
                f"{size:,} × {rows[0]['dimension']}, {_SOURCES[part['source']]}:\n\n"
                + table(_COLUMNS, [_line(row) for row in rows])
            )
    if document["others"]:
        first = document["others"][0]
        yield (
            f"What else could be built over {first['vectors']:,} × {first['dimension']}:\n\n"
            + table(_COLUMNS, [_line(row) for row in document["others"]])
        )
    if document["changes"]:
        yield _changes(document["changes"])
    yield "\n".join(_rules(document["rule"])) + "\n"


def _line(row: Mapping[str, Any]) -> Sequence[str]:
    return (
        row["method"],
        f"{row['build_s']:.1f}",
        f"{row['mib']:,.0f}",
        f"{row['single_ms']:.2f}",
        f"{row['batch_qps']:,}",
        f"{row['recall@10']:.4f}",
        f"{row['recall@100']:.4f}",
    )


def _changes(changes: Mapping[str, Any]) -> str:
    seconds, recall = changes["seconds"], changes["recall@10"]
    return (
        f"Following changes, {changes['vectors']:,} × {changes['dimension']}: "
        f"{changes['replaced']:,} records replaced in {seconds['replace']:.1f} s, 100 in "
        f"{seconds['replace 100']:.1f} s, all built anew in {seconds['build anew']:.1f} s; "
        f"recall@10 {recall['followed']:.4f} of the graph that followed, "
        f"{recall['built anew']:.4f} of the one built anew.\n"
    )


def _rules(rule: Mapping[str, Any]) -> Iterator[str]:
    numbers = rule["exact_numbers"]
    yield "The rules (`vectors.py`, `graph.py` and `storage.py` of `indexer/vectors/`):\n"
    yield (
        "- Stored in half precision: half the memory, faster to scan, and recall@10 above .999; "
        "8 bits lose about one neighbour in a hundred."
    )
    yield (
        f"- Exact up to {numbers:,} numbers ({numbers // 256:,} × 256 or {numbers // 384:,} × "
        f"384), and wherever conditions leave so few: an exact search then takes a small part of "
        "the 10 ms that a whole search may. Above, a graph (HNSW)."
    )
    yield (
        f"- {rule['links']} links, chosen among {rule['build_look']} candidates: twice the links "
        "cost twice the memory and find hardly more; inverted lists find less in the same time."
    )
    yield (
        f"- A search for k keeps max({rule['look']}, {rule['look_each']} k) candidates, more where "
        "conditions or tombstones leave only a share of the vectors; where that is slower than "
        f"looking at all that are allowed ({rule['rows_per_look']} for each candidate), it is "
        "exact."
    )
    yield (
        f"- Built anew once more than {rule['most_gone']:.0%} of the stored vectors are of records "
        "that are gone."
    )
