"""docs/scale.md from saved benchmark documents: its figures are generated, never typed.

    python -m evaluation.benchmarks.scalepage docs/benchmarks --out docs/scale.md

Takes scale.json and, where they are there, manyvectors.json, allpairs.json and stores.json.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks.clusterpage import cluster_section
from evaluation.benchmarks.fits import Fit, fit, told
from evaluation.benchmarks.flatpage import flat_section
from evaluation.benchmarks.markdown import table
from evaluation.benchmarks.output import say
from evaluation.benchmarks.records import CONDITIONS
from evaluation.benchmarks.scaleplot import draw_scale
from evaluation.benchmarks.vectorpage import many_tables

Document = Mapping[str, Any]
Row = Mapping[str, Any]

_HEAD = """# Growing: what a million records cost

Written by `python -m evaluation.benchmarks.scalepage`; do not edit. Everything up to the last
section was run, on the machine named there; the last section is computed from it and says so.
Records have about {words} words and are recombined from {source} with seed {seed}: every record
holds pieces of a few documents of one topic, {needs:,} of them are needs made of documents held out
(`evaluation/benchmarks/records.py`). Each part is a process of its own; memory is the largest
resident set of that process, files read through the page cache included.
"""
_OTHERS = {
    "manyvectors": "Ten million vectors",
    "allpairs": "All pairs",
    "stores": "Stores",
}
_MILLION = 1_000_000
_NARROW = ("1%", "0.1%", "0.01%")
_WHOLE = ("index", "disk", "ask", "start", "add", "catalog")


def page(documents: Mapping[str, Document], plots: Mapping[str, str]) -> str:
    """The page, in Markdown, from documents by name, "scale" among them; `plots` are addresses
    by encoder. Raises ValueError where no size has been measured wholly."""
    rows = [row for row in documents["scale"]["sizes"] if all(part in row for part in _WHOLE)]
    if not rows:
        raise ValueError("scale.json has no size with all its parts")
    made = rows[-1]["catalog"]
    told_of = {key: made[key] for key in ("words", "source", "seed", "needs")}
    lines = [_HEAD.format(**told_of)]
    for encoder in dict.fromkeys(row["encoder"] for row in rows):
        own = [row for row in rows if row["encoder"] == encoder]
        lines.extend(_encoder(encoder, own, plots.get(encoder)))
    for name, title in _OTHERS.items():
        if name in documents:
            told_by = many_tables if name == "manyvectors" else partial(flat_section, title)
            lines.extend(told_by(documents[name]))
    for encoder in dict.fromkeys(row["encoder"] for row in rows):
        own = [row for row in rows if row["encoder"] == encoder]
        seconds = _fit(own, lambda row: row["index"]["seconds"])
        if seconds is not None and "encode" in own[-1]["index"]["alone_us"]:
            lines.append(cluster_section(own[-1], seconds, [*filter(documents.get, _OTHERS)]))
    return "\n".join(lines)


def _encoder(encoder: str, rows: Sequence[Row], plot: str | None) -> Iterator[str]:
    yield f"## Encoder `{encoder}`\n"
    if rows[-1]["records"] >= _MILLION:
        yield _targets(rows)
    if plot:
        yield f"![Time, memory and waiting over the number of records]({plot})\n"
    yield "### Building the index\n"
    yield _building(rows)
    yield "### Memory and disk\n"
    yield _weights(rows)
    yield (
        "### Answers\n\nIn a running process, "
        "questions nobody has asked before; *retrieval* is both lists and their fusion, *search* "
        "all of `cungcau search`: features, owner cap, evidence. Median / p95 / p99, ms. A service "
        "reads its index to the end beside the questions; *soon* is before that, all else after "
        "it.\n"
    )
    yield _answers(rows)
    yield "### Conditions\n"
    yield from _conditions(rows)
    yield "### More records\n"
    yield _additions(rows)
    yield _machine(rows[-1])


def _targets(rows: Sequence[Row]) -> str:
    """What is asked of a million records, and what the largest size that was run gave. A hybrid
    search is both lists and their fusion; what a person waits for is more, and stands beside."""
    row = rows[-1]
    ask, narrow = row["ask"], [row["ask"]["conditions"][share] for share in _NARROW]
    grown = _fit(rows, lambda one: one["index"]["seconds"])
    hybrid, whole = ask["retrieval_ms"]["20"], ask["search_ms"]["20"]
    narrowed = max(one["retrieval_ms"]["median"] for one in narrow)
    slowest = max(one[key]["median"] for one in narrow for key in ("search_ms", "new_search_ms"))
    full = all(one["full"] for one in narrow)
    found: list[tuple[str, float, float, str]] = [
        ("encode and index, minutes", row["index"]["seconds"] / 60, 20, "most"),
        ("its memory, GiB", row["index"]["peak_mib"] / 1024, 6, "most"),
        ("hybrid search, 20 words, median ms", hybrid["median"], 15, "most"),
        ("the same, p99 ms", hybrid["p99"], 60, "most"),
        ("all of `cungcau search`, median ms", whole["median"], 15, "most"),
        ("the same, p99 ms", whole["p99"], 60, "most"),
        ("recall@10 of exact", ask["recall@10"], 0.98, "least"),
        ("hybrid search, 1% and less allowed, the slowest median, ms", narrowed, 25, "most"),
        ("all of `cungcau search` under them, ms", slowest, 25, "most"),
        ("their lists full (1: all)", float(full), 1, "least"),
        ("1,000 more until searchable, s", row["add"]["found_s"], 3, "most"),
        ("opening and first answer, s", ask["open_s"] + ask["first_s"], 3, "most"),
    ]
    if grown is not None:
        found.append(("growth exponent of indexing time", grown.exponent, 1.1, "most"))
    lines = []
    for what, value, target, side in found:
        good = value <= target if side == "most" else value >= target
        sign = "≤" if side == "most" else "≥"
        lines.append([what, f"{sign} {target:g}", f"{value:.3g}", "yes" if good else "**no**"])
    return table([f"{row['records']:,} records", "target", "measured", "reached"], lines)


def _building(rows: Sequence[Row]) -> str:
    stages = list(dict.fromkeys(stage for row in rows for stage in row["index"]["stages"]))

    def line(name: str, costs: Sequence[Mapping[str, float]]) -> list[str]:
        walls = [cost.get("seconds", 0.0) for cost in costs]
        last = rows[-1]["records"]
        return [
            name,
            *(f"{wall:,.1f}" if wall else "–" for wall in walls),
            f"{costs[-1].get('cpu_s', 0.0):,.0f}",
            f"{walls[-1] * 1e6 / last:,.0f}",
            told(fit([row["records"] for row in rows], walls)),
        ]

    table_rows = [
        line(stage, [row["index"]["stages"].get(stage, {}) for row in rows]) for stage in stages
    ]
    table_rows.append(line("**all**", [row["index"] for row in rows]))
    heads = ["stage", *(f"{row['records']:,}, s" for row in rows)]
    heads += ["CPU s of the last", "s per million", "exponent (95%)"]
    alone = rows[-1]["index"]["alone_us"]
    told_alone = ", ".join(f"{name} {value:,.0f} µs" for name, value in alone.items())
    return table(heads, table_rows) + (
        "\nRecords are read, cut into words and encoded side by side, all in *encode*; alone, a "
        f"record takes of processor time: {told_alone}.\n"
    )


def _weights(rows: Sequence[Row]) -> str:
    def line(name: str, values: Sequence[float]) -> list[str]:
        records = [row["records"] for row in rows]
        return [
            name,
            *(f"{value:,.0f}" for value in values),
            f"{values[-1] * 1e6 / records[-1]:,.0f}",
            told(fit(records, values)),
        ]

    lines = [
        line("memory, indexing", [row["index"]["peak_mib"] for row in rows]),
        line("memory, answering", [row["ask"]["peak_mib"] for row in rows]),
    ]
    last = rows[-1]["disk"]
    large = [kind for kind, size in last.items() if size > 0.01 * sum(last.values())]
    for kind in large:
        lines.append(line(f"disk, {kind}", [row["disk"].get(kind, 0) / 2**20 for row in rows]))
    lines.append(line("**disk, all**", [sum(row["disk"].values()) / 2**20 for row in rows]))
    heads = ["MiB", *(f"{row['records']:,}" for row in rows), "per million", "exponent (95%)"]
    return table(heads, lines)


def _answers(rows: Sequence[Row]) -> str:
    lines = []
    for what in ("retrieval", "search"):
        for words in rows[-1]["ask"][f"{what}_ms"]:
            cells = [_three(row["ask"][f"{what}_ms"][words]) for row in rows]
            medians = [row["ask"][f"{what}_ms"][words]["median"] for row in rows]
            grown = told(fit([row["records"] for row in rows], medians))
            lines.append([f"{what}, {words} words", *cells, grown])
    soon = [_three(row["ask"]["soon_ms"]) for row in rows]
    lines.insert(0, ["retrieval, 20 words, soon", *soon, ""])
    single: dict[str, Callable[[Row], str]] = {
        "recall@10 of an exhaustive search": lambda row: f"{row['ask']['recall@10']:.3f}",
        "opening the index, s": lambda row: f"{row['ask']['open_s']:.2f}",
        "first answer after, s": lambda row: f"{row['ask']['first_s']:.2f}",
        "reading the index to its end, s": lambda row: f"{row['ask']['inspected_s']:.2f}",
        "`cungcau search`, process start to answer, s": lambda row: (
            f"{row['start']['median_s']:.2f}"
        ),
    }
    lines += [[name, *(read(row) for row in rows), ""] for name, read in single.items()]
    heads = ["", *(f"{row['records']:,}" for row in rows), "exponent of the median"]
    return table(heads, lines)


def _conditions(rows: Sequence[Row]) -> Iterator[str]:
    last = rows[-1]
    yield (
        f"{last['records']:,} records, questions of 20 words. *Again* asks under the same "
        "condition every time, *new* under another price range of that share each time; *first* "
        "is the first time the condition is asked. *Full*: ten that satisfy it, or all there "
        "are.\n"
    )
    lines = []
    for share in CONDITIONS:
        one = last["ask"]["conditions"][share]
        lines.append(
            [
                f"{share}: `{'`, `'.join(one['where'])}`",
                f"{one['records']:,}",
                _three(one["retrieval_ms"]),
                _three(one["search_ms"]),
                f"{one['first_s'] * 1_000:,.0f}",
                _three(one["new_search_ms"]),
                f"{one['recall@10']:.3f}",
                "yes" if one["full"] else "**no**",
            ]
        )
    heads = ("share", "records", "retrieval", "search, again", "first", "search, new")
    yield table((*heads, "recall@10", "full"), lines)
    both = [
        [
            share,
            *(
                f"{row['ask']['conditions'][share]['search_ms']['median']:.1f} / "
                f"{row['ask']['conditions'][share]['new_search_ms']['median']:.1f}"
                for row in rows
            ),
        ]
        for share in CONDITIONS
    ]
    heads_all = ["search, median ms, again / new", *(f"{row['records']:,}" for row in rows)]
    yield table(heads_all, both)


def _additions(rows: Sequence[Row]) -> str:
    one = rows[-1]["add"]
    head = (
        f"{one['added']:,} records stored at once while {one['readers']} readers ask all the time "
        "through a live index: seconds until a search finds the last of them by its words, and "
        "until all have their vectors; then `cungcau index` for the folder.\n"
    )
    lines = [
        [
            f"{row['records']:,}",
            f"{row['add']['found_s']:.1f}",
            f"{row['add']['encoded_s']:.1f}",
            f"{row['add']['quiet_ms']['median']:.0f}",
            f"{row['add']['meanwhile_ms']['median']:.0f}",
            f"{row['add']['meanwhile_ms']['worst']:.0f}",
            f"{row['add']['update_s']:.1f}",
            f"{row['add']['update_peak_mib']:,.0f}",
        ]
        for row in rows
    ]
    heads = ("records", "found, s", "encoded, s", "readers before, median ms", "meanwhile")
    ends = ("longest", "`cungcau index`, s", "its MiB")
    return head + "\n" + table((*heads, *ends), lines)


def _three(found: Mapping[str, float]) -> str:
    return " / ".join(f"{found[key]:.1f}" for key in ("median", "p95", "p99"))


def _fit(rows: Sequence[Row], read: Callable[[Row], float]) -> Fit | None:
    return fit([row["records"] for row in rows], [read(row) for row in rows])


def _machine(row: Row) -> str:
    host = row["machine"]
    memory = "" if host["memory_gib"] is None else f", {host['memory_gib']:.0f} GiB"
    return f"<sub>{host['cpu']}, {host['cores']} cores{memory}, {host['date']}</sub>\n"


def main(
    folder: Annotated[Path, typer.Argument(help="Where the saved JSON documents are.")],
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/scale.md"),
) -> None:
    """Write the page and its plots, which lie beside the documents."""
    found = {
        name: json.loads((folder / f"{name}.json").read_text("utf-8"))
        for name in ("scale", *_OTHERS)
        if (folder / f"{name}.json").is_file()
    }
    if "scale" not in found:
        raise typer.BadParameter(f"{folder} has no scale.json")
    rows = [row for row in found["scale"]["sizes"] if all(part in row for part in _WHOLE)]
    plots = {}
    for encoder in dict.fromkeys(row["encoder"] for row in rows):
        drawn = folder / f"scale-{encoder}.svg"
        draw_scale([row for row in rows if row["encoder"] == encoder], drawn)
        plots[encoder] = Path(os.path.relpath(drawn, out.parent)).as_posix()
    out.write_text(page(found, plots), encoding="utf-8", newline="\n")
    say(f"saved {out}")


if __name__ == "__main__":
    typer.run(main)
