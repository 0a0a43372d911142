"""The growth of time and memory as an SVG, drawn by matplotlib."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def draw_growth(document: Mapping[str, Any], path: Path) -> None:
    """Two log-log panels: seconds of each stage, and peak memory, over the number of offers.

    The same document gives the same bytes. Raises ImportError with the line that installs
    matplotlib, which is needed for nothing else.
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise ImportError("the plot needs matplotlib: pip install matplotlib") from error

    sizes = document["sizes"]
    offers = [size["offers"] for size in sizes]
    with mpl.rc_context({"svg.hashsalt": "cungcau", "font.size": 9}):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        times, memory = figure.subplots(1, 2)
        for stage in sizes[0]["stages"]:
            seconds = [size["stages"][stage]["seconds"] for size in sizes]
            times.plot(offers, seconds, marker="o", label=stage)
        times.plot(
            offers, [size["seconds"] for size in sizes], marker="o", color="black", label="all"
        )
        times.set_ylabel("seconds")
        times.legend()
        if all(size["peak_mib"] is not None for size in sizes):
            memory.plot(offers, [size["peak_mib"] for size in sizes], marker="o", color="black")
        memory.set_ylabel("largest process, MiB")
        for panel in (times, memory):
            panel.set_xscale("log")
            panel.set_yscale("log")
            panel.set_xlabel(f"offers ({document['needs']} needs)")
            panel.grid(visible=True, which="major", alpha=0.3)
        figure.savefig(path, format="svg", metadata={"Date": None})
