"""docs/peers.md from suite.json: its figures are generated, never typed.

python -m evaluation.benchmarks.suitepage docs/benchmarks/suite.json --out docs/peers.md
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks.markdown import table
from evaluation.benchmarks.output import say
from evaluation.peers.engines import OURS, WITHOUT_ENCODER

Document = Mapping[str, Any]

_TARGET = 3.0  # times the throughput end to end of the best peer at equal or better quality
_EQUAL = 0.005  # of mean nDCG@10: less is no difference
_LINE = 0.013  # of mean nDCG@10: the height of a name in the plot
_WHAT = ("indexed", "ask", "batch", "add", "end to end")


def page(document: Document, plot: str | None = None) -> str:
    """The page, in Markdown; `plot` is the address of the picture."""
    engines = document["engines"]
    lines = [
        "# Beside other engines\n",
        "Written by `python -m evaluation.benchmarks.suitepage`; do not edit. "
        f"{document['documents']:,} records of about {document['words']} words, recombined from "
        f"{document['source']}, {document['queries']} questions of 20 words, "
        f"{document['rounds']} rounds; every engine in a process of its own, asked in turn in "
        "blocks. Engines are built as their documentation shows "
        "(`evaluation/peers/engines/`): hybrid search, reciprocal rank fusion where they leave "
        "the choice, all-MiniLM-L6-v2 where they bring no encoder. Vectors of *their* documents "
        "are drawn at random for speed, and the time all-MiniLM would take is added from its "
        "rate in the same run; for quality everything is encoded.\n",
    ]
    if plot:
        lines.append(f"![Quality over throughput]({plot})\n")
    lines += ["## Quality\n", "nDCG@10.\n", _quality(engines), "## Speed\n", _speed(document)]
    lines += ["## Conditions\n", _filters(engines), "## Ratios\n", *_ratios(document)]
    lines += ["## At equal or better quality\n", *_verdicts(document)]
    host = document["machine"]
    memory = "" if host["memory_gib"] is None else f", {host['memory_gib']:.0f} GiB"
    lines.append(f"<sub>{host['cpu']}, {host['cores']} cores{memory}, {host['date']}</sub>\n")
    return "\n".join(lines)


def mean_quality(engine: Mapping[str, Any]) -> float:
    """Mean nDCG@10 over the judged collections, 0 without any."""
    found = [one["nDCG@10"] for one in engine["quality"]]
    return sum(found) / len(found) if found else 0.0


def best_peer(engines: Mapping[str, Mapping[str, Any]], ours: str) -> str | None:
    """The fastest peer end to end of those whose quality is equal or better; None without."""
    least = mean_quality(engines[ours]) - _EQUAL
    good = [n for n in engines if n not in OURS and mean_quality(engines[n]) >= least]
    return min(good, key=lambda name: float(engines[name]["end_to_end_s"]), default=None)


def _quality(engines: Mapping[str, Any]) -> str:
    names = [one["collection"] for one in next(iter(engines.values()))["quality"]]
    rows = [
        [
            name,
            *(f"{one['nDCG@10']:.3f}" for one in engine["quality"]),
            f"{mean_quality(engine):.3f}",
        ]
        for name, engine in engines.items()
    ]
    return table(["engine", *names, "mean"], rows)


def _speed(document: Document) -> str:
    rows = []
    for name, one in document["engines"].items():
        ask = one["ask_ms"]["all"]
        whole = one.get("search_ms")
        encode = 0.0
        if name not in WITHOUT_ENCODER:
            encode = document["documents"] / one["minilm_texts_per_second"]
        rows.append(
            [
                name,
                f"{one['index_s']:.1f}",
                f"{encode:,.0f}" if encode else "in it",
                f"{document['documents'] / (one['index_s'] + encode):,.0f}",
                f"{ask['median']:.1f} / {ask['p99']:.1f}",
                f"{whole['median']:.1f}" if whole else "–",
                f"{one['batch_qps']:,.0f}",
                f"{one['add_s']:.2f}",
                f"{one['peak_mib']:,.0f}",
                f"{one['disk_mib']:,.0f}" if one["disk_mib"] else "in memory",
                f"**{one['end_to_end_s']:,.1f}**",
            ]
        )
    heads = ["engine", "index, s", "encoding, s", "records/s", "question, ms (median / p99)"]
    heads += [
        "with evidence, ms",
        "batch, questions/s",
        "1,000 more, encoded, s",
        "MiB",
        "disk, MiB",
    ]
    return table([*heads, "end to end, s"], rows) + (
        "\n*End to end*: records in, all questions answered. Ours writes the catalog, too. *With "
        "evidence* is all that `cungcau search` shows, which no peer has.\n"
    )


def _filters(engines: Mapping[str, Any]) -> str:
    shares = [key for key in next(iter(engines.values()))["ask_ms"] if key != "all"]
    rows = [
        [
            name,
            *(
                f"{one['ask_ms'][key]['median']:.1f} ({one['ask_ms'][key]['found']:.1f})"
                for key in shares
            ),
        ]
        for name, one in engines.items()
    ]
    return table(["median ms (found of 10)", *shares], rows)


def _ratios(document: Document) -> Iterator[str]:
    for ours, peers in document["ratios"].items():
        yield (
            f"How many times the time of `{ours}` each takes, encoding included, with 95% "
            "intervals:\n"
        )
        rows = [
            [peer, *(f"{a:.2f} ({b:.2f}–{c:.2f})" for a, b, c in (found[w] for w in _WHAT))]
            for peer, found in peers.items()
        ]
        yield table(["engine", *_WHAT], rows)


def _verdicts(document: Document) -> Iterator[str]:
    engines = document["engines"]
    for ours in (name for name in OURS if name in engines):
        own = f"`{ours}` (mean nDCG@10 {mean_quality(engines[ours]):.3f})"
        peer = best_peer(engines, ours)
        if peer is None:
            near = max((n for n in engines if n not in OURS), key=lambda n: _mean(engines, n))
            times = document["ratios"][ours][near]["end to end"][0]
            yield (
                f"- {own}: no peer reaches its quality. The nearest, {near} "
                f"({_mean(engines, near):.3f}), takes {times:.1f} times as long end to end.\n"
            )
            continue
        times, low, high = document["ratios"][ours][peer]["end to end"]
        reached = "reached" if times >= _TARGET else "**not reached**"
        yield (
            f"- {own}: the fastest peer of equal or better quality is {peer} "
            f"({_mean(engines, peer):.3f}); it takes {times:.1f} times as long end to end "
            f"({low:.1f}–{high:.1f}). {_TARGET:.0f} times: {reached}.\n"
        )


def _mean(engines: Mapping[str, Any], name: str) -> float:
    return mean_quality(engines[name])


def draw(document: Document, path: Path) -> None:
    """Quality over throughput end to end, a point an engine; same document, same bytes.

    Raises ImportError with the line that installs matplotlib.
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise ImportError("the plot needs matplotlib: pip install matplotlib") from error

    with mpl.rc_context({"svg.hashsalt": "cungcau", "font.size": 9}):
        figure = Figure(figsize=(7, 3.6), layout="constrained")
        panel = figure.subplots()
        below = 0.0
        for name, one in sorted(document["engines"].items(), key=lambda it: mean_quality(it[1])):
            place = document["documents"] / one["end_to_end_s"], mean_quality(one)
            panel.plot(*place, marker="o", color="black" if name in OURS else "tab:blue")
            # Engines that are near each other would be named in one place.
            below = max(place[1], below + _LINE)
            said = place[0] * 1.08, below
            panel.annotate(name, place, xytext=said, textcoords="data", fontsize=8, va="center")
        panel.set_xscale("log")
        panel.set_xlabel("records a second, end to end (encoding, index, all questions)")
        panel.set_ylabel("mean nDCG@10")
        panel.margins(x=0.25, y=0.15)
        panel.grid(visible=True, which="major", alpha=0.3)
        figure.savefig(path, format="svg", metadata={"Date": None})


def main(
    source: Annotated[Path, typer.Argument(help="suite.json")],
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/peers.md"),
) -> None:
    """Write the page, and its plot beside the document."""
    document: Document = json.loads(source.read_text("utf-8"))
    drawn = source.with_name("peers.svg")
    draw(document, drawn)
    plot = Path(os.path.relpath(drawn, out.parent)).as_posix()
    out.write_text(page(document, plot), encoding="utf-8", newline="\n")
    say(f"saved {out}")


if __name__ == "__main__":
    typer.run(main)
