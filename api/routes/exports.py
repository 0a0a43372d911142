"""The records of the catalog as a file, for those who may read them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import StreamingResponse

from api import problems
from api.accept_language import reader_language
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed, conditions
from api.openapi import refusals
from api.opened import Opened
from api.problems import ProblemError
from api.readings import note_reading
from api.schemas.records import ExportQuery
from api.service import exports as service
from api.service.exports import Format
from api.service.keepers import may_read_contacts
from api.service.recordlist import narrowed
from indexer.keeping.audit import Entry, append
from indexer.keeping.records import KeptRecord, following

router = APIRouter(prefix="/v1", tags=["records"])
ExportDep = Annotated[Actor, Depends(allowed(Action.RECORDS_EXPORT))]
_TYPES: dict[Format, str] = {
    "jsonl": "application/jsonl",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_AT_ONCE = 500  # records read from the catalog in one transaction


@router.get(
    "/exports/records",
    summary="Records as a file: JSON lines, CSV or XLSX",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The file",
            "content": {name: {"schema": {"type": "string"}} for name in _TYPES.values()},
        },
        **refusals(401, 403, 503),
    },
    openapi_extra={"x-summary-vi": "Xuất hồ sơ ra tệp: JSON lines, CSV hoặc XLSX"},
)
def export_records(
    request: Request,
    opened: OpenedDep,
    actor: ExportDep,
    request_id: RequestIdDep,
    query: Annotated[ExportQuery, Query()],
) -> StreamingResponse:
    """What the asker may read; the file can be imported again. Sent while it is read: records
    that are there all the time are in it exactly once."""
    if query.contacts and not actor.may(Action.CONTACTS_READ):
        raise ProblemError(problems.FORBIDDEN)
    where = narrowed(query, conditions(query.where, "query.where"))
    form = query.format or asked_format(request.headers.get("accept", ""))
    with opened.catalog.writing() as connection:
        said = {"format": form, "contacts": query.contacts}
        append(
            connection,
            Entry(actor.label, "record.export", "", actor.centre, request_id, said),
        )
    reading = Reading(request, opened, actor, where)
    language = reader_language(request.headers.get("accept-language", ""))
    shows = _shows(actor, contacts=query.contacts)
    if form == "jsonl":
        pieces = service.json_lines(reading.all(), shows)
    else:
        headings = service.headings_of(reading.all(noted=False))
        if form == "csv":
            pieces = service.delimited(reading.all(), shows, headings, contacts=query.contacts)
        else:
            pieces = service.workbook(
                reading.all(), shows, headings, language, contacts=query.contacts
            )
    headers = {
        "Content-Disposition": f'attachment; filename="records.{form}"',
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    media_type = _TYPES[form] + ("; charset=utf-8" if form == "csv" else "")
    return StreamingResponse(pieces, headers=headers, media_type=media_type)


@dataclass(frozen=True, slots=True)
class Reading:
    """One run through the records somebody asked for."""

    request: Request
    opened: Opened
    actor: Actor
    where: Sequence[sa.ColumnElement[bool]]

    def all(self, *, noted: bool = True) -> Iterator[KeptRecord]:
        """The records by id, a few in each transaction, so that a slow reader holds none."""
        last = ""
        while True:
            with self.opened.catalog.reading() as connection:
                found = following(connection, self.actor.reader, self.where, last, _AT_ONCE)
            if not found:
                return
            last = found[-1].record.id
            if noted:
                some = [one.record for one in found]
                note_reading(self.request, self.actor, some, "record.export")
            yield from found


def asked_format(accept: str) -> Format:
    """The format an Accept header names first; JSON lines where it names none of ours."""
    for item in accept.split(","):
        name = item.partition(";")[0].strip().casefold()
        for form, media_type in _TYPES.items():
            if name == media_type:
                return form
    return "jsonl"


def _shows(actor: Actor, *, contacts: bool) -> Callable[[KeptRecord], bool]:
    return lambda one: contacts and may_read_contacts(actor, one.kept)
