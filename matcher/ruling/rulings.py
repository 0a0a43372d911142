"""Rules applied to the pairs of one run: what is barred and why, what moves up or down."""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.records import Record
from matcher.match import Flag
from matcher.planning.event import Event
from matcher.ruling.exclusion import Exclusion, RuleCount
from matcher.ruling.reach import Block, Ground, Sides, reach
from matcher.ruling.rules import SAME_OWNER, Rule, in_force
from matcher.ruling.rulewords import say_exclusion
from matcher.similarity import FloatArray

_PINNED = 2.0  # above every score; what is pinned is ordered among itself by score
_BARRED = -1.0
_FEW_CELLS = 100_000
_SURE = 1e-6  # how near to 0 and 1 a score may come before its log-odds are taken


class Reached:
    """One rule with the pairs it reaches, (row, column) positions."""

    def __init__(self, rule: Rule, blocks: Sequence[Block], shape: tuple[int, int]) -> None:
        self.rule = rule
        self._blocks = blocks
        self._shape = shape

    def mark(self, mask: NDArray[np.bool_]) -> None:
        """Sets the pairs in `mask` (n_demands, n_supplies)."""
        for block in self._blocks:
            mask[np.ix_(block.rows, block.columns)] = True

    def mask(self) -> NDArray[np.bool_]:
        """(n_demands, n_supplies); made anew at every call."""
        mask = np.zeros(self._shape, dtype=bool)
        self.mark(mask)
        return mask

    def count(self, among: NDArray[np.bool_] | None = None) -> int:
        """How many pairs are reached; with a mask, how many of those in it."""
        if sum(block.size for block in self._blocks) > _FEW_CELLS:
            mask = self.mask()
            return int(np.count_nonzero(mask if among is None else mask & among))
        if not self._blocks:
            return 0
        # Most rules name a few pairs: no need to walk over all that there are.
        cells = [
            (block.rows[:, None] * self._shape[1] + block.columns).ravel() for block in self._blocks
        ]
        found = np.unique(np.concatenate(cells))
        return len(found) if among is None else int(np.count_nonzero(among.ravel()[found]))

    def ground(self, i: int, j: int) -> Ground | None:
        """On what ground the pair is reached; None where it is not."""
        return next((block.ground for block in self._by_row[i] if j in block.held), None)

    @cached_property
    def _by_row(self) -> defaultdict[int, list[Block]]:
        found: defaultdict[int, list[Block]] = defaultdict(list)
        for block in self._blocks:
            for row in block.rows.tolist():
                found[row].append(block)
        return found


class Excluded:
    """What rules make of the pairs of `demands` and `supplies`.

    `mask` (n_demands, n_supplies) is True where a pair is barred. A bar is stronger than a pin.
    """

    def __init__(
        self, demands: Sequence[Record], supplies: Sequence[Record], reached: Sequence[Reached]
    ) -> None:
        self._demands, self._supplies = demands, supplies
        soft = ("prefer", "pin")
        self._bars = [item for item in reached if item.rule.kind not in soft]
        self._moves = [item for item in reached if item.rule.kind in soft]
        self.mask = np.zeros((len(demands), len(supplies)), dtype=bool)
        counts = []
        for item in reached:
            counts.append(RuleCount(item.rule.name(), item.rule.kind, item.count()))
            if item.rule.kind not in soft:
                item.mark(self.mask)
        self.counts = tuple(counts)

    def why(self, i: int, j: int) -> Bilingual | None:
        """The sentence for a barred pair, by the first rule that bars it; None if none does."""
        exclusion = self._bar(i, j)
        return exclusion and exclusion[1]

    def exclusion(self, i: int, j: int, score: float) -> Exclusion:
        """The pair as listed among the excluded; only for barred pairs."""
        found = self._bar(i, j)
        if found is None:
            raise ValueError(f"the pair ({i}, {j}) is not barred")
        rule, why = found
        return Exclusion(self._demands[i].id, self._supplies[j].id, score, rule.name(), why)

    def pinned_but_barred(self) -> list[tuple[int, int]]:
        """Pairs that somebody asked for and another rule bars."""
        if not any(item.rule.kind == "pin" for item in self._moves):
            return []
        places = np.argwhere(self._pinned() & self.mask)
        return [(int(i), int(j)) for i, j in places]

    def order(self, scores: FloatArray, floor: float) -> FloatArray:
        """What lists are ordered by: `scores` (n_demands, n_supplies) with barred pairs below
        everything, pinned ones above, preferred ones moved. The very array where no rule reaches
        a pair. A preference carries no pair over the floor, and none below it."""
        if not self._moves and not self.mask.any():
            return scores
        order = _copied(scores)
        for item in self._moves:
            if item.rule.kind == "prefer":
                chosen = item.mask() & (scores >= floor)
                order[chosen] = _moved(order[chosen], floor, item.rule.weight)
        if any(item.rule.kind == "pin" for item in self._moves):
            pinned = self._pinned()
            order[pinned] = scores[pinned] + _PINNED
        order[self.mask] = _BARRED
        return order

    def notes(self, i: int, j: int) -> tuple[Flag, ...]:
        """What the lists say of a pair that a pin or a preference moved."""
        moved = [item.rule for item in self._moves if item.ground(i, j) is not None]
        return tuple(_note(rule) for rule in moved)

    def pins(self, demand: str, supply: str) -> bool:
        """Whether a rule pins the pair of these ids."""
        pins = [item for item in self._moves if item.rule.kind == "pin"]
        if not pins:
            return False
        i, j = self._rows[demand], self._columns[supply]
        return any(item.ground(i, j) is not None for item in pins)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {record.id: row for row, record in enumerate(self._demands)}

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {record.id: column for column, record in enumerate(self._supplies)}

    def _bar(self, i: int, j: int) -> tuple[Rule, Bilingual] | None:
        for item in self._bars:
            ground = item.ground(i, j)
            if ground is not None:
                demand, supply = self._demands[i], self._supplies[j]
                return item.rule, say_exclusion(item.rule, ground, demand, supply)
        return None

    def _pinned(self) -> NDArray[np.bool_]:
        pins = [item.mask() for item in self._moves if item.rule.kind == "pin"]
        return np.asarray(np.logical_or.reduce(pins), dtype=bool)


