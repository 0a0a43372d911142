"""A matching run: from the scores of all pairs to the match list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from indexer.index import Index
from indexer.progress import Progress, silent
from indexer.records import Record, Side
from matcher.explain import explain_pairs
from matcher.match import Match
from matcher.matchlist import MatchList
from matcher.ranking import ListRules, best, lot
from matcher.ruling.exclusion import Exclusion
from matcher.ruling.rulings import Excluded
from matcher.similarity import FloatArray

_LEAST_NEAR = 0.0  # the score of a pair in which nothing faces anything: it is not called nearest


@dataclass(frozen=True, slots=True)
class _Place:
    """One entry of one list: the pair, its score, and whether it is above the floor."""

    asker: Record
    other: Record
    score: float
    matched: bool

    def pair(self) -> tuple[Record, Record]:
        """(demand, supply)"""
        if self.asker.side is Side.DEMAND:
            return self.asker, self.other
        return self.other, self.asker


def rank_all(
    index: Index,
    demands: Sequence[Record],
    supplies: Sequence[Record],
    scores: FloatArray,
    rules: ListRules,
    ruled: Excluded,
    *,
    today: date,
    settings: Mapping[str, str],
    progress: Progress = silent,
) -> MatchList:
    """The match list of `scores` (n_demands, n_supplies), in the order that `ruled` gives."""
    order = ruled.order(scores, rules.floor)
    places = [
        *_rank("rank-demands", demands, supplies, scores, order, rules, progress),
        *_rank("rank-supplies", supplies, demands, scores.T, order.T, rules, progress),
    ]
    numbers = (
        {record.id: number for number, record in enumerate(demands)},
        {record.id: number for number, record in enumerate(supplies)},
    )
    # A pair on the lists of both its sides is explained once; in order of supplies, so that
    # each of two processes reads its own.
    pairs = {(d.id, s.id): (d, s) for d, s in (place.pair() for place in places)}
    keys = sorted(pairs, key=lambda key: (key[1], key[0]))
    explained = explain_pairs(index, [pairs[key] for key in keys], today, progress)
    known = dict(zip(keys, explained, strict=True))
    lists: dict[str, list[Match]] = {}
    nearest: dict[str, Match] = {}
    for place in places:
        demand, supply = place.pair()
        row = lists.setdefault(place.asker.id, []) if place.matched else []
        evidence, flags = known[demand.id, supply.id]
        flags = (*ruled.notes(numbers[0][demand.id], numbers[1][supply.id]), *flags)
        match = Match(demand.id, supply.id, len(row) + 1, place.score, evidence, flags)
        if place.matched:
            row.append(match)
        else:
            nearest[place.asker.id] = match
    return MatchList(
        by_demand=_best_first(demands, lists),
        by_supply=_best_first(supplies, lists),
        unmatched_demands=_unmatched(demands, lists),
        unmatched_supplies=_unmatched(supplies, lists),
        records={record.id: record for record in (*demands, *supplies)},
        settings=settings,
        catalog_version=index.catalog_version,
        nearest=nearest,
        excluded=_excluded(demands, supplies, scores, rules, ruled),
        rule_counts=ruled.counts,
    )


def _excluded(
    demands: Sequence[Record],
    supplies: Sequence[Record],
    scores: FloatArray,
    rules: ListRules,
    ruled: Excluded,
) -> tuple[Exclusion, ...]:
    """The pairs that would stand on a list of either side, and those pinned in vain: by demand,
    best first."""
    found = set(ruled.pinned_but_barred())
    columns = np.zeros(len(supplies), dtype=bool)
    for i, barred in enumerate(ruled.mask):
        above = barred & (scores[i] >= rules.floor)
        if above.any():
            columns |= above
            chosen = best(np.ascontiguousarray(scores[i]), supplies, demands[i], rules)
            found |= {(i, j) for j in chosen if barred[j]}
    for j in np.flatnonzero(columns).tolist():
        chosen = best(np.ascontiguousarray(scores[:, j]), demands, supplies[j], rules)
        found |= {(i, j) for i in chosen if ruled.mask[i, j]}
    ordered = sorted(found, key=lambda at: (at[0], -round(float(scores[at]), 6), at[1]))
    return tuple(ruled.exclusion(i, j, float(scores[i, j])) for i, j in ordered)


def _best_first(
    records: Sequence[Record], lists: Mapping[str, list[Match]]
) -> dict[str, tuple[Match, ...]]:
    """The lists in the order people read them: the surest first, then by id."""
    matched = [record.id for record in records if record.id in lists]
    matched.sort(key=lambda record_id: (-round(lists[record_id][0].score, 6), record_id))
    return {record_id: tuple(lists[record_id]) for record_id in matched}


def _unmatched(records: Sequence[Record], lists: Mapping[str, list[Match]]) -> tuple[str, ...]:
    """Who has no list, unless a record that says the same (`same_as`) has one."""
    served = {record.same_as or record.id for record in records if record.id in lists}
    return tuple(
        record.id
        for record in records
        if record.id not in lists and (record.same_as or record.id) not in served
    )


def _rank(
    stage: str,
    askers: Sequence[Record],
    others: Sequence[Record],
    scores: FloatArray,
    order: FloatArray,
    rules: ListRules,
    progress: Progress,
) -> list[_Place]:
    """The list of every asker, first by `order`, which like `scores` is (n_askers, n_others)."""
    places: list[_Place] = []
    for row, asker in enumerate(askers):
        values = np.ascontiguousarray(order[row])
        chosen = best(values, others, asker, rules)
        places += [_Place(asker, others[i], float(scores[row, i]), True) for i in chosen]
        if not chosen and len(values) and values.max() > _LEAST_NEAR:
            i = _nearest(values, others, asker)
            places.append(_Place(asker, others[i], float(scores[row, i]), False))
        if row % 10 == 9 or row + 1 == len(askers):
            progress(stage, row + 1, len(askers))
    return places


def _nearest(values: FloatArray, others: Sequence[Record], asker: Record) -> int:
    ties = np.flatnonzero(values >= values.max() - 1e-6).tolist()
    return min(ties, key=lambda i: lot(asker.id, others[i].id))
