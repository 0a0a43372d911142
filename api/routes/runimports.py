"""Imports of large files, done as runs."""

import hashlib
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import Response

from api.deps import OpenedDep, RequestIdDep
from api.routes.imports import ImportDep, OptionsQuery
from api.routes.runs import STARTED, language_of, start
from api.service import runimports, runs
from api.service.idempotency import IdempotencyKey, digest
from api.service.runs import Run

router = APIRouter(prefix="/v1", tags=["records"])


@router.post(
    "/imports/runs",
    summary="Imports a large spreadsheet as a run",
    openapi_extra={"x-summary-vi": "Nhập bảng tính lớn thành một lượt chạy"},
    **STARTED,
)
def start_import(
    request: Request,
    opened: OpenedDep,
    actor: ImportDep,
    request_id: RequestIdDep,
    options: OptionsQuery,
    file: Annotated[UploadFile, File(description="XLSX, XLS, ODS, CSV, TSV, JSON, JSON lines")],
    key: IdempotencyKey = None,
) -> Response:
    """As POST /v1/imports, but answered at once; `…/result` of the run says what became of every
    row."""
    content = hashlib.sha256()
    while piece := file.file.read(1 << 20):
        content.update(piece)
    file.file.seek(0)
    upload = runimports.keep(opened.workspace.path, file.file)
    name = (file.filename or "")[-200:]
    made: list[Run] = []

    def make(connection: sa.Connection) -> Run:
        asked = {
            "file": name,
            "options": options.model_dump(mode="json"),
            "language": language_of(request),
            "upload": upload,
            "actor": runimports.who(actor),
            "request": request_id,
        }
        made.append(runs.start(connection, runs.IMPORT, actor, asked, request=request_id))
        return made[0]

    asked = digest("POST /v1/imports/runs", options.model_dump_json(), name, content.digest())
    try:
        return start(request, opened, actor, key, asked, make)
    finally:
        if not made:  # refused, or answered as an earlier request was
            runimports.drop(opened.workspace.path, upload)