def event_rules(event: Event | None) -> tuple[Rule, ...]:
    """The rules of an event file, its vetoes and its list of those who have met."""
    if event is None:
        return ()
    vetoes = [
        Rule(kind="forbid", party=wish.from_owner, others=(wish.to_owner,), reason="veto")
        for wish in event.wishes
        if wish.degree == "veto"
    ]
    met = [
        Rule(kind="forbid", party=pair.one, others=(pair.other,), reason="met before")
        for pair in event.met
    ]
    return (*event.rules, *vetoes, *met)


def apply(rules: Sequence[Rule], demands: Sequence[Record], supplies: Sequence[Record]) -> Excluded:
    """Applies the rules, and the one that holds without being asked for: no owner meets itself.

    Raises:
        RequestError: the rules bar every pair; says which of them do.
    """
    sides = Sides(demands, supplies)
    shape = len(demands), len(supplies)
    try:
        reached = [Reached(rule, reach(rule, sides), shape) for rule in in_force(rules)]
    finally:
        sides.close()
    excluded = Excluded(demands, supplies, reached)
    if excluded.mask.size and excluded.mask.all():
        _refuse(reached)
    return excluded


def _refuse(reached: Sequence[Reached]) -> None:
    """Names the fewest rules that bar everything: one that does alone, else those that bar most
    of what is left, one after the other."""
    bars = [item for item in reached if item.rule.kind not in ("prefer", "pin")]
    left = np.ones_like(bars[0].mask())
    guilty: list[tuple[Rule, int]] = []
    while left.any():
        counts = [item.count(left) for item in bars]
        most = int(np.argmax(counts))
        guilty.append((bars[most].rule, counts[most]))
        left &= ~bars[most].mask()
    if [rule for rule, _ in guilty] == [SAME_OWNER]:
        return  # one owner has everything: lists without matches, not a wrong request
    vi = "; ".join(f"“{rule.name().vi}” loại {number} cặp" for rule, number in guilty)
    en = "; ".join(f"“{rule.name().en}” bars {number} pairs" for rule, number in guilty)
    raise RequestError(
        vi=f"Các luật loại hết mọi cặp ghép nối: {vi}. Hãy nới hoặc bỏ bớt luật.",
        en=f"The rules bar every pair: {en}. Loosen or remove a rule.",
    )


def _copied(scores: FloatArray) -> FloatArray:
    """A copy to write into; of scores that lie in a file, a copy in a file."""
    if not isinstance(scores, np.memmap):
        return np.array(scores, dtype=np.float32)
    with tempfile.TemporaryFile() as spill:
        copy: FloatArray = np.memmap(spill, dtype=np.float32, mode="w+", shape=scores.shape)
    copy[:] = scores
    return copy


def _moved(scores: FloatArray, floor: float, weight: float) -> FloatArray:
    """Scores (n,) at or above `floor` moved by `weight` in log-odds of the way from floor to 1."""
    share = (scores.astype(np.float64) - floor) / max(1.0 - floor, _SURE)
    share = np.clip(share, _SURE, 1.0 - _SURE)
    moved = 1.0 / (1.0 + (1.0 - share) / share * np.exp(-weight))
    return np.asarray(floor + moved * (1.0 - floor), dtype=np.float32)


def _note(rule: Rule) -> Flag:
    name = rule.name()
    if rule.kind == "pin":
        return Flag("pinned", Bilingual(f"Được ghim: {name.vi}", f"Pinned: {name.en}"))
    if rule.weight < 0:
        return Flag("avoided", Bilingual(f"Xếp sau: {name.vi}", f"Placed lower: {name.en}"))
    return Flag("preferred", Bilingual(f"Ưu tiên: {name.vi}", f"Preferred: {name.en}"))
