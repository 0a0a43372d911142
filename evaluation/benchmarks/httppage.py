"""The sections of docs/performance.md on the service: search through HTTP, and many at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.benchmarks.markdown import table

Document = Mapping[str, Any]


def http_tables(document: Document) -> Iterator[str]:
    """Requests a second and milliseconds of every series, ours and the peer's."""
    ours = document["cungcau"]
    yield (
        f"## Search through HTTP\n\n{document['records']:,} records, "
        f"{ours['distinct']['clients']} clients that each ask again as soon as they are answered, "
        f"the {document['k']} best of {document['words']} words; clients and server share the "
        "cores. *Distinct*: hardly a query comes twice. *Repeated*: "
        f"{document['repeated']:,} queries by Zipf's law. From the start of the process until it "
        f"takes requests: **{ours['ready_s']:.1f} s**.\n"
    )
    rows = [
        (f"{name}, {series}", *_figures(document[name][series]))
        for name in ("cungcau", "txtai")
        for series in ("distinct", "repeated", "importing")
        if series in document.get(name, {})
    ]
    heads = ("series", "requests", "errors", "requests/s", "p50, ms", "p95, ms", "p99, ms")
    yield table((*heads, "MiB before", "MiB after", "cores: server", "clients"), rows)
    if "importing" in ours:
        brought = ours["importing"]
        yield (
            f"*Importing*: distinct queries while {brought['rows']:,} rows are brought in: "
            f"answered after {brought['import_s']:.1f} s, all of them found "
            f"{brought['found_s']:.1f} s after they were sent.\n"
        )
    if "txtai" in document:
        yield (
            "*txtai* is its own HTTP service over a hybrid index of the same texts, all-MiniLM "
            "encoding the queries; its document vectors are drawn at random, and it answers with "
            "ids and scores where ours adds title, owner, rules and evidence.\n"
        )


def concurrency_tables(document: Document) -> Iterator[str]:
    """What fifty writers and two hundred readers met on either database."""
    one = document["sqlite"]
    yield (
        f"## Many at once\n\n{one['writers']} who change the same few records with If-Match and "
        f"{one['readers']} who search and read meanwhile, through HTTP. *Refused* changes were "
        "made again after reading anew (412).\n"
    )
    rows = [
        (
            name,
            f"{document[name]['updates']:,}",
            f"{sum(document[name]['refused'].values()):,}",
            str(document[name]["lost"]),
            f"{document[name]['reads']:,}",
            str(document[name]["dirty"]),
            f"{document[name]['seconds']:.0f}",
        )
        for name in ("sqlite", "postgresql")
    ]
    heads = ("database", "changes", "refused", "lost", "reads", "half seen", "seconds")
    yield table(heads, rows)


def _figures(told: Document) -> Iterator[str]:
    yield f"{told['requests']:,}"
    yield str(sum(told["errors"].values()))
    yield f"{told['per_second']:,.1f}"
    for name in ("p50", "p95", "p99"):
        taken = told["milliseconds"].get(name)
        yield "–" if taken is None else f"{taken:,.0f}"
    memory = told["mib"]
    yield f"{memory['start']['resident']:,.0f}" if "start" in memory else "–"
    yield f"{memory.get('end', memory)['resident']:,.0f}"
    yield f"{told['server_cores']:.2f}"
    yield f"{told['generator_cores']:.2f}"
