"""What an event came to: its meetings, what followed, and how evenly they were shared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from api.service.outcomes import Key, Outcome, Told, counting, key_of
from api.service.timetables import Timetable
from indexer.records import Side
from matcher.export.plan_agendas import Agenda
from matcher.planning.plan import Meeting

# Of one's own best possible worth: up to a quarter, … to all of it.
QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Load:
    """The meetings of one slot, of as many as it has tables for."""

    starts: datetime
    meetings: int
    places: int


@dataclass(frozen=True, slots=True)
class Served:
    """Of the participants of a side, those who have a meeting."""

    parties: int
    with_meeting: int


@dataclass(frozen=True, slots=True)
class Report:
    """`outcomes` counts every meeting once, those nobody told of as `Outcome.NONE`; `each` says
    how many participants have how many meetings; `shares` how many received which quarter of
    their own best; `followed` are the meetings that led on, contracts first."""

    participants: int
    meetings: int
    outcomes: Mapping[Outcome, int]
    loads: Sequence[Load]
    sides: Mapping[Side, Served]
    each: Mapping[int, int]
    middle: float
    shares: Sequence[int]
    without: Sequence[str]
    followed: Sequence[tuple[Meeting, Outcome]]

    @property
    def told(self) -> int:
        return self.meetings - self.outcomes[Outcome.NONE]

    @property
    def held(self) -> int:
        return self.told - self.outcomes[Outcome.NO_SHOW]


def report(timetable: Timetable, said: Mapping[Key, Sequence[Told]]) -> Report:
    """The report of a plan with what was told of its meetings."""
    plan, parties = timetable.plan, timetable.agendas.all
    came = {meeting: counting(said.get(key_of(meeting), ())).outcome for meeting in plan.meetings}
    counted = Counter(came.values())
    each = Counter(len(party.appointments) for party in parties)
    led = [
        (meeting, outcome)
        for wanted in (Outcome.CONTRACT, Outcome.FOLLOW_UP)
        for meeting, outcome in came.items()
        if outcome is wanted
    ]
    return Report(
        participants=len(parties),
        meetings=len(plan.meetings),
        outcomes={outcome: counted[outcome] for outcome in Outcome},
        loads=_loads(timetable),
        sides={side: _served(parties, side) for side in (Side.DEMAND, Side.SUPPLY)},
        each=dict(sorted(each.items())),
        middle=median(len(party.appointments) for party in parties) if parties else 0.0,
        shares=_shares(parties),
        without=[party.owner for party in parties if not party.appointments],
        followed=led,
    )


def _loads(timetable: Timetable) -> list[Load]:
    event = timetable.plan.event
    places = len(event.places())
    return [
        Load(event.times(slot)[0], timetable.held[slot], places) for slot in event.meeting_slots()
    ]


def _served(parties: Sequence[Agenda], side: Side) -> Served:
    of_side = [party for party in parties if side in party.sides]
    met = sum(any(one.side is side for one in party.appointments) for party in of_side)
    return Served(len(of_side), met)


def _shares(parties: Sequence[Agenda]) -> list[int]:
    """Participants by the quarter of their own best that they received; those for whom nothing
    was possible are not among them."""
    found = [0] * QUARTERS
    for party in parties:
        standing = party.standing
        if standing is not None and standing.best > 0:
            share = standing.value / standing.best
            found[min(int(share * QUARTERS), QUARTERS - 1)] += 1
    return found
