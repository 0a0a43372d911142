"""The sections of docs/performance.md on scoring pairs and on planning meetings."""

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.benchmarks.markdown import table

Document = Mapping[str, Any]


def planning_tables(document: Document) -> Iterator[str]:
    """Value, worst-off need, seconds and gap of every planner on every instance."""
    yield (
        "## Meetings\n\nScores are drawn; every planner gets the same ones in the same process. "
        "*First free table* takes the best pair left that fits; *min-max flow* chooses pairs as "
        "reviewer assignment does and makes no timetable, so its value is no plan's. The gap is "
        "to the bound of each planner's own.\n"
    )
    rows = []
    for instance in document["instances"]:
        for i, row in enumerate(instance["rows"]):
            rows.append(
                (
                    instance["instance"] if i == 0 else "",
                    row["system"],
                    f"{row['value']:,.1f}" if row["meetings"] else "none found",
                    f"{row['meetings']:,}",
                    str(row["fewest_of_a_need"]),
                    f"{row['seconds']:.2f}",
                    f"{row['gap']:.2%}" if "gap" in row else "–",
                )
            )
    heads = ("event", "planner", "value", "meetings", "fewest of a need", "seconds", "gap")
    yield table(heads, rows)
    yield from _largest(document)
    yield f"Largest resident set of the whole benchmark, peers included: {_gib(document)}.\n"


def _largest(document: Document) -> Iterator[str]:
    """What the largest instance takes alone, and its repair."""
    for instance in document["instances"]:
        if "alone" in instance:
            used, repair = instance["alone"], instance["repair"]
            yield (
                f"{instance['instance']}, alone in its process: {used['seconds']:.2f} s, "
                f"{used['peak_mib'] / 1024:.2f} GiB. With {repair['no_shows']} owners (5%) not "
                f"there, repaired in {repair['seconds']:.2f} s; {repair['kept']:.1%} of the other "
                f"{repair['others']:,} meetings stay where they were. CP-SAT's seconds include "
                "making its model; its search has the limit that is said.\n"
            )


def _gib(document: Document) -> str:
    return f"{document['peak_mib'] / 1024:.1f} GiB"


def scoring_tables(document: Document) -> Iterator[str]:
    """Seconds of scoring candidate pairs by all features."""
    seconds = document["seconds"]
    yield (
        f"## Scoring candidate pairs\n\n{document['pairs']:,} pairs of {document['needs']:,} needs "
        f"and {document['offers']:,} offers of {document['words']} words, all features: "
        f"**{seconds['first']:.1f} s** the first time their records are read, "
        f"{seconds['again']:.1f} s after that.\n"
    )
