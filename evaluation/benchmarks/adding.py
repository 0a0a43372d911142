"""A thousand records more in a copy of a workspace, while readers ask; one JSON document.

    python -m evaluation.benchmarks.adding WORKSPACE --records 1000 --readers 2

Through the live index of a running service, as `evaluation.benchmarks.live` does; afterwards
`cungcau index` brings the folder up to the catalog, in a process of its own.
"""

import shutil
import tempfile
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks.live import Service, added, searching, spread
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.process import cungcau
from evaluation.benchmarks.records import questions
from evaluation.benchmarks.spread import timed
from indexer.workspace import Workspace

_WORDS, _ASKED = 20, 100


def adding(source: Path, records: int, readers: int) -> dict[str, Any]:
    """Seconds until found and until encoded, what readers met, and the update of the folder.

    The copy lies beside the workspace and is taken away.
    """
    with tempfile.TemporaryDirectory(dir=source.parent) as scratch:
        copied = Path(scratch) / "workspace"
        say("copying the workspace")
        # Without the vectors of texts that were encoded before: the new ones are others.
        shutil.copytree(source, copied, ignore=shutil.ignore_patterns("cache"))
        workspace = Workspace.open(copied)
        with workspace.catalog() as catalog:
            texts = questions(catalog, _WORDS, _ASKED)
            service = Service(workspace, catalog)
            try:
                for text in islice(texts, 10):
                    service.search(text)
                quiet = timed(service.search, texts)
                with searching(service, texts, readers) as meanwhile:
                    taken = added(service, records)
            finally:
                service.close()
        say(f"{records} records: {taken}")
        used = cungcau(["index", "--workspace", str(copied)])
    return {
        "added": records,
        "readers": readers,
        "found_s": taken["found"],
        "encoded_s": taken["encoded"],
        "quiet_ms": quiet,
        "meanwhile_ms": spread(meanwhile),
        "answers_meanwhile": len(meanwhile),
        "update_s": round(used.seconds, 2),
        "update_peak_mib": used.peak_mib,
    }


def main(
    workspace: Annotated[Path, typer.Argument(help="With an index; it stays as it is.")],
    records: Annotated[int, typer.Option(min=1)] = 1_000,
    readers: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Measure and print one JSON document."""
    emit(adding(workspace, records, readers), None)


if __name__ == "__main__":
    typer.run(main)
