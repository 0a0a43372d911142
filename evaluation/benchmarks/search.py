"""How long a person waits for `cungcau search`, from process start to answer.

python -m evaluation.benchmarks.search --records 10000 --out docs/performance/search.json
"""

import json
import re
import statistics
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.process import Usage, cungcau
from evaluation.benchmarks.synthetic import write_event

# What a search has no business with; each costs a good part of a second to import.
HEAVY = (
    "torch",
    "sentence_transformers",
    "sklearn",
    "matplotlib",
    "pandas",
    "xlsxwriter",
    "alembic",
    "datasketch",
    "ir_measures",
    "fastapi",
    "rapidfuzz",
    "ortools",
    "openpyxl",
    "rich",
    "scipy.optimize",
    "scipy.linalg",
    "scipy.stats",
    "numpy.f2py",
    "numpy.testing",
    "matcher.planning.planner",
    "matcher.planning.event",
    "matcher.whole",
)
TEXTS = (
    "xử lý nước thải dệt nhuộm bằng màng lọc",
    "xu ly nuoc thai det nhuom",
    "low-cost sensors for cold-chain transport of vaccines",
    "giải pháp tiết kiệm năng lượng cho lò sấy nông sản công suất 2 tấn mỗi mẻ",
)


def search(*, records: int, starts: int, words: int, seed: int, folder: Path) -> dict[str, Any]:
    """Index `records` synthetic offers, then start `cungcau search` `starts` times.

    The texts take turns. One start before them is not counted (it warms the file cache, as a
    day's first search does, and stores the bytecode, which an installed package has, even where
    the environment of this process says that none be written), and one after them lists what is
    imported.
    """
    workspace = str(folder / "workspace")
    bytecode = folder / "bytecode"
    _, offers = write_event(folder, needs=1, offers=records, words=words, seed=seed)
    say(f"importing and indexing {records} records")
    cungcau(["import", str(offers), "--side", "supply", "--workspace", workspace])
    cungcau(["index", "--workspace", workspace])
    _once(0, workspace, bytecode)
    used = [_once(turn, workspace, bytecode) for turn in range(starts)]
    seconds = sorted(usage.seconds for usage in used)
    say(f"{starts} starts, median {statistics.median(seconds):.2f} s")
    peaks = [usage.peak_mib for usage in used if usage.peak_mib is not None]
    return {
        "benchmark": "search",
        "records": records,
        "words": words,
        "seed": seed,
        "starts": starts,
        "seconds": {
            "median": round(statistics.median(seconds), 3),
            "min": round(seconds[0], 3),
            "max": round(seconds[-1], 3),
        },
        "peak_mib": max(peaks, default=None),
        "heavy_imports": heavy_imports(_once(0, workspace, bytecode, imports=True).stderr),
        "machine": machine.describe(),
    }


def _once(turn: int, workspace: str, bytecode: Path, *, imports: bool = False) -> Usage:
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(bytecode)}
    usage = cungcau(
        ["search", TEXTS[turn % len(TEXTS)], "--workspace", workspace, "--json"],
        environment=compiled | ({"PYTHONPROFILEIMPORTTIME": "1"} if imports else {}),
    )
    if not isinstance(json.loads(usage.stdout), list):
        raise RuntimeError("cungcau search --json did not print a list")
    return usage


def heavy_imports(listing: bytes) -> list[str]:
    """Which of HEAVY stand in what Python prints with PYTHONPROFILEIMPORTTIME=1.

    Raises RuntimeError when that is not what was given: silence must not pass for lightness.
    """
    pattern = r"^import time:\s+\d+ \|\s+\d+ \|\s+([\w.]+)\s*$"
    modules = set(re.findall(pattern, listing.decode("utf-8", "replace"), re.MULTILINE))
    if not modules:
        raise RuntimeError("Python listed no imports")
    return [
        name
        for name in HEAVY
        if any(module == name or module.startswith(f"{name}.") for module in modules)
    ]


def main(
    records: Annotated[int, typer.Option(min=1, help="Offers in the index.")] = 10_000,
    starts: Annotated[int, typer.Option(min=1, help="Process starts to time.")] = 12,
    words: Annotated[int, typer.Option(min=10, help="Words of text in each record.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed gives the same spreadsheet.")] = 7,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Time `cungcau search` against a ready index; prints one JSON document."""
    with tempfile.TemporaryDirectory(prefix="cungcau-search-") as folder:
        emit(
            search(records=records, starts=starts, words=words, seed=seed, folder=Path(folder)), out
        )


if __name__ == "__main__":
    typer.run(main)
