"""Plans: repaired after what changed on the day, and checked."""

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Body, Request
from starlette.responses import Response

from api.deps import OpenedDep, RequestIdDep
from api.openapi import refusals
from api.routes.runs import STARTED, ReadDep, RunId, StartDep, language_of, start
from api.schemas.runs import PlanChecked, ReplanIn, ViolationOut
from api.service import runs
from api.service.idempotency import IdempotencyKey, digest
from api.service.plans import changes_asked, check_replan, checked
from api.service.runs import Run

router = APIRouter(prefix="/v1", tags=["runs"])

_PLAN: dict[str, Any] = {
    "version": 1,
    "event": {"name": "Chợ công nghệ 2027", "slots": [{"starts": "2027-05-20 08:30"}]},
    "meetings": [],
    "certificate": {"objective": 0.0, "bound": 0.0, "gap": 0.0, "seconds": 0.1},
}


@router.post(
    "/runs/{id}/replans",
    summary="Repair the plan of a run after what changed on the day",
    openapi_extra={"x-summary-vi": "Sửa kế hoạch của một lượt chạy theo thay đổi trong ngày"},
    **STARTED,
)
def start_replan(
    request: Request,
    opened: OpenedDep,
    actor: StartDep,
    request_id: RequestIdDep,
    run_id: RunId,
    body: ReplanIn,
    key: IdempotencyKey = None,
) -> Response:
    """What can stay stays. `…/result?part=changes` of the new run says which meetings changed and
    whose agendas to hand out again."""
    changes = changes_asked(body.body, body.changes)

    def make(connection: sa.Connection) -> Run:
        base = runs.get(connection, run_id, actor)
        check_replan(connection, opened.workspace.path, base, actor, changes)
        asked = {
            "base": base.id,
            "seconds": body.seconds,
            "language": language_of(request),
            "changes": changes,
        }
        return runs.start(
            connection, runs.REPLAN, actor, asked, event=base.event, request=request_id
        )

    asked = digest("POST /v1/runs/replans", run_id, body.model_dump_json())
    return start(request, opened, actor, key, asked, make)


@router.post(
    "/plans/check",
    summary="Check a plan by code that is not the planner's",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Kiểm tra một kế hoạch bằng mã độc lập với phần lập kế hoạch"},
)
def check_plan(
    request: Request,
    actor: ReadDep,
    body: Annotated[dict[str, Any], Body(description="plan.json", examples=[_PLAN])],
) -> PlanChecked:
    """Every rule of the plan's event against its meetings, and its certificate against both."""
    language = language_of(request)
    plan, found = checked(body)
    return PlanChecked(
        sound=not found,
        meetings=len(plan.meetings),
        violations=[
            ViolationOut(
                rule=one.rule, detail=one.message.say(language), meetings=list(one.meetings)
            )
            for one in found
        ],
    )
