"""Reviewing the match list of an event: the table, everybody's decisions, what rules kept out."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from starlette.responses import JSONResponse, Response

from api import problems
from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import reviewwords
from api.pages.eventaccess import Looking, Writing, get
from api.pages.fit import word_of
from api.pages.notices import Undo
from api.pages.rendering import HEADERS, page, redirect, with_query
from api.pages.reviewwords import Row
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.readings import note_read
from api.service import decisions, matchedpairs, reviewing, runresults, runs
from api.service.decisions import Pair, Standing, Verdict
from api.service.events import Stored
from api.service.matchedpairs import Matched
from api.service.reviewing import Asked, Review

router = page_router()

_A_PAGE = 40


@router.get("/events/{event_id}/review")
def review_table(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    query, asked = request.query_params, asked_of(request)
    with opened.catalog.reading() as connection:
        event = get(connection, visit, event_id)
        review = reviewing.review(connection, opened, event, visit.actor)
        if review is None:
            return page(request, "review-none.html", event=event, **rights(visit))
        chosen = review.chosen(asked)
        start = start_of(query.get("from", ""), len(chosen))
        lines = chosen[start : start + _A_PAGE]
        rows = rows_of(connection, visit, review, lines)
        names = matchedpairs.titles(connection, filter(None, (asked.demand, asked.supply)))
        secret = runresults.confidential(connection, _ids(lines))
    note_read(request, visit.actor, secret, "run.read")
    return page(
        request,
        "review.html",
        event=event,
        review=review,
        rows=rows,
        counts=review.counts(asked),
        standings=reviewwords.STANDINGS,
        asked=asked,
        narrowed=[
            (side, names.get(record_id, (record_id, ""))[0])
            for side, record_id in (("demand", asked.demand), ("supply", asked.supply))
            if record_id
        ],
        links=_links(event, asked),
        query=with_query("", query_of(asked, start)),
        found=len(chosen),
        first=start + 1,
        previous=_link(event, asked, start - _A_PAGE) if start else "",
        next=_link(event, asked, start + _A_PAGE) if start + _A_PAGE < len(chosen) else "",
        **rights(visit),
    )


@router.get("/events/{event_id}/review/changes")
def review_changes(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    """Whether somebody has decided anything: asked every few seconds by the page."""
    with opened.catalog.reading() as connection:
        event = get(connection, visit, event_id)
        told = {"mark": decisions.mark(connection, event.id)}
    return JSONResponse(told, headers=HEADERS)


@router.post("/events/{event_id}/review/decide")
def decide(
    request: Request, opened: OpenedDep, visit: Writing, request_id: RequestIdDep, event_id: str
) -> Response:
    """One verdict of the actor on one pair; "" takes theirs back."""
    form, gettext = visit.form, visit.words.gettext
    pair = form["demand"], form["supply"]
    verdict = _verdict(form["verdict"])
    with opened.catalog.writing() as connection:
        event = get(connection, visit, event_id)
        before = decisions.decide(connection, event, pair, verdict, visit.actor, request_id)
        names = matchedpairs.titles(connection, pair)
    words = {
        "verdict": visit.say(reviewwords.VERDICTS[verdict]),
        "demand": _short(names[pair[0]][0]),
        "supply": _short(names[pair[1]][0]),
    }
    said = gettext("%(verdict)s: “%(demand)s” – “%(supply)s”.") % words
    back = _back(form["back"], event, pair)
    if before is verdict:
        return redirect(request, back, said)
    fields = {
        "demand": pair[0],
        "supply": pair[1],
        "verdict": before.value,
        "back": form["back"][:300],
    }
    undo = Undo(f"/events/{event.id}/review/decide", fields)
    return redirect(request, back, said, undo=undo)


@router.post("/events/{event_id}/review/note")
def annotate(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    """The actor's note on a pair; an empty one takes it away."""
    form = visit.form
    pair = form["demand"], form["supply"]
    with opened.catalog.writing() as connection:
        event = get(connection, visit, event_id)
        decisions.annotate(connection, event, pair, form["note"], visit.actor)
    back = _back(form["back"], event, pair)
    return redirect(request, back, visit.words.gettext("Đã lưu ghi chú."))


