"""From scored records to owners who could meet: the best match of each pair of owners."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.owners import owner_key
from indexer.records import Record
from matcher.planning.plan import Pair
from matcher.similarity import FloatArray


def owner_pairs(
    demands: Sequence[Record],
    supplies: Sequence[Record],
    scores: FloatArray,
    barred: NDArray[np.bool_],
    floor: float,
) -> tuple[Pair, ...]:
    """One pair for each two owners with a match that is not barred and not below `floor`.

    `scores` and `barred` are (n_demands, n_supplies). An owner has the name of its first record;
    records without an owner belong to nobody. Of equal matches the one with the lower record ids
    counts, so the order of the records decides nothing. Best first, then by name.
    """
    names = _names((*demands, *supplies))
    best: dict[tuple[str, str], tuple[float, str, str]] = {}
    rows, columns = np.nonzero((scores >= floor) & ~barred)
    for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
        demand, supply = demands[i], supplies[j]
        ends = owner_key(demand.owner), owner_key(supply.owner)
        if not all(ends) or ends[0] == ends[1]:
            continue
        found = (-_whole(scores[i, j]), demand.id, supply.id)
        if ends not in best or found < best[ends]:
            best[ends] = found
    pairs = [
        Pair(
            demand_owner=names[one],
            supply_owner=names[other],
            score=-score,
            demand=demand_id,
            supply=supply_id,
        )
        for (one, other), (score, demand_id, supply_id) in best.items()
    ]
    return tuple(sorted(pairs, key=lambda p: (-p.score, p.demand_owner, p.supply_owner)))


def _names(records: Sequence[Record]) -> dict[str, str]:
    """Owner keys and how they are written in the record with the lowest id."""
    names: dict[str, str] = {}
    for record in sorted(records, key=lambda record: record.id):
        names.setdefault(owner_key(record.owner), record.owner)
    return names


def _whole(score: float) -> float:
    """Four places, as everywhere in the files: noise below them decides nothing."""
    return round(min(max(float(score), 0.0), 1.0), 4)
