"""A record that is still being written, tried out: its matches now, and what would help it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from api.opened import Opened
from api.pages.fit import Fit, fits
from api.pages.recordform import Entered, asked
from api.pages.visit import Visit
from api.problems import ProblemError
from api.readings import note_reading
from api.schemas.written import RecordFields
from api.service.advising import advice_of
from api.service.drafts import draft
from indexer.bilingual import Bilingual
from indexer.errors import BadValue, CungcauError
from indexer.records import Record, Side
from matcher.export.views import RecordView
from matcher.hit import Hit
from matcher.telling import Told

_SHOWN = 5
_LOG = logging.getLogger("cungcau.pages")


@dataclass(frozen=True, slots=True)
class Trial:
    """`view` is how others see the record; None where there is no text yet. `failure` says why
    nothing could be searched."""

    view: RecordView | None = None
    record: Record | None = None
    fits: tuple[Fit, ...] = ()
    advice: tuple[Bilingual, ...] = ()
    failure: Bilingual | None = None


def tried(
    request: Request, opened: Opened, visit: Visit, side: Side, now: Entered, *, name: str = "draft"
) -> Trial:
    """What comes of the form as it stands; values that cannot be used are left out of it."""
    record = drafted(side, now, name)
    if record is None:
        return Trial()
    view = RecordView(record, "")
    try:
        matcher = opened.matcher().readable(visit.actor.reader)
        hits = matcher.search(record, k=_SHOWN)
        told = matcher.tell(record, hits)
        with opened.catalog.reading() as connection:
            advice = advice_of(connection, opened.index(), record, visit.actor.reader)
    except CungcauError as error:  # the index cannot be opened: the form is to work all the same
        _LOG.warning("a draft cannot be tried: %s", error)
        return Trial(view, record, failure=_NOT_NOW)
    note_reading(request, visit.actor, [hit.record for hit in hits], "search")
    return Trial(view, record, _fits(record, hits, told), tuple(one.words for one in advice))


def drafted(side: Side, now: Entered, name: str = "draft") -> Record | None:
    """The record the form describes so far; None where it has no text."""
    try:
        values: Mapping[str, Any] = asked(now, Entered())
    except BadValue:
        values = asked(now.taking(Entered(), {"codes"}), Entered())
    for _ in range(2):
        try:
            made = draft(RecordFields.model_validate(values), side)
            return made.model_copy(update={"id": name})
        except ValidationError as error:
            wrong = {str(item["loc"][0]) for item in error.errors()}
        except ProblemError as problem:
            wrong = {one.place.removeprefix("body.").partition(".")[0] for one in problem.errors}
        values = {key: value for key, value in values.items() if key not in wrong}
    return None


def _fits(record: Record, hits: list[Hit], told: list[Told]) -> tuple[Fit, ...]:
    return tuple(fits(record, hits, told))


_NOT_NOW = Bilingual(
    vi="Hiện chưa tìm được hồ sơ phù hợp vì chỉ mục chưa sẵn sàng. Hồ sơ vẫn lưu được bình thường.",
    en="Matches cannot be looked for now: the index is not ready. The record can be saved all the "
    "same.",
)
