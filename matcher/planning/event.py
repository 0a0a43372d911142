"""An event: who takes part, in which slots, at which tables, under which limits and wishes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import combinations
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from indexer.owners import owner_key
from indexer.records import Record
from matcher.planning.participant import BIDS, Fixed, Met, Participant, Policy, Wish
from matcher.planning.ranges import numbers
from matcher.planning.slot import Count, Name, Part, Slot
from matcher.planning.table import Room, Table, Tables
from matcher.planning.unfit import Unfit
from matcher.ruling.rules import Rule

__all__ = ["Event", "Participant", "Table"]

Fairness = Literal["value", "guarantee", "worst-first"]


class Event(Part):
    """What an event file says. Without participants, every owner of a record takes part; so they
    do with `everybody`, and the participants are then only those with conditions of their own.

    `least_meetings` and `most_meetings` hold for every participant that does not say its own.
    Pairs whose score is below `least_score` do not meet unless a wish or `fixed` names them.
    `most_share` (0..1) caps one owner's part of all meetings (one is always allowed),
    `most_probability` any pair's chance of being considered (a seeded lot), so that no owner
    can force a meeting. Slots are in the order of time and do not overlap. `fairness`: "value"
    looks at worth alone; "guarantee" first brings as many owners as possible to 1, 2, …
    `guarantee` meetings; "worst-first" does so without an end.
    """

    name: Name
    place: str = ""
    timezone: str = "Asia/Ho_Chi_Minh"
    tables: Annotated[int, Field(ge=1, le=10_000)] | Tables = 10
    slots: tuple[Slot, ...] = ()
    rooms: tuple[Room, ...] = ()
    participants: tuple[Participant, ...] = ()
    everybody: bool = False
    least_meetings: Count = 0
    most_meetings: Count | None = None
    wishes: tuple[Wish, ...] = ()
    wish_weight: Annotated[float, Field(ge=0, le=1)] = 0.25
    fixed: tuple[Fixed, ...] = ()
    met: tuple[Met, ...] = ()
    rules: tuple[Rule, ...] = ()
    interpreters: Count | None = None
    most_in_a_row: Annotated[int, Field(ge=1, le=10_000)] | None = None
    policies: tuple[Policy, ...] = ()
    fairness: Fairness = "value"
    guarantee: Count = 2
    least_score: Annotated[float, Field(ge=0, le=1)] = 0.1
    most_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    most_probability: Annotated[float, Field(gt=0, le=1)] = 1.0

    @field_validator("timezone")
    @classmethod
    def _a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Unfit(
                f"{name!r} không phải múi giờ như Asia/Ho_Chi_Minh",
                f"{name!r} is no time zone such as Asia/Ho_Chi_Minh",
            ) from error
        return name

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        names: set[str] = set()
        for item in self.participants:
            if owner_key(item.owner) in names:
                raise _twice("participants", item.owner)
            names.add(owner_key(item.owner))
        self._once_each()
        past: datetime | None = None
        for number in range(1, len(self.slots) + 1):
            begin, end = self.times(number)
            starts = self.slots[number - 1].starts
            if begin.astimezone(UTC).astimezone(begin.tzinfo).replace(fold=0) != begin:
                raise Unfit(
                    f"lượt {number} ({starts}): đồng hồ bỏ qua giờ này",
                    f"slot {number} ({starts}): the clock skips this time",
                )
            if past is not None and begin.astimezone(UTC) < past.astimezone(UTC):
                raise Unfit(
                    f"lượt {number} ({starts}) bắt đầu trước khi lượt {number - 1} kết thúc",
                    f"slot {number} ({starts}) begins before slot {number - 1} ends",
                )
            past = end
        return self

    def _once_each(self) -> None:
        """Unfit where a table's name is used twice or two owners are fixed twice."""
        called: set[str] = set()
        for table in self.tables if isinstance(self.tables, tuple) else ():
            if table.name in called:
                raise _twice("tables", table.name)
            called.add(table.name)
        fixed: dict[frozenset[str], Fixed] = {}
        for item in self.fixed:
            two = frozenset((owner_key(item.demand), owner_key(item.supply)))
            if two in fixed:
                was = fixed[two]
                raise Unfit(
                    f"fixed nêu cả {was.said_in_vietnamese()} và {item.said_in_vietnamese()}",
                    f"fixed says both {was.said()} and {item.said()}",
                )
            fixed[two] = item

    def asks_for(self, owner: str, other: str) -> bool:
        """Whether a wish (not a veto) or a fixed meeting names these two."""
        return frozenset((owner_key(owner), owner_key(other))) in self._asked_for

    @cached_property
    def _asked_for(self) -> frozenset[frozenset[str]]:
        wished = [(w.from_owner, w.to_owner) for w in self.wishes if w.degree != "veto"]
        fixed = [(meeting.demand, meeting.supply) for meeting in self.fixed]
        return frozenset(
            frozenset((owner_key(one), owner_key(other))) for one, other in (*wished, *fixed)
        )

    def times(self, number: int) -> tuple[datetime, datetime]:
        """Begin and end of a slot (counted from 1) with the event's time zone.

        The length is real time: it holds across midnight and where the clock is put back.
        """
        slot = self.slots[number - 1]
        zone = ZoneInfo(self.timezone)
        begin = datetime.strptime(slot.starts, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
        end = begin.astimezone(UTC) + timedelta(minutes=slot.minutes)
        return begin, end.astimezone(zone)

    def pause(self, earlier: int, later: int) -> float:
        """Minutes between the end of one slot and the beginning of a later one."""
        gap = self.times(later)[0].astimezone(UTC) - self.times(earlier)[1].astimezone(UTC)
        return gap.total_seconds() / 60

    def rows(self) -> tuple[tuple[int, ...], ...]:
        """Meeting slots that follow each other.

        A break, or a pause as long as the meeting before it, ends a row; midnight does not.
        """
        return self._rows

    def invites(self, record: Record) -> bool:
        """Whether the owner of `record` takes part, on the side of the record."""
        participant = self.participant(record.owner)
        if participant is None:
            return self.is_open
        return participant.sides in ("both", record.side.value)

    @property
    def is_open(self) -> bool:
        """Whether owners whom the participants do not name take part too."""
        return self.everybody or not self.participants

    def strangers(self, records: Iterable[Record]) -> list[str]:
        """Participants by whom there is no record."""
        known = {owner_key(record.owner) for record in records}
        return [item.owner for item in self.participants if owner_key(item.owner) not in known]

    def participant(self, owner: str) -> Participant | None:
        """What the event says of an owner; names are compared as everywhere, by `owner_key`."""
        return self._by_owner.get(owner_key(owner))

    def places(self) -> tuple[Table, ...]:
        """The tables, in the order of `Meeting.table`; a mere number gives "1", "2", …"""
        return self._places

    def meeting_slots(self) -> tuple[int, ...]:
        """The numbers (from 1) of the slots in which meetings are held."""
        return self._meeting_slots

    def free_slots(self, owner: str) -> frozenset[int]:
        """The meeting slots in which an owner is there."""
        item = self.participant(owner)
        everything = self._every_slot
        if item is None:
            return everything
        inside = everything if item.available is None else everything & numbers(item.available)
        return inside - numbers(item.unavailable)

    def limits(self, owner: str) -> tuple[int, int]:
        """(least, most) meetings of an owner, both sides together; never more than can be held."""
        item = self.participant(owner)
        people = item.people if item else 1
        least = item.least_meetings if item else None
        most = item.most_meetings if item else None
        asked = self.most_meetings if most is None else most
        held = people * len(self.free_slots(owner))
        return (
            self.least_meetings if least is None else least,
            held if asked is None else min(asked, held),
        )

    def walk(self, room: str, other: str) -> int:
        """Minutes from room to room; 0 where nothing is said."""
        if room == other:
            return 0
        return max(self._walks.get((room, other), 0), self._walks.get((other, room), 0))

    def needs_interpreter(self, owner: str, other: str) -> bool:
        """Whether both say which languages they speak and share none."""
        one, two = self.participant(owner), self.participant(other)
        if one is None or two is None or not one.languages or not two.languages:
            return False
        spoken = {name.casefold() for name in one.languages}
        return not spoken & {name.casefold() for name in two.languages}

    def forbids(self, owner: str, other: str) -> bool:
        """Whether two owners may not meet: the same one, a veto, a rule, met before."""
        one, two = owner_key(owner), owner_key(other)
        return one == two or frozenset((one, two)) in self._apart

    def apart(self) -> frozenset[frozenset[str]]:
        """The keys of every two owners who may not meet."""
        return self._apart

    def worth(self, demand_owner: str, supply_owner: str, score: float) -> float:
        """What a meeting counts: (score + wish_weight x mean wish), at least 0, x policy weights.

        The mean wish is of the two owners' wishes, -1..1, 0 where nothing was wished. A policy
        counts once, whether it speaks of one of the two or of both.
        """
        one, two = owner_key(demand_owner), owner_key(supply_owner)
        wish = (self._wishes.get((one, two), 0.0) + self._wishes.get((two, one), 0.0)) / 2
        weight = 1.0
        for policy, members in self._members:
            if one in members or two in members:
                weight *= policy.weight
        return max(0.0, score + self.wish_weight * wish) * weight

    def members(self, policy: Policy) -> frozenset[str]:
        """The keys of the owners a policy speaks of."""
        grouped = (
            item.owner
            for item in self.participants
            if policy.group and policy.group in (*item.groups, item.delegation)
        )
        return frozenset(owner_key(name) for name in (*policy.owners, *grouped))

    @cached_property
    def _meeting_slots(self) -> tuple[int, ...]:
        return tuple(i for i, slot in enumerate(self.slots, 1) if not slot.is_break)

    @cached_property
    def _every_slot(self) -> frozenset[int]:
        return frozenset(self._meeting_slots)

    @cached_property
    def _by_owner(self) -> Mapping[str, Participant]:
        return {owner_key(item.owner): item for item in self.participants}

    @cached_property
    def _places(self) -> tuple[Table, ...]:
        if isinstance(self.tables, int):
            return tuple(Table(name=str(i + 1)) for i in range(self.tables))
        return self.tables

    @cached_property
    def _rows(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[]]
        for number, slot in enumerate(self.slots, 1):
            last = found[-1][-1] if found[-1] else None
            if slot.is_break or (
                last is not None and self.pause(last, number) >= self.slots[last - 1].minutes
            ):
                found.append([])
            if not slot.is_break:
                found[-1].append(number)
        return tuple(tuple(row) for row in found if row)

    @cached_property
    def _walks(self) -> Mapping[tuple[str, str], int]:
        return {
            (room.name, to): minutes for room in self.rooms for to, minutes in room.walk.items()
        }

    @cached_property
    def _apart(self) -> frozenset[frozenset[str]]:
        vetoes = [(w.from_owner, w.to_owner) for w in self.wishes if w.degree == "veto"]
        ruled = [(r.party, to) for r in self.rules if r.kind == "forbid" for to in r.others]
        ruled += [
            pair
            for rule in self.rules
            if rule.kind == "conflict" and (not rule.by or "together" in rule.by)
            for names in rule.together
            for pair in combinations(names, 2)
        ]
        pairs = [*vetoes, *ruled, *((item.one, item.other) for item in self.met)]
        return frozenset(frozenset((owner_key(a), owner_key(b))) for a, b in pairs)

    @cached_property
    def _wishes(self) -> Mapping[tuple[str, str], float]:
        return {
            (owner_key(w.from_owner), owner_key(w.to_owner)): BIDS[w.degree] for w in self.wishes
        }

    @cached_property
    def _members(self) -> tuple[tuple[Policy, frozenset[str]], ...]:
        return tuple((policy, self.members(policy)) for policy in self.policies)


def _twice(part: str, name: str) -> Unfit:
    return Unfit(f"{part} nêu {name!r} hai lần", f"{part} name {name!r} twice")
