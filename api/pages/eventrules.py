"""The rules of an event, added by short forms and taken out again."""

import json

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep
from api.pages import ruleforms
from api.pages.eventaccess import Writing, found, store
from api.pages.eventdraft import (
    Unusable,
    content_of,
)
from api.pages.eventsettings import errors_in, settings_page
from api.pages.notices import Undo
from api.pages.visit import page_router
from api.problems import ProblemError

router = page_router()


@router.post("/events/{event_id}/rules")
def add_rule(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    """A rule, or a meeting that must be held."""
    event = found(opened, visit, event_id)
    said = visit.words.gettext("Đã thêm luật.")
    back = f"/events/{event.id}/settings#rules"
    try:
        part, entry, field = ruleforms.entry_of(visit, visit.form)
        content = content_of(event.event)
        content[part] = [*content.get(part, ()), entry]
        position = len(content[part]) - 1
        undo = Undo(f"/events/{event.id}/rules/remove", {"part": part, "position": str(position)})
        return store(request, opened, event, content, back, said, undo=undo, field=field)
    except (Unusable, ProblemError) as error:
        return settings_page(request, opened, event, errors_in(visit, error), "rules")


@router.post("/events/{event_id}/rules/remove")
def remove_rule(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    event = found(opened, visit, event_id)
    part, place = visit.form["part"], visit.form["position"]
    content, back = content_of(event.event), f"/events/{event.id}/settings#rules"
    listed = list(content.get(part, ())) if part in ruleforms.PARTS else []
    if not place.isdecimal() or int(place) >= len(listed):
        said = visit.words.gettext("Mục này không còn nữa.")
        return settings_page(request, opened, event, {"": said}, "rules")
    gone = listed.pop(int(place))
    content[part] = listed
    undo = Undo(f"/events/{event.id}/rules/restore", {"part": part, "entry": json.dumps(gone)})
    try:
        said = visit.words.gettext("Đã bỏ luật.")
        return store(request, opened, event, content, back, said, undo=undo)
    except (Unusable, ProblemError) as error:
        return settings_page(request, opened, event, errors_in(visit, error), "rules")


@router.post("/events/{event_id}/rules/restore")
def restore_rule(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    event = found(opened, visit, event_id)
    part, content = visit.form["part"], content_of(event.event)
    try:
        entry = json.loads(visit.form["entry"])
        if part not in ruleforms.PARTS:
            raise ValueError(part)
        content[part] = [*content.get(part, ()), entry]
        said = visit.words.gettext("Đã khôi phục luật.")
        return store(request, opened, event, content, f"/events/{event.id}/settings#rules", said)
    except (Unusable, ProblemError, ValueError) as error:
        return settings_page(request, opened, event, errors_in(visit, error), "rules")
