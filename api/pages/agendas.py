"""The timetable by participant: who has how many meetings, and why not more."""

from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from api import problems
from api.deps import OpenedDep
from api.pages.eventaccess import Looking
from api.pages.planaccess import Holding, holding, may_change
from api.pages.rendering import page, redirect
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service.runwork import titles_of
from indexer.text import fold
from matcher.export.plan_agendas import Agenda
from matcher.export.plan_calendar import calendar
from matcher.export.plan_files import made_at
from matcher.export.plan_names import side_of
from matcher.planning.moving import pair_id
from matcher.planning.whyfew import why_few, why_others

router = page_router()

_PAGE = 50
_CANDIDATES = 30
_LONGEST = 200  # characters of a name that is looked for


@router.get("/events/{event_id}/plan/people")
def people_page(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    held = holding(request, opened, visit, event_id)
    if held is None:
        return redirect(request, f"/events/{event_id}/plan")
    asked = request.query_params
    text, order = asked.get("q", "")[:_LONGEST].strip(), asked.get("order", "")
    found = _found(held.timetable.agendas.all, text)
    if order == "few":
        found.sort(key=lambda agenda: (len(agenda.appointments), _share(agenda)))
    elif order == "share":
        found.sort(key=_share)
    else:
        order = "name"
    last = max(0, len(found) - 1) // _PAGE * _PAGE
    start = asked.get("from", "")
    first = int(start) if start.isascii() and start.isdecimal() and len(start) < 7 else 0
    first = min(first // _PAGE * _PAGE, last)

    def address(first: int) -> str:
        query = {"q": text, "order": order, "from": str(first)}
        return f"{held.here}/people?{urlencode(query)}"

    return page(
        request,
        "plan-people.html",
        event=held.event,
        here=held.here,
        query=text,
        order=order,
        lines=[(one, side_of(one), _share(one)) for one in found[first : first + _PAGE]],
        first=first,
        count=len(found),
        previous=address(first - _PAGE) if first else "",
        next=address(first + _PAGE) if first + _PAGE < len(found) else "",
    )


@router.get("/events/{event_id}/plan/people/{stem}")
def person_page(
    request: Request, opened: OpenedDep, visit: Looking, event_id: str, stem: str
) -> Response:
    held, agenda = _agenda(request, opened, visit, event_id, stem)
    titles = titles_of(opened.catalog, [one.meeting for one in agenda.appointments])
    told = held.timetable.agenda(agenda.owner, titles) or agenda
    others = why_others(held.plan, agenda.owner)
    return page(
        request,
        "plan-person.html",
        event=held.event,
        here=held.here,
        agenda=told,
        side=side_of(agenda),
        share=_share(agenda),
        ids=[pair_id(one.meeting) for one in told.appointments],
        why=why_few(held.plan, agenda.owner),
        others=[
            (partner, held.timetable.agenda(partner, {}), why, words)
            for partner, why, words in others[:_CANDIDATES]
            if why != "met"
        ],
        candidates=len(others),
        may_change=may_change(visit),
    )


@router.get("/events/{event_id}/plan/people/{stem}/calendar.ics")
def person_calendar(
    request: Request, opened: OpenedDep, visit: Looking, event_id: str, stem: str
) -> Response:
    held, agenda = _agenda(request, opened, visit, event_id, stem)
    titles = titles_of(opened.catalog, [one.meeting for one in agenda.appointments])
    told = held.timetable.agenda(agenda.owner, titles) or agenda
    return calendar_answer(visit, held, told)


def calendar_answer(visit: Visit, held: Holding, agenda: Agenda) -> Response:
    """The agenda as a calendar file."""
    plan = held.plan
    content = calendar(agenda, plan, language=visit.language, created=made_at(plan))
    headers = {
        "Content-Disposition": f'attachment; filename="{agenda.stem}.ics"',
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return Response(content, 200, headers, "text/calendar; charset=utf-8")


def _agenda(
    request: Request, opened: OpenedDep, visit: Visit, event_id: str, stem: str
) -> tuple[Holding, Agenda]:
    held = holding(request, opened, visit, event_id)
    if held is None or stem not in held.timetable.by_stem:
        raise ProblemError(problems.NOT_FOUND)
    return held, held.timetable.by_stem[stem]


def _found(agendas: Sequence[Agenda], text: str) -> list[Agenda]:
    """Those whose name holds every word, with or without accents."""
    words = fold(text).split()
    return [one for one in agendas if all(word in fold(one.owner) for word in words)]


def _share(agenda: Agenda) -> float:
    """What an owner got of the most it could get alone, 0 to 1."""
    said = agenda.standing
    return min(said.value / said.best, 1.0) if said is not None and said.best > 0 else 0.0
