"""How long a backup and a restore take, until a service answers from what was restored.

    python -m evaluation.benchmarks.backup --records 100000 --out docs/benchmarks/backup.json

Synthetic offers are stored and indexed first; `--workspace` takes a workspace that is there.
"""

import json
import subprocess
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.postgresql import PostgreSQL
from evaluation.benchmarks.process import command, cungcau
from evaluation.benchmarks.synthetic import write_event
from indexer.backup.archive import Archive
from indexer.workspace import Workspace

_PATIENCE = 300.0


def measure(workspace: Path, folder: Path, database: str) -> dict[str, Any]:
    """Seconds of each step, from a workspace into a new one with such a database."""
    file = folder / f"{database}.zip"
    made = cungcau(["backup", str(file), "--workspace", str(workspace)])
    with ExitStack() as stack:
        target = folder / database
        target.mkdir()
        url = stack.enter_context(PostgreSQL()).database() if database == "postgresql" else ""
        (target / "cungcau.toml").write_text(f'database = "{url}"\n')
        restored = cungcau(["restore", str(file), "--workspace", str(target)])
        ready = _ready(target)
        with Archive.open(file) as archive:
            records = archive.manifest.rows["records"]
        with Workspace.open(target).catalog() as catalog:
            if len(catalog.ids()) != records:
                raise RuntimeError(f"{len(catalog.ids())} records were restored of {records}")
    return {
        "into": database,
        "records": records,
        "file_mb": round(file.stat().st_size / 1e6, 1),
        "backup_seconds": round(made.seconds, 1),
        "backup_peak_mib": made.peak_mib,
        "restore_seconds": round(restored.seconds, 1),
        "restore_peak_mib": restored.peak_mib,
        "ready_seconds": round(ready, 1),
        "recovery_seconds": round(restored.seconds + ready, 1),
    }


def _ready(workspace: Path) -> float:
    """Seconds from the start of a service until it can search all that the catalog holds."""
    began = time.monotonic()
    start = [*command(), "serve", "--port", "0", "--lang", "en", "--workspace", str(workspace)]
    with subprocess.Popen(start, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            address = server.stderr.readline().split()[2]
            while time.monotonic() < began + _PATIENCE:
                with urllib.request.urlopen(f"{address}/v1/ready", timeout=_PATIENCE) as answer:
                    state = json.load(answer)
                if state["index_version"] == state["catalog_version"]:
                    return time.monotonic() - began
                time.sleep(0.05)
            raise RuntimeError(f"not ready: {state}")
        finally:
            server.terminate()


def main(
    records: Annotated[int, typer.Option(min=1)] = 100_000,
    words: Annotated[int, typer.Option(min=10, help="Words of text in each record.")] = 60,
    encoder: Annotated[str, typer.Option(help="As `cungcau index` takes it.")] = "static",
    workspace: Annotated[Path | None, typer.Option(help="One that is there already.")] = None,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Back up, restore into SQLite and PostgreSQL, serve; prints one JSON document."""
    with tempfile.TemporaryDirectory(prefix="cungcau-backup-") as name:
        folder = Path(name)
        if workspace is None:
            workspace = folder / "workspace"
            say(f"storing {records} records")
            needs, offers = write_event(
                folder, needs=max(1, records // 100), offers=records, words=words, seed=7
            )
            for path, side in ((offers, "supply"), (needs, "demand")):
                cungcau(["import", str(path), "--side", side, "--workspace", str(workspace)])
            cungcau(["index", "--encoder", encoder, "--workspace", str(workspace)])
        results = []
        for database in ("sqlite", "postgresql"):
            results.append(measure(workspace, folder, database))
            say(f"{results[-1]}")
    emit({"benchmark": "backup", "machine": machine.describe(), "results": results}, out)


if __name__ == "__main__":
    typer.run(main)
