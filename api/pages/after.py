"""After an event: what came of its meetings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from api import problems
from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import outcomewords
from api.pages.eventaccess import Looking, Writing, get
from api.pages.notices import Undo
from api.pages.rendering import page, redirect
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service import outcomes, timetables
from api.service.events import Stored
from api.service.outcomes import Key, Outcome, Told, counting, key_of
from api.service.timetables import Timetable
from indexer.owners import owner_key
from indexer.text import fold
from matcher.planning.moving import pair_id
from matcher.planning.plan import Meeting

router = page_router()

PAGE = 40  # meetings
TO_TELL = (Outcome.MET, Outcome.FOLLOW_UP, Outcome.CONTRACT, Outcome.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Row:
    """A meeting with what counts of what was told of it, and what the two who met said."""

    id: str
    meeting: Meeting
    starts: datetime
    place: str
    told: Told
    others: Sequence[tuple[str, Told]]


@router.get("/events/{event_id}/after")
def show(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    asked = request.query_params
    wanted, state = asked.get("q", "").strip()[:200], asked.get("state", "")
    number = _number(asked.get("page", ""))
    with opened.catalog.reading() as connection:
        event = get(connection, visit, event_id)
        found = timetables.current(connection, opened.workspace.path, event, visit.actor)
        said = outcomes.shown(outcomes.of_event(connection, event.id), visit.actor)
    if found is None:
        return page(request, "after-none.html", event=event)
    rows = _rows(found[1], said)
    chosen = [row for row in rows if _matches(row, wanted, state)]
    last = max(1, -(-len(chosen) // PAGE))
    number = min(number, last)
    return page(
        request,
        "after.html",
        event=event,
        rows=chosen[(number - 1) * PAGE : number * PAGE],
        total=len(rows),
        matching=len(chosen),
        counts=_counts(rows),
        wanted=wanted,
        state=state if state in _STATES else "",
        states=_STATES,
        number=number,
        last=last,
        previous=_address(event, wanted, state, number - 1) if number > 1 else "",
        next=_address(event, wanted, state, number + 1) if number < last else "",
        links=[(name, _address(event, wanted, name, 1)) for name in ("", *_STATES)],
        here=_address(event, wanted, state, number),
        outcomes=outcomewords.OUTCOMES,
        tones=outcomewords.TONES,
        to_tell=TO_TELL,
        may_write=visit.actor.may(Action.EVENTS_WRITE),
        may_learn=visit.actor.may(Action.LEARN),
    )


@router.post("/events/{event_id}/after")
def tell(
    request: Request,
    opened: OpenedDep,
    visit: Writing,
    request_id: RequestIdDep,
    event_id: str,
) -> Response:
    """Notes what came of one meeting; an outcome that is noted already is taken away."""
    form = visit.form
    try:
        outcome = Outcome(form["outcome"])
    except ValueError:
        raise ProblemError(problems.BAD_REQUEST) from None
    event, meeting = _meeting(opened, visit, event_id, form["meeting"])
    with opened.catalog.writing() as connection:
        before = outcomes.tell(connection, event, meeting, Told(outcome), visit.actor, request_id)
    words = visit.words
    names = {"demand": meeting.demand_owner, "supply": meeting.supply_owner}
    if outcome is Outcome.NONE:
        said = words.gettext("%(demand)s – %(supply)s: đã xóa kết quả.") % names
    else:
        names["outcome"] = visit.say(outcomewords.OUTCOMES[outcome])
        said = words.gettext("%(demand)s – %(supply)s: %(outcome)s.") % names
    back = _own_path(event, form["back"])
    undo = {"meeting": form["meeting"], "outcome": before.outcome.value, "back": back}
    return redirect(request, back, said, undo=Undo(f"/events/{event.id}/after", undo))


def _meeting(
    opened: Opened, visit: Visit, event_id: str, meeting_id: str
) -> tuple[Stored, Meeting]:
    with opened.catalog.reading() as connection:
        event = get(connection, visit, event_id)
        found = timetables.current(connection, opened.workspace.path, event, visit.actor)
    meeting = found[1].by_pair.get(meeting_id) if found else None
    if meeting is None:
        raise ProblemError(problems.NOT_FOUND)
    return event, meeting


def _rows(timetable: Timetable, said: Mapping[Key, Sequence[Told]]) -> list[Row]:
    """The meetings by who needs, then by time."""
    event = timetable.plan.event
    places = event.places()
    rows = [
        Row(
            pair_id(meeting),
            meeting,
            event.times(meeting.slot)[0],
            places[meeting.table - 1].name,
            counting(said.get(key_of(meeting), ())),
            _others(meeting, said.get(key_of(meeting), ())),
        )
        for meeting in timetable.plan.meetings
    ]
    return sorted(rows, key=lambda row: (fold(row.meeting.demand_owner), row.starts))


def _others(meeting: Meeting, said: Sequence[Told]) -> list[tuple[str, Told]]:
    """What the two who met said themselves."""
    names = {owner_key(name): name for name in (meeting.demand_owner, meeting.supply_owner)}
    return [
        (names[told.teller], told)
        for told in said
        if told.teller in names and (told.outcome is not Outcome.NONE or told.note)
    ]


_STATES = {"none": Outcome.NONE, **{one.value: one for one in TO_TELL}}


def _matches(row: Row, wanted: str, state: str) -> bool:
    if state in _STATES and row.told.outcome is not _STATES[state]:
        return False
    names = fold(f"{row.meeting.demand_owner}\n{row.meeting.supply_owner}")
    return fold(wanted) in names


def _counts(rows: Sequence[Row]) -> dict[Outcome, int]:
    found = dict.fromkeys(Outcome, 0)
    for row in rows:
        found[row.told.outcome] += 1
    return found


def _address(event: Stored, wanted: str, state: str, number: int) -> str:
    asked = {"q": wanted, "state": state if state in _STATES else ""}
    asked["page"] = str(number) if number > 1 else ""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/events/{event.id}/after" + (f"?{query}" if query else "")


def _own_path(event: Stored, back: str) -> str:
    """Where the form was, if that is this page."""
    own = f"/events/{event.id}/after"
    plain = back.isascii() and back.isprintable() and len(back) < 1000
    return back if plain and (back == own or back.startswith(own + "?")) else own


def _number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
