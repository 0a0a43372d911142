"""The file of an event as text, for those who would rather write than fill in."""

import re

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep
from api.pages.eventaccess import Writing, found, store
from api.pages.refused import errors_of
from api.pages.rendering import page
from api.pages.visit import page_router
from api.problems import ProblemError
from api.service import events

router = page_router()


@router.get("/events/{event_id}/file")
def event_file(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    event = found(opened, visit, event_id)
    return page(request, "event-file.html", event=event, body=event.body, errors={}, line=None)


@router.post("/events/{event_id}/file")
def change_file(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    """The file as text; what cannot be read is named with its line."""
    event = found(opened, visit, event_id)
    body = visit.form["body"] + "\n"
    try:
        wanted = events.described(None, body, None)
        back, said = f"/events/{event.id}/file", visit.words.gettext("Đã lưu tệp sự kiện.")
        return store(request, opened, event, wanted, back, said)
    except ProblemError as error:
        own = error.errors[0].reason if error.errors else None
        said = visit.say(own) if own else errors_of(visit, error)[""]
        errors, line = {"body": said}, _line(said, body)
        return page(
            request, "event-file.html", 422, event=event, body=body, errors=errors, line=line
        )


def _line(said: str, body: str) -> tuple[int, str] | None:
    """The line a sentence names, and what stands there."""
    named = re.search(r"(?:dòng|line) (\d+)", said)
    lines = body.splitlines()
    if named is None or not 1 <= int(named[1]) <= len(lines):
        return None
    return int(named[1]), lines[int(named[1]) - 1]
