"""The plan as each participant lives it: whom they meet, when and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

from indexer.owners import owner_key
from indexer.records import Side
from indexer.text import fold
from matcher.planning.event import Participant, Table
from matcher.planning.plan import Meeting, Plan, Standing

_STEM = 60  # characters of an owner's name in a file name


@dataclass(frozen=True, slots=True)
class Appointment:
    """One meeting as one of its two owners sees it; times in the event's zone."""

    meeting: Meeting
    side: Side  # the side this owner is on
    starts: datetime
    ends: datetime
    place: Table
    partner: str
    subject: str  # what the need asks for
    offer: str  # what is offered
    interpreter: bool


@dataclass(frozen=True, slots=True)
class Agenda:
    """All appointments of one owner in order of time; `stem` names its files."""

    owner: str
    stem: str
    sides: frozenset[Side]
    appointments: tuple[Appointment, ...]
    alternates: tuple[str, ...]
    standing: Standing | None
    participant: Participant | None


class Agendas:
    """The agendas of a plan by owner; `titles` maps record ids to titles where they are known."""

    def __init__(self, plan: Plan, titles: Mapping[str, str]) -> None:
        self.plan = plan
        self._times = [plan.event.times(number + 1) for number in range(len(plan.event.slots))]
        self._titles = titles
        self._places = plan.event.places()

    @cached_property
    def all(self) -> tuple[Agenda, ...]:
        """One agenda for each owner in the event, by name; owners without meetings too."""
        plan, found = self.plan, self._appointments()
        standing = {owner_key(name): item for name, item in plan.certificate.per_party.items()}
        alternates = {owner_key(name): names for name, names in plan.alternates.items()}
        return tuple(
            Agenda(
                owner=name,
                stem=file_stem(name),
                sides=self._sides(key, name),
                appointments=tuple(
                    sorted(found.get(key, ()), key=lambda a: (a.meeting.slot, a.meeting.table))
                ),
                alternates=alternates.get(key, ()),
                standing=standing.get(key),
                participant=plan.event.participant(name),
            )
            for key, name in sorted(self._names().items(), key=lambda item: _order(item[1]))
        )

    def starts(self, slot: int) -> datetime:
        """When a slot (from 1) begins, in the event's zone."""
        return self._times[slot - 1][0]

    def ends(self, slot: int) -> datetime:
        return self._times[slot - 1][1]

    def _names(self) -> dict[str, str]:
        """Owner keys and names; a name as the catalog writes it stands before the event's."""
        plan = self.plan
        names = {owner_key(item.owner): item.owner for item in plan.event.participants}
        for name in (*plan.certificate.per_party, *plan.alternates):
            names.setdefault(owner_key(name), name)
        for pair in (*plan.pairs, *plan.meetings):
            names[owner_key(pair.demand_owner)] = pair.demand_owner
            names[owner_key(pair.supply_owner)] = pair.supply_owner
        return names

    def _sides(self, key: str, name: str) -> frozenset[Side]:
        """Where its records put an owner; for one without any, where the event does."""
        known = self.plan.event.participant(name)
        if key in self._met:
            return self._met[key]
        return frozenset([Side(known.sides)] if known and known.sides != "both" else Side)

    @cached_property
    def _met(self) -> dict[str, frozenset[Side]]:
        found: dict[str, set[Side]] = {}
        for pair in (*self.plan.pairs, *self.plan.meetings):
            found.setdefault(owner_key(pair.demand_owner), set()).add(Side.DEMAND)
            found.setdefault(owner_key(pair.supply_owner), set()).add(Side.SUPPLY)
        return {key: frozenset(sides) for key, sides in found.items()}

    def _appointments(self) -> dict[str, list[Appointment]]:
        found: dict[str, list[Appointment]] = {}
        for meeting in self.plan.meetings:
            for side in (Side.DEMAND, Side.SUPPLY):
                own, other = meeting.demand_owner, meeting.supply_owner
                if side is Side.SUPPLY:
                    own, other = other, own
                found.setdefault(owner_key(own), []).append(self._appointment(meeting, side, other))
        return found

    def _appointment(self, meeting: Meeting, side: Side, partner: str) -> Appointment:
        event = self.plan.event
        return Appointment(
            meeting=meeting,
            side=side,
            starts=self.starts(meeting.slot),
            ends=self.ends(meeting.slot),
            place=self._places[meeting.table - 1],
            partner=partner,
            subject=self._titles.get(meeting.demand, ""),
            offer=self._titles.get(meeting.supply, ""),
            interpreter=event.needs_interpreter(meeting.demand_owner, meeting.supply_owner),
        )


def file_stem(owner: str) -> str:
    """A file name for an owner: the letters of its name, and a digest that keeps it unique."""
    plain = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in fold(owner))
    words = "-".join(part for part in plain.split("-") if part)[:_STEM].rstrip("-")
    digest = blake2b(owner_key(owner).encode(), digest_size=4).hexdigest()
    return f"{words}-{digest}" if words else digest


def _order(name: str) -> tuple[str, str]:
    return fold(name), name
