"""One text or record in, the best records of the other side out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from api.actors import Action, Actor
from api.deps import OpenedDep, allowed, conditions
from api.openapi import refusals
from api.opened import Opened
from api.problems import invalid
from api.readings import note_reading
from api.schemas import SearchAnswer, SearchRequest
from api.schemas.search import SearchBody
from api.service import records
from api.service.searching import Search, run
from indexer.bilingual import Bilingual
from indexer.records import Record, Side

router = APIRouter(prefix="/v1", tags=["search"])
SearchDep = Annotated[Actor, Depends(allowed(Action.SEARCH))]
_ROUTE: dict[str, Any] = {
    "response_model": SearchAnswer,
    "response_model_exclude_unset": True,
    "responses": refusals(401, 403, 404, 503),
    "openapi_extra": {
        "x-summary-vi": "Tìm chào bán hoặc nhu cầu phù hợp với một đoạn văn bản hoặc một hồ sơ"
    },
}


@router.post("/search", summary="The best records for a text or a record", **_ROUTE)
def post_search(
    request: Request, opened: OpenedDep, actor: SearchDep, body: SearchBody
) -> dict[str, Any]:
    """The same list as `cungcau search --json`, of what the asker may read. A hopeless text gets
    low scores or nothing."""
    return _search(request, opened, actor, body, "body")


@router.get("/search", summary="The best records for a text or a record", **_ROUTE)
def get_search(
    request: Request,
    opened: OpenedDep,
    actor: SearchDep,
    query: Annotated[SearchRequest, Query()],
) -> dict[str, Any]:
    """As POST, for texts short enough for an address (about 60,000 bytes)."""
    return _search(request, opened, actor, query, "query")


def _search(
    request: Request, opened: Opened, actor: Actor, asked: SearchRequest, place: str
) -> dict[str, Any]:
    where = conditions(asked.where, f"{place}.where")
    about = _about(opened, actor, asked, place)
    want = about.side.other if isinstance(about, Record) else asked.want
    search = Search(
        about, want, asked.k, asked.offset, where, reasons=asked.reasons, facets=asked.facets
    )
    found = run(opened.matcher(), actor.reader, search)
    note_reading(request, actor, found.records, "search")
    return found.answer


def _about(opened: Opened, actor: Actor, asked: SearchRequest, place: str) -> str | Record:
    """The text or the record to search for.

    Raises:
        ProblemError: 404, the actor may read no such record; 422, neither or both are given, or
            the record is of the side wanted.
    """
    if asked.record is None:
        if asked.text is None:
            raise invalid(f"{place}.text", None, _MISSING, _TEXT)
        return asked.text
    if asked.text is not None:
        raise invalid(f"{place}.record", asked.record, _BOTH, _ONE)
    with opened.catalog.reading() as connection:
        record = records.get(connection, asked.record, actor).record
    if "want" in asked.model_fields_set and asked.want is record.side:
        other: Side = record.side.other
        raise invalid(f"{place}.want", asked.want.value, _SAME_SIDE, Bilingual(other, other))
    return record


_MISSING = Bilingual(vi="còn thiếu", en="missing")
_TEXT = Bilingual(vi="văn bản tối đa 100.000 ký tự", en="text of at most 100,000 characters")
_BOTH = Bilingual(vi="đã có text", en="there is a text already")
_ONE = Bilingual(vi="chỉ một trong hai: text hoặc record", en="one of the two: text or record")
_SAME_SIDE = Bilingual(vi="hồ sơ này ở chính phía đó", en="the record is of that side itself")
