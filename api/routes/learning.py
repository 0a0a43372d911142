"""Learning from what people said: weights measured, put in use, taken back."""

from dataclasses import asdict
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.openapi import refusals
from api.routes.runs import STARTED, language_of, start
from api.schemas.feedback import (
    LearningIn,
    LearningOut,
    SuggestionOut,
    Suggestions,
    SuggestionsQuery,
    Undone,
)
from api.service import learning, runs
from api.service.idempotency import IdempotencyKey, digest
from api.service.runs import Run

router = APIRouter(prefix="/v1", tags=["learning"])

LearnDep = Annotated[Actor, Depends(allowed(Action.LEARN))]


@router.post(
    "/learning",
    summary="Learn from what people said; by default only measure what it would bring",
    openapi_extra={"x-summary-vi": "Học từ các đánh giá; mặc định chỉ đo, không dùng"},
    **STARTED,
)
def start_learning(
    request: Request,
    opened: OpenedDep,
    actor: LearnDep,
    request_id: RequestIdDep,
    body: LearningIn,
    key: IdempotencyKey = None,
) -> Response:
    """A run of kind `learn`; its `result` says what changes on needs that are held out. New
    weights are put in use only where they are better, and then for the whole workspace."""

    if not body.dry_run:
        learning.check_chooses(actor)

    def make(connection: sa.Connection) -> Run:
        asked = {"dry_run": body.dry_run, "language": language_of(request)}
        return runs.start(connection, runs.LEARN, actor, asked, request=request_id)

    asked = digest("POST /v1/learning", body.model_dump_json())
    return start(request, opened, actor, key, asked, make)


@router.get(
    "/learning",
    summary="Which weights are in use, and what they brought",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Đang dùng bộ trọng số nào, và nó hơn bộ trước bao nhiêu"},
)
def get_learning(opened: OpenedDep, actor: LearnDep) -> LearningOut:
    return LearningOut.model_validate(asdict(learning.in_use(opened)))


@router.post(
    "/learning/undo",
    summary="Go back to the weights that were in use before",
    responses=refusals(401, 403, 409, 503),
    openapi_extra={"x-summary-vi": "Quay lại bộ trọng số trước đó"},
)
def undo_learning(opened: OpenedDep, actor: LearnDep, request_id: RequestIdDep) -> Undone:
    left, now = learning.undo(opened, actor, request_id)
    return Undone(left=left, version=now)


@router.get(
    "/learning/suggestions",
    summary="Which pairs to judge next",
    responses=refusals(401, 403, 429, 503),
    openapi_extra={"x-summary-vi": "Nên đánh giá tiếp các cặp nào"},
)
def get_suggestions(
    opened: OpenedDep, actor: LearnDep, query: Annotated[SuggestionsQuery, Query()]
) -> Suggestions:
    """Of all pairs the reader may read, those whose judgement would teach the most."""
    found = learning.suggested(opened, actor, query.count)
    return Suggestions(
        items=[
            SuggestionOut(
                demand=one.need.id,
                demand_title=one.need.heading(),
                supply=one.offer.id,
                supply_title=one.offer.heading(),
                score=round(one.score, 4),
            )
            for one in found
        ]
    )
