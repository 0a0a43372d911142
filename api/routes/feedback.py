"""What people say of pairs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api import cursors
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.openapi import refusals
from api.schemas.feedback import (
    FeedbackIn,
    FeedbackOut,
    FeedbackPage,
    FeedbackQuery,
    ForgetQuery,
    Forgotten,
)
from api.service import feedback

router = APIRouter(prefix="/v1", tags=["feedback"])

FeedbackDep = Annotated[Actor, Depends(allowed(Action.FEEDBACK))]


@router.post(
    "/feedback",
    status_code=201,
    summary="Say of a pair whether it fits, or what came of its meeting",
    responses={
        200: {"model": FeedbackOut, "description": "Said already"},
        **refusals(401, 403, 404, 503),
    },
    openapi_extra={"x-summary-vi": "Cho biết một cặp có hợp không, hoặc cuộc gặp đi đến đâu"},
)
def add_feedback(
    opened: OpenedDep,
    actor: FeedbackDep,
    request_id: RequestIdDep,
    response: Response,
    body: FeedbackIn,
) -> FeedbackOut:
    """Of one person the last word on a pair counts. `POST /v1/learning` learns from it."""
    with opened.catalog.writing() as connection:
        found, new = feedback.add(
            connection,
            body.demand,
            body.supply,
            body.answer.value,
            body.grade,
            actor,
            request_id,
        )
    if not new:
        response.status_code = 200
    return FeedbackOut.model_validate(found)


@router.get(
    "/feedback",
    summary="What was said of pairs, the newest first",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Các đánh giá về các cặp, mới nhất trước"},
)
def list_feedback(
    opened: OpenedDep, actor: FeedbackDep, query: Annotated[FeedbackQuery, Query()]
) -> FeedbackPage:
    """One's own; for organisers also that of the people of their centre."""
    before = cursors.number(query.cursor)
    with opened.catalog.reading() as connection:
        found = feedback.page(connection, actor, before, query.limit + 1)
    page = found[: query.limit]
    return FeedbackPage(
        items=[FeedbackOut.model_validate(one) for one in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )


@router.delete(
    "/feedback",
    summary="Take back what one has said over HTTP, of all pairs or of some",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Rút lại đánh giá của mình đã gửi qua HTTP"},
)
def forget_feedback(
    opened: OpenedDep,
    actor: FeedbackDep,
    request_id: RequestIdDep,
    query: Annotated[ForgetQuery, Query()],
) -> Forgotten:
    """What others said, and what was read from files, stays."""
    with opened.catalog.writing() as connection:
        gone = feedback.forget(connection, actor, query.demand, query.supply, request_id)
    return Forgotten(forgotten=gone)
