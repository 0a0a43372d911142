"""Centres: the tenants of the service."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from starlette.responses import JSONResponse

from api import cursors, etags
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.etags import IfMatch, IfNoneMatch
from api.openapi import refusals
from api.schemas.centres import CentreChange, CentreNew, CentreOut, CentresPage, Paging
from api.schemas.texts import CENTRE
from api.service import centres
from api.service.idempotency import Answer, IdempotencyKey, digest, once

router = APIRouter(prefix="/v1", tags=["centres"])

Keeper = Annotated[Actor, Depends(allowed(Action.CENTRES))]
CentrePath = Annotated[str, Path(alias="id", max_length=40, pattern=CENTRE, examples=["da-nang"])]


@router.get(
    "/centres",
    summary="All centres",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Mọi trung tâm"},
)
def list_centres(
    opened: OpenedDep, actor: Keeper, query: Annotated[Paging, Query()]
) -> CentresPage:
    """A workspace without any is one centre, whose id is empty."""
    after = cursors.decode(query.cursor, str)[0] if query.cursor else ""
    with opened.catalog.reading() as connection:
        found = centres.page(connection, after, query.limit + 1)
    page = found[: query.limit]
    return CentresPage(
        items=[CentreOut.model_validate(one) for one in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )


@router.post(
    "/centres",
    status_code=201,
    summary="Add a centre",
    response_model=CentreOut,
    responses=refusals(401, 403, 409, 503),
    openapi_extra={"x-summary-vi": "Thêm một trung tâm"},
)
def create_centre(
    opened: OpenedDep,
    actor: Keeper,
    request_id: RequestIdDep,
    body: CentreNew,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    asked = digest("POST /v1/centres", body.model_dump_json())
    with opened.catalog.writing() as connection:

        def work() -> Answer:
            made = centres.add(connection, body.id, body.name, actor, request_id)
            headers = {"ETag": made.etag, "Location": f"/v1/centres/{made.id}"}
            return Answer(201, CentreOut.model_validate(made).model_dump(mode="json"), headers)

        answer = once(connection, actor, idempotency_key, asked, work)
    return JSONResponse(answer.body, answer.status, dict(answer.headers))


@router.get(
    "/centres/{id}",
    summary="One centre",
    response_model=CentreOut,
    responses={304: {"description": "Not modified"}, **refusals(401, 403, 404, 503)},
    openapi_extra={"x-summary-vi": "Một trung tâm"},
)
def get_centre(
    opened: OpenedDep,
    actor: Keeper,
    response: Response,
    centre_id: CentrePath,
    if_none_match: IfNoneMatch = None,
) -> CentreOut | Response:
    with opened.catalog.reading() as connection:
        found = centres.get(connection, centre_id)
    if etags.holds(if_none_match, found.etag):
        return Response(status_code=304, headers={"ETag": found.etag})
    response.headers["ETag"] = found.etag
    return CentreOut.model_validate(found)


@router.patch(
    "/centres/{id}",
    summary="Rename a centre",
    responses=refusals(401, 403, 404, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Đổi tên một trung tâm"},
)
def change_centre(
    opened: OpenedDep,
    actor: Keeper,
    request_id: RequestIdDep,
    response: Response,
    centre_id: CentrePath,
    body: CentreChange,
    if_match: IfMatch = None,
) -> CentreOut:
    with opened.catalog.writing() as connection:
        changed = centres.rename(connection, centre_id, body.name, actor, if_match, request_id)
    response.headers["ETag"] = changed.etag
    return CentreOut.model_validate(changed)


@router.delete(
    "/centres/{id}",
    status_code=204,
    summary="Remove a centre that holds nothing any more",
    responses=refusals(401, 403, 404, 409, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Xóa một trung tâm không còn gì"},
)
def remove_centre(
    opened: OpenedDep,
    actor: Keeper,
    request_id: RequestIdDep,
    centre_id: CentrePath,
    if_match: IfMatch = None,
) -> None:
    with opened.catalog.writing() as connection:
        centres.remove(connection, centre_id, actor, if_match, request_id)
