"""What runs have made: results as JSON, and their files."""

from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, cast
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from api import cursors, etags
from api.deps import OpenedDep
from api.etags import IfNoneMatch
from api.openapi import refusals
from api.readings import note_read
from api.routes.runs import ReadDep, RunId
from api.schemas.asked import NO_NUL
from api.schemas.runs import ResultOut, ResultQuery, RunFileOut, RunFiles
from api.service import runresults, runs
from api.service.runfolders import folder_of, named

router = APIRouter(prefix="/v1", tags=["runs"])

FileName = Annotated[
    str, Path(min_length=1, max_length=255, pattern=NO_NUL, examples=["match-list.xlsx"])
]
_CHUNK = 1 << 18


@router.get(
    "/runs/{id}/result",
    summary="What a run has made",
    responses=refusals(401, 403, 404, 409, 503),
    openapi_extra={"x-summary-vi": "Kết quả của một lượt chạy"},
)
def get_result(
    request: Request,
    opened: OpenedDep,
    actor: ReadDep,
    run_id: RunId,
    query: Annotated[ResultQuery, Query()],
) -> ResultOut:
    """Of lists, what tells of records the reader may not read is left out; a plan is shown whole
    or not at all (403)."""
    start = cursors.number(query.cursor) or 0
    with opened.catalog.reading() as connection:
        run = runs.get(connection, run_id, actor)
        found = runresults.read(
            connection,
            opened.workspace.path,
            run,
            actor,
            query.part,
            start,
            query.limit,
            query.demand,
            query.supply,
        )
        private = runresults.confidential(connection, found.named)
    note_read(request, actor, private, "run.read")
    return ResultOut(
        run=run.id,
        kind=cast(Any, run.kind),
        part=cast(Any, found.part),
        items=found.items,
        next=None if found.next is None else cursors.encode(found.next),
        document=found.document,
    )


@router.get(
    "/runs/{id}/files",
    summary="The files a run has made",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Các tệp của một lượt chạy"},
)
def list_files(opened: OpenedDep, actor: ReadDep, run_id: RunId) -> RunFiles:
    """For those who may read every record the run tells of (403)."""
    with opened.catalog.reading() as connection:
        run = runs.get(connection, run_id, actor)
        found = runresults.listed(connection, opened.workspace.path, run, actor)
    return RunFiles(items=[RunFileOut.model_validate(one) for one in found])


@router.get(
    "/runs/{id}/files/{name}",
    summary="One file of a run",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The file, with its name",
            "headers": {**etags.DOCUMENTED, "Content-Disposition": {"schema": {"type": "string"}}},
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        },
        304: {"description": "Not modified"},
        **refusals(401, 403, 404, 503),
    },
    openapi_extra={"x-summary-vi": "Một tệp của lượt chạy"},
)
def get_file(
    request: Request,
    opened: OpenedDep,
    actor: ReadDep,
    run_id: RunId,
    name: FileName,
    if_none_match: IfNoneMatch = None,
) -> Response:
    with opened.catalog.reading() as connection:
        run = runs.get(connection, run_id, actor)
        file, path = runresults.fetch(connection, opened.workspace.path, run, actor, name)
        if etags.holds(if_none_match, file.etag):
            return Response(status_code=304, headers={"ETag": file.etag})
        ids = named(folder_of(opened.workspace.path, run.id))
        private = runresults.confidential(connection, ids)
    content = runresults.open_file(path)
    note_read(request, actor, private, "run.read")
    headers = {
        "ETag": file.etag,
        "Content-Length": str(file.bytes),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "private, no-cache",
        # A page among them runs no script as one of ours.
        "Content-Security-Policy": "sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(_chunks(content), media_type=file.media_type, headers=headers)


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while piece := content.read(_CHUNK):
            yield piece
