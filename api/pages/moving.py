"""One meeting of a timetable: where it is, and moving it, judged by the rules at once."""

from fastapi import Request
from starlette.responses import JSONResponse, Response

from api import problems
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import eventaccess
from api.pages.eventaccess import Looking, Starting
from api.pages.notices import Undo
from api.pages.planaccess import Holding, day_of, holding, may_change, place_of, time_of, who
from api.pages.rendering import HEADERS, page, redirect
from api.pages.timetable import SLOTS, TABLES
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service import planmoves
from api.service.planmoves import Moved
from api.service.runwork import titles_of
from matcher.export.clean import clean
from matcher.planning.moving import Place, places
from matcher.planning.plan import Meeting

router = page_router()

_ANY = "0"  # any table that is free


@router.get("/events/{event_id}/plan/meetings/{pair}")
def meeting_page(
    request: Request, opened: OpenedDep, visit: Looking, event_id: str, pair: str
) -> Response:
    return _page(request, opened, visit, event_id, pair)


@router.get("/events/{event_id}/plan/meetings/{pair}/places")
def meeting_places(
    request: Request, opened: OpenedDep, visit: Looking, event_id: str, pair: str
) -> Response:
    """For the script of the timetable: the tables of each slot that the meeting could have, and
    why not of the other slots."""
    held, meeting = _meeting(request, opened, visit, event_id, pair)
    found = list(places(held.plan, meeting))
    body = {
        "tables": {one.slot: one.tables for one in found},
        "why": {one.slot: clean(visit.say(one.why)) for one in found if one.why},
    }
    return JSONResponse(body, headers=HEADERS)


@router.post("/events/{event_id}/plan/meetings/{pair}")
def move_meeting(
    request: Request,
    opened: OpenedDep,
    visit: Starting,
    request_id: RequestIdDep,
    event_id: str,
    pair: str,
) -> Response:
    """Moves it, or says which rules forbid that."""
    held, meeting = _meeting(request, opened, visit, event_id, pair)
    form = visit.form
    slot = _number(form["slot"], len(held.plan.event.slots))
    table = _number(form["table"], len(held.plan.event.places()))
    if form["table"] == _ANY and slot:
        table = _free_table(held, meeting, slot)
    if not slot or not table:
        said = visit.words.gettext("Hãy chọn một lượt và một bàn của sự kiện.")
        if slot and form["table"] == _ANY:
            said = visit.words.gettext("Lượt này không còn bàn nào cuộc gặp dùng được.")
        return _page(request, opened, visit, event_id, pair, errors={"": said})
    with opened.catalog.writing() as connection:
        event = eventaccess.get(connection, visit, event_id)
        came = planmoves.move(
            connection,
            opened.workspace.path,
            event,
            pair,
            (slot, table),
            visit.actor,
            swap=bool(form["swap"]),
            request=request_id,
        )
    if came.version is None:
        return _page(request, opened, visit, event_id, pair, came=came, place=(slot, table))
    grid = _grid(held, slot, table, pair)
    if came.version.number == held.version.number:
        said = visit.words.gettext("Cuộc gặp đã ở đúng lượt và bàn đó.")
        return redirect(request, grid, said)
    words = visit.words.gettext("Đã chuyển %(who)s đến %(place)s.")
    if came.other is not None:
        words = visit.words.gettext("Đã đổi chỗ: %(who)s nay ở %(place)s.")
    said = words % {
        "who": _shortly(who(meeting)),
        "place": place_of(visit, held.plan, slot, table),
    }
    undo = Undo(f"{held.here}/back", {"number": str(came.version.number - 1), "back": grid})
    return redirect(request, grid, said, undo=undo)


def _page(
    request: Request,
    opened: Opened,
    visit: Visit,
    event_id: str,
    pair: str,
    *,
    errors: dict[str, str] | None = None,
    came: Moved | None = None,
    place: tuple[int, int] | None = None,
) -> Response:
    held, meeting = _meeting(request, opened, visit, event_id, pair)
    titles = titles_of(opened.catalog, [meeting])
    plan = held.plan
    found = list(places(plan, meeting))
    return page(
        request,
        "plan-meeting.html",
        422 if errors or came else 200,
        event=held.event,
        here=held.here,
        pair=pair,
        meeting=meeting,
        demand=held.timetable.agenda(meeting.demand_owner, {}),
        supply=held.timetable.agenda(meeting.supply_owner, {}),
        titles=titles,
        now=place_of(visit, plan, meeting.slot, meeting.table),
        day=day_of(plan, meeting.slot),
        several_days=len({slot.starts[:10] for slot in plan.event.slots}) > 1,
        grid=_grid(held, meeting.slot, meeting.table, pair),
        slots=[_line(held, one, meeting) for one in found],
        tables=list(enumerate(plan.event.places(), 1)),
        chosen=place or (meeting.slot, 0),
        errors=errors or {},
        came=came,
        asked=place_of(visit, plan, *place) if place else "",
        reasons=[clean(visit.say(one.message)) for one in came.violations] if came else [],
        may_change=may_change(visit),
    )


def _line(held: Holding, place: Place, meeting: Meeting) -> dict[str, object]:
    """A slot for the page: when, and what the meeting finds there."""
    names = held.plan.event.places()
    return {
        "slot": place.slot,
        "day": day_of(held.plan, place.slot),
        "time": time_of(held.plan, place.slot),
        "here": place.slot == meeting.slot,
        "free": len(place.tables),
        "tables": [names[number - 1].name for number in place.tables[:8]],
        "why": place.why,
    }


def _meeting(
    request: Request, opened: Opened, visit: Visit, event_id: str, pair: str
) -> tuple[Holding, Meeting]:
    held = holding(request, opened, visit, event_id)
    if held is None or pair not in held.timetable.by_pair:
        raise ProblemError(problems.NOT_FOUND)
    return held, held.timetable.by_pair[pair]


def _free_table(held: Holding, meeting: Meeting, slot: int) -> int:
    """The meeting's own table if it may keep it, or the first it could have; 0 without any."""
    tables = next((one.tables for one in places(held.plan, meeting) if one.slot == slot), ())
    if meeting.table in tables:
        return meeting.table
    return tables[0] if tables else 0


def _grid(held: Holding, slot: int, table: int, pair: str) -> str:
    """The timetable where that place is seen."""
    day = day_of(held.plan, slot)
    first = next(
        number for number, one in enumerate(held.plan.event.slots, 1) if one.starts[:10] == day
    )
    row = (slot - first) // SLOTS * SLOTS + 1
    column = (table - 1) // TABLES * TABLES + 1
    return f"{held.here}?day={day}&tables={column}&slots={row}#m-{pair}"


def _number(text: str, most: int) -> int:
    """A number from 1 to `most`; 0 for anything else."""
    found = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    return found if found <= most else 0


def _shortly(text: str) -> str:
    """A notice is kept in a cookie: long names are cut."""
    return text if len(text) <= 120 else text[:119] + "…"
