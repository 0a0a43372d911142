"""Paper and files of a timetable, and what changed since they were handed out."""

from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import Request
from starlette.responses import FileResponse, Response

from api import problems
from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import eventaccess
from api.pages.eventaccess import Looking, Starting
from api.pages.notices import Undo
from api.pages.planaccess import Holding, change_groups, holding, may_change
from api.pages.refused import Errors, errors_of
from api.pages.rendering import HEADERS, page, redirect
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service import personallinks, planversions, replanning, runresults, runs, timetables
from api.service.runfolders import RunFile
from api.service.runwork import titles_of
from indexer.owners import owner_key
from indexer.text import fold
from matcher.export.plan_calendar import calendar
from matcher.export.plan_changes import changes
from matcher.export.plan_files import made_at
from matcher.export.plan_map import table_map
from matcher.export.plan_names import side_of

router = page_router()

_LINKS = 40  # personal links on one page
_PAPER = ("agendas", "agendas-changed")
_FILES = ("names.csv", "plan.xlsx", "plan.json")


@router.get("/events/{event_id}/print")
def print_page(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    return _page(request, opened, visit, event_id, {})


@router.get("/events/{event_id}/print/door")
def door_list(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    """Who comes, on paper: first meeting, tables, and a box to tick."""
    held = _held(request, opened, visit, event_id)
    agendas = held.timetable.agendas.all
    lines = [(agenda, side_of(agenda)) for agenda in agendas if agenda.appointments]
    without = [agenda.owner for agenda in agendas if not agenda.appointments]
    return page(
        request, "print-door.html", event=held.event, held=held, lines=lines, without=without
    )


@router.get("/events/{event_id}/print/map")
def map_page(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    """Where the tables stand."""
    held = _held(request, opened, visit, event_id)
    places = held.plan.event.places()
    return page(
        request,
        "print-map.html",
        event=held.event,
        held=held,
        chart=table_map(places),
        booths=[table for table in places if table.owner],
        rooms=sorted({table.room for table in places if table.room}),
    )


@router.get("/events/{event_id}/print/calendars.zip")
def calendars(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    """A calendar file for each participant with meetings, of the plan that holds."""
    held = _held(request, opened, visit, event_id)
    titles = titles_of(opened.catalog, held.plan.meetings)
    content, moment = BytesIO(), made_at(held.plan)
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for plain in held.timetable.agendas.all:
            agenda = held.timetable.agenda(plain.owner, titles)
            if agenda is not None and agenda.appointments:
                file = calendar(agenda, held.plan, language=visit.language, created=moment)
                archive.writestr(f"{agenda.stem}.ics", file)
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="calendars.zip"'}
    return Response(content.getvalue(), 200, headers, "application/zip")


@router.get("/events/{event_id}/print/files/{name}")
def print_file(
    request: Request, opened: OpenedDep, visit: Looking, event_id: str, name: str
) -> Response:
    """One of the files of the plan that holds."""
    held = _held(request, opened, visit, event_id)
    with opened.catalog.reading() as connection:
        made = replanning.files_of(connection, held.event, held.version, visit.actor)
        if made is None:
            raise ProblemError(problems.NOT_FOUND)
        run = runs.get(connection, made[0], visit.actor)
        file, path = runresults.fetch(connection, opened.workspace.path, run, visit.actor, name)
    return _download(file, path)


def _download(file: RunFile, path: Path) -> Response:
    headers = {
        **HEADERS,
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; "
        "img-src data:",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
    }
    return FileResponse(path, headers=headers, media_type=file.media_type)


@router.post("/events/{event_id}/print/files")
def make_files(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, event_id: str
) -> Response:
    """Starts the writing of the files of the plan that holds."""
    try:
        with opened.catalog.writing() as connection:
            event = eventaccess.get(connection, visit, event_id)
            version = planversions.current(connection, event)
            if version is None:
                raise ProblemError(problems.NOT_FOUND)
            run = replanning.print_files(
                connection,
                event,
                version,
                visit.actor,
                language=visit.language,
                request=request_id,
            )
    except ProblemError as error:
        if error.kind.status != 429:
            raise
        return _page(request, opened, visit, event_id, errors_of(visit, error))
    request.app.state.runner.wake()
    return redirect(request, f"/runs/{run.id}")


@router.post("/events/{event_id}/print/printed")
def mark_printed(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, event_id: str
) -> Response:
    """Notes which version people have on paper; `undo` takes it back."""
    form = visit.form
    number = int(form["number"]) if form["number"].isdecimal() else 0
    with opened.catalog.writing() as connection:
        event = eventaccess.get(connection, visit, event_id)
        if form["undo"]:
            planversions.unmark_printed(connection, event, number, visit.actor, request_id)
        else:
            planversions.mark_printed(connection, event, number, visit.actor, request_id)
    here = f"/events/{event.id}/print"
    if form["undo"]:
        return redirect(request, here, visit.words.gettext("Đã bỏ đánh dấu đã in."))
    said = visit.words.gettext("Đã ghi nhận: bản %(number)s đã in và phát.") % {"number": number}
    undo = Undo(f"{here}/printed", {"number": str(number), "undo": "yes"})
    return redirect(request, here, said, undo=undo)


def _page(
    request: Request, opened: Opened, visit: Visit, event_id: str, errors: Errors
) -> Response:
    held = holding(request, opened, visit, event_id)
    if held is None:
        return redirect(request, f"/events/{event_id}/plan")
    folder = opened.workspace.path
    with opened.catalog.reading() as connection:
        printed = planversions.printed(connection, held.event)
        made = replanning.files_of(connection, held.event, held.version, visit.actor)
        files = []
        if made is not None:
            run = runs.get(connection, made[0], visit.actor)
            files = runresults.listed(connection, folder, run, visit.actor)
        before = None
        if printed is not None and printed.number != held.version.number:
            before = timetables.of(connection, folder, printed, visit.actor)
        links = personallinks.of_event(connection, held.event)
    active = {link.owner_key: link for link in links if not link.revoked}
    listed = sorted(active.values(), key=lambda link: fold(link.owner))
    start = request.query_params.get("links", "")
    first = int(start) if start.isascii() and start.isdecimal() and len(start) < 6 else 0
    first = min(first, max(0, len(listed) - 1)) // _LINKS * _LINKS
    coming = [agenda for agenda in held.timetable.agendas.all if agenda.appointments]
    found = changes(before.plan, held.plan) if before is not None else ()
    again = {key for change in found for key in change.owners()}
    names = held.timetable.by_owner
    return page(
        request,
        "print.html",
        429 if errors else 200,
        errors=errors,
        event=held.event,
        held=held,
        printed=printed,
        paper=_paper(files, with_changes=bool(made and made[1])),
        files=[file for file in files if file.name in _FILES],
        ready=made is not None,
        groups=change_groups(visit, before.plan, held.plan, found) if before is not None else [],
        again=sorted((names[key].owner for key in again if key in names), key=fold),
        links=listed[first : first + _LINKS],
        links_open="links" in request.query_params,
        first=first,
        step=_LINKS,
        all_links=len(listed),
        stems={key: agenda.stem for key, agenda in names.items()},
        coming=len(coming),
        missing=sum(1 for one in coming if owner_key(one.owner) not in active),
        may_change=may_change(visit),
        may_share=visit.actor.may(Action.EVENTS_WRITE),
    )


def _paper(files: list[RunFile], *, with_changes: bool) -> list[RunFile]:
    """Agendas as pages and PDF; those to hand out again only where they are of the print."""
    return [
        file
        for file in files
        if file.name.startswith(_PAPER)
        and file.name.endswith((".html", ".pdf"))
        and (with_changes or not file.name.startswith(_PAPER[1]))
    ]


def _held(request: Request, opened: Opened, visit: Visit, event_id: str) -> Holding:
    held = holding(request, opened, visit, event_id)
    if held is None:
        raise ProblemError(problems.NOT_FOUND)
    return held
