"""The state of a plan while it is repaired or explained: who is where, and what is still free."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

from indexer.owners import owner_key
from matcher.planning.event import Event
from matcher.planning.plan import Meeting, Pair
from matcher.planning.ranges import numbers

Obstacle = Literal["forbidden", "met", "most", "absent", "busy", "in-a-row", "interpreters"]


class Bookings:
    """Meetings on an event's slots and tables; `add` and `remove` keep every count right."""

    def __init__(self, event: Event, meetings: Iterable[Meeting] = ()) -> None:
        self.event = event
        self.held: dict[str, dict[int, list[Meeting]]] = defaultdict(lambda: defaultdict(list))
        self.count: Counter[str] = Counter()
        self._together: dict[tuple[str, str], Meeting] = {}
        self._taken: dict[int, set[int]] = defaultdict(set)
        self._foreign: Counter[int] = Counter()
        self._free: dict[str, frozenset[int]] = {}
        self._limits: dict[str, tuple[int, int]] = {}
        self._people: dict[str, int] = {}
        self._sided: dict[str, tuple[str, ...]] = {}
        self._spans: dict[tuple[str | None, str], frozenset[int]] = {}
        self._bans = bool(event.wishes or event.met or event.rules)
        self._plain = not (event.wishes or event.policies)  # a meeting is worth its score
        self._worth: dict[tuple[str, str, float], float] = {}
        self._left: dict[str, set[int]] = {}
        self._full: set[int] = set()
        self._strained = event.most_in_a_row is not None or event.interpreters is not None
        self._tables = event.places()
        self._hosts = [owner_key(table.owner) if table.owner else "" for table in self._tables]
        self._booths = frozenset(filter(None, self._hosts))
        self._away = [numbers(table.unavailable) for table in self._tables]
        self._rows = {n: row for row in event.rows() for n in row}
        for meeting in meetings:
            self.add(meeting)

    def add(self, meeting: Meeting) -> None:
        keys = self.keys(meeting)
        for key in set(keys):
            self.held[key][meeting.slot].append(meeting)
            self.count[key] += 1
        self._together[_ordered(keys)] = meeting
        self._taken[meeting.slot].add(meeting.table)
        self._foreign[meeting.slot] += self._is_foreign(meeting)
        self._changed(meeting)

    def remove(self, meeting: Meeting) -> None:
        keys = self.keys(meeting)
        for key in set(keys):
            self.held[key][meeting.slot].remove(meeting)
            self.count[key] -= 1
        del self._together[_ordered(keys)]
        self._taken[meeting.slot].discard(meeting.table)
        self._foreign[meeting.slot] -= self._is_foreign(meeting)
        self._changed(meeting)

    def meetings(self) -> list[Meeting]:
        return sorted(self._together.values(), key=lambda m: (m.slot, m.table))

    def together(self, one: str, two: str) -> bool:
        """Whether two owners meet, whoever asks."""
        return (one, two) in self._together or (two, one) in self._together

    def keys(self, pair: Pair) -> tuple[str, str]:
        return owner_key(pair.demand_owner), owner_key(pair.supply_owner)

    def free(self, key: str) -> frozenset[int]:
        """The slots in which an owner is there."""
        if key not in self._free:
            item = self.event.participant(key)
            said = (item.available, item.unavailable) if item else (None, "")
            if said not in self._spans:
                self._spans[said] = self.event.free_slots(key)
            self._free[key] = self._spans[said]
        return self._free[key]

    def limits(self, key: str) -> tuple[int, int]:
        if key not in self._limits:
            self._limits[key] = self.event.limits(key)
        return self._limits[key]

    def people(self, key: str) -> int:
        if key not in self._people:
            item = self.event.participant(key)
            self._people[key] = item.people if item else 1
        return self._people[key]

    def worth(self, pair: Pair) -> float:
        if self._plain:
            return pair.score
        asked = pair.demand_owner, pair.supply_owner, pair.score
        if asked not in self._worth:
            self._worth[asked] = self.event.worth(*asked)
        return self._worth[asked]

    def never(self, pair: Pair) -> Obstacle | None:
        """What keeps a pair apart whatever the slot."""
        return self.never_two(*self.keys(pair))

    def never_two(self, one: str, two: str) -> Obstacle | None:
        """As `never`, by the keys of who asks and who offers."""
        if self.together(one, two):
            return "met"
        if one == two or "demand" not in self._sides(one) or "supply" not in self._sides(two):
            return "forbidden"
        if self._bans and self.event.forbids(one, two):
            return "forbidden"
        return "most" if self.is_full(one) or self.is_full(two) else None

    def is_full(self, key: str) -> bool:
        """Whether an owner has all the meetings it may have."""
        return self.count[key] >= self.limits(key)[1]

    def obstacle(self, pair: Pair, slot: int) -> Obstacle | None:
        """What keeps a pair from a slot, tables apart; see `table_for` for those."""
        keys = self.keys(pair)
        if any(slot not in self.free(key) for key in keys):
            return "absent"
        if any(self.is_busy(key, slot) for key in keys):
            return "busy"
        if any(self._has_no_rest(key, slot) for key in keys):
            return "in-a-row"
        most = self.event.interpreters
        if most is not None and self._foreign[slot] >= most and self._is_foreign(pair):
            return "interpreters"
        return None

    def table_for(self, pair: Pair, slot: int, wanted: int | None = None) -> int | None:
        """A free table the pair may use and both can reach in time, `wanted` if it is, or None."""
        keys = self.keys(pair)
        booth = self._booths & set(keys)
        if len(self._taken[slot]) >= len(self._tables):
            return None
        numbered = list(enumerate(self._hosts, 1))
        if wanted is not None:
            numbered.insert(0, numbered[wanted - 1])
        for number, host in numbered:
            if number in self._taken[slot] or slot in self._away[number - 1]:
                continue
            if (host and host not in keys) or (booth and not host):
                continue
            if not self.event.rooms or all(self._reaches(key, slot, number) for key in keys):
                return number
        return None

    def openings(self, pair: Pair) -> Iterator[Meeting]:
        """The pair at every slot it could take, the slots with most free tables first."""
        one, two = self.keys(pair)
        both = self._open(one) & self._open(two) - self._full
        if not both or self.never_two(one, two) is not None:
            return
        for slot in sorted(both, key=lambda slot: (len(self._taken[slot]), slot)):
            if self._strained and self.obstacle(pair, slot) is not None:
                continue
            table = self.table_for(pair, slot)
            if table is not None:
                yield placed(pair, slot, table)

    def _open(self, key: str) -> set[int]:
        """The slots in which an owner is there and has somebody to send."""
        if key not in self._left:
            held, people = self.held.get(key, {}), self.people(key)
            busy = {slot for slot, at in held.items() if len(at) >= people}
            self._left[key] = set(self.free(key) - busy)
        return self._left[key]

    def _changed(self, meeting: Meeting) -> None:
        """Bring the slots that are open and the slots that are full up to date."""
        slot = meeting.slot
        for key in self.keys(meeting):
            if key in self._left:
                self._left[key].discard(slot)
                if slot in self.free(key) and not self.is_busy(key, slot):
                    self._left[key].add(slot)
        if len(self._taken[slot]) >= len(self._tables):
            self._full.add(slot)
        else:
            self._full.discard(slot)

    def is_busy(self, key: str, slot: int) -> bool:
        return len(self.held[key][slot]) >= self.people(key)

    def _sides(self, key: str) -> tuple[str, ...]:
        """The sides on which an owner takes part; none for who is not invited."""
        if key not in self._sided:
            item = self.event.participant(key)
            if item is None:
                self._sided[key] = ("demand", "supply") if self.event.is_open else ()
            else:
                both = item.sides == "both"
                self._sided[key] = ("demand", "supply") if both else (item.sides,)
        return self._sided[key]

    def _has_no_rest(self, key: str, slot: int) -> bool:
        most = self.event.most_in_a_row
        if most is None:
            return False
        row = self._rows[slot]
        at, people = row.index(slot), self.people(key)
        for first in range(max(0, at - most), min(at, len(row) - most - 1) + 1):
            window = row[first : first + most + 1]
            if sum(len(self.held[key][n]) for n in window) >= most * people:
                return True
        return False

    def _is_foreign(self, pair: Pair) -> bool:
        return self.event.needs_interpreter(pair.demand_owner, pair.supply_owner)

    def _reaches(self, key: str, slot: int, table: int) -> bool:
        """Whether the owner's people can be at all its meetings and at this one."""
        item = self.event.participant(key)
        if item is not None and item.online:
            return True
        stops = [(m.slot, m.table) for at in self.held[key].values() for m in at]
        last: list[tuple[int, int]] = []
        for stop in sorted([*stops, (slot, table)]):
            ready = [i for i, here in enumerate(last) if self._walks(here, stop)]
            if ready:
                last[max(ready, key=lambda i: last[i])] = stop
            else:
                last.append(stop)
        return len(last) <= self.people(key)

    def _walks(self, here: tuple[int, int], there: tuple[int, int]) -> bool:
        if here[0] >= there[0]:
            return False
        rooms = self._tables[here[1] - 1].room, self._tables[there[1] - 1].room
        return self.event.pause(here[0], there[0]) >= self.event.walk(*rooms)


def _ordered(keys: tuple[str, str]) -> tuple[str, str]:
    return keys if keys[0] <= keys[1] else (keys[1], keys[0])


def placed(pair: Pair, slot: int, table: int) -> Meeting:
    """A pair, or a meeting, at a slot and a table."""
    return Meeting(
        demand_owner=pair.demand_owner,
        supply_owner=pair.supply_owner,
        score=pair.score,
        demand=pair.demand,
        supply=pair.supply,
        slot=slot,
        table=table,
    )
