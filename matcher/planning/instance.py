"""An event and its candidate pairs as numbers: what pairing and timetable compute with.

A *body* is an organisation: on one side or on both it is in one place at a time. Slots are
counted from 0 here, over the slots in which meetings are held, and sets of slots are bit masks.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from indexer.errors import RequestError
from indexer.owners import owner_key
from matcher.planning.event import Event
from matcher.planning.participant import Fixed
from matcher.planning.plan import Pair
from matcher.planning.ranges import numbers

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Ends = tuple[IntArray, IntArray]  # the bodies that ask and that offer, pair by pair
MOST_BODIES = 100_000


class Infeasible(RequestError):  # noqa: N818 - a finding, not a failure of the program
    """No plan keeps the event's rules; `parties` are the owners whose limits clash, if known."""

    def __init__(self, vi: str, en: str, parties: Sequence[str] = ()) -> None:
        super().__init__(vi, en)
        self.parties = tuple(parties)


@dataclass(frozen=True, slots=True)
class Fixture:
    """A fixed meeting: the pair, and its slot and table where they are given."""

    pair: int
    slot: int | None
    table: int | None


@dataclass(frozen=True)
class Instance:
    """The compiled event. Arrays over pairs: `left` and `right` bodies, `worth`, `lot`.

    Pairs are in the order of their bodies' keys, whatever order they came in; `lot` (0..15) is
    a seeded number that decides between equals.
    """

    event: Event
    keys: tuple[str, ...]
    names: tuple[str, ...]
    people: tuple[int, ...]
    free: tuple[int, ...]
    least: tuple[int, ...]
    most: tuple[int, ...]
    pairs: tuple[Pair, ...]
    left: IntArray
    right: IntArray
    worth: FloatArray
    lot: IntArray
    host: IntArray
    foreign: NDArray[np.bool_]
    slots: tuple[int, ...]
    tables: tuple[int, ...]
    booths: dict[int, tuple[int, ...]]
    windows: tuple[tuple[int, ...], ...]
    fixtures: tuple[Fixture, ...]

    @property
    def n_bodies(self) -> int:
        return len(self.keys)

    def two_sided(self) -> bool:
        """Whether some body stands on both sides."""
        return bool(np.intersect1d(self.left, self.right).size)

    @cached_property
    def ranked(self) -> tuple[IntArray, IntArray, IntArray]:
        """Every pair under both its bodies, best first: (body, pair, place in the body's list)."""
        m = len(self.pairs)
        # Few numbers sort in one pass, several times as fast as many.
        small = np.uint16 if self.n_bodies < 2**16 else np.int64
        pairs = np.argsort(-(self.worth + self.lot * 1e-12), kind="stable")
        pairs = np.repeat(pairs, 2)
        body = np.where(np.arange(2 * m) % 2, self.right[pairs], self.left[pairs])
        order = np.argsort(body.astype(small), kind="stable")
        body, pairs = body[order], pairs[order]
        starts = np.cumsum(np.bincount(body, minlength=self.n_bodies))
        first = np.r_[0, starts[:-1]] if len(starts) else starts
        return body, pairs, np.arange(2 * m) - first[body]


def compile_event(event: Event, pairs: Sequence[Pair], seed: int) -> Instance:
    """The instance; Infeasible where fixed meetings contradict the event."""
    asking, offering = [pair.demand_owner for pair in pairs], [p.supply_owner for p in pairs]
    keys, names = _bodies(event, asking, offering)
    number = {key: i for i, key in enumerate(keys)}
    slots = event.meeting_slots()
    bit = {slot: 1 << i for i, slot in enumerate(slots)}
    everyone = range(len(keys))
    limits = [event.limits(names[i]) for i in everyone]
    parts = [event.participant(names[i]) for i in everyone]
    body = {name: number[owner_key(name)] for name in {*asking, *offering}}
    ends = np.array([body[name] for name in asking]), np.array([body[name] for name in offering])
    kept, (left, right), fixtures = _kept(event, pairs, ends, number, seed)
    booths, tables = _tables(event, number, slots)
    host = np.where(
        np.isin(right, list(booths)), right, np.where(np.isin(left, list(booths)), left, -1)
    )
    return Instance(
        event=event,
        keys=keys,
        names=names,
        people=tuple(part.people if part else 1 for part in parts),
        free=tuple(sum(bit[slot] for slot in event.free_slots(names[i])) for i in everyone),
        least=tuple(
            least if part or event.is_open else 0
            for (least, _), part in zip(limits, parts, strict=True)
        ),
        most=tuple(min(most, _held(event, names[i])) for i, (_, most) in enumerate(limits)),
        pairs=tuple(kept),
        left=left,
        right=right,
        worth=_worth(event, kept, keys, left, right),
        lot=_lots(keys, left, right, seed) & 15,
        host=host,
        foreign=_foreign(event, names, left, right),
        slots=slots,
        tables=tables,
        booths=booths,
        windows=_windows(event, slots),
        fixtures=fixtures,
    )


