"""Many records at once: from a spreadsheet, or as JSON."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from starlette.responses import JSONResponse, Response

from api.accept_language import reader_language
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.openapi import refusals
from api.opened import Opened
from api.refusals import refused
from api.schemas.imports import ImportAnswer, ImportOptions, RecordsIn
from api.service import imports as service
from api.service.idempotency import Answer, IdempotencyKey, digest, once
from api.service.importfiles import read_file, read_items
from api.service.imports import Imported, Row
from indexer.bilingual import Language
from indexer.importing.files import Batch

router = APIRouter(prefix="/v1", tags=["records"])
ImportDep = Annotated[Actor, Depends(allowed(Action.RECORDS_IMPORT))]
OptionsQuery = Annotated[ImportOptions, Query()]
_ROUTE: dict[str, Any] = {
    "response_model": ImportAnswer,
    "responses": refusals(401, 403, 503),
}


@router.post(
    "/imports",
    summary="Imports a spreadsheet or JSON lines",
    openapi_extra={"x-summary-vi": "Nhập hồ sơ từ bảng tính hoặc JSON"},
    **_ROUTE,
)
def import_file(
    request: Request,
    opened: OpenedDep,
    actor: ImportDep,
    request_id: RequestIdDep,
    options: OptionsQuery,
    file: Annotated[UploadFile, File(description="XLSX, XLS, ODS, CSV, TSV, JSON, JSON lines")],
    key: IdempotencyKey = None,
) -> Response:
    """What becomes of every row. A row that cannot be read is told with column, value, reason and
    what would be accepted, and costs no other; all the others are stored in one transaction.
    `dry_run=true` stores nothing."""
    batch = read_file(file.filename or "", file.file, options)
    file.file.seek(0)
    content = hashlib.sha256()
    while piece := file.file.read(1 << 20):
        content.update(piece)
    asked = digest(
        "POST /v1/imports", options.model_dump_json(), file.filename or "", content.digest()
    )
    return _bring(request, opened, actor, request_id, options, batch, key, asked)


@router.post(
    "/imports/records",
    summary="Imports many records given as JSON",
    openapi_extra={"x-summary-vi": "Nhập nhiều hồ sơ dạng JSON"},
    **_ROUTE,
)
def import_records(
    request: Request,
    opened: OpenedDep,
    actor: ImportDep,
    request_id: RequestIdDep,
    options: OptionsQuery,
    body: RecordsIn,
    key: IdempotencyKey = None,
) -> Response:
    """As a file is imported; each record as POST /v1/records takes it, numbered from 1."""
    document = request.app.openapi()

    def explain(item: Any) -> Any:  # noqa: ANN401
        return refused(document, "/v1/records", "POST", {**item, "loc": ("body", *item["loc"])})

    batch = read_items(body.records, options, explain)
    asked = digest("POST /v1/imports/records", options.model_dump_json(), body.model_dump_json())
    return _bring(request, opened, actor, request_id, options, batch, key, asked)


def _bring(
    request: Request,
    opened: Opened,
    actor: Actor,
    request_id: str,
    options: ImportOptions,
    batch: Batch,
    key: str | None,
    asked: str,
) -> Response:
    language = reader_language(request.headers.get("accept-language", ""))

    def bring(connection: Any) -> Answer:  # noqa: ANN401
        found = service.bring(
            connection,
            batch,
            actor,
            organisation=options.organisation,
            dry_run=options.dry_run,
            request=request_id,
        )
        return Answer(200, answer(found, language, dry_run=options.dry_run))

    if options.dry_run:
        with opened.catalog.reading() as connection:
            made = bring(connection)
    else:
        with opened.catalog.writing() as connection:
            made = once(connection, actor, key, asked, lambda: bring(connection))
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return JSONResponse(made.body, made.status, headers)


def answer(found: Imported, language: Language, *, dry_run: bool) -> dict[str, Any]:
    """An import as it is answered (`ImportAnswer`), in the language of the reader."""
    outcomes = ("inserted", "updated", "unchanged", "repeated", "rejected")
    linked = (row.record for row in found.rows if row.record and row.outcome != "repeated")
    return {
        "dry_run": dry_run,
        **{name: sum(row.outcome == name for row in found.rows) for name in outcomes},
        "near_duplicates": sum(bool(record.same_as) for record in linked),
        "catalog_version": found.version,
        "columns": [
            {"sheet": column.sheet, "heading": column.heading, "field": column.field}
            for column in found.columns
        ],
        "notices": [notice.say(language) for notice in found.notices],
        "rows": [_row(row, language) for row in found.rows],
    }


def _row(row: Row, language: Language) -> dict[str, Any]:
    record = row.record
    return {
        "sheet": row.sheet,
        "row": row.number,
        "id": record.id if record else None,
        "outcome": row.outcome,
        "same_as": record.same_as if record else "",
        "alike": list(row.alike),
        "errors": [
            {
                "column": reject.column,
                "value": reject.value[:200],
                "reason": reject.reason.say(language),
                "accepted": reject.accepted.say(language),
            }
            for reject in row.rejects
        ],
    }
