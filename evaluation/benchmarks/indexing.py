"""Building the index of a workspace, stage by stage; one JSON document on stdout.

    python -m evaluation.benchmarks.indexing WORKSPACE --encoder contextual

From nothing: what the workspace has of an index, and the vectors it remembers, are taken away
first. Run it as a process of its own, whose largest memory the caller measures.
"""

import resource
import shutil
import time
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks.output import emit, say
from indexer.catalog import Catalog
from indexer.encoder import LSA
from indexer.encoders.loading import load_encoder
from indexer.records import Side
from indexer.updating import update_index
from indexer.workspace import Workspace

_SAMPLE = 4_000  # records read and encoded alone
_FIRST = "read"  # the stage before the first report: reading the catalog, loading the encoder


class Stages:
    """Seconds and processor seconds of each stage, from the reports of progress.

    A report of work done ends a part of its own stage; a report of none, total or not, begins it.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self._stage = _FIRST
        self._at = self._now()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if done:
            self._stage = stage
        self._charge()
        self._stage = stage

    def finished(self) -> dict[str, dict[str, float]]:
        """By stage, in the order they were first seen; ends the last one."""
        self._charge()
        return {
            name: {"seconds": round(wall, 3), "cpu_s": round(used, 3)}
            for name, (wall, used) in self.seconds.items()
        }

    def _charge(self) -> None:
        now = self._now()
        taken = self.seconds.setdefault(self._stage, [0.0, 0.0])
        for i in range(2):
            taken[i] += now[i] - self._at[i]
        self._at = now

    @staticmethod
    def _now() -> tuple[float, float]:
        """Of processes it started, too, once they have ended."""
        others = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.perf_counter(), time.process_time() + others.ru_utime + others.ru_stime


def indexing(workspace: Workspace, encoder: str) -> dict[str, Any]:
    """Seconds and processor seconds of the whole and of its stages."""
    for folder in (workspace.index_path, workspace.cache_path):
        shutil.rmtree(folder, ignore_errors=True)
    stages = Stages()
    with workspace.writing(), workspace.catalog() as catalog:
        report = update_index(
            catalog,
            workspace.index_path,
            encoder_name=encoder,
            full=True,
            cache=workspace.cache_path,
            progress=stages,
        )
        found = stages.finished()
        alone = _alone(catalog, encoder)
    return {
        "encoded": report.encoded,
        "seconds": round(sum(stage["seconds"] for stage in found.values()), 3),
        "cpu_s": round(sum(stage["cpu_s"] for stage in found.values()), 3),
        "stages": found,
        "alone_us": alone,
    }


def _alone(catalog: Catalog, encoder: str) -> dict[str, float]:
    """Microseconds of processor time that reading and encoding a record take by themselves: while
    an index is built they overlap."""
    used = time.process_time()
    texts = [record.text() for record in islice(catalog.records(side=Side.SUPPLY), _SAMPLE)]
    read = (time.process_time() - used) / len(texts)
    if encoder == LSA:
        return {"read": round(read * 1e6, 1)}
    loaded = load_encoder(encoder)
    loaded.encode(texts[:2])
    used = time.process_time()
    loaded.encode(texts)
    encode = (time.process_time() - used) / len(texts)
    return {"read": round(read * 1e6, 1), "encode": round(encode * 1e6, 1)}


def main(
    workspace: Annotated[Path, typer.Argument(help="Its index is made anew.")],
    encoder: Annotated[str, typer.Option(help="As `cungcau index` takes it.")] = "contextual",
) -> None:
    """Measure and print one JSON document."""
    found = indexing(Workspace.open(workspace), encoder)
    say(f"{found['encoded']:,} encoded in {found['seconds']:.0f} s")
    emit(found, None)


if __name__ == "__main__":
    typer.run(main)
