"""The records of the catalog, without contact data."""

from bisect import bisect_right
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import cursors, problems
from api.deps import OpenedDep, conditions
from api.openapi import refusals
from api.problems import ProblemError
from api.schemas import RecordOut, RecordsPage, RecordsQuery
from indexer.bilingual import Bilingual
from indexer.conditions import Condition
from indexer.records import Record

router = APIRouter(prefix="/v1", tags=["records"])


@router.get(
    "/records",
    summary="Records by ascending id, page by page",
    responses=refusals(503),
    openapi_extra={"x-summary-vi": "Các hồ sơ theo thứ tự mã, từng trang"},
)
def list_records(opened: OpenedDep, query: Annotated[RecordsQuery, Query()]) -> RecordsPage:
    """Going through all pages meets every record that was there all the time exactly once."""
    where = conditions(query.where, "query.where")
    if query.type is not None:
        where = (*where, Condition("type", "=", query.type.value))
    ids = sorted(opened.catalog.ids(query.side, where))
    start = bisect_right(ids, cursors.decode(query.cursor, str)[0]) if query.cursor else 0
    page = ids[start : start + query.limit]
    found = {record.id: record for record in opened.catalog.records(ids=page)}
    return RecordsPage(
        items=[_public(found[record_id]) for record_id in page if record_id in found],
        next=cursors.encode(page[-1]) if start + query.limit < len(ids) else None,
        total=len(ids),
    )


@router.get(
    "/records/{id:path}",
    summary="One record",
    responses=refusals(404, 503),
    openapi_extra={"x-summary-vi": "Một hồ sơ"},
)
def get_record(
    opened: OpenedDep,
    record_id: Annotated[str, Path(alias="id", min_length=1, max_length=200, examples=["CB-012"])],
) -> RecordOut:
    """The record of that id, percent-encoded in the address."""
    record = opened.catalog.get(record_id)
    if record is None:
        raise missing(record_id)
    return _public(record)


def missing(record_id: str) -> ProblemError:
    """404: no record has that id."""
    detail = Bilingual(
        vi=f"Không có hồ sơ mã “{record_id}”. Danh sách mã: /v1/records",
        en=f"There is no record with id “{record_id}”. The ids are listed at /v1/records",
    )
    return ProblemError(problems.NOT_FOUND, detail)


def _public(record: Record) -> RecordOut:
    return RecordOut.model_validate(record)
