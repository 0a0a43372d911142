"""The audit: who did what, page by page or all of it with its chain."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import StreamingResponse

from api import cursors
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.openapi import refusals
from api.schemas.audit import AuditFilter, AuditLine, AuditPage, AuditQuery
from api.service import trail
from api.service.scope import centre_of
from indexer.keeping.audit import Entry, append

router = APIRouter(prefix="/v1", tags=["audit"])

Auditor = Annotated[Actor, Depends(allowed(Action.AUDIT))]
_JSON_LINES = "application/x-ndjson"
_ONE_LINE = {"$ref": "#/components/schemas/AuditLine"}


@router.get(
    "/audit",
    summary="Who did what to what, when",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Ai đã làm gì, với mục nào, lúc nào"},
)
def list_audit(
    opened: OpenedDep, actor: Auditor, query: Annotated[AuditQuery, Query()]
) -> AuditPage:
    """The newest lines first. An organiser sees those of their own centre."""
    before = cursors.number(query.cursor)
    with opened.catalog.reading() as connection:
        found = trail.page(connection, _wanted(actor, query), before, query.limit + 1)
    page = found[: query.limit]
    return AuditPage(
        items=[AuditLine.model_validate(line) for line in page],
        next=cursors.encode(page[-1]["id"]) if len(found) > query.limit else None,
    )


@router.get(
    "/audit/export",
    summary="The audit with its chain, one JSON object a line",
    response_class=StreamingResponse,
    responses={
        200: {"description": "Lines", "content": {_JSON_LINES: {"schema": _ONE_LINE}}},
        **refusals(401, 403, 503),
    },
    openapi_extra={"x-summary-vi": "Xuất nhật ký kiểm toán cùng chuỗi mã, mỗi dòng một JSON"},
)
def export_audit(
    opened: OpenedDep,
    actor: Auditor,
    request_id: RequestIdDep,
    query: Annotated[AuditFilter, Query()],
) -> StreamingResponse:
    """The oldest lines first. Without filters and for all centres, every `previous` is the
    `digest` of the line before; `cungcau doctor` checks the same in the catalog."""
    catalog = opened.catalog
    with catalog.writing() as connection:
        append(connection, Entry(actor.label, "audit.export", "", actor.centre, request_id))
    found = trail.lines(catalog, _wanted(actor, query))
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(_written(found), media_type=_JSON_LINES, headers=headers)


def _written(lines: Iterator[dict[str, Any]]) -> Iterator[str]:
    for line in lines:
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _wanted(actor: Actor, query: AuditFilter) -> trail.Wanted:
    return trail.Wanted(
        centre=centre_of(actor),
        actor=query.actor,
        action=query.action,
        object=query.object,
        **query.moments,
    )
