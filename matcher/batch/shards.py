"""How the work is cut: shards, each named by everything that its result depends on."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from indexer.records import Side
from indexer.sideindex import SideIndex
from matcher.batch.job import Job, Opened, opened

_FORMAT = 1  # of the parts: another number, another name
# Shards of needs there are at least, if they are of so many needs then, and needs of a shard at
# the most: some ten seconds of work with 100,000 offers. With more offers more, so that what a
# shard keeps of every offer stays small beside what it looked at.
_SHARDS, _FEWEST, _MOST, _SHARE = 8, 50, 5_000, 20
# One shard in ten goes first: what it finds for an offer, the others have to beat.
_FIRST = 10
_RATED = 25_000  # needs rated together at the most: every such shard reads all offers it meets
_LISTED = 25_000  # records in one file of lists


@dataclass(frozen=True, slots=True)
class Shard:
    """Rows of one side, and the name of the part made of them at this stage."""

    job: Job
    stage: str
    rows: range
    name: str

    @property
    def path(self) -> Path:
        return self.job.work / f"{self.stage}-{self.name}.npz"


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards of every stage: `first` and `similar` compare, `rated` make probabilities of the
    pairs that `met`, `lists` are the files by need and by offer."""

    demands: int
    supplies: int
    first: tuple[Shard, ...]
    bars: Shard
    similar: tuple[Shard, ...]
    met: Shard
    rated: tuple[Shard, ...]
    lists: tuple[Shard, ...]


def cut_work(job: Job) -> Shards:
    """The shards of a job: the same for the same records, wherever and however often it runs."""
    found = opened(job)
    demand, supply = found.index.demand, found.index.supply
    most = max(_MOST, len(supply) // _SHARE)
    count = -(-len(demand) // min(most, max(_FEWEST, -(-len(demand) // _SHARDS))))
    # Every tenth need, not the first tenth: records of one kind stand together.
    rows = [range(at, len(demand), count) for at in range(count)]
    basis = _basis(job, found)
    ahead = min(count, max(2, -(-count // _FIRST)))  # two, so that no core waits for one
    first = tuple(Shard(job, "similar", own, _said(basis, demand, own)) for own in rows[:ahead])
    bars = _joined(job, "bars", basis, *(shard.name for shard in first))
    similar = tuple(
        Shard(job, "similar", own, _said(bars.name, demand, own)) for own in rows[ahead:]
    )
    met = _joined(job, "met", bars.name, *(shard.name for shard in similar))
    # Rating looks at whole records, and at how near all needs are to an offer.
    weights = json.dumps(found.model.to_json())
    rated = tuple(
        Shard(
            job,
            "rated",
            own,
            _name(met.name, job.state.catalog, str(job.state.version), weights, str(own)),
        )
        for own in _ranges(len(demand), min(_RATED, -(-len(demand) // 2) or 1))
    )
    names = [shard.name for shard in rated]
    lists = tuple(
        Shard(job, side.value, own, _name(*names, side, str(job.k), str(own)))
        for side in (Side.DEMAND, Side.SUPPLY)
        for own in _ranges(len(found.index.side(side)), _LISTED)
    )
    return Shards(len(demand), len(supply), first, bars, similar, met, rated, lists)


def _basis(job: Job, found: Opened) -> str:
    """What the similarities of all needs depend on besides their own texts."""
    supply = found.index.supply
    state, background = job.state, repr(found.index.background)
    return _name(
        f"{_FORMAT} {job.words} {job.each} {background} {state.encoder} {state.fingerprint}",
        _said("", supply, range(len(supply))),
    )


def _said(basis: str, side: SideIndex, rows: range) -> str:
    own = (part for row in rows for part in (side.ids[row], side.digests[row]))
    return _name(basis, *own)


def _joined(job: Job, stage: str, *names: str) -> Shard:
    return Shard(job, stage, range(0), _name(stage, *names))


def _name(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _ranges(count: int, step: int) -> list[range]:
    return [range(start, min(start + step, count)) for start in range(0, count, step)]
