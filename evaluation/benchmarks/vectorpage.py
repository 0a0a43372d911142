"""The section of the performance page on the search of vectors: tables, and the rules from them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evaluation.benchmarks.markdown import table

_SOURCES = {
    "drawn": "vectors drawn from a nested mixture of Gaussians (`evaluation.benchmarks.textlike`)",
    "sentences": "LSA vectors of real sentences (`--pairs ../shared/data/parallel`)",
}
_MEMORY = ("own_mib", "files_mib", "peak_mib")
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
        "are vectors and what is built over them, recall is against an exact search in single "
        "precision (“exact, single”, FAISS's flat index, is the peer of the others).\n"
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


def many_tables(document: Mapping[str, Any]) -> Iterator[str]:
    """The section, in Markdown, of what `python -m evaluation.benchmarks.manyvectors` measured."""
    yield (
        f"## Very many vectors\n\nThe {document['k']} nearest of {document['queries']} held-out "
        f"queries, one at a time, {_SOURCES['drawn']}; recall is against an exact search of what "
        "is stored. Each step is a process of its own. Memory is its own (codes, lists) and that "
        "of the mapped file of vectors, which the system may take back.\n"
    )
    yield table(
        (
            "",
            "build, s",
            "lists, MiB",
            "open, s",
            "first, ms",
            "own, MiB",
            "file, MiB",
            "peak, MiB",
        ),
        [
            (
                f"{size['vectors']:,} × {size['dimension']}",
                f"{size['build']['seconds']:.0f}",
                f"{size['build']['file_mib']:,.0f}",
                f"{size['search']['open_s']:.2f}",
                f"{size['search']['first_ms']:.0f}",
                *(_held(size["search"]["memory"][part]) for part in _MEMORY),
            )
            for size in document["tables"]
        ],
    )
    yield table(
        ("conditions leave", "median, ms", "p99, ms", "recall@10", "recall@100"),
        [
            (
                f"{row['share']:.2%} of {size['vectors']:,}",
                f"{row['median_ms']:.1f}",
                f"{row['p99_ms']:.1f}",
                f"{row['recall@10']:.4f}",
                f"{row['recall@100']:.4f}",
            )
            for size in document["tables"]
            for row in size["search"]["searches"]
        ],
    )
    for size in document["tables"]:
        added = size["add"]
        yield (
            f"{added['vectors']:,} vectors merged into {size['vectors']:,}: "
            f"{added['seconds']:.1f} s, {added['found']:.1%} of them find themselves.\n"
        )


def _held(size: float | None) -> str:
    return "–" if size is None else f"{size:,.0f}"


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
        f"recall@10 {recall['followed']:.4f} of the lists that followed, "
        f"{recall['built anew']:.4f} of the one built anew.\n"
    )


def _rules(rule: Mapping[str, Any]) -> Iterator[str]:
    numbers = rule["exact_numbers"]
    yield "The rules (`vectors.py`, `lists.py` and `storage.py` of `indexer/vectors/`):\n"
    yield (
        "- Stored in half precision: half the memory, faster to scan, and recall@10 above .999; "
        "8 bits lose about one neighbour in a hundred. The file is mapped into memory, not read."
    )
    yield (
        f"- Exact up to {numbers:,} numbers ({numbers // 256:,} × 256 or {numbers // 384:,} × "
        f"384), and wherever conditions leave so few: an exact search then takes a small part of "
        "the 10 ms that a whole search may. Above, lists of codes of two bits a number."
    )
    yield (
        f"- About twice as many lists as the root of the number of vectors, at most "
        f"{rule['most_lists']:,}; a graph (HNSW) takes several times as long to build and finds "
        "hardly more, lists of whole vectors find less in the same time."
    )
    yield (
        f"- A search for k scans {rule['visited']} lists and compares the vectors of the best "
        f"max({rule['look']:,}, {rule['look_each']} k) codes. Where conditions leave the share s "
        "of the vectors, it scans 1/√s times the lists; where it would compare more than "
        f"{rule['most_looked_at']:.0%} of what is left, it is exact."
    )
    yield (
        "- Lists follow changes; all is built anew once the number of vectors calls for twice "
        "as many lists."
    )
