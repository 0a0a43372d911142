"""Whether the service can answer."""

from fastapi import APIRouter

from api.deps import OpenedDep
from api.openapi import refusals
from api.refusals import unavailable
from api.schemas import Health, Readiness
from api.version import version
from indexer.records import Side

router = APIRouter(tags=["health"])


@router.get(
    "/health",
    summary="Whether the service can answer",
    responses=refusals(503),
    openapi_extra={"x-summary-vi": "Dịch vụ có trả lời được không"},
)
def health(opened: OpenedDep) -> Health:
    """200 when catalog and index can be read; 503 without an index or with a damaged one.

    A damaged new index leaves the one opened before in service; this says so with 503 all the
    same, until the index is repaired. So does damage in the one in service, within seconds, whether
    or not a question has met it.
    """
    index, catalog = opened.index(), opened.catalog
    if opened.failure is not None:
        raise unavailable(opened.failure)
    return Health(
        status="ok",
        version=version(),
        catalog_version=catalog.version,
        index_version=index.catalog_version,
        records={side: len(catalog.ids(side)) for side in Side},
    )


@router.get(
    "/v1/ready",
    summary="Whether requests may be sent here",
    responses=refusals(),
    openapi_extra={"x-summary-vi": "Đã có thể gửi yêu cầu đến đây chưa"},
)
def ready(opened: OpenedDep) -> Readiness:
    """200 when the catalog can be reached and the index is open, of however few records; else 503.

    Cheap, for a load balancer: it counts nothing.
    """
    index = opened.index()
    return Readiness(
        status="ready",
        catalog_version=opened.catalog.version,
        index_version=index.catalog_version,
    )
