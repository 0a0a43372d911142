"""What all pages of an event need: the event itself, who may change it, and storing it changed."""

from collections.abc import Mapping
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Request
from starlette.responses import Response

from api.actors import Action
from api.opened import Opened
from api.pages.eventdraft import drafted
from api.pages.notices import Undo
from api.pages.rendering import redirect
from api.pages.visit import Visit, permitted
from api.service import events
from api.service.events import Described, Stored

Reading = Annotated[Visit, Depends(permitted(Action.EVENTS_READ))]
Writing = Annotated[Visit, Depends(permitted(Action.EVENTS_WRITE))]
Starting = Annotated[Visit, Depends(permitted(Action.RUNS_START))]
Looking = Annotated[Visit, Depends(permitted(Action.RUNS_READ))]

_LARGEST_UNDO = 1500  # characters: what is longer does not fit the cookie of a notice


def found(opened: Opened, visit: Visit, event_id: str) -> Stored:
    """Raises ProblemError: 404."""
    with opened.catalog.reading() as connection:
        return get(connection, visit, event_id)


def get(connection: sa.Connection, visit: Visit, event_id: str) -> Stored:
    """Raises ProblemError: 404."""
    return events.get(connection, event_id.replace("\0", ""), visit.actor)


def store(
    request: Request,
    opened: Opened,
    event: Stored,
    content: Mapping[str, Any] | Described,
    back: str,
    said: str,
    *,
    undo: Undo | None = None,
    field: str = "",
) -> Response:
    """Keeps the event with another content, and goes back to a page that says so.

    The form names the version it was made of, in `version`.

    Raises:
        Unusable: no event can hold the content; ProblemError: 412, somebody else was faster.
    """
    visit: Visit = request.state.visit
    wanted = content if isinstance(content, Described) else drafted(visit, content, field)
    with opened.catalog.writing() as connection:
        events.change(
            connection,
            event.id,
            wanted,
            visit.actor,
            visit.form["version"] or event.etag,
            str(getattr(request.state, "request_id", "")),
        )
    fits = undo is not None and sum(map(len, undo.fields.values())) <= _LARGEST_UNDO
    return redirect(request, back, said, undo=undo if fits else None)
