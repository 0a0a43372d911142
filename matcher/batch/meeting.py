"""From the shards of needs to what both sides found: the pairs that are worth a closer look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.batch.best import NOBODY, UNUSED, Lot, Numbers, cut, similarities
from matcher.batch.job import opened
from matcher.batch.parts import Arrays, read_part, write_part
from matcher.batch.shards import Shard
from matcher.features import CROWD
from matcher.ranking import lot


def make_bars(asked: tuple[Shard, Sequence[Shard]]) -> None:
    """What each offer's last place is worth, as the first shards filled it: `bars` and `near`."""
    shard, first = asked
    index = opened(shard.job).index
    best = _by_offer(
        (read_part(one.path) for one in first),
        len(index.supply),
        shard.job.each,
        lambda at, row: lot(index.supply.ids[at], index.demand.ids[row]),
    )
    write_part(shard.path, {"bars": best.worth[:, -1], "near": best.near[:, 0]})


def make_met(asked: tuple[Shard, Sequence[Shard], Sequence[Shard]]) -> None:
    """The pairs of the best of every need and of every offer, a part for each shard that is to
    rate them: `pairs` (n, 2), rows of needs and offers, by need, and `worth` (n,). The part of
    the shard itself holds `crowds` (n_offers,), see `matcher.features`."""
    shard, compared, rated = asked
    index = opened(shard.job).index
    supplies = len(index.supply)
    best = _by_offer(
        (read_part(one.path) for one in compared),
        supplies,
        shard.job.each,
        lambda at, row: lot(index.supply.ids[at], index.demand.ids[row]),
    )
    offers = np.broadcast_to(np.arange(supplies, dtype=np.int64)[:, None], best.rows.shape)
    kept = best.rows != NOBODY
    keys, values = [best.rows[kept] * np.int64(supplies) + offers[kept]], [best.worth[kept]]
    for one in compared:
        part = read_part(one.path)
        kept = part["others"] != NOBODY
        needs = np.asarray(one.rows, dtype=np.int64)[:, None] * supplies
        keys.append((needs + part["others"])[kept])
        values.append(part["worth"][kept])
    key, first = np.unique(np.concatenate(keys), return_index=True)
    value = np.concatenate(values)[first]
    ends = [one.rows.start for one in rated] + [len(index.demand)]
    for one, (start, stop) in zip(
        rated, pairwise(np.searchsorted(key, np.array(ends) * supplies).tolist()), strict=True
    ):
        pairs = np.column_stack(np.divmod(key[start:stop], supplies)).astype(np.int32)
        write_part(met_path(one), {"pairs": pairs, "worth": value[start:stop]})
    nearest = best.near[:, -min(CROWD, len(index.demand)) :]
    write_part(shard.path, {"crowds": similarities(nearest).mean(axis=1)})


def met_path(rated: Shard) -> Path:
    """Where the pairs lie that a shard is to rate."""
    return rated.job.work / f"met-{rated.name}.npz"


@dataclass(frozen=True, slots=True)
class _Best:
    """Of every offer over some parts: the `rows` and the `worth` of its best needs, both
    (n_offers, each), best first, and its greatest cosines, (n_offers, CROWD), ascending."""

    rows: Numbers
    worth: Numbers
    near: Numbers


def _by_offer(parts: Iterable[Arrays], count: int, each: int, lot_of: Lot) -> _Best:
    rows = np.full((count, 2 * each), NOBODY, dtype=np.int32)
    worth = np.full((count, 2 * each), UNUSED, dtype=np.int32)
    near = np.full((count, CROWD), UNUSED, dtype=np.int32)
    for part in parts:
        offers, places = _flat(part["held"])
        rows[:, each:], worth[:, each:] = NOBODY, UNUSED
        rows[offers, each + places], worth[offers, each + places] = part["asking"], part["met"]
        order = cut(rows, worth, each, lot_of)
        rows[:, :each] = np.take_along_axis(rows, order, axis=1)
        worth[:, :each] = np.take_along_axis(worth, order, axis=1)
        near = np.sort(np.hstack([near, part["near"]]), axis=1)[:, -CROWD:]
    return _Best(rows[:, :each], worth[:, :each], near)


def _flat(held: Numbers) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The offer of each entry of a flat list, and its place among those of the offer."""
    offers = np.repeat(np.arange(len(held)), held)
    starts = np.cumsum(held, dtype=np.int64) - held
    return offers, np.arange(len(offers)) - np.repeat(starts, held)
