"""The growth of time, memory, disk and waiting as an SVG, drawn by matplotlib."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def draw_scale(rows: Sequence[Row], path: Path) -> None:
    """Three log-log panels over the number of records: seconds of the stages of indexing, memory
    and disk, milliseconds of an answer. The same rows give the same bytes.

    Raises ImportError with the line that installs matplotlib.
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise ImportError("the plot needs matplotlib: pip install matplotlib") from error

    sizes = [row["records"] for row in rows]
    with mpl.rc_context({"svg.hashsalt": "cungcau", "font.size": 8}):
        figure = Figure(figsize=(10, 3.4), layout="constrained")
        times, weights, waits = figure.subplots(1, 3)
        for label, values in _times(rows).items():
            times.plot(sizes, values, marker="o", label=label)
        times.set_ylabel("indexing, seconds")
        for label, values in _weights(rows).items():
            weights.plot(sizes, values, marker="o", label=label)
        weights.set_ylabel("MiB")
        for label, values in _waits(rows).items():
            waits.plot(sizes, values, marker="o", label=label)
        waits.set_ylabel("one question of 20 words, ms")
        for panel in (times, weights, waits):
            panel.set_xscale("log")
            panel.set_yscale("log")
            panel.set_xlabel("records")
            panel.grid(visible=True, which="major", alpha=0.3)
            panel.legend(fontsize=7)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _times(rows: Sequence[Row]) -> dict[str, list[float]]:
    stages = list(dict.fromkeys(stage for row in rows for stage in row["index"]["stages"]))
    found = {
        stage: [row["index"]["stages"].get(stage, {}).get("seconds", 0.0) for row in rows]
        for stage in stages
    }
    # A stage that some sizes do not have (a graph of few vectors) starts where it has a height.
    lines = {name: [value or float("nan") for value in each] for name, each in found.items()}
    return {**lines, "all": [row["index"]["seconds"] for row in rows]}


def _weights(rows: Sequence[Row]) -> dict[str, list[float]]:
    def inside(row: Row, prefix: str) -> float:
        sizes: dict[str, int] = row["disk"]
        return sum(size for name, size in sizes.items() if name.startswith(prefix)) / 2**20

    return {
        "memory, indexing": [row["index"]["peak_mib"] for row in rows],
        "memory, answering": [row["ask"]["peak_mib"] for row in rows],
        "disk, index": [inside(row, "index/") for row in rows],
        "disk, catalog": [inside(row, "catalog") for row in rows],
    }


def _waits(rows: Sequence[Row]) -> dict[str, list[float]]:
    return {
        f"{label}, {what}": [row["ask"][key]["20"][what] for row in rows]
        for label, key in (("retrieval", "retrieval_ms"), ("search", "search_ms"))
        for what in ("median", "p99")
    }
