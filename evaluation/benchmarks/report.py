"""docs/performance.md from saved benchmark documents: its figures are generated, never typed.

python -m evaluation.benchmarks.report docs/performance --out docs/performance.md
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks.enginepage import encoding_tables, query_tables
from evaluation.benchmarks.faultpage import backup_tables, kill_tables, live_tables
from evaluation.benchmarks.httppage import concurrency_tables, http_tables, pages_tables
from evaluation.benchmarks.markdown import table
from evaluation.benchmarks.matchpage import planning_tables, scoring_tables
from evaluation.benchmarks.output import say
from evaluation.benchmarks.vectorpage import vector_tables

Document = Mapping[str, Any]

# What says how good, not how fast: docs/quality.md, docs/score.md, indexer/models/ablation.md; and
# what grows, and the peers: docs/scale.md, docs/peers.md.
_ELSEWHERE = (
    *("ablation", "affinity", "attacks", "faithfulness", "learning", "retrieval"),
    *("scale", "manyvectors", "allpairs", "stores", "suite"),
)

_HEAD = """# Performance

Written by `python -m evaluation.benchmarks.report`; do not edit. Text of the records is synthetic,
drawn from a fixed seed; times are those of whole processes, start included, memory is the largest
resident set of any one process, unless a section says otherwise.
"""


def page(documents: Sequence[Document], plot: str | None = None) -> str:
    """The page, in Markdown; one section a document, whatever their order.

    `plot` is the address of the growth plot as the page links it. Raises ValueError for a
    document of no known benchmark, and for two of the same one.
    """
    sections = {
        "event": _event,
        "search": _search,
        "query": query_tables,
        "growth": _growth,
        "encoding": encoding_tables,
        "vectors": vector_tables,
        "bulk": _bulk,
        "scoring": scoring_tables,
        "planning": planning_tables,
        "http": http_tables,
        "concurrency": concurrency_tables,
        "pages": pages_tables,
        "live": live_tables,
        "backup": backup_tables,
        "kills": kill_tables,
    }
    by_name: dict[tuple[str, str], Document] = {}
    for document in documents:
        name = str(document.get("benchmark"))
        if name in _ELSEWHERE:
            continue
        if name not in sections:
            raise ValueError(f"unknown benchmark {name!r}; known: {', '.join(sections)}")
        key = name, str(document.get("encoder", ""))
        if key in by_name:
            raise ValueError(f"two documents of the benchmark {name!r}")
        by_name[key] = document
    lines = [_HEAD]
    for name, write in sections.items():
        for document in (by_name[key] for key in sorted(by_name) if key[0] == name):
            lines.extend(write(document))
            if name == "growth" and plot:
                lines.append(f"![Seconds and memory over the number of offers]({plot})\n")
            lines.append(_machine(document))
    return "\n".join(lines)


def _event(document: Document) -> Iterator[str]:
    yield (
        f"## From two spreadsheets to a match list, encoder `{document['encoder']}`\n\n"
        f"{document['needs']:,} needs × {document['offers']:,} offers of {document['words']} "
        f"words: **{document['seconds']:.1f} s**, {_mib(document['peak_mib'])}, "
        f"{document['matches']:,} matches.\n"
    )
    rows = [
        (stage, f"{used['seconds']:.1f}", _mib(used["peak_mib"]))
        for stage, used in document["stages"].items()
    ]
    yield table(("stage", "seconds", "memory"), rows)


def _search(document: Document) -> Iterator[str]:
    seconds = document["seconds"]
    heavy = ", ".join(document["heavy_imports"]) or "none"
    yield (
        f"## One search from the command line\n\n"
        f"{document['records']:,} records in the index, {document['starts']} process starts: "
        f"median **{seconds['median']:.2f} s** from start to answer "
        f"({seconds['min']:.2f} to {seconds['max']:.2f}), {_mib(document['peak_mib'])}. "
        f"Heavy libraries imported: {heavy}.\n"
    )


def _growth(document: Document) -> Iterator[str]:
    yield (
        f"## Growth\n\nThe same path with {document['needs']:,} needs at every size, "
        f"{document['words']} words a record, encoder `{document['encoder']}`.\n"
    )
    stages = list(document["sizes"][0]["stages"])
    rows = [
        (
            f"{size['offers']:,}",
            *(f"{size['stages'][stage]['seconds']:.1f}" for stage in stages),
            f"{size['seconds']:.1f}",
            _mib(size["peak_mib"]),
        )
        for size in document["sizes"]
    ]
    yield table(("offers", *(f"{stage}, s" for stage in stages), "all, s", "memory"), rows)


def _bulk(document: Document) -> Iterator[str]:
    yield (
        f"## Evaluating a large collection\n\n`cungcau evaluate --system {document['system']}` on "
        f"{document['documents']:,} documents of {document['words']} words and "
        f"{document['queries']:,} queries, report included: **{document['seconds']:.0f} s**, "
        f"{_mib(document['peak_mib'])}; {document['index_s']:.0f} s to index, "
        f"{document['search_s']:.0f} s to search.\n"
    )


def _mib(peak: float | None) -> str:
    return "–" if peak is None else f"{peak:,.0f} MiB"


def _machine(document: Document) -> str:
    machine = document["machine"]
    memory = "" if machine["memory_gib"] is None else f", {machine['memory_gib']:.0f} GiB"
    seed = f", seed {document['seed']}" if "seed" in document else ""
    return (
        f"<sub>{machine['cpu']}, {machine['cores']} cores{memory}, {machine['system']}, "
        f"Python {machine['python']}, {machine['date']}{seed}</sub>\n"
    )


def main(
    folder: Annotated[Path, typer.Argument(help="Where the saved JSON documents are.")],
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/performance.md"),
) -> None:
    """Write the performance page from the JSON documents of the benchmarks."""
    documents = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    drawn = folder / "growth.svg"
    plot = Path(os.path.relpath(drawn, out.parent)).as_posix() if drawn.is_file() else None
    out.write_text(page(documents, plot), encoding="utf-8", newline="\n")
    say(f"saved {out}")


if __name__ == "__main__":
    typer.run(main)