@router.get("/events/{event_id}/review/excluded")
def excluded(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    """The pairs that rules kept off the list, each with its reason."""
    return _part(request, opened, visit, event_id, "excluded")


@router.get("/events/{event_id}/review/unmatched")
def unmatched(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    """The needs and offers without a match, each with what came nearest."""
    return _part(request, opened, visit, event_id, "unmatched")


def asked_of(request: Request) -> Asked:
    """The filters of an address; what cannot be read asks for nothing."""
    query = request.query_params
    wanted = query.get("show", "")
    stands = Standing(wanted) if wanted in {one.value for one in Standing} else None
    return Asked(stands, query.get("demand", ""), query.get("supply", ""))


def query_of(asked: Asked, start: int = 0) -> dict[str, str]:
    values = {
        "show": asked.standing.value if asked.standing else "",
        "demand": asked.demand,
        "supply": asked.supply,
        "from": str(start) if start > 0 else "",
    }
    return {name: value for name, value in values.items() if value}


def start_of(text: str, length: int, step: int = _A_PAGE) -> int:
    """The first line of a page; where the list has become shorter, of the last page."""
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    last = max(length - 1, 0) // step * step
    return min(asked // step * step, last)


def rows_of(
    connection: sa.Connection, visit: Visit, review: Review, lines: Iterable[Matched]
) -> list[Row]:
    """Lines of the table with titles, flags in words, and who decided what."""
    shown = list(lines)
    titles = matchedpairs.titles(connection, _ids(shown))
    people = {one.person for line in shown for one in review.said.get(line.pair, ())}
    names = reviewing.names_of(connection, people)
    return [reviewwords.row(visit, line, titles, review, names) for line in shown]


def _part(request: Request, opened: Opened, visit: Visit, event_id: str, part: str) -> Response:
    start = request.query_params.get("from", "")
    place = int(start) if start.isascii() and start.isdecimal() and len(start) < 15 else 0
    with opened.catalog.reading() as connection:
        event = get(connection, visit, event_id)
        workspace = opened.workspace.path
        run = matchedpairs.latest(connection, workspace, event.id, visit.actor)
        if run is None:
            return page(request, "review-none.html", event=event, **rights(visit))
        try:
            read = runresults.read(connection, workspace, run, visit.actor, part, place, _A_PAGE)
        except ProblemError as error:
            if error.kind is not problems.INVALID:
                raise
            read = runresults.read(connection, workspace, run, visit.actor, part, 0, _A_PAGE)
        titles = matchedpairs.titles(connection, read.named)
        secret = runresults.confidential(connection, read.named)
    note_read(request, visit.actor, secret, "run.read")
    here = f"/events/{event.id}/review/{part}"
    return page(
        request,
        f"review-{part}.html",
        event=event,
        run=run,
        counts=run.result if runs.covers(visit.actor, run) else {},
        items=[_with_titles(visit, line, titles) for line in read.items],
        previous=here if place else "",
        next=with_query(here, {"from": str(read.next)}) if read.next else "",
        **rights(visit),
    )


def _with_titles(
    visit: Visit, line: dict[str, Any], titles: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    """A line of a result with what its records are called, and its words in the reader's."""
    near = line.get("nearest") or {}
    told = {"nearest": None, **line}
    for place, name in (("demand", "demand"), ("supply", "supply"), ("id", "record")):
        if line.get(place):
            told[f"{name}_name"] = titles.get(line[place], (line[place], ""))
    for words in ("rule", "why"):
        if words in line:
            told[words] = line[words][visit.language]
    if near:
        other = near["supply"] if line.get("side") == "demand" else near["demand"]
        told["near_name"] = titles.get(other, (other, ""))
        told["near_word"] = visit.say(word_of(near["score"]))
    return told


def _links(event: Stored, asked: Asked) -> list[tuple[Standing | None, str]]:
    """An address for every standing, and for all."""
    return [
        (stands, _link(event, Asked(stands, asked.demand, asked.supply), 0))
        for stands in (None, *Standing)
    ]


def _link(event: Stored, asked: Asked, start: int) -> str:
    return with_query(f"/events/{event.id}/review", query_of(asked, start))


def _back(wanted: str, event: Stored, pair: Pair) -> str:
    """Where a form goes back to: "list" with its filters, or the pair itself."""
    here = f"/events/{event.id}/review"
    if wanted == "pair":
        return with_query(f"{here}/pair", {"demand": pair[0], "supply": pair[1]})
    return here + wanted if wanted.startswith("?") else here


def _verdict(text: str) -> Verdict:
    return Verdict(text) if text in {one.value for one in Verdict} else Verdict.NONE


def _ids(lines: Iterable[Matched]) -> set[str]:
    return {record_id for line in lines for record_id in line.pair}


def rights(visit: Visit) -> dict[str, bool]:
    return {
        "may_decide": visit.actor.may(Action.EVENTS_WRITE),
        "may_start": visit.actor.may(Action.RUNS_START),
        "may_write": visit.actor.may(Action.EVENTS_WRITE),
    }


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59].rstrip() + "…"
