"""The records of the catalog: what the asker may read, and may write."""

import json
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.responses import JSONResponse

from api import etags
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed, conditions
from api.etags import IfMatch, IfNoneMatch
from api.openapi import refusals
from api.readings import note_reading
from api.schemas import RecordsPage, RecordsQuery
from api.schemas.records import RecordKept
from api.schemas.written import RecordIn, RecordPatch, RecordUpdate
from api.service import recordlist
from api.service import records as service
from api.service.idempotency import Answer, IdempotencyKey, digest, once
from api.service.keepers import check_contacts
from api.service.records import missing
from indexer.keeping.records import KeptRecord

__all__ = ["missing", "router"]

router = APIRouter(prefix="/v1", tags=["records"])
ReadDep = Annotated[Actor, Depends(allowed(Action.RECORDS_READ))]
WriteDep = Annotated[Actor, Depends(allowed(Action.RECORDS_WRITE))]
RecordPath = Annotated[str, Path(alias="id", min_length=1, max_length=200, examples=["CB-012"])]
_TAGGED: dict[str, Any] = {"headers": etags.DOCUMENTED}
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Not modified"}}


@router.get(
    "/records",
    summary="Records page by page, by ascending id or newest first",
    response_model=RecordsPage,
    response_model_exclude_unset=True,
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Các hồ sơ từng trang, theo thứ tự mã hoặc mới nhất trước"},
)
def list_records(
    request: Request, opened: OpenedDep, actor: ReadDep, query: Annotated[RecordsQuery, Query()]
) -> RecordsPage:
    """What the asker may read. Going through all pages by id meets every record that was there
    all the time exactly once."""
    where = conditions(query.where, "query.where")
    with opened.catalog.reading() as connection:
        listed = recordlist.page(connection, actor.reader, query, where)
    note_reading(request, actor, [found.record for found in listed.found], "record.list")
    items = [shown(found) for found in listed.found]
    return RecordsPage(items=items, next=listed.next, total=listed.total)


@router.post(
    "/records",
    status_code=201,
    summary="A new record",
    response_model=RecordKept,
    response_model_exclude_unset=True,
    responses={201: _TAGGED, **refusals(401, 403, 409, 503)},
    openapi_extra={"x-summary-vi": "Thêm một hồ sơ"},
)
def create_record(
    opened: OpenedDep,
    actor: WriteDep,
    request: RequestIdDep,
    body: RecordIn,
    key: IdempotencyKey = None,
) -> Response:
    """Kept by the asker's centre and organisation. Values may be written as in a spreadsheet:
    `"trl": "7-8"`, `"money": "2–5 tỷ"`, `"expires": "31/12/2027"`."""
    with opened.catalog.writing() as connection:

        def work() -> Answer:
            made = service.create(connection, body, actor, request)
            place = {"Location": address(made.record.id), "ETag": service.tag(made)}
            return Answer(201, dumped(made), place)

        asked = digest("POST /v1/records", body.model_dump_json(exclude_unset=True))
        answer = once(connection, actor, key, asked, work)
    return JSONResponse(answer.body, answer.status, dict(answer.headers))


@router.get(
    "/records/{id:path}",
    summary="One record",
    response_model=RecordKept,
    response_model_exclude_unset=True,
    responses={200: _TAGGED, **_UNCHANGED, **refusals(401, 403, 404, 503)},
    openapi_extra={"x-summary-vi": "Một hồ sơ"},
)
def get_record(
    request: Request,
    opened: OpenedDep,
    response: Response,
    actor: ReadDep,
    request_id: RequestIdDep,
    record_id: RecordPath,
    contact: Annotated[
        bool, Query(description="With its contact, which takes `contacts:read`; is audited")
    ] = False,
    if_none_match: IfNoneMatch = None,
) -> RecordKept | Response:
    """The record of that id, percent-encoded in the address."""
    with opened.catalog.reading() as connection:
        found = service.get(connection, record_id, actor)
    note_reading(request, actor, [found.record])
    if contact:
        check_contacts(actor, found.kept)
        with opened.catalog.writing() as connection:
            service.tell_contact_read(connection, found, actor, request_id)
    headers = {"ETag": service.tag(found), "Cache-Control": "private, no-cache"}
    if etags.holds(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return shown(found, contact=contact)


@router.put(
    "/records/{id:path}",
    summary="A record anew",
    response_model=RecordKept,
    response_model_exclude_unset=True,
    responses={200: _TAGGED, **refusals(401, 403, 404, 412, 428, 503)},
    openapi_extra={"x-summary-vi": "Ghi lại toàn bộ một hồ sơ"},
)
def replace_record(
    opened: OpenedDep,
    response: Response,
    actor: WriteDep,
    request: RequestIdDep,
    record_id: RecordPath,
    body: RecordUpdate,
    if_match: IfMatch = None,
) -> RecordKept:
    """What is left out is emptied, but contact, organisation and visibility stay as they are."""
    with opened.catalog.writing() as connection:
        found = service.replace(connection, record_id, body, actor, if_match, request)
    response.headers["ETag"] = service.tag(found)
    return shown(found)


@router.patch(
    "/records/{id:path}",
    summary="Some fields of a record",
    response_model=RecordKept,
    response_model_exclude_unset=True,
    responses={200: _TAGGED, **refusals(401, 403, 404, 412, 428, 503)},
    openapi_extra={"x-summary-vi": "Sửa một số trường của một hồ sơ"},
)
def patch_record(
    opened: OpenedDep,
    response: Response,
    actor: WriteDep,
    request: RequestIdDep,
    record_id: RecordPath,
    body: RecordPatch,
    if_match: IfMatch = None,
) -> RecordKept:
    """What is left out stays as it is; null or "" empties a field."""
    with opened.catalog.writing() as connection:
        found = service.patch(connection, record_id, body, actor, if_match, request)
    response.headers["ETag"] = service.tag(found)
    return shown(found)


@router.delete(
    "/records/{id:path}",
    status_code=204,
    summary="Takes out a record",
    responses=refusals(401, 403, 404, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Xóa một hồ sơ"},
)
def delete_record(
    opened: OpenedDep,
    actor: WriteDep,
    request: RequestIdDep,
    record_id: RecordPath,
    if_match: IfMatch = None,
) -> None:
    """It is found no more from now on; judgements and the audit keep its id."""
    with opened.catalog.writing() as connection:
        service.remove(connection, record_id, actor, if_match, request)


def shown(found: KeptRecord, *, contact: bool = False) -> RecordKept:
    """A record as it goes out; with its contact only where that was asked for."""
    values = found.record.model_dump(exclude=set() if contact else {"contact"})
    kept = {"centre": found.kept.centre, "organisation": found.kept.organisation}
    return RecordKept.model_validate({**values, **kept, "etag": service.tag(found)})


def dumped(found: KeptRecord) -> Any:  # noqa: ANN401 - JSON
    """A record as it goes out, as JSON."""
    return json.loads(shown(found).model_dump_json(exclude_unset=True))


def address(record_id: str) -> str:
    """Where a record is."""
    return f"/v1/records/{quote(record_id, safe='')}"
