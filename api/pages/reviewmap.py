"""The match list as a map: needs × offers, each pair a cell, darker the better it fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep
from api.pages import reviewwords
from api.pages.eventaccess import Looking, get
from api.pages.fit import word_of
from api.pages.rendering import page, with_query
from api.pages.review import rights, start_of
from api.pages.visit import page_router
from api.readings import note_read
from api.service import matchedpairs, reviewing, runresults
from api.service.decisions import Standing
from api.service.matchedpairs import Matched
from api.service.reviewing import Review
from indexer.bilingual import Bilingual

router = page_router()

NEEDS, OFFERS = 20, 29  # of one map: as many cells as somebody can take in
SIDE, LEFT, TOP = 30, 230, 190  # of a cell, of the names of needs and of offers, in pixels
_LABEL = 30  # characters of a name
_STEPS = (0.5, 0.25, 0.1)  # scores from which a cell is darker, as the words of scores
MARKS: Mapping[Standing, str] = {
    Standing.ACCEPTED: "✓",
    Standing.REJECTED: "✕",
    Standing.PINNED: "★",
    Standing.VETOED: "⊘",
    Standing.DISPUTED: "?",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A pair on the map; `heat` is 0 to 3, `column` and `row` count from 0."""

    row: int
    column: int
    heat: int
    mark: str
    score: float
    word: Bilingual
    standing: Bilingual
    query: str


@dataclass(frozen=True, slots=True)
class Map:
    """Ids of needs and offers, and the cells; `beyond` offers have no room on it."""

    needs: Sequence[str]
    offers: Sequence[str]
    cells: Sequence[Cell]
    beyond: int

    @property
    def width(self) -> int:
        return LEFT + SIDE * len(self.offers) + 60

    @property
    def height(self) -> int:
        return TOP + SIDE * len(self.needs) + 8


@router.get("/events/{event_id}/review/map")
def review_map(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    with opened.catalog.reading() as connection:
        event = get(connection, visit, event_id)
        review = reviewing.review(connection, opened, event, visit.actor)
        if review is None:
            return page(request, "review-none.html", event=event, **rights(visit))
        needs = list(dict.fromkeys(one.demand for one in review.lines))
        start = start_of(request.query_params.get("from", ""), len(needs), NEEDS)
        shown = needs[start : start + NEEDS]
        lines = [one for one in review.lines if one.demand in set(shown)]
        drawn = _map(shown, lines, review)
        ids = {*drawn.needs, *drawn.offers}
        titles = matchedpairs.titles(connection, ids)
        secret = runresults.confidential(connection, ids)
    note_read(request, visit.actor, secret, "run.read")
    here = f"/events/{event.id}/review/map"
    return page(
        request,
        "review-map.html",
        event=event,
        review=review,
        map=drawn,
        names={name: titles.get(name, (name, ""))[0] for name in ids},
        short={name: _short(titles.get(name, (name, ""))[0]) for name in ids},
        side=SIDE,
        left=LEFT,
        top=TOP,
        legend=[(3 - place, word_of(least)) for place, least in enumerate((*_STEPS, 0.0))],
        marks=[(mark, reviewwords.STANDINGS[one][1]) for one, mark in MARKS.items()],
        first=start + 1,
        total=len(needs),
        previous=with_query(here, {"from": str(start - NEEDS)} if start > NEEDS else {})
        if start
        else "",
        next=with_query(here, {"from": str(start + NEEDS)}) if start + NEEDS < len(needs) else "",
        **rights(visit),
    )


def _map(needs: Sequence[str], lines: Sequence[Matched], review: Review) -> Map:
    """The best offer of every need has a column, then the other offers, best score first; they
    stand in the order of the needs they fit best, so that what belongs together is near."""
    best: dict[str, Matched] = {}
    first: dict[str, None] = {}
    seen: set[str] = set()
    for one in lines:  # best first
        best.setdefault(one.supply, one)
        if one.demand not in seen:
            seen.add(one.demand)
            first.setdefault(one.supply)
    kept = list(dict.fromkeys((*first, *best)))[:OFFERS]
    row = {record_id: place for place, record_id in enumerate(needs)}
    kept.sort(key=lambda offer: (row[best[offer].demand], -best[offer].score, offer))
    column = {record_id: place for place, record_id in enumerate(kept)}
    cells = [_cell(one, row, column, review) for one in lines if one.supply in column]
    return Map(
        needs,
        kept,
        sorted(cells, key=lambda cell: (cell.row, cell.column)),
        len(best) - len(kept),
    )


def _cell(one: Matched, row: Mapping[str, int], column: Mapping[str, int], review: Review) -> Cell:
    stands = review.standing(one.pair)
    return Cell(
        row=row[one.demand],
        column=column[one.supply],
        heat=sum(one.score >= least for least in _STEPS),
        mark=MARKS.get(stands, ""),
        score=one.score,
        word=word_of(one.score),
        standing=reviewwords.STANDINGS[stands][1],
        query=urlencode({"demand": one.demand, "supply": one.supply}),
    )


def _short(text: str) -> str:
    return text if len(text) <= _LABEL else text[: _LABEL - 1].rstrip() + "…"
