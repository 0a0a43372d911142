"""Organisations: the enterprises and institutes of a centre."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from starlette.responses import JSONResponse

from api import cursors, etags
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.etags import IfMatch, IfNoneMatch
from api.openapi import refusals
from api.schemas.centres import (
    OrganisationChange,
    OrganisationNew,
    OrganisationOut,
    OrganisationsPage,
    OrganisationsQuery,
)
from api.schemas.texts import MADE
from api.service import organisations
from api.service.idempotency import Answer, IdempotencyKey, digest, once

router = APIRouter(prefix="/v1", tags=["organisations"])

Reader = Annotated[Actor, Depends(allowed(Action.ORGANISATIONS_READ))]
Keeper = Annotated[Actor, Depends(allowed(Action.ORGANISATIONS_WRITE))]
OrganisationId = Annotated[
    str, Path(alias="id", max_length=40, pattern=MADE, examples=["91c2d3e4f5a60718"])
]


@router.get(
    "/organisations",
    summary="The organisations of one's centre",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Các tổ chức của trung tâm mình"},
)
def list_organisations(
    opened: OpenedDep, actor: Reader, query: Annotated[OrganisationsQuery, Query()]
) -> OrganisationsPage:
    """Administrators see those of every centre."""
    after = cursors.decode(query.cursor, str)[0] if query.cursor else ""
    with opened.catalog.reading() as connection:
        found = organisations.page(connection, actor, query.centre, after, query.limit + 1)
    page = found[: query.limit]
    return OrganisationsPage(
        items=[OrganisationOut.model_validate(one) for one in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )


@router.post(
    "/organisations",
    status_code=201,
    summary="Add an organisation",
    response_model=OrganisationOut,
    responses=refusals(401, 403, 409, 503),
    openapi_extra={"x-summary-vi": "Thêm một tổ chức"},
)
def create_organisation(
    opened: OpenedDep,
    actor: Keeper,
    request_id: RequestIdDep,
    body: OrganisationNew,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    asked = digest("POST /v1/organisations", body.model_dump_json())
    with opened.catalog.writing() as connection:

        def work() -> Answer:
            made = organisations.add(
                connection, body.centre, body.name, body.place, actor, request_id
            )
            headers = {"ETag": made.etag, "Location": f"/v1/organisations/{made.id}"}
            out = OrganisationOut.model_validate(made).model_dump(mode="json")
            return Answer(201, out, headers)

        answer = once(connection, actor, idempotency_key, asked, work)
    return JSONResponse(answer.body, answer.status, dict(answer.headers))


@router.get(
    "/organisations/{id}",
    summary="One organisation",
    response_model=OrganisationOut,
    responses={304: {"description": "Not modified"}, **refusals(401, 403, 404, 503)},
    openapi_extra={"x-summary-vi": "Một tổ chức"},
)
def get_organisation(
    opened: OpenedDep,
    actor: Reader,
    response: Response,
    organisation_id: OrganisationId,
    if_none_match: IfNoneMatch = None,
) -> OrganisationOut | Response:
    with opened.catalog.reading() as connection:
        found = organisations.get(connection, organisation_id, actor)
    if etags.holds(if_none_match, found.etag):
        return Response(status_code=304, headers={"ETag": found.etag})
    response.headers["ETag"] = found.etag
    return OrganisationOut.model_validate(found)


@router.patch(
    "/organisations/{id}",
    summary="Change an organisation",
    responses=refusals(401, 403, 404, 409, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Sửa một tổ chức"},
)
def change_organisation(
    opened: OpenedDep,
    actor: Keeper,
    request_id: RequestIdDep,
    response: Response,
    organisation_id: OrganisationId,
    body: OrganisationChange,
    if_match: IfMatch = None,
) -> OrganisationOut:
    changes = body.model_dump(exclude_none=True)
    with opened.catalog.writing() as connection:
        changed = organisations.change(
            connection, organisation_id, changes, actor, if_match, request_id
        )
    response.headers["ETag"] = changed.etag
    return OrganisationOut.model_validate(changed)


@router.delete(
    "/organisations/{id}",
    status_code=204,
    summary="Remove an organisation that nobody is of any more",
    responses=refusals(401, 403, 404, 409, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Xóa một tổ chức không còn ai"},
)
def remove_organisation(
    opened: OpenedDep,
    actor: Keeper,
    request_id: RequestIdDep,
    organisation_id: OrganisationId,
    if_match: IfMatch = None,
) -> None:
    with opened.catalog.writing() as connection:
        organisations.remove(connection, organisation_id, actor, if_match, request_id)
