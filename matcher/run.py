"""A matching run: from the scores of all pairs to the match list."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

import numpy as np

from indexer.index import Index
from indexer.progress import Progress, silent
from indexer.records import Record, Side
from matcher.explain import Explanation, explain_pairs
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
    number: int  # of the other, among all of its side
    score: float
    matched: bool

    def pair(self) -> tuple[Record, Record]:
        """(demand, supply)"""
        if self.asker.side is Side.DEMAND:
            return self.asker, self.other
        return self.other, self.asker

    def key(self) -> tuple[str, str]:
        """(demand id, supply id)"""
        demand, supply = self.pair()
        return demand.id, supply.id


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
    sides = (
        _Lists(demands, supplies, scores, order, rules),
        _Lists(supplies, demands, scores.T, order.T, rules),
    )
    for stage, side in zip(("rank-demands", "rank-supplies"), sides, strict=True):
        side.fill(stage, progress)
    known = _explained(index, sides, ruled, today, progress)
    places = [place for side in sides for place in side.places()]
    numbers = (
        {record.id: number for number, record in enumerate(demands)},
        {record.id: number for number, record in enumerate(supplies)},
    )
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


class _Lists:
    """The lists of one side, first by `order`, which like `scores` is (n_askers, n_others)."""

    def __init__(
        self,
        askers: Sequence[Record],
        others: Sequence[Record],
        scores: FloatArray,
        order: FloatArray,
        rules: ListRules,
    ) -> None:
        self._askers, self._others = askers, others
        self._scores, self._order, self._rules = scores, order, rules
        self._faceless: dict[int, set[int]] = {}  # by asker, who shows no evidence
        self._found: list[list[_Place]] = []

    def fill(self, stage: str, progress: Progress) -> None:
        for row in range(len(self._askers)):
            self._found.append(self._list(row))
            if row % 10 == 9 or row + 1 == len(self._askers):
                progress(stage, row + 1, len(self._askers))

    def places(self) -> Iterator[_Place]:
        return chain.from_iterable(self._found)

    def drop(self, faceless: Container[tuple[str, str]]) -> bool:
        """Lists anew whoever has one of these (demand id, supply id) pairs on the list; whether
        anybody had."""
        rows = []
        for row, own in enumerate(self._found):
            gone = [place for place in own if place.key() in faceless]
            if gone:
                self._faceless.setdefault(row, set()).update(place.number for place in gone)
                rows.append((row, any(place.matched for place in gone)))
        for row, matched in rows:
            # Where not even the nearest faces anything, nothing is called near.
            self._found[row] = self._list(row) if matched else []
        return bool(rows)

    def _list(self, row: int) -> list[_Place]:
        asker, values = self._askers[row], np.array(self._order[row], dtype=np.float32)
        values[list(self._faceless.get(row, ()))] = -1.0
        chosen, matched = best(values, self._others, asker, self._rules), True
        if not chosen and len(values) and values.max() > _LEAST_NEAR:
            chosen, matched = [_nearest(values, self._others, asker)], False
        return [
            _Place(asker, self._others[i], i, float(self._scores[row, i]), matched) for i in chosen
        ]


def _explained(
    index: Index,
    sides: Sequence[_Lists],
    ruled: Excluded,
    today: date,
    progress: Progress,
) -> dict[tuple[str, str], Explanation]:
    """Evidence and flags of every pair on the lists, by (demand id, supply id).

    A pair that shows no evidence is no match: it leaves the lists and the next one comes in,
    unless a rule pins it.
    """
    known: dict[tuple[str, str], Explanation] = {}
    faceless: set[tuple[str, str]] = set()
    while True:
        # A pair on the lists of both its sides is explained once; in order of supplies, so that
        # each of two processes reads its own.
        pairs = {place.key(): place for side in sides for place in side.places()}
        new = sorted(pairs.keys() - known.keys(), key=lambda key: (key[1], key[0]))
        found = explain_pairs(index, [pairs[key].pair() for key in new], today, progress)
        known.update(zip(new, found, strict=True))
        faceless |= {key for key in new if not known[key][0] and not ruled.pins(*key)}
        dropped = [side.drop(faceless) for side in sides]
        if not any(dropped):
            return known


def _nearest(values: FloatArray, others: Sequence[Record], asker: Record) -> int:
    ties = np.flatnonzero(values >= values.max() - 1e-6).tolist()
    return min(ties, key=lambda i: lot(asker.id, others[i].id))
