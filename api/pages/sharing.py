"""Personal links of an event: making them, and taking them back."""

import csv
from io import StringIO

from fastapi import Request
from starlette.responses import Response

from api import problems
from api.deps import OpenedDep, RequestIdDep
from api.pages import eventaccess
from api.pages.eventaccess import Writing
from api.pages.notices import Undo
from api.pages.planaccess import holding
from api.pages.rendering import HEADERS, page, redirect
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service import personallinks, planversions
from matcher.export.cells import safe_cell
from matcher.export.plan_code import code_of

router = page_router()


@router.post("/events/{event_id}/print/links")
def make_links(
    request: Request, opened: OpenedDep, visit: Writing, request_id: RequestIdDep, event_id: str
) -> Response:
    """Personal links: for everybody who has none, or anew for one. Shown this once."""
    held = holding(request, opened, visit, event_id)
    if held is None:
        raise ProblemError(problems.NOT_FOUND)
    stem = visit.form["stem"]
    if stem and stem not in held.timetable.by_stem:
        raise ProblemError(problems.NOT_FOUND)
    owners = (
        [held.timetable.by_stem[stem].owner]
        if stem
        else [one.owner for one in held.timetable.agendas.all if one.appointments]
    )
    with opened.catalog.writing() as connection:
        planversions.keep(connection, held.event, held.version)
        made = personallinks.create(
            connection, held.event, owners, visit.actor, anew=bool(stem), request=request_id
        )
    base = str(request.base_url).rstrip("/")
    links = [(link.owner, f"{base}/a/{token}") for link, token in made]
    if visit.form["csv"]:
        return _links_file(visit, links)
    code = code_of(links[0][1]) if len(links) == 1 else None
    return page(request, "print-links.html", event=held.event, links=links, code=code)


@router.post("/events/{event_id}/print/links/{link_id}/revoke")
def revoke_link(
    request: Request,
    opened: OpenedDep,
    visit: Writing,
    request_id: RequestIdDep,
    event_id: str,
    link_id: str,
) -> Response:
    with opened.catalog.writing() as connection:
        event = eventaccess.get(connection, visit, event_id)
        found = personallinks.revoke(connection, event, link_id, visit.actor, request_id)
    here = f"/events/{event.id}/print"
    said = visit.words.gettext("Đã thu hồi đường dẫn của %(owner)s.")
    undo = Undo(f"{here}/links/{found.id}/restore")
    return redirect(request, f"{here}#links", said % {"owner": found.owner[:200]}, undo=undo)


@router.post("/events/{event_id}/print/links/{link_id}/restore")
def restore_link(
    request: Request,
    opened: OpenedDep,
    visit: Writing,
    request_id: RequestIdDep,
    event_id: str,
    link_id: str,
) -> Response:
    with opened.catalog.writing() as connection:
        event = eventaccess.get(connection, visit, event_id)
        found = personallinks.restore(connection, event, link_id, visit.actor, request_id)
    said = visit.words.gettext("Đường dẫn của %(owner)s dùng lại được.")
    here = f"/events/{event.id}/print#links"
    return redirect(request, here, said % {"owner": found.owner[:200]})


def _links_file(visit: Visit, links: list[tuple[str, str]]) -> Response:
    """The links as a table for a mail merge."""
    gettext, content = visit.words.gettext, StringIO()
    table = csv.writer(content)
    table.writerow([gettext("Đơn vị"), gettext("Đường dẫn riêng")])
    for owner, address in links:
        table.writerow([safe_cell(owner, visit.language), address])
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="links.csv"'}
    text = content.getvalue().encode("utf-8-sig", errors="replace")
    return Response(text, 200, headers, "text/csv; charset=utf-8")
