"""What changed on the day: reporting it, and the repaired timetable to accept or drop."""

from fastapi import Request
from starlette.responses import Response

from api import problems
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import eventaccess
from api.pages.eventaccess import Looking, Starting
from api.pages.notices import Undo
from api.pages.planaccess import (
    Holding,
    certificate,
    change_groups,
    failure_of,
    holding,
    may_change,
)
from api.pages.refused import Errors, errors_of
from api.pages.rendering import page, redirect
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service import planversions, replanning, runs, timetables
from api.service.replanning import ABSENT, LATE, TABLE, Report
from api.service.runs import Run
from indexer.owners import owner_key
from indexer.text import fold
from matcher.export.plan_changes import changes
from matcher.planning.plan import Plan

router = page_router()

_ROWS, _MORE = 3, 3
_MOST_ROWS = 60
_AGAIN = "2"  # seconds until a page without scripts looks again
_KINDS = (ABSENT, LATE, TABLE)


@router.get("/events/{event_id}/plan/changes")
def changes_page(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    """The form, or (`run`) what a repair proposes."""
    held = holding(request, opened, visit, event_id)
    if held is None:
        return redirect(request, f"/events/{event_id}/plan")
    run = request.query_params.get("run", "")
    if run:
        return _proposal(request, opened, visit, held, run)
    kind, what = request.query_params.get("kind", ""), request.query_params.get("what", "")
    first = (kind, what, "") if kind in _KINDS else (ABSENT, "", "")
    return _form(request, visit, held, [first, *[(ABSENT, "", "")] * (_ROWS - 1)], "1", {})


@router.post("/events/{event_id}/plan/changes")
def report_changes(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, event_id: str
) -> Response:
    held = holding(request, opened, visit, event_id)
    if held is None:
        raise ProblemError(problems.NOT_FOUND)
    form = visit.form
    rows = list(zip(form.every("kind"), form.every("what"), form.every("slot"), strict=False))
    if form["more"] and len(rows) < _MOST_ROWS:
        return _form(request, visit, held, rows + [(ABSENT, "", "")] * _MORE, form["now"], {})
    now = _slot(held, form["now"]) or 1
    reports, errors = _reports(visit, held, rows)
    if not errors and not reports:
        errors[""] = visit.words.gettext("Hãy báo ít nhất một thay đổi: ai vắng, ai muộn, bàn nào.")
    if errors:
        return _form(request, visit, held, rows, form["now"], errors)
    try:
        with opened.catalog.writing() as connection:
            event = eventaccess.get(connection, visit, event_id)
            run = replanning.start(
                connection,
                opened.workspace.path,
                event,
                reports,
                now,
                visit.actor,
                language=visit.language,
                request=request_id,
            )
    except ProblemError as error:
        if error.kind.status not in (422, 429):
            raise
        said = {"": visit.say(error.detail)} if error.errors else errors_of(visit, error)
        return _form(request, visit, held, rows, form["now"], said)
    request.app.state.runner.wake()
    return redirect(request, f"{held.here}/changes?run={run.id}")


@router.post("/events/{event_id}/plan/changes/use")
def use_proposal(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, event_id: str
) -> Response:
    with opened.catalog.writing() as connection:
        event = eventaccess.get(connection, visit, event_id)
        run = runs.get(connection, visit.form["run"], visit.actor)
        made = planversions.use(connection, event, run, visit.actor, request_id)
    said = visit.words.gettext("Lịch mới đã được dùng (bản %(number)s).")
    here = f"/events/{event.id}/plan"
    undo = Undo(f"{here}/back", {"number": str(made.number - 1)})
    return redirect(request, here, said % {"number": made.number}, undo=undo)


@router.post("/events/{event_id}/plan/changes/drop")
def drop_proposal(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, event_id: str
) -> Response:
    with opened.catalog.writing() as connection:
        event = eventaccess.get(connection, visit, event_id)
        run = runs.get(connection, visit.form["run"], visit.actor)
        planversions.drop(connection, event, run, visit.actor, request_id)
    here = f"/events/{event.id}/plan"
    undo = Undo(f"{here}/changes/undrop", {"run": run.id})
    said = visit.words.gettext("Đã bỏ đề xuất; lịch giữ nguyên.")
    return redirect(request, here, said, undo=undo)


@router.post("/events/{event_id}/plan/changes/undrop")
def undrop_proposal(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, event_id: str
) -> Response:
    with opened.catalog.writing() as connection:
        event = eventaccess.get(connection, visit, event_id)
        run = runs.get(connection, visit.form["run"], visit.actor)
        planversions.undrop(connection, event, run, visit.actor, request_id)
    return redirect(request, f"/events/{event.id}/plan/changes?run={run.id}")


def _form(
    request: Request,
    visit: Visit,
    held: Holding,
    rows: list[tuple[str, str, str]],
    now: str,
    errors: Errors,
) -> Response:
    slots = [
        (str(number), f"{slot.starts[11:]} {_short_day(slot.starts)}")
        for number, slot in enumerate(held.plan.event.slots, 1)
        if not slot.is_break
    ]
    gettext = visit.words.gettext
    kinds = (
        (ABSENT, gettext("Đơn vị vắng mặt")),
        (LATE, gettext("Đơn vị đến muộn")),
        (TABLE, gettext("Bàn không dùng được")),
    )
    return page(
        request,
        "plan-changes.html",
        422 if errors else 200,
        event=held.event,
        here=held.here,
        rows=rows,
        now=now if now in dict(slots) else slots[0][0],
        slots=slots,
        kinds=kinds,
        owners=[agenda.owner for agenda in held.timetable.agendas.all],
        tables=[table.name for table in held.plan.event.places()],
        errors=errors,
        may_change=may_change(visit),
    )


def _reports(
    visit: Visit, held: Holding, rows: list[tuple[str, str, str]]
) -> tuple[list[Report], Errors]:
    """What the rows report; empty ones are passed over. Errors are by the id of the field."""
    gettext, errors = visit.words.gettext, Errors()
    found: list[Report] = []
    names = {fold(table.name): table.name for table in held.plan.event.places()}
    owners = {fold(agenda.owner): agenda.owner for agenda in held.timetable.agendas.all}
    for number, (kind, what, slot) in enumerate(rows, 1):
        if not what:
            continue
        known = owners.get(fold(what))
        if known is None and owner_key(what) in held.timetable.by_owner:
            known = held.timetable.by_owner[owner_key(what)].owner
        at = _slot(held, slot)
        if kind == TABLE:
            if fold(what) not in names:
                errors[f"what-{number}"] = gettext("Sự kiện không có bàn tên này.")
            else:
                found.append(Report("table", names[fold(what)], at))
        elif known is None:
            errors[f"what-{number}"] = gettext(
                "Lịch không có đơn vị tên này. Hãy chọn trong danh sách gợi ý khi gõ."
            )
        elif kind == LATE and not at:
            errors[f"slot-{number}"] = gettext("Hãy chọn lượt đầu tiên đơn vị có mặt.")
        else:
            found.append(Report("late" if kind == LATE else "absent", known, at))
    return found, errors


def _proposal(
    request: Request, opened: Opened, visit: Visit, held: Holding, run_id: str
) -> Response:
    """A repaired or a new plan beside the one that holds; how far it is while it is made."""
    with opened.catalog.reading() as connection:
        run = runs.get(connection, run_id.replace("\0", ""), visit.actor)
        if run.event != held.event.id or run.kind not in (runs.REPLAN, runs.PLAN):
            raise ProblemError(problems.NOT_FOUND)
        fits = planversions.fits(run, held.version)
        after = (
            timetables.of_run(connection, opened.workspace.path, run.id, visit.actor)
            if run.state == runs.DONE
            else None
        )
    found = changes(held.plan, after.plan) if after is not None else ()
    keys = {key for one in found for key in one.owners()}
    names = {**_names(held.plan), **(_names(after.plan) if after else {})}
    response = page(
        request,
        "plan-proposal.html",
        event=held.event,
        here=held.here,
        run=run,
        fits=fits,
        used=run.id == held.version.run,
        after=after,
        failure=failure_of(visit, run) if run.state == runs.FAILED else None,
        reported=_reported(visit, held.plan, run),
        groups=change_groups(visit, held.plan, after.plan, found) if after else [],
        kept=len(held.plan.meetings) - sum(1 for one in found if one.kind != "added"),
        agendas=sorted((names[key] for key in keys), key=fold),
        sentences=certificate(visit, after.plan) if after else [],
        worth=(
            held.plan.certificate.objective,
            after.plan.certificate.objective if after else 0.0,
        ),
        may_change=may_change(visit),
    )
    if not run.over:
        response.headers["Refresh"] = _AGAIN
    return response


def _reported(visit: Visit, plan: Plan, run: Run) -> list[str]:
    """What was reported, in words."""
    said, gettext = run.asked.get("reported", {}), visit.words.gettext
    words = {
        ABSENT: gettext("%(what)s vắng mặt"),
        LATE: gettext("%(what)s đến muộn"),
        TABLE: gettext("Bàn %(what)s không dùng được"),
    }
    found = []
    for one in said.get("reports", []):
        text = words[one["kind"]] % {"what": one["what"]}
        if 0 < one["slot"] <= len(plan.event.slots):
            time = plan.event.slots[one["slot"] - 1].starts[11:]
            text = gettext("%(what)s, từ %(time)s") % {"what": text, "time": time}
        found.append(text)
    return found


def _names(plan: Plan) -> dict[str, str]:
    pairs = (*plan.pairs, *plan.meetings)
    return {owner_key(name): name for p in pairs for name in (p.demand_owner, p.supply_owner)}


def _slot(held: Holding, text: str) -> int:
    """The number of a slot; 0 for anything else."""
    found = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    return found if found <= len(held.plan.event.slots) else 0


def _short_day(starts: str) -> str:
    _, month, day = starts[:10].split("-")
    return f"({day}/{month})"
