"""The pairings of the workspace's event, ranked."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api import cursors, etags, problems
from api.actors import Action, Actor
from api.deps import MatchListsDep, OpenedDep, allowed
from api.openapi import refusals
from api.opened import Opened
from api.problems import ProblemError, invalid
from api.readings import note_reading
from api.schemas import MatchesPage, MatchesQuery
from api.service import records
from indexer.bilingual import Bilingual
from indexer.records import Side
from matcher.match import Match
from matcher.matchlist import MatchList

router = APIRouter(prefix="/v1", tags=["matches"])
ReadDep = Annotated[Actor, Depends(allowed(Action.RUNS_READ))]


@router.get(
    "/matches",
    summary="The match list of the whole catalog, or of one need or offer",
    response_model=MatchesPage,
    responses={304: {"description": "Not modified"}, **refusals(401, 403, 404, 409, 503)},
    openapi_extra={
        "x-summary-vi": "Danh sách ghép của cả danh mục, hoặc của một nhu cầu, chào bán"
    },
)
async def list_matches(
    request: Request,
    response: Response,
    opened: OpenedDep,
    lists: MatchListsDep,
    actor: ReadDep,
    query: Annotated[MatchesQuery, Query()],
) -> dict[str, Any] | Response:
    """The lines of `match-list.jsonl`, by need, over what the asker may read; with `supply`, the
    list of that offer.

    The first request after a change of the catalog makes the list; further ones are cheap, and
    with If-None-Match cheaper still.
    """
    await run_in_threadpool(_check_ids, opened, actor, query)
    key, matcher = await run_in_threadpool(lists.prepare, query.k, actor.reader)
    tag = key.tag(query.demand, query.supply)
    start = _start(query.cursor, tag)
    headers = {
        "ETag": f'"{key.tag(query.demand, query.supply, query.limit, start)}"',
        "Cache-Control": "private, no-cache",
    }
    if etags.holds(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    match_list = await lists.get(key, matcher)
    matches = _asked(match_list, query)
    stop = start + query.limit
    response.headers.update(headers)
    shown = dict.fromkeys(
        name for match in matches[start:stop] for name in (match.demand, match.supply)
    )
    note_reading(request, actor, [match_list.records[name] for name in shown], "matches")
    return {
        "items": [match.to_json() for match in matches[start:stop]],
        "next": cursors.encode(tag, stop) if stop < len(matches) else None,
        "total": len(matches),
        "catalog_version": match_list.catalog_version,
        "settings": match_list.settings,
    }


def _check_ids(opened: Opened, actor: Actor, query: MatchesQuery) -> None:
    for side, record_id in ((Side.DEMAND, query.demand), (Side.SUPPLY, query.supply)):
        if record_id is None:
            continue
        with opened.catalog.reading() as connection:
            record = records.get(connection, record_id, actor).record
        if record.side is not side:
            raise invalid(
                f"query.{side}",
                record_id,
                Bilingual(vi="hồ sơ này thuộc phía bên kia", en="that record is of the other side"),
                Bilingual(vi=f"mã của một hồ sơ phía {side}", en=f"the id of a {side} record"),
            )


def _start(cursor: str | None, tag: str) -> int:
    if not cursor:
        return 0
    made_for, start = cursors.decode(cursor, str, int)
    if made_for != tag:
        raise ProblemError(problems.CONFLICT)
    return max(int(start), 0)


def _asked(match_list: MatchList, query: MatchesQuery) -> list[Match]:
    if query.demand is None and query.supply is not None:
        return list(match_list.by_supply.get(query.supply, ()))
    if query.demand is None:
        return list(match_list.lines())
    found = match_list.by_demand.get(query.demand, ())
    return [m for m in found if query.supply is None or m.supply == query.supply]
