"""Events of a centre: made, read, described anew, removed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Path, Query, Response, UploadFile
from starlette.responses import JSONResponse

from api import cursors, etags
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.etags import IfMatch, IfNoneMatch
from api.openapi import refusals
from api.opened import Opened
from api.schemas.asked import NO_NUL
from api.schemas.events import EventIn, EventLine, EventOut, EventsPage, EventsQuery
from api.service import events
from api.service.events import Described, Stored
from api.service.idempotency import Answer, IdempotencyKey, digest, once

router = APIRouter(prefix="/v1", tags=["events"])

ReadDep = Annotated[Actor, Depends(allowed(Action.EVENTS_READ))]
WriteDep = Annotated[Actor, Depends(allowed(Action.EVENTS_WRITE))]
EventId = Annotated[
    str,
    Path(alias="id", min_length=1, max_length=40, pattern=NO_NUL, examples=["5f0c9a7be2d34c58"]),
]
_MADE: dict[str, Any] = {
    "status_code": 201,
    "response_model": EventOut,
    "responses": {
        201: {"headers": {**etags.DOCUMENTED, "Location": {"schema": {"type": "string"}}}},
        **refusals(401, 403, 409, 503),
    },
}


def told(found: Stored) -> EventOut:
    said = found.event.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    lines = EventLine.model_validate(found).model_dump()
    return EventOut(**lines, body=found.body, event=said)


@router.post(
    "/events",
    summary="Make an event",
    openapi_extra={"x-summary-vi": "Tạo sự kiện"},
    **_MADE,
)
def create_event(
    opened: OpenedDep,
    actor: WriteDep,
    request_id: RequestIdDep,
    body: EventIn,
    key: IdempotencyKey = None,
) -> Response:
    """The event file in `body` (TOML, or YAML with `format`), or the same as JSON in `event`. What
    cannot be used is named with its line and what would be accepted."""
    wanted = events.described(body.name, body.body, body.event, body.format.value)
    return _made(opened, actor, request_id, wanted, key)


@router.post(
    "/events/files",
    summary="Make an event from a file: TOML, YAML or a workbook",
    openapi_extra={"x-summary-vi": "Tạo sự kiện từ tệp: TOML, YAML hoặc bảng tính"},
    **_MADE,
)
def upload_event(
    opened: OpenedDep,
    actor: WriteDep,
    request_id: RequestIdDep,
    file: Annotated[UploadFile, File(description="TOML, YAML, XLSX, XLS or ODS")],
    key: IdempotencyKey = None,
) -> Response:
    """The ending of the file's name says how it is read."""
    wanted = events.of_file(file.filename or "", file.file)
    return _made(opened, actor, request_id, wanted, key)


def _made(
    opened: Opened, actor: Actor, request_id: str, wanted: Described, key: str | None
) -> Response:
    asked = digest("POST /v1/events", wanted.name, wanted.body)
    with opened.catalog.writing() as connection:

        def make() -> Answer:
            made = told(events.add(connection, wanted, actor, request_id))
            headers = {"Location": f"/v1/events/{made.id}", "ETag": made.etag}
            return Answer(201, made.model_dump(mode="json"), headers)

        answer = once(connection, actor, key, asked, make)
    return JSONResponse(answer.body, answer.status, dict(answer.headers))


@router.get(
    "/events",
    summary="The events of a centre",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Các sự kiện của trung tâm"},
)
def list_events(
    opened: OpenedDep, actor: ReadDep, query: Annotated[EventsQuery, Query()]
) -> EventsPage:
    after = cursors.decode(query.cursor, str)[0] if query.cursor else ""
    with opened.catalog.reading() as connection:
        found = events.page(connection, actor, after.replace("\0", ""), query.limit + 1)
    page = found[: query.limit]
    return EventsPage(
        items=[EventLine.model_validate(one) for one in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )


@router.get(
    "/events/{id}",
    summary="One event",
    response_model=EventOut,
    responses={
        200: {"headers": etags.DOCUMENTED},
        304: {"description": "Not modified"},
        **refusals(401, 403, 404, 503),
    },
    openapi_extra={"x-summary-vi": "Một sự kiện"},
)
def get_event(
    opened: OpenedDep,
    actor: ReadDep,
    response: Response,
    event_id: EventId,
    if_none_match: IfNoneMatch = None,
) -> EventOut | Response:
    with opened.catalog.reading() as connection:
        found = events.get(connection, event_id, actor)
    if etags.holds(if_none_match, found.etag):
        return Response(status_code=304, headers={"ETag": found.etag})
    response.headers["ETag"] = found.etag
    return told(found)


@router.put(
    "/events/{id}",
    summary="Describe an event anew",
    responses={200: {"headers": etags.DOCUMENTED}, **refusals(401, 403, 404, 412, 428, 503)},
    openapi_extra={"x-summary-vi": "Ghi lại một sự kiện"},
)
def change_event(
    opened: OpenedDep,
    actor: WriteDep,
    request_id: RequestIdDep,
    response: Response,
    event_id: EventId,
    body: EventIn,
    if_match: IfMatch = None,
) -> EventOut:
    """Runs started before keep the event as it was then."""
    wanted = events.described(body.name, body.body, body.event, body.format.value)
    with opened.catalog.writing() as connection:
        changed = events.change(connection, event_id, wanted, actor, if_match, request_id)
    response.headers["ETag"] = changed.etag
    return told(changed)


@router.delete(
    "/events/{id}",
    status_code=204,
    summary="Remove an event",
    responses=refusals(401, 403, 404, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Xóa một sự kiện"},
)
def remove_event(
    opened: OpenedDep,
    actor: WriteDep,
    request_id: RequestIdDep,
    event_id: EventId,
    if_match: IfMatch = None,
) -> None:
    """What its runs have made stays."""
    with opened.catalog.writing() as connection:
        events.remove(connection, event_id, actor, if_match, request_id)
