"""One text in, the best records of the other side out."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import OpenedDep, conditions
from api.openapi import refusals
from api.opened import Opened
from api.schemas import SearchAnswer, SearchRequest

router = APIRouter(prefix="/v1", tags=["search"])
_ROUTE: dict[str, Any] = {
    "response_model": SearchAnswer,
    "responses": refusals(503),
    "openapi_extra": {"x-summary-vi": "Tìm chào bán hoặc nhu cầu phù hợp với một đoạn văn bản"},
}


@router.post("/search", summary="The best records for a text", **_ROUTE)
def post_search(opened: OpenedDep, body: SearchRequest) -> dict[str, Any]:
    """The same list as `cungcau search --json`. A hopeless text gets low scores or nothing."""
    return _search(opened, body, "body.where")


@router.get("/search", summary="The best records for a text", **_ROUTE)
def get_search(opened: OpenedDep, query: Annotated[SearchRequest, Query()]) -> dict[str, Any]:
    """As POST, for texts short enough for an address (about 60,000 bytes)."""
    return _search(opened, query, "query.where")


def _search(opened: Opened, asked: SearchRequest, place: str) -> dict[str, Any]:
    where = conditions(asked.where, place)
    hits = opened.matcher().search(asked.text, want=asked.want, k=asked.k, where=where)
    return {"items": [hit.to_json() for hit in hits]}
