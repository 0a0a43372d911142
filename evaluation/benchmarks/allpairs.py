"""`cungcau pairs` over a catalog of any size: seconds by stage, memory of all its processes, and
what a run that is killed in the middle costs.

    python -m evaluation.benchmarks.allpairs --count 100000 --texts ../shared/data
        --workspace DIR --out docs/benchmarks/allpairs.json

The catalog is that of `evaluation.benchmarks.records`, as many needs as offers; it and its index
are kept in the workspace for the next time.
"""

import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks.machine import describe
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.process import command, cungcau
from evaluation.benchmarks.records import fill
from indexer.encoder import STATIC
from indexer.errors import CungcauError
from indexer.index import index_made_of
from indexer.workspace import Workspace

_EVERY = 0.5  # seconds between two looks at the memory
_LINE = re.compile(r"^(.+?): (\d+) \(([\d.]+) s\)$", re.MULTILINE)


def measure(
    workspace: Path, *, count: int, texts: Path | None, encoder: str, on: str, k: int, kill: bool
) -> dict[str, Any]:
    """One run of `count` needs with as many offers; with `kill`, another whose driver is killed
    when half of the shards are there, and that is then run to its end."""
    made = fill(workspace, count=2 * count, needs=count, texts=texts)
    known = index_made_of(workspace / "index")
    with Workspace.open(workspace).catalog() as catalog:
        version = catalog.version
    if known != (version, encoder):
        say("indexing")
        cungcau(["index", "--encoder", encoder, "--workspace", str(workspace)])
    with tempfile.TemporaryDirectory(dir=workspace) as folder:
        out = Path(folder)
        pairs = ["--lang", "en", "pairs", "--workspace", str(workspace), "-k", str(k), "--on", on]
        whole = _watched([*pairs, "--out", str(out / "whole")])
        found = {
            "benchmark": "allpairs",
            "machine": describe(),
            "texts": made["source"],
            "records": {"needs": count, "offers": count, "words": made["words"]},
            "encoder": encoder,
            "on": on,
            "k": k,
            "run": whole,
            "bytes": {
                "lists": _size(out / "whole", "*.parquet"),
                "kept_work": _size(out / "whole", "*.npz"),
            },
        }
        if kill:
            found["killed"] = _killed([*pairs, "--out", str(out / "killed")], out / "killed")
            found["killed"]["same_lists"] = _lists(out / "killed") == _lists(out / "whole")
        return found


def _watched(arguments: Sequence[str], until: Path | None = None) -> dict[str, Any]:
    """Runs the command; with `until`, kills it when half of its first shards are in that folder.

    Raises RuntimeError with what it said where it fails.
    """
    started, peak = time.perf_counter(), 0.0
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        child = subprocess.Popen(
            [*command(), *arguments], stdout=subprocess.DEVNULL, stderr=said, text=True
        )
        while child.poll() is None:
            peak = max(peak, sum(map(_memory, _family(child.pid))))
            if until is not None and _half(until):
                child.kill()
            time.sleep(_EVERY)
        seconds = time.perf_counter() - started
        said.seek(0)
        words = said.read()
    if until is None and child.returncode:
        raise RuntimeError(f"exit code {child.returncode}\n{words[-4000:]}")
    if until is not None and child.returncode != -signal.SIGKILL:
        raise RuntimeError(f"it ended before it was killed: {child.returncode}\n{words[-4000:]}")
    stages: dict[str, float] = {}
    for name, _, spent in _LINE.findall(words):
        stages[name] = round(stages.get(name, 0.0) + float(spent), 1)
    return {"seconds": round(seconds, 1), "peak_mib": round(peak / 1024, 1), "stages": stages}


def _killed(arguments: Sequence[str], folder: Path) -> dict[str, Any]:
    before = _watched(arguments, until=folder)
    after = _watched(arguments)
    return {"before": before["seconds"], "after": after["seconds"], "peak_mib": after["peak_mib"]}


def _half(folder: Path) -> bool:
    """Whether half of the shards that compare are there."""
    try:
        text = (folder / "manifest.json").read_text("utf-8")
    except OSError:
        return False
    every = text.count('"stage": "similar"')
    return 2 * len(list(folder.glob("work/similar-*.npz"))) >= every


def _family(process: int) -> list[int]:
    """A process and all that came of it, those of Ray included."""
    found, waiting = [], [process]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting.extend(map(int, (task / "children").read_text().split()))
        except OSError:
            continue  # it has ended
    return found


def _memory(process: int) -> float:
    """KiB of memory, of what processes share each its part (Pss); 0 of one that has ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _size(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file())


def _lists(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.parquet")}


def main(
    workspace: Annotated[Path, typer.Option(help="The folder to make, or to complete.")],
    count: Annotated[int, typer.Option(min=2, help="Needs, and as many offers.")] = 100_000,
    texts: Annotated[Path | None, typer.Option(help="A folder of real texts.")] = None,
    encoder: Annotated[str, typer.Option()] = STATIC,
    on: Annotated[str, typer.Option(help="local or ray")] = "local",
    k: Annotated[int, typer.Option("-k", min=1)] = 10,
    kill: Annotated[bool, typer.Option(help="Also kill a run and go on with it.")] = True,
    out: Annotated[Path | None, typer.Option(help="Where to save the JSON too.")] = None,
) -> None:
    """Measure `cungcau pairs`; Linux only, for its memory is read in /proc."""
    try:
        found = measure(workspace, count=count, texts=texts, encoder=encoder, on=on, k=k, kill=kill)
    except (CungcauError, RuntimeError, ValueError) as error:
        say(str(error))
        raise typer.Exit(2) from error
    emit(found, out)


if __name__ == "__main__":
    typer.run(main)
