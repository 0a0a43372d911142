"""The sections of docs/performance.md on the service: search through HTTP, many at once, pages."""

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


def pages_tables(document: Document) -> Iterator[str]:
    """How soon the pages are seen in a browser, and their weight."""
    sizes = document["sizes"]
    limits = document["targets"]
    windows = ", ".join(f"{name} {wide} × {high}" for name, (wide, high) in sizes.items())
    shown = {
        f"`{name}`, {size}": page[size]
        for name, page in document["pages"].items()
        for size in sizes
    }
    kept = sum(
        one[series][what]["worst"] <= limits[what]
        for one in shown.values()
        for series in ("first", "later")
        for what in ("bytes", "lcp_ms")
    )
    yield (
        f"## Pages in a browser\n\n{document['records']:,} records, Chromium "
        f"{document['browser']} at the same machine, nothing slowed down; {windows}. "
        f"*First*: {document['loads']} loads with an empty cache; *later*: the same address again "
        f"after each. Search is for {document['needs']} needs in turn. *LCP*: largest contentful "
        "paint; *server*: from the request to the first byte; *kB*: all that was transferred, at "
        f"most. Targets: {limits['bytes'] / 1_000:.0f} kB, {limits['lcp_ms'] / 1_000:.0f} s; "
        f"**{kept} of {4 * len(shown)}** worst figures keep to them.\n"
    )
    heads = [
        f"{series}: {what}"
        for series in ("first", "later")
        for what in ("LCP, ms", "worst", "server, ms", "kB")
    ]
    rows = [
        (name, *(figure for series in ("first", "later") for figure in _seen(one[series])))
        for name, one in shown.items()
    ]
    yield table(("page", *heads), rows)


def _seen(told: Document) -> Iterator[str]:
    yield f"{told['lcp_ms']['median']:,}"
    yield f"{told['lcp_ms']['worst']:,}"
    yield f"{told['server_ms']['median']:,}"
    yield f"{told['bytes']['worst'] / 1_000:.1f}"


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
