"""One pair under review: what faces what in the two texts, why, and what everybody says of it."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from starlette.responses import Response

from api import problems
from api.deps import OpenedDep
from api.opened import Opened
from api.pages import reviewwords
from api.pages.addresses import record_path
from api.pages.eventaccess import Looking, get
from api.pages.fit import Fit, fits
from api.pages.rendering import page, with_query
from api.pages.review import query_of, rights
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.readings import note_reading
from api.service import decisions, matchedpairs, reviewing
from api.service.decisions import LONGEST_NOTE, Pair, Standing, Verdict, standing
from api.service.events import Stored
from api.service.matchedpairs import Matched
from api.service.reviewing import Asked, Review
from indexer.bilingual import Bilingual
from indexer.errors import CungcauError
from indexer.keeping.records import find_all
from indexer.records import Record, Side
from matcher.export.views import RecordView
from matcher.hit import Hit
from matcher.match import Evidence, Match, Span

router = page_router()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pair stands in the list that is being gone through, and its neighbours."""

    number: int = 0
    total: int = 0
    previous: str = ""
    next: str = ""


@router.get("/events/{event_id}/review/pair")
def pair_page(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    query = request.query_params
    pair = query.get("demand", ""), query.get("supply", "")
    with opened.catalog.reading() as connection:
        event = get(connection, visit, event_id)
        demand, supply = _records(connection, visit, pair)
        review = reviewing.review(connection, opened, event, visit.actor)
        every = decisions.of_event(connection, event.id)
        said = decisions.shown(every, visit.actor).get(pair, [])
        names = reviewing.names_of(connection, {one.person for one in said})
    note_reading(request, visit.actor, [demand, supply], "run.read")
    line = _line(review, pair)
    excluded = None
    if review is not None and line is None:
        excluded = matchedpairs.excluded_of(opened.workspace.path, review.run, pair)
    told = reviewwords.words(visit, said, names)
    mine = next((one for one in told if one.mine), None)
    listed = Asked(_list(query.get("list", "")), query.get("need", ""), query.get("offer", ""))
    place = _place(event, review, pair, listed)
    return page(
        request,
        "review-pair.html",
        event=event,
        pair=pair,
        demand=RecordView(demand, ""),
        supply=RecordView(supply, ""),
        paths=[record_path(one.id) for one in (demand, supply)],
        fit=_fit(opened, demand, supply, review, line),
        score=line.score if line else None,
        why_out=excluded["why"][visit.language] if excluded else "",
        listed=line is not None,
        standing=reviewwords.STANDINGS[standing(said)],
        said=told,
        mine=mine.verdict if mine else Verdict.NONE,
        note=mine.note if mine else "",
        longest=LONGEST_NOTE,
        place=place,
        list_path=with_query(f"/events/{event.id}/review", query_of(listed)),
        mark=review.mark if review else "",
        **rights(visit),
    )


def _records(connection: sa.Connection, visit: Visit, pair: Pair) -> tuple[Record, Record]:
    """Raises ProblemError: 404, one of them is not there for the reader."""
    ids = [record_id for record_id in pair if record_id and "\0" not in record_id]
    found = {one.record.id: one.record for one in find_all(connection, visit.actor.reader, ids)}
    demand, supply = (found.get(record_id) for record_id in pair)
    if demand is None or supply is None:
        raise ProblemError(problems.NOT_FOUND)
    if demand.side is not Side.DEMAND or supply.side is not Side.SUPPLY:
        raise ProblemError(problems.NOT_FOUND)
    return demand, supply


def _line(review: Review | None, pair: Pair) -> Matched | None:
    if review is None:
        return None
    return next((one for one in review.lines if one.pair == pair), None)


def _fit(
    opened: Opened, demand: Record, supply: Record, review: Review | None, line: Matched | None
) -> Fit | None:
    """The facing sentences of the run, and reasons as of now; None while there is no index or
    the pair is not on the list."""
    if review is None or line is None:
        return None
    match = _match(review.pairs.line(line))
    try:
        matcher = opened.matcher()
        hit = Hit(supply, match)
        return fits(demand, [hit], matcher.tell(demand, [hit]))[0]
    except (CungcauError, KeyError):  # no index just now, or a record not in it yet
        return None


def _match(line: dict[str, Any]) -> Match:
    return Match(
        line["demand"],
        line["supply"],
        line["rank"],
        line["score"],
        tuple(
            Evidence(
                Span(**item["demand"]),
                Span(**item["supply"]),
                tuple((one, other) for one, other in item["terms"]),
                Bilingual(**item["why"]),
            )
            for item in line["evidence"]
        ),
    )


def _place(event: Stored, review: Review | None, pair: Pair, listed: Asked) -> Place:
    """The neighbours in the list somebody came from; a pair that has left the list keeps its
    place between those it stood between."""
    if review is None:
        return Place()
    kept = [
        one
        for one in review.lines
        if one.pair == pair or listed.takes(one, review.standing(one.pair))
    ]
    at = next((n for n, one in enumerate(kept) if one.pair == pair), None)
    if at is None:
        return Place(total=len(kept))
    ends = [kept[n] if 0 <= n < len(kept) else None for n in (at - 1, at + 1)]
    previous, following = (_path(event, one.pair, listed) if one else "" for one in ends)
    return Place(at + 1, len(kept), previous, following)


def _path(event: Stored, pair: Pair, listed: Asked) -> str:
    query = {
        "demand": pair[0],
        "supply": pair[1],
        "list": listed.standing.value if listed.standing else "",
        "need": listed.demand,
        "offer": listed.supply,
    }
    kept = {name: value for name, value in query.items() if value}
    return with_query(f"/events/{event.id}/review/pair", kept)


def _list(text: str) -> Standing | None:
    return Standing(text) if text in {one.value for one in Standing} else None
