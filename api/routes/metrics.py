"""Figures for Prometheus."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.actors import Action, Actor
from api.deps import allowed
from api.metrics import Metrics
from api.openapi import refusals

router = APIRouter(tags=["operations"])


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus' text format",
            "content": {
                CONTENT_TYPE_LATEST: {
                    "schema": {"type": "string"},
                    "example": "cungcau_catalog_version 4.0\n",
                }
            },
        },
        **refusals(401, 403),
    },
    openapi_extra={"x-summary-vi": "Số liệu cho Prometheus"},
)
def metrics(
    request: Request, actor: Annotated[Actor, Depends(allowed(Action.METRICS))]
) -> Response:
    """Requests by route and status, their times, what catalog and index hold, runs and messages by
    state, memory of the process. A key needs the scope `metrics`."""
    figures: Metrics = request.app.state.metrics
    return Response(figures.text(), media_type=CONTENT_TYPE_LATEST)
