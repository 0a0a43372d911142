"""The plans of an event, one version after the other; none is ever changed or lost.

A version is the plan of a run with moves made by hand. Until somebody builds on a plan (moves a
meeting, accepts a repair, prints), the newest plan of the event is its version 1 and no row is
kept; from then on later plans are proposals, to be used or dropped.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import LOCAL_ACTOR, Actor
from api.problems import ProblemError
from api.service import runs
from api.service.alone import alone
from api.service.events import Stored
from api.service.planfiles import asked_of, moves_of
from api.service.runs import Run
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.sql.serviceschema import plan_versions
from matcher.planning.moving import Move

PLAN, REPLAN, MOVE, RESTORE, DROPPED = "plan", "replan", "move", "restore", "dropped"
_PROPOSALS = 20  # of the newest runs that are looked at


@dataclass(frozen=True, slots=True)
class Version:
    """A version; `id` is 0 where no row is kept of it. `said` is what lists say of it: of a move
    its meeting and places, of one gone back to its number."""

    id: int
    event: str
    number: int
    kind: str
    run: str
    moves: tuple[Move, ...]
    said: Mapping[str, Any]
    person: str
    at: str
    printed: str

    @property
    def asked(self) -> dict[str, Any]:
        """How a run names the plan of this version."""
        return asked_of(self.run, self.moves)


def current(connection: sa.Connection, event: Stored) -> Version | None:
    """The version that holds; None where no plan has been made."""
    last = _kept(event.id).order_by(plan_versions.c.number.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    if row is not None:
        return _of_row(row)
    made = runs.page(
        connection, LOCAL_ACTOR, None, 1, event=event.id, kind=runs.PLAN, state=runs.DONE
    )
    if not made:
        return None
    run = made[0]
    return Version(0, event.id, 1, PLAN, run.id, (), {}, run.person, run.finished, "")


def history(connection: sa.Connection, event: Stored, limit: int) -> list[Version]:
    """The versions of an event, the newest first."""
    query = _kept(event.id).order_by(plan_versions.c.number.desc()).limit(limit)
    found = [_of_row(row) for row in connection.execute(query)]
    held = current(connection, event)
    return found or ([held] if held else [])


def numbered(connection: sa.Connection, event: Stored, number: int) -> Version | None:
    """The version of that number."""
    row = connection.execute(_kept(event.id).where(plan_versions.c.number == number)).one_or_none()
    return None if row is None else _of_row(row)


def printed(connection: sa.Connection, event: Stored) -> Version | None:
    """The version that was handed out on paper last."""
    query = _kept(event.id).where(plan_versions.c.printed != "")
    last = query.order_by(plan_versions.c.printed.desc(), plan_versions.c.number.desc())
    row = connection.execute(last.limit(1)).one_or_none()
    return None if row is None else _of_row(row)


def put(
    connection: sa.Connection,
    event: Stored,
    before: Version,
    kind: str,
    by: Actor,
    *,
    run: str = "",
    moves: Sequence[Move] = (),
    said: Mapping[str, Any] | None = None,
    request: str = "",
) -> Version:
    """The version after `before`, which the caller has read under `alone`: of the plan of `run`,
    by default that of `before`, with `moves`."""
    keep(connection, event, before)
    made = Version(
        0,
        event.id,
        before.number + 1,
        kind,
        run or before.run,
        tuple(moves),
        said or {},
        by.id,
        now(),
        "",
    )
    _insert(connection, event, made)
    detail = {"version": made.number, "run": made.run}
    append(
        connection,
        Entry(by.label, f"plan.{kind}", f"event:{event.id}", event.centre, request, detail),
    )
    return made


def keep(connection: sa.Connection, event: Stored, version: Version) -> None:
    """Has a row kept of the version, so that later plans do not take its place."""
    if version.id:
        return
    alone(connection)
    held = current(connection, event)
    if held is None or not held.id:
        _insert(connection, event, version)


def go_back(
    connection: sa.Connection, event: Stored, number: int, by: Actor, request: str = ""
) -> Version:
    """A new version like an earlier one.

    Raises:
        ProblemError: 404, there is none of that number.
    """
    alone(connection)
    held, wanted = current(connection, event), numbered(connection, event, number)
    if held is None or wanted is None:
        raise ProblemError(problems.NOT_FOUND, _NO_VERSION)
    if held.number == number:
        return held
    return put(
        connection,
        event,
        held,
        RESTORE,
        by,
        run=wanted.run,
        moves=wanted.moves,
        said={"number": number},
        request=request,
    )


def mark_printed(
    connection: sa.Connection, event: Stored, number: int, by: Actor, request: str = ""
) -> Version:
    """Notes that a version was handed out on paper.

    Raises:
        ProblemError: 404, there is none of that number.
    """
    alone(connection)
    held = current(connection, event)
    if held is not None and held.number == number:
        keep(connection, event, held)
    found = numbered(connection, event, number)
    if found is None:
        raise ProblemError(problems.NOT_FOUND, _NO_VERSION)
    moment = now()
    _set_printed(connection, found, moment)
    detail = {"version": number}
    append(
        connection,
        Entry(by.label, "plan.print", f"event:{event.id}", event.centre, request, detail),
    )
    return replace(found, printed=moment)


def unmark_printed(
    connection: sa.Connection, event: Stored, number: int, by: Actor, request: str = ""
) -> None:
    """Takes `mark_printed` back."""
    found = numbered(connection, event, number)
    if found is None or not found.printed:
        return
    _set_printed(connection, found, "")
    detail = {"version": number}
    append(
        connection,
        Entry(by.label, "plan.unprint", f"event:{event.id}", event.centre, request, detail),
    )


def proposals(connection: sa.Connection, event: Stored, held: Version | None) -> list[Run]:
    """Runs whose plans could take the place of the one that holds, the newest first."""
    if held is None:
        return []
    query = sa.select(plan_versions.c.run).where(plan_versions.c.event == event.id)
    known = set(connection.scalars(query)) | {held.run}
    newest = [
        run
        for kind in (runs.PLAN, runs.REPLAN)
        for run in runs.page(
            connection,
            LOCAL_ACTOR,
            None,
            _PROPOSALS,
            event=event.id,
            kind=kind,
            state=runs.DONE,
        )
        if run.id not in known and fits(run, held)
    ]
    return sorted(newest, key=lambda run: run.created, reverse=True)


def fits(run: Run, held: Version) -> bool:
    """Whether a plan could follow the one that holds: a new one, or a repair of that very one."""
    if run.kind == runs.PLAN:
        return run.created > held.at
    return run.kind == runs.REPLAN and (
        run.asked.get("base") == held.run and moves_of(run.asked) == held.moves
    )


def use(
    connection: sa.Connection, event: Stored, run: Run, by: Actor, request: str = ""
) -> Version:
    """Makes the plan of a run the one that holds.

    Raises:
        ProblemError: 409, the plan has changed since, or the run has made none.
    """
    alone(connection)
    held = current(connection, event)
    if held is None or run.state != runs.DONE or run.event != event.id or not fits(run, held):
        raise ProblemError(problems.NOT_POSSIBLE, _CHANGED_SINCE)
    _undrop(connection, event, run)
    kind = REPLAN if run.kind == runs.REPLAN else PLAN
    return put(connection, event, held, kind, by, run=run.id, request=request)


def drop(connection: sa.Connection, event: Stored, run: Run, by: Actor, request: str = "") -> None:
    """Notes that a proposal is not wanted; `undrop` takes that back."""
    alone(connection)
    held = current(connection, event)
    if held is None or run.event != event.id or not fits(run, held):
        raise ProblemError(problems.NOT_POSSIBLE, _CHANGED_SINCE)
    keep(connection, event, held)
    dropped = Version(0, event.id, 0, DROPPED, run.id, (), {}, by.id, now(), "")
    _insert(connection, event, dropped)
    detail = {"run": run.id}
    append(
        connection,
        Entry(by.label, "plan.drop", f"event:{event.id}", event.centre, request, detail),
    )


def undrop(
    connection: sa.Connection, event: Stored, run: Run, by: Actor, request: str = ""
) -> None:
    """Lets a dropped proposal be used after all."""
    if _undrop(connection, event, run):
        detail = {"run": run.id}
        append(
            connection,
            Entry(by.label, "plan.undrop", f"event:{event.id}", event.centre, request, detail),
        )


def _undrop(connection: sa.Connection, event: Stored, run: Run) -> int:
    here = sa.and_(
        plan_versions.c.event == event.id,
        plan_versions.c.run == run.id,
        plan_versions.c.kind == DROPPED,
    )
    return int(connection.execute(sa.delete(plan_versions).where(here)).rowcount)


def _kept(event_id: str) -> sa.Select[Any]:
    return sa.select(plan_versions).where(
        plan_versions.c.event == event_id, plan_versions.c.number > 0
    )


def _insert(connection: sa.Connection, event: Stored, version: Version) -> None:
    connection.execute(
        sa.insert(plan_versions).values(
            event=event.id,
            centre=event.centre,
            number=version.number,
            kind=version.kind,
            run=version.run,
            moves=json.dumps([asdict(move) for move in version.moves], ensure_ascii=False),
            said=json.dumps(dict(version.said), ensure_ascii=False),
            person=version.person,
            at=version.at,
            printed=version.printed,
        )
    )


def _set_printed(connection: sa.Connection, version: Version, moment: str) -> None:
    here = plan_versions.c.id == version.id
    connection.execute(sa.update(plan_versions).where(here).values(printed=moment))


def _of_row(row: sa.Row[Any]) -> Version:
    return Version(
        row.id,
        row.event,
        row.number,
        row.kind,
        row.run,
        tuple(Move(**move) for move in json.loads(row.moves or "[]")),
        json.loads(row.said or "{}"),
        row.person,
        row.at,
        row.printed,
    )


_NO_VERSION = Bilingual(
    vi="Sự kiện không có bản kế hoạch số đó.", en="The event has no plan version of that number."
)
_CHANGED_SINCE = Bilingual(
    vi="Kế hoạch đã thay đổi sau khi đề xuất này được lập, nên không dùng đề xuất được nữa. Hãy "
    "xem kế hoạch hiện tại rồi tính lại.",
    en="The plan has changed since this proposal was made, so it cannot be used any more. See the "
    "plan as it is now and work it out again.",
)
