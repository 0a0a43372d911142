"""Events: the list, a new one, and where one stands on its way from data to printed agendas."""

from fastapi import Request
from starlette.responses import Response

from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import eventsteps
from api.pages.eventaccess import Reading, Starting, Writing, get
from api.pages.eventdraft import Unusable, drafted, slots_between, whole
from api.pages.eventsteps import event_of, first_day
from api.pages.refused import Errors, errors_of
from api.pages.rendering import page, redirect
from api.pages.runs import KINDS, STATES
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service import events, runs
from api.service.events import MOST, Described, Stored

router = page_router()

MOST_MATCHES = 50  # results a record may have
_RUNS_SHOWN = 8


@router.get("/events")
def event_list(request: Request, opened: OpenedDep, visit: Reading) -> Response:
    with opened.catalog.reading() as connection:
        stored = events.page(connection, visit.actor, "", MOST)
    lines = [(one, event_of(one.body)) for one in stored]
    lines.sort(key=lambda line: (first_day(line[1]), line[0].created), reverse=True)
    return page(request, "events.html", events=lines, may_write=_may(visit, Action.EVENTS_WRITE))


@router.get("/events/new")
def new_event(request: Request, visit: Writing) -> Response:
    return _new(request, {})


@router.post("/events")
def add_event(
    request: Request, opened: OpenedDep, visit: Writing, request_id: RequestIdDep
) -> Response:
    """From the short form: a name, a place, one day."""
    try:
        wanted = _described(visit)
        made = _add(opened, visit, wanted, request_id)
    except Unusable as error:
        return _new(request, error.errors, 422)
    except ProblemError as error:
        return _new(request, errors_of(visit, error), 422)
    return redirect(request, f"/events/{made.id}", visit.words.gettext("Đã tạo sự kiện."))


@router.post("/events/files")
def add_event_file(
    request: Request, opened: OpenedDep, visit: Writing, request_id: RequestIdDep
) -> Response:
    """From an event file: TOML, YAML or a workbook."""
    files = visit.form.files("file")
    if not files:
        said = visit.words.gettext("Hãy chọn một tệp.")
        return _new(request, {"file": said}, 422)
    try:
        made = _add(
            opened, visit, events.of_file(files[0].filename or "", files[0].file), request_id
        )
    except ProblemError as error:
        sentence = error.errors[0].reason if error.errors else error.detail
        return _new(request, {"file": visit.say(sentence)}, 422)
    return redirect(request, f"/events/{made.id}", visit.words.gettext("Đã tạo sự kiện từ tệp."))


@router.get("/events/{event_id}")
def event_page(request: Request, opened: OpenedDep, visit: Reading, event_id: str) -> Response:
    return _overview(request, opened, visit, event_id)


@router.post("/events/{event_id}/match")
def start_match(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, event_id: str
) -> Response:
    """Starts the match list of an event, and leads to where its progress is shown."""
    try:
        k = whole(visit, visit.form, "k", 1, MOST_MATCHES) or 10
        with opened.catalog.writing() as connection:
            event = get(connection, visit, event_id)
            asked = {"k": k, "language": visit.language, "event": event.body}
            run = runs.start(
                connection, runs.MATCH, visit.actor, asked, event=event.id, request=request_id
            )
    except Unusable as error:
        return _overview(request, opened, visit, event_id, error.errors)
    except ProblemError as error:
        if error.kind.status != 429:
            raise
        return _overview(request, opened, visit, event_id, errors_of(visit, error))
    request.app.state.runner.wake()
    return redirect(request, f"/runs/{run.id}")


@router.post("/events/{event_id}/remove")
def remove_event(
    request: Request, opened: OpenedDep, visit: Writing, request_id: RequestIdDep, event_id: str
) -> Response:
    with opened.catalog.writing() as connection:
        found = get(connection, visit, event_id)
        events.remove(connection, found.id, visit.actor, found.etag, request_id)
    said = visit.words.gettext("Đã xóa sự kiện “%(name)s”.") % {"name": found.name}
    return redirect(request, "/events", said)


def _described(visit: Visit) -> Described:
    form, errors = visit.form, Errors()
    content: dict[str, object] = {"name": form["name"], "place": form["place"]}
    if not form["name"]:
        errors["name"] = visit.words.gettext("Hãy đặt tên sự kiện.")
    try:
        content["tables"] = whole(visit, form, "tables", 1, 10_000) or 10
    except Unusable as error:
        errors |= error.errors
    try:
        if any(form[name] for name in ("day", "from", "to")):
            content["slots"] = [
                slot.model_dump(by_alias=True) for slot in slots_between(visit, form)
            ]
    except Unusable as error:
        errors |= error.errors
    if errors:
        raise Unusable(errors)
    return drafted(visit, content)


def _add(opened: Opened, visit: Visit, wanted: Described, request_id: str) -> Stored:
    with opened.catalog.writing() as connection:
        return events.add(connection, wanted, visit.actor, request_id)


def _new(request: Request, errors: Errors, status: int = 200) -> Response:
    visit: Visit = request.state.visit
    return page(request, "event-new.html", status, errors=errors, form=visit.form)


def _overview(
    request: Request, opened: Opened, visit: Visit, event_id: str, errors: Errors | None = None
) -> Response:
    with opened.catalog.reading() as connection:
        event = get(connection, visit, event_id)
        seen = visit.actor.may(Action.RUNS_READ)
        done = runs.page(connection, visit.actor, None, _RUNS_SHOWN, event=event.id) if seen else []
        numbers = request.app.state.counts.of_centre(connection, visit.actor)
        reached = eventsteps.stand(connection, opened, event, visit.actor, numbers)
    read = event_of(event.body)
    return page(
        request,
        "event.html",
        422 if errors else 200,
        event=event,
        read=read,
        days=sorted({slot.starts[:10] for slot in read.slots}),
        steps=eventsteps.steps(visit, event, reached),
        reached=reached,
        runs=done,
        kinds=KINDS,
        states=STATES,
        errors=errors or {},
        form=visit.form,
        may_write=_may(visit, Action.EVENTS_WRITE),
        may_start=_may(visit, Action.RUNS_START),
    )


def _may(visit: Visit, action: Action) -> bool:
    return visit.actor.may(action)
