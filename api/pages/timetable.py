"""The timetable of an event: slots by tables, how good it is, and its versions."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import eventaccess
from api.pages.eventaccess import Looking, Starting
from api.pages.notices import Undo
from api.pages.planaccess import (
    Holding,
    Shown,
    certificate,
    failure_of,
    holding,
    may_change,
    names_of,
    shown,
    version_words,
    work,
)
from api.pages.refused import Errors, errors_of
from api.pages.rendering import HEADERS, page, redirect
from api.pages.visit import Visit, page_router
from api.problems import NOT_FOUND, ProblemError
from api.service import decisions, planversions, runs
from matcher.export.clean import clean, shorten
from matcher.export.plan_picture import picture_text
from matcher.planning.moving import pair_id
from matcher.planning.plan import Meeting
from matcher.planning.ranges import numbers
from matcher.planning.slot import Slot
from matcher.planning.table import Table

router = page_router()

SLOTS, TABLES = 14, 10  # of the part of a timetable that one page shows
SECONDS = (10, 30, 60)
_NAME = 48  # characters of a name in the grid
_HISTORY = 30
_PICTURE = {**HEADERS, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A table at a slot; without a meeting it is free, or away."""

    meeting: Meeting | None
    away: bool
    id: str = ""
    demand: str = ""
    supply: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    slot: Slot
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a timetable on one page; addresses are "" where there is nothing more."""

    days: Sequence[tuple[str, str, bool]]  # day, address, whether it is shown
    tables: Sequence[tuple[int, Table]]
    all_tables: int
    rows: Sequence[Row]
    fewer: str
    more: str
    earlier: str
    later: str


@router.get("/events/{event_id}/plan")
def timetable_page(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    return _page(request, opened, visit, event_id)


@router.post("/events/{event_id}/plan")
def start_plan(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, event_id: str
) -> Response:
    """Starts a plan, and leads to where its progress is shown."""
    asked_seconds = visit.form["seconds"]
    seconds = int(asked_seconds) if asked_seconds in map(str, SECONDS) else SECONDS[0]
    try:
        with opened.catalog.writing() as connection:
            event = eventaccess.get(connection, visit, event_id)
            asked = {
                "seed": 0,
                "seconds": float(seconds),
                "language": visit.language,
                "event": decisions.with_decisions(connection, event),
            }
            run = runs.start(
                connection, runs.PLAN, visit.actor, asked, event=event.id, request=request_id
            )
    except ProblemError as error:
        if error.kind.status != 429:
            raise
        return _page(request, opened, visit, event_id, errors_of(visit, error))
    request.app.state.runner.wake()
    return redirect(request, f"/runs/{run.id}")


@router.get("/events/{event_id}/plan/overview.svg")
def picture(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    """The whole timetable, the load of its slots and how evenly meetings are shared."""
    found = holding(request, opened, visit, event_id)
    if found is None:
        raise ProblemError(NOT_FOUND)
    text = picture_text(found.timetable.agendas, visit.language)
    return Response(text.encode(errors="replace"), 200, _PICTURE, "image/svg+xml")


@router.post("/events/{event_id}/plan/back")
def go_back(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, event_id: str
) -> Response:
    """Makes an earlier version hold again: how every change of a plan is undone."""
    wanted = visit.form["number"]
    with opened.catalog.writing() as connection:
        event = eventaccess.get(connection, visit, event_id)
        before = planversions.current(connection, event)
        number = int(wanted) if wanted.isascii() and wanted.isdecimal() else 0
        planversions.go_back(connection, event, number, visit.actor, request_id)
    back = _inside(visit.form["back"], f"/events/{event.id}/plan")
    said = visit.words.gettext("Đã quay lại bản %(number)s của lịch.") % {"number": number}
    undo = Undo(f"/events/{event.id}/plan/back", {"number": str(before.number) if before else ""})
    return redirect(request, back, said, undo=undo)


def _inside(path: str, here: str) -> str:
    """Where to go after a form: a page of this plan."""
    return path if path.startswith(here) else here


def _page(
    request: Request, opened: Opened, visit: Visit, event_id: str, errors: Errors | None = None
) -> Response:
    found, lost = _found(request, opened, visit, event_id)
    with opened.catalog.reading() as connection:
        doing = work(connection, found, visit)
        versions = planversions.history(connection, found.event, _HISTORY)
        names = names_of(connection, [one.person for one in versions])
    held = None
    if found.version is not None and found.timetable is not None:
        held = Holding(found.event, found.version, found.timetable)
    return page(
        request,
        "plan.html",
        429 if errors else 200,
        errors=errors or {},
        event=found.event,
        here=found.here,
        held=held,
        lost=lost,
        doing=doing,
        failure=failure_of(visit, doing.failed) if doing.failed else None,
        may_change=may_change(visit),
        seconds=SECONDS,
        window=_window(request, held) if held else None,
        sentences=certificate(visit, held.plan) if held else [],
        load=_load(held) if held else [],
        versions=[
            (one, version_words(visit, held.plan, one), names.get(one.person, ""))
            for one in versions
        ]
        if held
        else [],
    )


def _found(request: Request, opened: Opened, visit: Visit, event_id: str) -> tuple[Shown, str]:
    """The plan, and why it cannot be shown where its files have been removed."""
    try:
        return shown(request, opened, visit, event_id), ""
    except ProblemError as error:
        if error.kind.status != 409:
            raise
        event = eventaccess.found(opened, visit, event_id)
        return Shown(event, None, None), visit.say(error.detail)


def _window(request: Request, held: Holding) -> Window:
    """The part of the grid that the address asks for; whatever it asks, there is one."""
    plan, asked = held.plan, request.query_params
    days = list(dict.fromkeys(slot.starts[:10] for slot in plan.event.slots))
    day = asked.get("day", "")
    day = day if day in days else days[0]
    slots = [
        (number, slot)
        for number, slot in enumerate(plan.event.slots, 1)
        if slot.starts.startswith(day)
    ]
    places = plan.event.places()
    first = _start(asked.get("tables", ""), len(places), TABLES)
    top = _start(asked.get("slots", ""), len(slots), SLOTS)

    def address(day: str, first: int, top: int) -> str:
        return f"{held.here}?day={day}&tables={first + 1}&slots={top + 1}#grid"

    tables = list(enumerate(places, 1))[first : first + TABLES]
    away = {number: numbers(table.unavailable) for number, table in tables}
    shown_slots = slots[top : top + SLOTS]
    return Window(
        days=[(one, address(one, first, 0), one == day) for one in days],
        tables=tables,
        all_tables=len(places),
        rows=[
            Row(number, slot, [_cell(held, number, table, away[table]) for table, _ in tables])
            for number, slot in shown_slots
        ],
        fewer=address(day, max(0, first - TABLES), top) if first else "",
        more=address(day, first + TABLES, top) if first + TABLES < len(places) else "",
        earlier=address(day, first, max(0, top - SLOTS)) if top else "",
        later=address(day, first, top + SLOTS) if top + SLOTS < len(slots) else "",
    )


def _cell(held: Holding, slot: int, table: int, away: frozenset[int]) -> Cell:
    meeting = held.timetable.at.get((slot, table))
    if meeting is None:
        return Cell(None, slot in away)
    return Cell(
        meeting,
        away=False,
        id=pair_id(meeting),
        demand=shorten(clean(meeting.demand_owner), _NAME),
        supply=shorten(clean(meeting.supply_owner), _NAME),
    )


def _start(asked: str, count: int, step: int) -> int:
    """Where a part begins, counted from 0: at a multiple of the step."""
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    return min(max(number - 1, 0), max(count - 1, 0)) // step * step


def _load(held: Holding) -> list[tuple[str, str, int]]:
    """Day, time and number of meetings of every slot: the picture in words."""
    slots = held.plan.event.slots
    return [
        (slots[number - 1].starts[:10], slots[number - 1].starts[11:], held.timetable.held[number])
        for number in held.plan.event.meeting_slots()
    ]
