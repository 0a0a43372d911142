"""Moving a meeting by hand, judged at once by the rules of its event."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.service import planversions, timetables
from api.service.alone import alone
from api.service.events import Stored
from api.service.planversions import Version
from indexer.bilingual import Bilingual
from matcher.planning.checkbook import Violation
from matcher.planning.moving import Move, broken, exchange, move_of
from matcher.planning.plan import Meeting


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of a move: the version it made, or (None) the rules it would break.

    `other` is the meeting that has the place; `exchangeable` says whether the two can exchange.
    """

    meeting: Meeting
    version: Version | None
    violations: Sequence[Violation] = ()
    other: Meeting | None = None
    exchangeable: bool = False


def move(
    connection: sa.Connection,
    workspace: Path,
    event: Stored,
    pair: str,
    place: tuple[int, int],
    by: Actor,
    *,
    swap: bool = False,
    request: str = "",
) -> Moved:
    """Brings a meeting to a slot and a table; with `swap` whoever is there takes its place.

    Raises:
        ProblemError: 404, there is no such meeting, slot or table; 403 and 409 as
            `timetables.current`.
    """
    alone(connection)
    held = timetables.current(connection, workspace, event, by)
    if held is None or pair not in held[1].by_pair:
        raise ProblemError(problems.NOT_FOUND, _NO_MEETING)
    version, timetable = held
    plan, meeting = timetable.plan, timetable.by_pair[pair]
    other = timetable.at.get(place)
    if other is meeting:
        return Moved(meeting, version)
    both = exchange(plan, meeting, *place)
    moves = both if swap else (move_of(meeting, *place),)
    violations = broken(plan, moves)
    if violations:
        can = other is not None and not swap and not broken(plan, both)
        return Moved(meeting, None, violations, other, can)
    said = {
        **asdict(move_of(meeting, meeting.slot, meeting.table)),
        "to_slot": place[0],
        "to_table": place[1],
        "exchanged": swap and other is not None,
    }
    made = planversions.put(
        connection,
        event,
        version,
        planversions.MOVE,
        by,
        moves=_together(version.moves, moves),
        said=said,
        request=request,
    )
    return Moved(meeting, made, other=other)


def _together(before: Sequence[Move], after: Sequence[Move]) -> tuple[Move, ...]:
    """The last move of every meeting."""
    last = {one.keys: one for one in (*before, *after)}
    return tuple(last.values())


_NO_MEETING = Bilingual(
    vi="Kế hoạch hiện tại không có cuộc gặp này; có thể kế hoạch vừa được đổi.",
    en="The plan as it is now has no such meeting; it may have changed just now.",
)
