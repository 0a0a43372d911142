"""The plan as its judge reads it: the event's data a second time, without the solver's methods."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from indexer.bilingual import Bilingual
from indexer.owners import owner_key
from matcher.planning.participant import Participant
from matcher.planning.plan import Meeting, Plan
from matcher.planning.slot import Slot
from matcher.planning.table import Table


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: its name, the sentence for people, and which meetings (from 0) break it."""

    rule: str
    message: Bilingual
    meetings: tuple[int, ...] = ()


@dataclass(frozen=True)
class Book:
    """The plan as the judge reads it; owners by key, slots and tables by number from 1."""

    plan: Plan
    keys: tuple[tuple[str, str], ...]
    people: Mapping[str, Participant]
    names: Mapping[str, str]
    tables: tuple[Table, ...]

    @classmethod
    def of(cls, plan: Plan) -> "Book":
        event = plan.event
        spelled = [
            *(n for p in (*plan.pairs, *plan.meetings) for n in (p.demand_owner, p.supply_owner)),
            *(item.owner for item in event.participants),
        ]
        tables = event.tables
        return cls(
            plan=plan,
            keys=tuple(
                (owner_key(m.demand_owner), owner_key(m.supply_owner)) for m in plan.meetings
            ),
            people={owner_key(item.owner): item for item in event.participants},
            names={owner_key(name): name for name in spelled},
            tables=tuple(Table(name=str(n + 1)) for n in range(tables))
            if isinstance(tables, int)
            else tables,
        )

    def meetings(self) -> Iterator[tuple[int, Meeting, tuple[str, str]]]:
        for position, (meeting, keys) in enumerate(zip(self.plan.meetings, self.keys, strict=True)):
            yield position, meeting, keys

    def of_owner(self) -> Mapping[str, list[int]]:
        """Owner key -> positions of its meetings, in order of time."""
        found: dict[str, list[int]] = defaultdict(list)
        for position, _, keys in self.meetings():
            for key in dict.fromkeys(keys):
                found[key].append(position)
        for positions in found.values():
            positions.sort(key=lambda p: self.begins(self.plan.meetings[p].slot))
        return found

    def slot(self, number: int) -> Slot:
        return self.plan.event.slots[number - 1]

    def begins(self, number: int) -> datetime:
        return self._times[number - 1][0]

    def ends(self, number: int) -> datetime:
        return self._times[number - 1][1]

    @cached_property
    def _times(self) -> list[tuple[datetime, datetime]]:
        """Begin and end of each slot, in UTC: pauses are real time whatever the clocks do."""
        zone = ZoneInfo(self.plan.event.timezone)
        found = []
        for slot in self.plan.event.slots:
            local = datetime.strptime(slot.starts, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
            begin = local.astimezone(UTC)
            found.append((begin, begin + timedelta(minutes=slot.minutes)))
        return found

    def by_slot(self, positions: list[int]) -> list[tuple[int, list[int]]]:
        """(slot, the meetings in it); slots do not overlap, the event was refused if they did."""
        found: dict[int, list[int]] = defaultdict(list)
        for position in positions:
            found[self.plan.meetings[position].slot].append(position)
        return sorted(found.items())

    def who(self, meeting: Meeting) -> str:
        return f"{meeting.demand_owner} – {meeting.supply_owner}"

    def when(self, number: int) -> Bilingual:
        starts = self.slot(number).starts
        return Bilingual(f"{starts} (lượt {number})", f"{starts} (slot {number})")

    def table(self, number: int) -> str:
        return self.tables[number - 1].name

    def limit(self, key: str) -> tuple[int, int | None]:
        item, event = self.people.get(key), self.plan.event
        least = item.least_meetings if item else None
        most = item.most_meetings if item else None
        return (
            event.least_meetings if least is None else least,
            event.most_meetings if most is None else most,
        )


def numbers_of(ranges: str) -> set[int]:
    """{1, 2, 3, 8} of "1-3,8"; the event has been validated, so the text is well formed."""
    found: set[int] = set()
    for part in ranges.replace("–", "-").replace(";", ",").split(","):
        if part.strip():
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    return found


def said(rule: str, vi: str, en: str, *meetings: int) -> Violation:
    return Violation(rule, Bilingual(vi, en), meetings)
