"""The sections of docs/performance.md on keeping in step, backup and killed processes."""

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.benchmarks.markdown import table

Document = Mapping[str, Any]


def live_tables(document: Document) -> Iterator[str]:
    """How soon records are found after their commit, and what searches meanwhile take."""
    yield (
        f"## Records added to {document['records']:,}, encoder `{document['encoder']}`\n\n"
        "From the commit until a search finds them by their words, and until all have their "
        "vectors; the index is not rebuilt.\n"
    )
    rows = [
        (
            many,
            f"{one['found']:.2f}",
            f"{one['encoded']:.2f}",
            f"{one['search_ms']['median']:.0f}",
            f"{one['search_ms']['p95']:.0f}",
        )
        for many, one in document["seconds"].items()
    ]
    heads = ("records", "found, s", "encoded, s", "searches meanwhile, median ms", "p95 ms")
    yield table(heads, rows)
    quiet, memory = document["search_ms"]["quiet"], document["memory_mb"]
    yield (
        f"Without changes a search takes {quiet['median']:.0f} ms (p95 {quiet['p95']:.0f}). "
        f"Memory {memory['before']} MB before, {memory['after']} MB after.\n"
    )


def backup_tables(document: Document) -> Iterator[str]:
    """Seconds of a backup, and from its file to a service that answers."""
    yield "## Backup and recovery\n"
    rows = [
        (
            one["into"],
            f"{one['records']:,}",
            f"{one['file_mb']:.0f}",
            f"{one['backup_seconds']:.0f}",
            f"{one['recovery_seconds']:.0f}",
            f"{max(one['backup_peak_mib'], one['restore_peak_mib']):.0f}",
        )
        for one in document["results"]
    ]
    heads = ("database", "records", "file, MB", "backup, s", "recovery, s", "peak, MiB")
    yield table(heads, rows)


def kill_tables(document: Document) -> Iterator[str]:
    """What was left after processes killed at random times."""
    yield (
        "## Killed at random times\n\nSIGKILL in the middle of the work, then a restart: "
        "*lost* was acknowledged and is gone, *half* is there in part.\n"
    )
    rows = [
        (
            one["kind"],
            one["database"],
            *(str(one[name]) for name in ("killed", "acknowledged", "lost", "half")),
        )
        for one in document["kills"]
    ]
    yield table(("work", "database", "killed", "acknowledged", "lost", "half"), rows)
