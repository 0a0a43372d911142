"""Which pairs a rule reaches: blocks of demands by supplies, each with the ground it stands on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.owners import owner_key
from indexer.records import Record, Side
from matcher.filters import Mask
from matcher.ruling.rules import Asked, Rule, Tie
from matcher.ruling.satisfying import Answers
from matcher.ruling.ties import domains, is_institution, parts, telling_domains

Ground = Asked | Literal["parties", "owner", "domain", "organisation", "together", "all"]
Positions = NDArray[np.int64]

_NOBODY: Positions = np.empty(0, dtype=np.int64)


class Block:
    """Every demand in `rows` with every supply in `columns`; positions, sorted."""

    def __init__(self, rows: Positions, columns: Positions, ground: Ground) -> None:
        self.rows = rows
        self.columns = columns
        self.ground = ground

    @property
    def size(self) -> int:
        return len(self.rows) * len(self.columns)

    @cached_property
    def held(self) -> frozenset[int]:
        """The columns, to be asked one by one."""
        return frozenset(self.columns.tolist())


class Names:
    """Who is meant when a rule names a party, among the records of one side."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._leaders = {record.id: record.same_as or record.id for record in records}
        self._leaders |= {leader: leader for leader in self._leaders.values()}
        self._groups = _by_key(records, lambda record: (record.same_as or record.id,))
        self._owners = _by_key(records, lambda record: (owner_key(record.owner),))

    def of(self, party: str) -> Positions:
        """The record of that id and those that repeat it, else the records of that owner."""
        if party in self._leaders:
            return self._groups[self._leaders[party]]
        return self._owners.get(owner_key(party), _NOBODY)


class Sides:
    """The records of one run, by position; what many rules ask of them is worked out once."""

    def __init__(self, demands: Sequence[Record], supplies: Sequence[Record]) -> None:
        self.demands = demands
        self.supplies = supplies
        self.answers = {Side.DEMAND: Answers(demands), Side.SUPPLY: Answers(supplies)}

    @cached_property
    def names(self) -> dict[Side, Names]:
        return {Side.DEMAND: Names(self.demands), Side.SUPPLY: Names(self.supplies)}

    def of(self, side: Side) -> Sequence[Record]:
        return self.demands if side is Side.DEMAND else self.supplies

    def close(self) -> None:
        for answers in self.answers.values():
            answers.close()


def reach(rule: Rule, sides: Sides) -> tuple[Block, ...]:
    """The pairs that the rule bars, or, for `prefer` and `pin`, the pairs it moves.

    A pair is reached when any block holds it; blocks may overlap.
    """
    found = [block for block in _blocks(rule, sides) if len(block.rows) and len(block.columns)]
    return tuple(found)


def _blocks(rule: Rule, sides: Sides) -> Iterator[Block]:
    match rule.kind:
        case "require":
            for condition in rule.conditions():
                answers = sides.answers[rule.of]
                out = ~answers.met(condition)
                if rule.unstated == "allow":
                    out &= answers.stated(condition)
                yield _asked(rule, sides, out, condition)
        case "prefer":
            met = [sides.answers[rule.of].met(condition) for condition in rule.conditions()]
            yield _asked(rule, sides, np.logical_and.reduce(met), "all")
        case "forbid" | "pin":
            for other in rule.others:
                for one, two in ((rule.party, other), (other, rule.party)):
                    needs, offers = sides.names[Side.DEMAND], sides.names[Side.SUPPLY]
                    yield Block(needs.of(one), offers.of(two), "parties")
        case "same-owner":
            if not rule.allow:
                yield from _shared(sides, lambda record: (owner_key(record.owner),), "owner")
        case "conflict":
            yield from _conflicts(rule, sides)


def _conflicts(rule: Rule, sides: Sides) -> Iterator[Block]:
    ties: tuple[Tie, ...] = rule.by or ("domain", "organisation", "together")
    if "domain" in ties:
        telling = telling_domains((*sides.demands, *sides.supplies))
        yield from _shared(sides, lambda record: domains(record) & telling, "domain")
    if "organisation" in ties:
        yield from _organisations(sides)
    if "together" in ties:
        yield from _together(rule, sides)


def _asked(rule: Rule, sides: Sides, chosen: Mask, ground: Ground) -> Block:
    """The chosen records of the side asked, with all of the other or with the party's."""
    asked, side = np.flatnonzero(chosen), rule.of.other
    party = sides.names[side].of(rule.party) if rule.party else np.arange(len(sides.of(side)))
    rows, columns = (asked, party) if rule.of is Side.DEMAND else (party, asked)
    return Block(rows, columns, ground)


def _shared(
    sides: Sides, keys: Callable[[Record], Iterable[str]], ground: Ground
) -> Iterator[Block]:
    """Pairs that have a key in common; an empty key is none."""
    of_demands, of_supplies = _by_key(sides.demands, keys), _by_key(sides.supplies, keys)
    for key in sorted(of_demands.keys() & of_supplies.keys()):
        yield Block(of_demands[key], of_supplies[key], ground)


def _organisations(sides: Sides) -> Iterator[Block]:
    """One organisation is the other or named in it as a whole, or both name one institution."""

    def whole(record: Record) -> Iterable[str]:
        return (parts(record.owner)[0],)

    def any_part(record: Record) -> Iterable[str]:
        return parts(record.owner)[1]

    def institutions(record: Record) -> Iterable[str]:
        key, pieces = parts(record.owner)
        return {key, *filter(is_institution, pieces)}

    yield from _shared(sides, institutions, "organisation")
    for one, two in ((whole, any_part), (any_part, whole)):
        of_demands, of_supplies = _by_key(sides.demands, one), _by_key(sides.supplies, two)
        for key in sorted(of_demands.keys() & of_supplies.keys()):
            yield Block(of_demands[key], of_supplies[key], "organisation")


def _together(rule: Rule, sides: Sides) -> Iterator[Block]:
    for group in rule.together:
        needs, offers = (
            np.unique(np.concatenate([_NOBODY, *(sides.names[side].of(party) for party in group)]))
            for side in (Side.DEMAND, Side.SUPPLY)
        )
        yield Block(needs, offers, "together")


def _by_key(
    records: Sequence[Record], keys: Callable[[Record], Iterable[str]]
) -> dict[str, Positions]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for position, record in enumerate(records):
        for key in keys(record):
            if key:
                found[key].append(position)
    return {key: np.array(positions, dtype=np.int64) for key, positions in found.items()}
