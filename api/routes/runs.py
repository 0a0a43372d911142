"""Runs: match lists and plans, started, watched, cancelled."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from api import cursors, watching
from api.accept_language import reader_language
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.openapi import refusals
from api.opened import Opened
from api.problems import invalid
from api.routes.events import EventId
from api.runner import Runner
from api.schemas.asked import NO_NUL
from api.schemas.runs import FailureOut, ProgressOut, RunIn, RunOut, RunsPage, RunsQuery, StartKind
from api.service import decisions, events, runs
from api.service.idempotency import Answer, IdempotencyKey, digest, once
from api.service.runs import Run
from indexer.bilingual import Bilingual, Language

router = APIRouter(prefix="/v1", tags=["runs"])

ReadDep = Annotated[Actor, Depends(allowed(Action.RUNS_READ))]
StartDep = Annotated[Actor, Depends(allowed(Action.RUNS_START))]
RunId = Annotated[
    str,
    Path(alias="id", min_length=1, max_length=40, pattern=NO_NUL, examples=["3f9a1c0b7d2e4856"]),
]
STARTED: dict[str, Any] = {
    "status_code": 202,
    "response_model": RunOut,
    "responses": {
        202: {"headers": {"Location": {"schema": {"type": "string"}}}},
        **refusals(401, 403, 404, 409, 429, 503),
    },
}
_NO_CURSOR = Bilingual(vi="không phải con trỏ của danh sách này", en="no cursor of this list")
_CURSOR = Bilingual(vi="giá trị next của trang trước", en="the value of next in the page before")


def language_of(request: Request) -> Language:
    return reader_language(request.headers.get("accept-language", ""))


def told(run: Run, actor: Actor, language: Language) -> RunOut:
    """A run as its reader may see it: counts and words only of what the reader could read too."""
    whole = runs.covers(actor, run)
    progress = run.progress if whole and "stage" in run.progress else None
    failure = None
    if run.failure:
        detail = str(run.failure[language]) if whole else _UNTOLD.say(language)
        remedies = run.failure.get("remedies", []) if whole else []
        failure = FailureOut(detail=detail, remedies=[one[language] for one in remedies])
    return RunOut(
        id=run.id,
        kind=cast(Any, run.kind),
        state=cast(Any, run.state),
        centre=run.centre,
        event=run.event,
        person=run.person,
        asked=run.said,
        progress=ProgressOut(**{n: progress[n] for n in ("stage", "done", "total")})
        if progress and not run.over
        else None,
        result=dict(run.result) if whole and run.result else None,
        failure=failure,
        created=run.created,
        started=run.started,
        finished=run.finished,
    )


def start(
    request: Request,
    opened: Opened,
    actor: Actor,
    key: str | None,
    asked: str,
    make: Callable[[sa.Connection], Run],
) -> Response:
    """Puts in the run that `make` makes, once for one key, and has it begun."""
    language = language_of(request)
    with opened.catalog.writing() as connection:

        def work() -> Answer:
            run = make(connection)
            body = told(run, actor, language).model_dump(mode="json")
            return Answer(202, body, {"Location": f"/v1/runs/{run.id}"})

        answer = once(connection, actor, key, asked, work)
    request.app.state.runner.wake()
    return JSONResponse(answer.body, answer.status, dict(answer.headers))


@router.post(
    "/events/{id}/runs",
    summary="Start the match list or the plan of an event",
    openapi_extra={"x-summary-vi": "Bắt đầu lập danh sách ghép hoặc kế hoạch của sự kiện"},
    **STARTED,
)
def start_run(
    request: Request,
    opened: OpenedDep,
    actor: StartDep,
    request_id: RequestIdDep,
    event_id: EventId,
    body: RunIn,
    key: IdempotencyKey = None,
) -> Response:
    """Over the records the starter may read, under the rules of the event as it is now; a plan
    also heeds what reviewers pinned, rejected and vetoed. The run is done beside: `Location` says
    how far it is, `…/progress` tells as it goes. Files are in the language of Accept-Language."""
    options: Mapping[str, Any] = (
        {"k": body.k}
        if body.kind is StartKind.MATCH
        else {"seed": body.seed, "seconds": body.seconds}
    )

    def make(connection: sa.Connection) -> Run:
        event = events.get(connection, event_id, actor)
        planning = body.kind is StartKind.PLAN
        text = decisions.with_decisions(connection, event) if planning else event.body
        asked = {**options, "language": language_of(request), "event": text}
        return runs.start(
            connection, body.kind.value, actor, asked, event=event.id, request=request_id
        )

    asked = digest("POST /v1/events/runs", event_id, body.model_dump_json())
    return start(request, opened, actor, key, asked, make)


@router.get(
    "/runs",
    summary="The runs of a centre, the newest first",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Các lượt chạy của trung tâm, mới nhất trước"},
)
def list_runs(
    request: Request, opened: OpenedDep, actor: ReadDep, query: Annotated[RunsQuery, Query()]
) -> RunsPage:
    before = None
    if query.cursor:
        moment, id_ = cursors.decode(query.cursor, str, str)
        if "\0" in moment + id_:
            raise invalid("query.cursor", query.cursor, _NO_CURSOR, _CURSOR)
        before = moment, id_
    with opened.catalog.reading() as connection:
        found = runs.page(
            connection,
            actor,
            before,
            query.limit + 1,
            event=query.event,
            kind=query.kind,
            state=query.state,
        )
    page, language = found[: query.limit], language_of(request)
    more = len(found) > query.limit
    return RunsPage(
        items=[told(run, actor, language) for run in page],
        next=cursors.encode(page[-1].created, page[-1].id) if more else None,
    )


@router.get(
    "/runs/{id}",
    summary="One run",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Một lượt chạy"},
)
def get_run(request: Request, opened: OpenedDep, actor: ReadDep, run_id: RunId) -> RunOut:
    return told(_run(opened, run_id, actor), actor, language_of(request))


@router.delete(
    "/runs/{id}",
    summary="Cancel a run",
    responses=refusals(401, 403, 404, 409, 503),
    openapi_extra={"x-summary-vi": "Hủy một lượt chạy"},
)
def cancel_run(
    request: Request, opened: OpenedDep, actor: StartDep, request_id: RequestIdDep, run_id: RunId
) -> RunOut:
    """What it has begun is thrown away. A run that has ended is not changed (409)."""
    with opened.catalog.writing() as connection:
        found = runs.cancel(connection, run_id, actor, request_id)
    runner: Runner = request.app.state.runner
    runner.cancel(run_id)
    request.app.state.deliverer.wake()
    return told(found, actor, language_of(request))


@router.get(
    "/runs/{id}/progress",
    summary="How far a run is, as server-sent events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events `progress` and, last, `end`: state, stage, done, total",
            "content": {watching.MEDIA_TYPE: {"example": watching.EXAMPLE}},
        },
        204: {"description": "The run is over and all was told: do not come again"},
        **refusals(401, 403, 404, 503),
    },
    openapi_extra={"x-summary-vi": "Tiến độ của một lượt chạy, theo dòng sự kiện"},
)
def watch_run(
    request: Request,
    opened: OpenedDep,
    actor: ReadDep,
    run_id: RunId,
    last: Annotated[
        str,
        Header(
            alias="Last-Event-ID",
            max_length=20,
            description="The id of the last event that was got; later ones follow",
        ),
    ] = "",
) -> Response:
    found = _run(opened, run_id, actor)
    seen = int(last) if last.isascii() and last.isdecimal() else -1
    if found.over and seen >= watching.number(found):
        return Response(status_code=204)

    def look() -> Run:
        return _run(opened, run_id, actor)

    stream = watching.watch(
        request.app.state.runner, run_id, look, seen, whole=runs.covers(actor, found)
    )
    # A proxy that gathers an answer before passing it on would hold the events back.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type=watching.MEDIA_TYPE, headers=headers)


def _run(opened: Opened, run_id: str, actor: Actor) -> Run:
    with opened.catalog.reading() as connection:
        return runs.get(connection, run_id, actor)


_UNTOLD = Bilingual(
    vi="Lượt chạy không thành công; ban tổ chức xem được lý do.",
    en="The run failed; its organisers can see why.",
)
