"""Repairing the plan of an event on the day: from what people report to a proposal."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import FieldError, ProblemError
from api.service import planversions, runs, runwork, timetables
from api.service.alone import alone
from api.service.events import Stored
from api.service.planversions import Version
from api.service.runs import Run
from indexer.bilingual import Bilingual, Language
from indexer.errors import RequestError
from matcher.planning.changes import applied, changes_of

ABSENT, LATE, TABLE = "absent", "late", "table"
_SECONDS = 3.0  # a repair is waited for
_WIDEST = 500  # entries in one report


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody saw: who is absent from `slot` on, who arrives at it, or which table is lost
    from it on; 0 is from now."""

    kind: Literal["absent", "late", "table"]
    what: str
    slot: int = 0


def start(
    connection: sa.Connection,
    workspace: Path,
    event: Stored,
    reports: Sequence[Report],
    now: int,
    by: Actor,
    *,
    language: Language,
    request: str = "",
) -> Run:
    """Starts a repair of the plan that holds; slots before `now` have been held and stay.

    Raises:
        ProblemError: 404, there is no plan; 422, nothing or something unknown is reported; 429,
            too much is under way.
    """
    alone(connection)
    held = timetables.current(connection, workspace, event, by)
    if held is None:
        raise ProblemError(problems.NOT_FOUND)
    version, timetable = held
    changes = changes_from(reports, now, len(timetable.plan.event.slots))
    try:
        applied(timetable.plan, changes_of(changes, runwork.CHANGES))
    except RequestError as error:
        raise ProblemError(
            problems.INVALID,
            error.message,
            [FieldError("body.reports", None, error.message, _REPORTS)],
        ) from error
    asked = {
        **version.asked,
        "seconds": _SECONDS,
        "language": language,
        "changes": changes,
        "reported": {"now": now, "reports": [asdict(one) for one in reports]},
    }
    return runs.start(connection, runs.REPLAN, by, asked, event=event.id, request=request)


def changes_from(reports: Sequence[Report], now: int, last: int) -> dict[str, Any]:
    """The changes as a file of changes would say them; `last` is the number of the last slot.

    Raises:
        ProblemError: 422, nothing is reported, or too much.
    """
    if not 0 < len(reports) <= _WIDEST:
        raise problems.invalid("body.reports", len(reports), _NOTHING, _REPORTS)

    def on(one: Report) -> dict[str, str]:
        return {"slots": f"{max(one.slot, now)}-{last}"} if one.slot > now else {}

    def of(kind: str) -> list[Report]:
        return [one for one in reports if one.kind == kind]

    return {
        "now": now,
        "no_shows": [{"owner": one.what, **on(one)} for one in of(ABSENT)],
        "late": [{"owner": one.what, "arrives": max(one.slot, now)} for one in of(LATE)],
        "lost_tables": [{"table": one.what, **on(one)} for one in of(TABLE)],
    }


def print_files(
    connection: sa.Connection,
    event: Stored,
    version: Version,
    by: Actor,
    *,
    language: Language,
    request: str = "",
) -> Run:
    """Starts the writing of a version's files, with the agendas that differ from the printed ones.

    Raises:
        ProblemError: 429, too much is under way.
    """
    asked = {
        **version.asked,
        "number": version.number,
        "before": before_of(planversions.printed(connection, event), version),
        "language": language,
    }
    return runs.start(connection, runs.PRINT, by, asked, event=event.id, request=request)


def files_of(
    connection: sa.Connection, event: Stored, version: Version, by: Actor
) -> tuple[str, bool] | None:
    """The run whose files are of this version, and whether they say what differs from the printed
    one; None where they have to be written first."""
    before = before_of(planversions.printed(connection, event), version)
    found = runs.page(connection, by, None, 50, event=event.id, kind=runs.PRINT, state=runs.DONE)
    for run in found:
        asked = run.asked
        if asked.get("number") == version.number and _same(asked.get("before"), before):
            return run.id, before is not None
    if before is None and not version.moves:
        return version.run, False
    return None


def before_of(printed: Version | None, version: Version) -> dict[str, Any] | None:
    """How a run is told of the printed version, where another one holds by now."""
    if printed is None or printed.number == version.number:
        return None
    return {**printed.asked, "number": printed.number}


def _same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    numbers = [said["number"] if said else 0 for said in (one, other)]
    return numbers[0] == numbers[1]


_NOTHING = Bilingual(
    vi="chưa báo thay đổi nào, hoặc báo quá nhiều một lúc",
    en="nothing has been reported, or too much at once",
)
_REPORTS = Bilingual(
    vi="1 đến 500 mục: đơn vị vắng, đơn vị đến muộn hoặc bàn không dùng được",
    en="1 to 500 entries: who is absent, who is late, or which table is lost",
)
