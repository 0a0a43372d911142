"""Why no plan can be made: the smallest set of changes to the event that makes one possible.

A plan is impossible where minimums, fixed meetings, presence, tables and exclusions contradict
each other. Every limit gets a slack that costs one change a step, and HiGHS finds the cheapest
slacks with which each minimum and each fixed meeting has its slot (elastic programming, Chinneck
2008). Only meetings that minimums ask for are modelled; walking times are not, and of booths
only that they need no common table.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

from pydantic import ValidationError

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.owners import owner_key
from matcher.planning.event import Event
from matcher.planning.participant import Fixed, Participant
from matcher.planning.plan import Pair
from matcher.planning.ranges import numbers
from matcher.planning.remedied import remedied
from matcher.planning.remedy import Change, Lever, Remedy

# What one step costs: one change each, and between equals what an organiser decides alone.
_COST: Mapping[Lever, float] = {
    "table": 1.0, "interpreter": 1.001, "slot": 1.002, "row": 1.003, "least": 1.004,
    "most": 1.005, "presence": 1.006, "exclusion": 1.007, "fixed": 1.008,
}  # fmt: skip
_MORE_SLOTS = 4
_CELLS = 100_000  # pair x slot variables wished for
_MOST_CELLS = 400_000  # above this no model is made: it would take longer than anybody waits


def why_not(
    event: Event, pairs: Sequence[Pair], *, ways: int = 3, seconds: float = 10.0, seed: int = 0
) -> tuple[Remedy, ...]:
    """Up to `ways` remedies, the smallest first; each later one does without the kinds before.

    Each has been tried: with it a plan was found. Empty where every minimum and every fixed
    meeting can be had, as far as is modelled, or where the time has ended the search.
    """
    until = monotonic() + seconds
    model = _Model(event, pairs)
    if model.is_too_large:
        remedy = model.more_tables()
        left = until - monotonic()
        return (remedy,) if remedy and left > 0 and _works(event, remedy, pairs, left, seed) else ()
    model.build()
    barred: set[Lever] = set()
    found: list[Remedy] = []
    while len(found) < ways and (left := until - monotonic()) > 0:
        remedy = model.solve(frozenset(barred), left / (ways - len(found) + 1))
        if remedy is None or not remedy.changes:
            break
        if found and remedy.steps > 5 * found[0].steps + 5:
            break
        left = until - monotonic()
        if left > 0 and _works(event, remedy, pairs, left, seed):
            found.append(remedy)
        barred.update(change.lever for change in remedy.changes)
    return tuple(found)


def _works(event: Event, remedy: Remedy, pairs: Sequence[Pair], seconds: float, seed: int) -> bool:
    """Whether the event can be planned with the remedy; what is not modelled counts here."""
    from matcher.planning.planner import plan  # noqa: PLC0415 - slow to import

    try:
        plan(remedied(event, remedy.changes), pairs, seed=seed, seconds=seconds)
    except (RequestError, ValidationError):
        return False
    return True


@dataclass
class _Rows:
    """Constraints low <= A x <= high, gathered entry by entry."""

    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, entries: Iterable[tuple[int, float]], low: float, high: float) -> None:
        for column, value in entries:
            self.row.append(len(self.low))
            self.column.append(column)
            self.value.append(value)
        self.low.append(low)
        self.high.append(high)


class _Model:
    """Variables: a pair at a slot (0/1), and one slack for each limit that could give way."""

    def __init__(self, event: Event, pairs: Sequence[Pair]) -> None:
        self.event = event
        self.names: dict[str, str] = {owner_key(p.owner): p.owner for p in event.participants}
        for pair in pairs:
            for name in (pair.demand_owner, pair.supply_owner):
                self.names.setdefault(owner_key(name), name)
        for item in event.fixed:
            for name in (item.demand, item.supply):
                self.names.setdefault(owner_key(name), name)
        self.slots = event.meeting_slots()
        last = len(event.slots)
        self.extra = tuple(range(last + 1, last + 1 + _MORE_SLOTS))
        self.limits = {key: event.limits(name) for key, name in self.names.items()}
        self.pairs = self._needed(pairs)
        self.slacks: list[tuple[Lever, object, float]] = []  # kind, whose, most steps
        self.rows = _Rows()
        self._cells: dict[tuple[tuple[str, str], int], int] = {}
        self._size = 0
        wide = len(self.slots) + _MORE_SLOTS
        self.is_too_large = len(self.pairs) * wide > _MOST_CELLS

    def more_tables(self) -> Remedy | None:
        """What arithmetic alone says of an event too large to model: tables for all minimums."""
        least = sum(least for least, _ in self.limits.values())
        places = sum(not table.owner for table in self.event.places())
        more = -(-((least + 1) // 2 - places * len(self.slots)) // len(self.slots))
        if more <= 0:
            return None
        change = Change("table", more, _words("table", None, more, self.event))
        return Remedy((change,), smallest=False)

    def _needed(self, pairs: Sequence[Pair]) -> dict[tuple[str, str], Pair]:
        """One pair of each two owners of whom one has a minimum, or that is fixed."""
        found: dict[frozenset[str], Pair] = {}
        for pair in sorted(pairs, key=lambda p: -p.score):
            keys = owner_key(pair.demand_owner), owner_key(pair.supply_owner)
            if keys[0] != keys[1] and any(self.limits[key][0] > 0 for key in keys):
                found.setdefault(frozenset(keys), pair)
        wide = len(self.slots) + _MORE_SLOTS
        if len(found) * wide > _CELLS:
            each = max(4, _CELLS // wide // max(1, len(self.names)))
            count: Counter[str] = Counter()
            kept: dict[frozenset[str], Pair] = {}
            for two, pair in found.items():
                if any(count[key] < max(each, 2 * self.limits[key][0]) for key in two):
                    kept[two] = pair
                    for key in two:
                        count[key] += 1
            found = kept
        needed = {(owner_key(p.demand_owner), owner_key(p.supply_owner)): p for p in found.values()}
        for item in self.event.fixed:
            keys = owner_key(item.demand), owner_key(item.supply)
            needed.pop(keys[::-1], None)
            needed.setdefault(
                keys, Pair(demand_owner=item.demand, supply_owner=item.supply, score=0.0)
            )
        return needed

    def _slack(self, lever: Lever, whose: object, most: float) -> int:
        self.slacks.append((lever, whose, most))
        self._size += 1
        return self._size - 1

    def build(self) -> None:
        """The rows; not for a model that is too large."""
        for keys in self.pairs:
            for slot in (*self.slots, *self.extra):
                self._cells[keys, slot] = self._size
                self._size += 1
        self._first_slack = self._size
        tables = self._slack("table", None, 10_000)
        opened = [self._slack("slot", slot, 1) for slot in self.extra]
        interpreters = self._slack("interpreter", None, 10_000)
        row = self._slack("row", None, len(self.slots))
        self._pairs_once()
        self._capacity(tables, opened, interpreters)
        self._owners(opened, row)
        for item in self.event.fixed:
            self._fix(item)
        self._same_place()

    def _at(self, keys: tuple[str, str], slot: int) -> tuple[int, float]:
        return self._cells[keys, slot], 1.0

    def _pairs_once(self) -> None:
        for keys, pair in self.pairs.items():
            cells = [self._at(keys, slot) for slot in (*self.slots, *self.extra)]
            if self.event.forbids(pair.demand_owner, pair.supply_owner):
                lifted = self._slack("exclusion", pair, 1)
                self.rows.add([*cells, (lifted, -1.0)], float("-inf"), 0)
            else:
                self.rows.add(cells, float("-inf"), 1)

    def _capacity(self, tables: int, opened: list[int], interpreters: int) -> None:
        places = self.event.places()
        booths = {owner_key(table.owner) for table in places if table.owner}
        common = [table for table in places if not table.owner]
        seated = [keys for keys in self.pairs if not booths & set(keys)]
        foreign = [keys for keys in self.pairs if self.event.needs_interpreter(*keys)]
        most = self.event.interpreters
        for slot in (*self.slots, *self.extra):
            cells = [(self._cells[keys, slot], 1.0) for keys in seated]
            if slot in self.extra:
                gate = opened[self.extra.index(slot)]
                self.rows.add([*cells, (gate, -float(len(common)))], float("-inf"), 0)
            else:
                free = sum(slot not in numbers(table.unavailable) for table in common)
                self.rows.add([*cells, (tables, -1.0)], float("-inf"), free)
            if most is not None and foreign:
                spoken = [(self._cells[keys, slot], 1.0) for keys in foreign]
                self.rows.add([*spoken, (interpreters, -1.0)], float("-inf"), most)

    def _owners(self, opened: list[int], row: int) -> None:
        of: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for keys in self.pairs:
            for key in keys:
                of[key].append(keys)
        for key, name in self.names.items():
            least = self.limits[key][0]
            if not of[key] and not least:
                continue
            item = self.event.participant(name)
            people = item.people if item else 1
            free = self.event.free_slots(name)
            for slot in self.slots:
                cells = [self._at(keys, slot) for keys in of[key]]
                room = float(people) if slot in free else 0.0
                if not room:
                    cells.append((self._slack("presence", (name, slot), 1), -float(people)))
                self.rows.add(cells, float("-inf"), room)
            for slot, gate in zip(self.extra, opened, strict=True):
                cells = [self._at(keys, slot) for keys in of[key]]
                comes = float(people) if _comes(item, slot) else 0.0
                self.rows.add([*cells, (gate, -comes)], float("-inf"), 0)
            every = [
                self._at(keys, slot) for keys in of[key] for slot in (*self.slots, *self.extra)
            ]
            stated = self.event.most_meetings
            if item is not None and item.most_meetings is not None:
                stated = item.most_meetings
            if stated is not None:
                raised = self._slack("most", (name, stated), 10_000)
                self.rows.add([*every, (raised, -1.0)], float("-inf"), stated)
            if least:
                lowered = self._slack("least", (name, least), least)
                self.rows.add([*every, (lowered, 1.0)], least, float("inf"))
            if self.event.most_in_a_row is not None:
                self._rest(of[key], people, row)

    def _rest(self, pairs: list[tuple[str, str]], people: int, row: int) -> None:
        most = self.event.most_in_a_row or 1
        for run in self.event.rows():
            for first in range(len(run) - most):
                window = run[first : first + most + 1]
                cells = [self._at(keys, slot) for keys in pairs for slot in window]
                self.rows.add([*cells, (row, -float(people))], float("-inf"), most * people)

    def _fix(self, item: Fixed) -> None:
        keys = owner_key(item.demand), owner_key(item.supply)
        dropped = self._slack("fixed", item, 1)
        slots = self.slots if item.slot is None else tuple({item.slot} & set(self.slots))
        places = self.event.places()
        if item.table is not None:
            lost = item.table > len(places) or numbers(places[item.table - 1].unavailable)
            slots = () if lost is True else tuple(s for s in slots if s not in (lost or ()))
        self.rows.add([*(self._at(keys, slot) for slot in slots), (dropped, 1.0)], 1, float("inf"))

    def _same_place(self) -> None:
        """Two fixed meetings at one table are not at one slot."""
        at: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for item in self.event.fixed:
            if item.table is not None:
                at[item.table].append((owner_key(item.demand), owner_key(item.supply)))
        for pairs in at.values():
            for slot in self.slots if len(pairs) > 1 else ():
                self.rows.add([self._at(keys, slot) for keys in pairs], float("-inf"), 1)

    def solve(self, barred: frozenset[Lever], seconds: float) -> Remedy | None:
        import numpy as np  # noqa: PLC0415 - with scipy, only where a plan has failed
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
        from scipy.sparse import csr_array  # noqa: PLC0415

        cost = np.zeros(self._size)
        high = np.ones(self._size)
        for place, (lever, _, most) in enumerate(self.slacks, self._first_slack):
            cost[place] = _COST[lever]
            high[place] = 0.0 if lever in barred else most
        rows = self.rows
        matrix = csr_array((rows.value, (rows.row, rows.column)), shape=(len(rows.low), self._size))
        answer = milp(
            cost,
            constraints=LinearConstraint(matrix, rows.low, rows.high),
            integrality=np.ones(self._size),
            bounds=Bounds(0, high),
            options={"time_limit": seconds},
        )
        if answer.x is None:
            return None
        steps = np.rint(answer.x[self._first_slack :]).astype(int).tolist()
        gathered: dict[tuple[Lever, object], int] = defaultdict(int)
        for (lever, whose, _), count in zip(self.slacks, steps, strict=True):
            if count:
                gathered[lever, None if lever == "slot" else whose] += count
        changes = tuple(
            Change(lever, count, _words(lever, whose, count, self.event), whose)
            for (lever, whose), count in gathered.items()
        )
        return Remedy(changes, smallest=answer.status == 0)


def _comes(item: Participant | None, slot: int) -> bool:
    """Whether an owner would be there in a slot that is added."""
    if item is None:
        return True
    listed = item.available is None or slot in numbers(item.available)
    return listed and slot not in numbers(item.unavailable)


def _words(  # noqa: PLR0911 - one sentence a lever
    lever: Lever, whose: object, steps: int, event: Event
) -> Bilingual:
    match lever, whose:
        case "table", _:
            return Bilingual(f"thêm {steps} bàn", f"{steps} more {_s('table', steps)}")
        case "slot", _:
            return Bilingual(f"thêm {steps} lượt gặp", f"{steps} more {_s('slot', steps)}")
        case "interpreter", _:
            return Bilingual(f"thêm {steps} phiên dịch", f"{steps} more {_s('interpreter', steps)}")
        case "row", _:
            most = (event.most_in_a_row or 0) + steps
            return Bilingual(f"cho gặp liền {most} lượt", f"allow {most} meetings in a row")
        case "least", (str(name), int(least)):
            return Bilingual(
                f"hạ số tối thiểu của {name} từ {least} xuống {least - steps}",
                f"lower the minimum of {name} from {least} to {least - steps}",
            )
        case "most", (str(name), int(most)):
            return Bilingual(
                f"nâng số tối đa của {name} từ {most} lên {most + steps}",
                f"raise the maximum of {name} from {most} to {most + steps}",
            )
        case "presence", (str(name), int(slot)):
            starts = event.slots[slot - 1].starts
            return Bilingual(
                f"{name} có mặt thêm lúc {starts} (lượt {slot})",
                f"{name} also present at {starts} (slot {slot})",
            )
        case "exclusion", Pair() as pair:
            who = f"{pair.demand_owner} – {pair.supply_owner}"
            return Bilingual(f"cho phép {who} gặp nhau", f"allow {who} to meet")
        case "fixed", Fixed() as item:
            who = f"{item.demand} – {item.supply}"
            return Bilingual(f"bỏ cuộc gặp cố định {who}", f"drop the fixed meeting {who}")
    raise AssertionError((lever, whose))


def _s(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