def _bodies(
    event: Event, asking: Sequence[str], offering: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys in their order, and the name each is called: as its records, else as its event."""
    named: dict[str, Counter[str]] = {}
    owners = Counter([name for item in event.fixed for name in (item.demand, item.supply)])
    owners.update(asking)
    owners.update(offering)
    for name, times in owners.items():
        named.setdefault(owner_key(name), Counter())[name] += times
    for part in event.participants:
        named.setdefault(owner_key(part.owner), Counter({part.owner: 1}))
    if len(named) > MOST_BODIES:
        raise RequestError(
            vi=f"Sự kiện có {len(named)} đơn vị. Chấp nhận: nhiều nhất {MOST_BODIES}.",
            en=f"The event has {len(named)} parties. Accepted: at most {MOST_BODIES}.",
        )
    keys = tuple(sorted(named))
    return keys, tuple(min(named[key], key=lambda name: (-named[key][name], name)) for key in keys)


def _kept(
    event: Event,
    pairs: Sequence[Pair],
    ends: Ends,
    number: dict[str, int],
    seed: int,
) -> tuple[list[Pair], Ends, tuple[Fixture, ...]]:
    """The pairs that may meet, the best one of each two owners, in the order of their keys."""
    n, keys = len(number), tuple(number)
    left, right = (bodies.astype(np.int64) for bodies in ends)
    low, high = np.minimum(left, right), np.maximum(left, right)
    code = low * n + high
    asks, offers = _sided(event, keys)
    fine = (left != right) & asks[left] & offers[right]
    apart = [sorted(number.get(key, n) for key in two) for two in event.apart() if len(two) == 2]
    fine &= ~np.isin(code, [one * n + two for one, two in apart if two < n])
    if event.most_probability < 1:
        fine &= _lots(keys, low, high, seed) < event.most_probability * 2.0**31
    forced: dict[int, Pair] = {}
    for item in event.fixed:
        asked = _forced(event, item)
        one, two = sorted((number[owner_key(item.demand)], number[owner_key(item.supply)]))
        held = one * n + two
        known = [
            pairs[i]
            for i in np.flatnonzero(code == held).tolist()
            if owner_key(pairs[i].demand_owner) == owner_key(asked.demand_owner)
        ]
        fine &= code != held
        forced[held] = max(known, key=_rank, default=asked)
    chosen = _best_of_each(pairs, np.flatnonzero(fine), code)
    pool, extra = [*pairs, *forced.values()], len(pairs) + np.arange(len(forced))
    here = np.array(
        [[number[owner_key(name)] for name in _two(pair)] for pair in forced.values()],
        dtype=np.int64,
    ).reshape(-1, 2)
    left, right = np.r_[here[:, 0], left[chosen]], np.r_[here[:, 1], right[chosen]]
    order = np.lexsort((right, left))
    kept = [pool[i] for i in np.r_[extra, chosen][order].tolist()]
    return kept, (left[order], right[order]), _fixtures(event, np.argsort(order).tolist())


def _fixtures(event: Event, place: list[int]) -> tuple[Fixture, ...]:
    """The fixed meetings, in their order; `place` says where the first pairs have come to be."""
    slots = event.meeting_slots()
    return tuple(
        Fixture(
            place[i],
            None if item.slot is None else slots.index(item.slot),
            None if item.table is None else item.table - 1,
        )
        for i, item in enumerate(event.fixed)
    )


def _best_of_each(pairs: Sequence[Pair], places: IntArray, code: IntArray) -> IntArray:
    """Of pairs with one code the best alone."""
    order = places[np.argsort(code[places], kind="stable")]
    _, starts, counts = np.unique(code[order], return_index=True, return_counts=True)
    best = order[starts]
    for i in np.flatnonzero(counts > 1).tolist():
        same = order[starts[i] : starts[i] + counts[i]].tolist()
        best[i] = max(same, key=lambda item: _rank(pairs[item]))
    return best


def _foreign(
    event: Event, names: tuple[str, ...], left: IntArray, right: IntArray
) -> NDArray[np.bool_]:
    """Which pairs need an interpreter."""
    parts = [event.participant(name) for name in names]
    speaks = np.array([part is not None and bool(part.languages) for part in parts], dtype=bool)
    found: NDArray[np.bool_] = speaks[left] & speaks[right]
    for i in np.flatnonzero(found).tolist():
        found[i] = event.needs_interpreter(names[left[i]], names[right[i]])
    return found


def _two(pair: Pair) -> tuple[str, str]:
    return pair.demand_owner, pair.supply_owner


def _sided(event: Event, keys: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which bodies take part as demand and which as supply."""
    by_key = {owner_key(part.owner): part.sides for part in event.participants}
    sides = [by_key.get(key, "both" if event.is_open else "") for key in keys]
    return (
        np.array([side in ("both", "demand") for side in sides], dtype=bool),
        np.array([side in ("both", "supply") for side in sides], dtype=bool),
    )


def _forced(event: Event, item: Fixed) -> Pair:
    """The pair of a fixed meeting; Infeasible where nobody could hold it."""
    who = f"{item.demand} – {item.supply}"
    pair = Pair(demand_owner=item.demand, supply_owner=item.supply, score=0.0)
    slots, tables = event.meeting_slots(), event.places()
    reason: tuple[str, str] | None = None
    if event.forbids(item.demand, item.supply):
        reason = "hai bên bị cấm gặp nhau", "the two may not meet"
    elif not _invited(event, pair):
        reason = "một bên không tham dự", "one of the two does not take part"
    elif item.slot is not None and item.slot not in slots:
        reason = f"không có lượt gặp {item.slot}", f"there is no meeting slot {item.slot}"
    elif item.table is not None and item.table > len(tables):
        reason = f"không có bàn {item.table}", f"there is no table {item.table}"
    else:
        both = event.free_slots(item.demand) & event.free_slots(item.supply)
        if item.slot is not None:
            both &= {item.slot}
        if item.table is not None:
            both -= numbers(tables[item.table - 1].unavailable)
        if not both:
            reason = "không có lượt nào cả hai cùng có mặt", "the two are never there together"
    if reason is not None:
        raise Infeasible(
            vi=f"Cuộc gặp cố định {who}: {reason[0]}. Chấp nhận: bỏ hoặc sửa cuộc gặp này.",
            en=f"The fixed meeting {who}: {reason[1]}. Accepted: the meeting changed or left out.",
            parties=(item.demand, item.supply),
        )
    return pair


def _invited(event: Event, pair: Pair) -> bool:
    one, two = event.participant(pair.demand_owner), event.participant(pair.supply_owner)
    return (event.is_open if one is None else one.sides in ("both", "demand")) and (
        event.is_open if two is None else two.sides in ("both", "supply")
    )


def _tables(
    event: Event, number: dict[str, int], slots: tuple[int, ...]
) -> tuple[dict[int, tuple[int, ...]], tuple[int, ...]]:
    """Booths per body and slot, and tables for everybody per slot."""
    booths: dict[int, list[int]] = {}
    common = [0] * len(slots)
    for table in event.places():
        away = numbers(table.unavailable)
        there = [slot not in away for slot in slots]
        if table.owner:
            body = number.get(owner_key(table.owner))
            counts = common if body is None else booths.setdefault(body, [0] * len(slots))
            if body is None:
                continue  # Its owner has no pairs; nobody else may sit there.
        else:
            counts = common
        for k, is_there in enumerate(there):
            counts[k] += is_there
    return {body: tuple(counts) for body, counts in booths.items()}, tuple(common)


def _held(event: Event, owner: str) -> int:
    """The most meetings an owner can hold with the rests that `most_in_a_row` asks for."""
    part, free = event.participant(owner), event.free_slots(owner)
    people, most = part.people if part else 1, event.most_in_a_row
    if most is None:
        return people * len(free)
    return people * sum(
        min(len(free.intersection(row)), len(row) - len(row) // (most + 1)) for row in event.rows()
    )


def _windows(event: Event, slots: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Every n + 1 slots in a row, of which a body may have meetings in n."""
    most = event.most_in_a_row
    if most is None:
        return ()
    index = {slot: k for k, slot in enumerate(slots)}
    return tuple(
        tuple(index[slot] for slot in row[start : start + most + 1])
        for row in event.rows()
        for start in range(len(row) - most)
    )


def _worth(
    event: Event, pairs: Sequence[Pair], keys: tuple[str, ...], left: IntArray, right: IntArray
) -> FloatArray:
    """`Event.worth` of every pair; the pairs nobody wished or weighed for all at once."""
    worth = np.array([pair.score for pair in pairs], dtype=np.float64)
    touched = {key for policy in event.policies for key in event.members(policy)}
    touched |= {owner_key(wish.from_owner) for wish in event.wishes}
    mask = np.array([key in touched for key in keys], dtype=bool)
    if mask.any():
        for i in np.flatnonzero(mask[left] | mask[right]).tolist():
            worth[i] = event.worth(pairs[i].demand_owner, pairs[i].supply_owner, pairs[i].score)
    return worth


def _lots(keys: tuple[str, ...], left: IntArray, right: IntArray, seed: int) -> IntArray:
    """A number (0..2^31) per pair that depends on the two owners and the seed alone."""
    body = np.array([_hash(f"{seed}|{key}") for key in keys], dtype=np.uint64)
    mixed = body[left] * np.uint64(0x9E3779B97F4A7C15) ^ body[right]
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(33)).astype(np.int64)


def _rank(pair: Pair) -> tuple[float, str, str, str, str]:
    return pair.score, pair.demand_owner, pair.supply_owner, pair.demand, pair.supply


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
