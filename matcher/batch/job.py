"""What all pieces of one run have in common, and what a worker opens for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.generations import current_generation
from indexer.index import Index
from indexer.manifest import Manifest
from indexer.records import Record, Side
from indexer.workspace import Workspace
from matcher.fusion import WordShare
from matcher.learning.scoreversions import ScoreVersions
from matcher.rating import CANDIDATES
from matcher.score import ScoreModel


@dataclass(frozen=True, slots=True)
class State:
    """What a run is made of: one version of one catalog, and the index made of it."""

    catalog: str
    version: int
    generation: str
    encoder: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Job:
    """One run: the workspace it reads, the folder it writes, the state both must keep.

    Every record ends with its best `k`, by probability, of its best `each` by similarity.
    """

    workspace: Path
    folder: Path
    state: State
    words: WordShare
    k: int

    @property
    def each(self) -> int:
        return max(CANDIDATES, self.k)

    @property
    def work(self) -> Path:
        """Where the parts lie that the lists are made of."""
        return self.folder / "work"


@dataclass(frozen=True)
class Opened:
    """The index, the catalog and the weights of a job, as they were when it began."""

    index: Index
    catalog: Catalog
    model: ScoreModel

    def records(self, side: Side, rows: Iterable[int]) -> list[Record]:
        """The records of these rows, in their order.

        Raises RequestError where the catalog is not the one the index was made from any more.
        """
        ids = self.index.side(side).ids
        wanted = [ids[row] for row in rows]
        found = {record.id: record for record in self.catalog.records(side, ids=wanted)}
        if any(record_id not in found for record_id in wanted):
            raise changed(self.index.catalog_version, self.catalog.version)
        return [found[record_id] for record_id in wanted]


def opened(job: Job) -> Opened:
    """What a worker reads; kept open from piece to piece.

    Raises RequestError where catalog or index changed since the run began.
    """
    found = _opened(job.workspace)
    now = found.index.manifest.catalog, found.index.catalog_version, found.index.generation.name
    version = found.catalog.version
    state = job.state
    if now != (state.catalog, state.version, state.generation) or version != state.version:
        _opened.cache_clear()
        raise changed(state.version, version)
    return found


def state_of(workspace: Workspace) -> State:
    """The state of the index of a workspace. Raises RequestError where there is none,
    DamagedError where it does not say what it is."""
    generation = current_generation(workspace.index_path)
    if generation is None:
        generation = Index.open(workspace.index_path).generation  # says that there is none
    manifest = Manifest.read(generation)
    return State(
        catalog=manifest.catalog,
        version=manifest.catalog_version,
        generation=generation.name,
        encoder=manifest.encoder.name,
        fingerprint=manifest.encoder.fingerprint,
    )


def changed(before: int, now: int) -> RequestError:
    """The error of a run whose catalog is another one now."""
    return RequestError(
        vi=f"Danh mục đã đổi trong khi tính (phiên bản {before}, nay là {now}): kết quả sẽ lẫn hai "
        "trạng thái. Hãy chạy lại vào một thư mục khác.",
        en=f"The catalog changed meanwhile (version {before}, now {now}): the result would mix two "
        "states. Run again into another folder.",
    )


@lru_cache(maxsize=1)
def _opened(path: Path) -> Opened:
    workspace = Workspace.open(path)
    index = Index.open(workspace.index_path)
    model = ScoreVersions(workspace.models_path).load(index.encoder.name)
    return Opened(index, workspace.catalog(), model)
