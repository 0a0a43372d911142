"""Whether the service can answer."""

from fastapi import APIRouter

from api.deps import OpenedDep
from api.openapi import refusals
from api.refusals import unavailable
from api.schemas import Health
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
    same, until the index is repaired.
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
