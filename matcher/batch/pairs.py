"""The best of every record among all of the other side, both ways, in a folder of Parquet files.

The work goes through stages of shards, see `matcher.batch.shards`. A shard is a file named by all
that it depends on, which appears when it is complete: whoever dies, driver or worker, loses what
it was at, and the next run goes on from the files that are there.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.executors.executor import Done, Executor, told_killed
from indexer.lock import exclusive
from indexer.progress import Progress, silent
from indexer.records import Side
from indexer.workspace import Workspace
from matcher.batch.job import Job, state_of
from matcher.batch.lists import make_lists, need_parquet
from matcher.batch.manifest import (
    Listed,
    Made,
    PairsManifest,
    check_same_state,
    is_as_listed,
    read_manifest,
)
from matcher.batch.meeting import make_bars, make_met, met_path
from matcher.batch.parts import is_whole
from matcher.batch.rated import make_rated
from matcher.batch.shards import Shard, Shards, cut_work
from matcher.batch.similar import make_similar

Tell = Callable[[Bilingual], None]
Asked = TypeVar("Asked")


def _nobody(message: Bilingual) -> None:
    """The audience of a run that nobody watches."""


@dataclass(frozen=True, slots=True)
class PairsReport:
    """What a run did: records of either side, shards made and found there, rows of each side's
    lists, files, and the shards whose workers were killed every time."""

    demands: int
    supplies: int
    made: int
    kept: int
    rows: dict[str, int]
    files: tuple[Path, ...]
    failed: tuple[str, ...]


def all_pairs(
    workspace: Workspace,
    folder: Path,
    executor: Executor,
    *,
    k: int = 10,
    progress: Progress = silent,
    tell: Tell = _nobody,
) -> PairsReport:
    """Writes `folder`/demand and `folder`/supply: of every record its best `k` of the other side.

    The index must follow the catalog; both are read only. What an earlier run of the same state
    and settings left is kept, shard by shard.

    Raises RequestError: pyarrow is not installed; the folder is in the workspace; there is no
    index; the folder holds pairs of another state, or another run writes it; the catalog changed
    meanwhile; a file cannot be written.
    """
    need_parquet()
    folder = folder.expanduser().absolute()
    _check_outside(workspace, folder)
    state = state_of(workspace)
    job = Job(workspace.path, folder, state, workspace.settings.lexical_weight, k)
    known = read_manifest(folder)
    if known is not None:
        check_same_state(known, job, folder)
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder / "writer.lock"):
        return _Run(job, executor, known, progress, tell).report()


def _check_outside(workspace: Workspace, folder: Path) -> None:
    if folder.resolve().is_relative_to(workspace.path.resolve()):
        raise RequestError(
            vi=f"{folder} nằm trong thư mục làm việc {workspace.path}. Hãy chọn thư mục ở ngoài.",
            en=f"{folder} is inside the workspace {workspace.path}. Choose a folder outside it.",
        )


@dataclass
class _Run:
    """One run over its stages; the manifest is written after every shard."""

    job: Job
    executor: Executor
    known: PairsManifest | None
    progress: Progress
    tell: Tell
    manifest: PairsManifest = field(init=False)
    made: int = 0
    kept: int = 0

    def report(self) -> PairsReport:
        job = self.job
        self.manifest = PairsManifest.of(job)
        _sweep(job)
        shards = self._planned()
        every = (*shards.first, *shards.similar, *shards.rated, *shards.lists)
        self.manifest.shards = {
            shard.name: Made(stage=shard.stage, records=len(shard.rows)) for shard in every
        }
        names = _file_names(shards.lists)
        if self.known is not None:
            before = self.known.files
            self.manifest.files = {n: e for n, e in before.items() if n in names.values()}
        self.manifest.write(job.folder)
        failed = self._through(shards, names)
        if not failed:
            self.manifest.complete = True
            for entry in self.manifest.shards.values():
                entry.state = "done"
            self.manifest.write(job.folder)
            self._tidy(shards, names)
        rows = {side.value: 0 for side in Side}
        for shard in shards.lists:
            listed = self.manifest.files.get(names[shard.name])
            rows[shard.stage] += listed.rows if listed else 0
        files = tuple(job.folder / name for name in sorted(self.manifest.files))
        return PairsReport(
            shards.demands, shards.supplies, self.made, self.kept, rows, files, tuple(failed)
        )

    def _planned(self) -> Shards:
        """The shards, which a worker works out: the driver holds no index."""
        for found in self.executor.run(cut_work, [self.job]):
            if isinstance(found, Done):
                return found.result
            self.tell(told_killed("plan", found))
        raise RequestError(
            vi="Không mở được chỉ mục: tiến trình mở chỉ mục bị dừng nhiều lần, thường vì thiếu "
            "bộ nhớ.",
            en="The index could not be opened: the process that opens it was killed each time, "
            "mostly for want of memory.",
        )

    def _through(self, shards: Shards, names: dict[str, str]) -> list[str]:
        """Makes what is missing, stage by stage; the names of shards that failed."""
        lists = self._unlisted(shards.lists, names)
        rated = self._missing(shards.rated) if lists else []
        if not lists:
            return []
        if rated:
            compared = (*shards.first, *shards.similar)
            if self._missing((shards.met,), count=False) or not all(
                is_whole(met_path(one)) for one in rated
            ):
                failed = self._compare(shards)
                failed = failed or self._stage(
                    "meet", make_met, [shards.met], lambda one: (one, compared, shards.rated)
                )
                if failed:
                    return failed
            failed = self._stage("score", make_rated, rated, lambda one: (one, shards.met))
            if failed:
                return failed
        return self._list(lists, shards, names)

    def _compare(self, shards: Shards) -> list[str]:
        first = self._missing(shards.first)
        failed = self._stage("match", make_similar, first, lambda one: (one, None))
        rest = self._missing(shards.similar)
        if failed or not rest:
            return failed
        bars = self._missing((shards.bars,), count=False)
        failed = self._stage("meet", make_bars, bars, lambda one: (one, shards.first))
        return failed or self._stage("match", make_similar, rest, lambda one: (one, shards.bars))

    def _list(self, lists: Sequence[Shard], shards: Shards, names: dict[str, str]) -> list[str]:
        def keep(shard: Shard, result: object) -> None:
            assert isinstance(result, Listed)
            self.manifest.files[names[shard.name]] = result

        return self._stage(
            "lists",
            make_lists,
            lists,
            lambda one: (one, shards.rated, names[one.name]),
            keep,
        )

    def _stage(
        self,
        stage: str,
        work: Callable[[Asked], object],
        shards: Sequence[Shard],
        asked: Callable[[Shard], Asked],
        keep: Callable[[Shard, object], None] | None = None,
    ) -> list[str]:
        """Makes these shards; the names of those that failed."""
        items = [asked(shard) for shard in shards]
        place = {id(item): shard for item, shard in zip(items, shards, strict=True)}
        failed = []
        done = 0
        self.progress(stage, 0, len(shards))
        for found in self.executor.run(work, items):
            shard = place[id(found.item)]
            entry = self.manifest.shards.get(shard.name) or Made(stage=stage, records=0)
            if isinstance(found, Done):
                done += 1
                self.made += 1
                entry.state = "done"
                if keep is not None:
                    keep(shard, found.result)
                self.progress(stage, done, len(shards))
            else:
                entry.killed = found.tries
                self.tell(told_killed(f"{shard.stage}-{shard.name}", found))
                if not found.again:
                    entry.state = "failed"
                    failed.append(shard.name)
            self.manifest.write(self.job.folder)
        return failed

    def _missing(self, shards: Iterable[Shard], *, count: bool = True) -> list[Shard]:
        """Those whose part is not there or not whole."""
        missing = []
        for shard in shards:
            if is_whole(shard.path):
                self._found(shard, count)
            else:
                missing.append(shard)
        return missing

    def _unlisted(self, shards: Iterable[Shard], names: dict[str, str]) -> list[Shard]:
        """The lists whose file is not there or not of these settings."""
        missing = []
        before = self.known.shards if self.known else {}
        for shard in shards:
            entry = self.manifest.files.get(names[shard.name])
            made = before.get(shard.name)
            if (
                entry
                and made
                and made.state == "done"
                and is_as_listed(self.job.folder / names[shard.name], entry)
            ):
                self._found(shard, True)
            else:
                self.manifest.files.pop(names[shard.name], None)
                missing.append(shard)
        return missing

    def _found(self, shard: Shard, count: bool) -> None:
        self.kept += count
        entry = self.manifest.shards.get(shard.name)
        if entry is not None:
            entry.state = "done"

    def _tidy(self, shards: Shards, names: dict[str, str]) -> None:
        """Removes what the finished lists do not need: of the work, all but the probabilities,
        from which lists of another length are made; of the files, those of longer lists."""
        kept = {shard.path.name for shard in shards.rated}
        for path in self.job.work.glob("*"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
        for side in Side:
            for path in (self.job.folder / side.value).glob("*.parquet"):
                if f"{side.value}/{path.name}" not in names.values():
                    path.unlink(missing_ok=True)


def _sweep(job: Job) -> None:
    """Removes what killed workers had begun."""
    for folder in (job.work, *(job.folder / side.value for side in Side)):
        for path in folder.glob(".*"):
            path.unlink(missing_ok=True)


def _file_names(lists: Sequence[Shard]) -> dict[str, str]:
    """The file of each shard of lists, under the folder of the run."""
    found, count = {}, {side.value: 0 for side in Side}
    for shard in lists:
        found[shard.name] = f"{shard.stage}/part-{count[shard.stage]:05d}.parquet"
        count[shard.stage] += 1
    return found
