"""Who else may read a confidential record."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.openapi import refusals
from api.routes.records import RecordPath
from api.schemas.records import GrantOut, GrantsPage
from api.service import grants as service

router = APIRouter(prefix="/v1", tags=["records"])
WriteDep = Annotated[Actor, Depends(allowed(Action.RECORDS_WRITE))]
OrganisationPath = Annotated[
    str, Path(min_length=1, max_length=40, pattern="^[^/]+$", examples=["3f9a1c0b7d2e4f68"])
]


@router.get(
    "/records/{id:path}/grants",
    summary="The organisations that may read a record of others",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Các tổ chức được phép đọc một hồ sơ mật"},
)
def list_grants(opened: OpenedDep, actor: WriteDep, record_id: RecordPath) -> GrantsPage:
    """Beside its own organisation; for those who may change the record."""
    with opened.catalog.reading() as connection:
        found = service.of_record(connection, record_id, actor)
    return GrantsPage(
        items=[
            GrantOut(
                organisation=grant.organisation,
                name=grant.name,
                granted_at=grant.at,
                granted_by=grant.person,
            )
            for grant in found
        ]
    )


@router.put(
    "/records/{id:path}/grants/{organisation}",
    status_code=204,
    summary="Lets an organisation read a confidential record",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Cho một tổ chức đọc hồ sơ mật"},
)
def add_grant(
    opened: OpenedDep,
    actor: WriteDep,
    request: RequestIdDep,
    record_id: RecordPath,
    organisation: OrganisationPath,
) -> Response:
    """Of any centre of the network. Doing it twice changes nothing."""
    with opened.catalog.writing() as connection:
        service.add(connection, record_id, organisation, actor, request)
    return Response(status_code=204)


@router.delete(
    "/records/{id:path}/grants/{organisation}",
    status_code=204,
    summary="Takes back the leave to read a record",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Thu hồi quyền đọc hồ sơ mật"},
)
def remove_grant(
    opened: OpenedDep,
    actor: WriteDep,
    request: RequestIdDep,
    record_id: RecordPath,
    organisation: OrganisationPath,
) -> Response:
    """The organisation finds the record no more from now on."""
    with opened.catalog.writing() as connection:
        service.remove(connection, record_id, organisation, actor, request)
    return Response(status_code=204)
