"""Searching: a need or an offer in one's own words, and what answers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.responses import Response

from api.actors import Action
from api.deps import OpenedDep
from api.pages.addresses import record_path, whole_address
from api.pages.fit import LIKELY, Fit, fits
from api.pages.narrowing import LONGEST, PAGE, Asked, asked_by, chips, facets
from api.pages.rendering import page
from api.pages.visit import Visit, page_router, permitted
from api.readings import note_reading
from api.service import searching
from api.service.searching import DEEPEST, Found, Search
from api.service.stated import Stated, asker, stated
from indexer.conditions import parse_condition
from indexer.records import Record, Side
from matcher.export.clean import shorten
from matcher.export.views import RecordView
from matcher.matcher import Matcher

router = page_router()
Searcher = Annotated[Visit, Depends(permitted(Action.SEARCH))]

_EXPERTS = (parse_condition("type=expert"),)
_SHORT = 1_000  # characters of a text that signing in leads back to
_CARRIED = 500  # characters of a text in the address of each answer
_NEAREST, _NEAR_EXPERTS, _NEAR_FIELDS = 4, 2, 5


@dataclass(frozen=True, slots=True)
class Near:
    """What is closest where nothing fits."""

    fields: tuple[tuple[str, str], ...]  # with the address of a search for each
    experts: tuple[Record, ...]
    records: tuple[Record, ...]


@router.get("/search")
def search(request: Request, opened: OpenedDep, visit: Searcher) -> Response:
    asked = asked_by(request.query_params)
    known = stated(asked.text, asked.want.other)
    if not known.points:
        return page(
            request, "search.html", asked=asked, known=known, answered=False, longest=LONGEST
        )
    matcher = opened.matcher()
    found = _found(matcher, visit, asked, known)
    note_reading(request, visit.actor, found.records, "search")
    about = asker(asked.text, asked.want.other, known)
    shown = fits(about, found.hits, found.told)
    weak = not asked.offset and (not shown or shown[0].score < LIKELY)
    near = _near(matcher, visit, asked, shown) if weak else None
    if near:
        note_reading(request, visit.actor, (*near.experts, *near.records), "search")
    return page(
        request,
        "search.html",
        asked=asked,
        known=known,
        answered=True,
        longest=LONGEST,
        shown=shown,
        weak=weak,
        near=near,
        total=len(found.counted),
        deepest=DEEPEST,
        chips=chips(asked),
        facets=facets(asked, [hit.record for hit in found.counted]),
        share=whole_address(request, opened, asked.at(0).path()),
        previous=asked.at(asked.offset - PAGE).path() if asked.offset else "",
        next=asked.at(asked.offset + PAGE).path() if found.answer["next_offset"] else "",
        view=lambda record: RecordView(record, ""),
        record_path=lambda id_: record_path(id_, q=shorten(asked.text, _CARRIED)),
        contact_path=lambda id_: record_path(id_, "/contact", q=shorten(asked.text, _CARRIED // 2)),
        sign_in="/sign-in?"
        + urlencode({"next": asked.path() if len(asked.text) <= _SHORT else "/search"}),
        may_save=visit.actor.may(Action.SEARCHES),
        mails=bool(opened.workspace.settings.smtp_url) and visit.actor.kind == "person",
    )


@router.get("/search/unclear")
def unclear(request: Request, visit: Searcher) -> Response:
    """What is clear and what is not in a need, while it is being typed: a piece of a page."""
    asked = asked_by(request.query_params)
    known = stated(asked.text, asked.want.other)
    return page(request, "search-unclear.html", known=known)


def about_of(asked: Asked, known: Stated) -> str | Record:
    """What is looked for: the text; where it states values too, a record of it."""
    if known.trl or known.money or known.place:
        return asker(asked.text, asked.want.other, known)
    return asked.text


def _found(matcher: Matcher, visit: Visit, asked: Asked, known: Stated) -> Found:
    wanted = Search(
        about_of(asked, known),
        asked.want,
        PAGE,
        asked.offset,
        asked.conditions,
        reasons=True,
        facets=True,
    )
    return searching.run(matcher, visit.actor.reader, wanted)


def _near(matcher: Matcher, visit: Visit, asked: Asked, shown: Sequence[Fit]) -> Near:
    """The fields, experts and records that are closest, beside those shown already."""
    reader = visit.actor.reader
    closest = matcher.nearest(asked.text, want=asked.want, k=3 * _NEAREST, reader=reader)
    experts: Sequence[Record] = ()
    if asked.want is Side.SUPPLY:
        experts = matcher.nearest(
            asked.text, want=asked.want, k=_NEAR_EXPERTS, where=_EXPERTS, reader=reader
        )
    fields = dict.fromkeys(record.field.strip() for record in closest if record.field.strip())
    seen = {fit.record.id for fit in shown} | {record.id for record in experts}
    return Near(
        tuple((name, Asked(name, asked.want).path()) for name in list(fields)[:_NEAR_FIELDS]),
        tuple(experts),
        tuple([record for record in closest if record.id not in seen][:_NEAREST]),
    )
