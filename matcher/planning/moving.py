"""Moving meetings of a plan by hand: where one may go, and what forbids the rest."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from indexer.bilingual import Bilingual
from indexer.owners import owner_key
from matcher.planning.bookings import Bookings, Obstacle
from matcher.planning.check import check
from matcher.planning.checkbook import Violation
from matcher.planning.plan import Meeting, Pair, Plan


@dataclass(frozen=True, slots=True)
class Move:
    """A meeting, by the names of its owners, at another slot and table, both counted from 1."""

    demand_owner: str
    supply_owner: str
    slot: int
    table: int

    @property
    def keys(self) -> frozenset[str]:
        return frozenset((owner_key(self.demand_owner), owner_key(self.supply_owner)))


@dataclass(frozen=True, slots=True)
class Place:
    """A slot as one meeting sees it: the tables it could have there, or (none) why not."""

    slot: int
    tables: tuple[int, ...]
    why: Bilingual | None


def pair_id(pair: Pair) -> str:
    """What two owners are called in an address, whoever of them asks."""
    keys = sorted((owner_key(pair.demand_owner), owner_key(pair.supply_owner)))
    return blake2b("\x00".join(keys).encode(), digest_size=8).hexdigest()


def move_of(meeting: Meeting, slot: int, table: int) -> Move:
    return Move(meeting.demand_owner, meeting.supply_owner, slot, table)


def moved(plan: Plan, moves: Iterable[Move]) -> Plan:
    """The plan with its meetings where the moves put them, the last one of a pair counting.

    What the plan is worth does not change: a meeting is worth the same anywhere.
    """
    places = {move.keys: move for move in moves}
    if not places:
        return plan
    meetings = []
    for meeting in plan.meetings:
        move = places.get(_two(meeting))
        to = {} if move is None else {"slot": move.slot, "table": move.table}
        meetings.append(meeting.model_copy(update=to))
    meetings.sort(key=lambda one: (one.slot, one.table))
    return plan.model_copy(update={"meetings": tuple(meetings)})


def exchange(plan: Plan, meeting: Meeting, slot: int, table: int) -> tuple[Move, ...]:
    """The moves that bring a meeting to a place, and who has been there to where it was."""
    moves = [move_of(meeting, slot, table)]
    moves += [
        move_of(other, meeting.slot, meeting.table)
        for other in plan.meetings
        if (other.slot, other.table) == (slot, table) and _two(other) != _two(meeting)
    ]
    return tuple(moves)


def broken(before: Plan, moves: Sequence[Move]) -> list[Violation]:
    """The rules that a plan breaks after moves, and did not break before them."""
    known = {one.message for one in check(before)}
    return [one for one in check(moved(before, moves)) if one.message not in known]


def places(plan: Plan, meeting: Meeting) -> Iterator[Place]:
    """Every meeting slot as the meeting sees it, in order of time; `check` has the last word."""
    bookings = Bookings(plan.event, plan.meetings)
    bookings.remove(meeting)
    numbers = range(1, len(plan.event.places()) + 1)
    for slot in plan.event.meeting_slots():
        obstacle = bookings.obstacle(meeting, slot)
        if obstacle is not None:
            yield Place(slot, (), _words(bookings, meeting, slot, obstacle))
            continue
        found = tuple(n for n in numbers if bookings.table_for(meeting, slot, wanted=n) == n)
        yield Place(slot, found, None if found else _NO_TABLE)


def _words(bookings: Bookings, meeting: Meeting, slot: int, obstacle: Obstacle) -> Bilingual:
    """What keeps a meeting from a slot, by the first owner of whom that is true."""
    names = dict(
        zip(bookings.keys(meeting), (meeting.demand_owner, meeting.supply_owner), strict=True)
    )
    if obstacle == "absent":
        name = next(name for key, name in names.items() if slot not in bookings.free(key))
        return Bilingual(f"{name} vắng mặt", f"{name} is away")
    if obstacle == "busy":
        key = next(key for key in names if bookings.is_busy(key, slot))
        held = bookings.held[key][slot][0]
        other = held.supply_owner if owner_key(held.demand_owner) == key else held.demand_owner
        return Bilingual(f"{names[key]} gặp {other}", f"{names[key]} meets {other}")
    return _OTHERWISE[obstacle]


def _two(pair: Pair) -> frozenset[str]:
    return frozenset((owner_key(pair.demand_owner), owner_key(pair.supply_owner)))


_NO_TABLE = Bilingual("không còn bàn dùng được", "no table is left that it could have")
_OTHERWISE = {
    "in-a-row": Bilingual("một bên sẽ không còn lượt nghỉ", "one of them would have no rest"),
    "interpreters": Bilingual("đã hết phiên dịch", "no interpreter is left"),
}
