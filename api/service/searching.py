"""A search as the service answers it: page by page, with reasons and counts where asked for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indexer.conditions import Condition
from indexer.keeping.access import Reader
from indexer.records import Record, Side
from matcher.hit import Hit
from matcher.matcher import Matcher

if TYPE_CHECKING:
    from matcher.telling import Told

DEEPEST = 100  # the place of the last match a search answers with
_MOST_VALUES = 20  # of one facet
_FACETS = ("type", "field", "place")


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: a text or a record, on which side, and which part of the list."""

    asked: str | Record
    want: Side
    k: int
    offset: int = 0
    where: Sequence[Condition] = ()
    reasons: bool = False
    facets: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, as JSON; `hits` are those it shows, with what is `told` of each where
    reasons were asked for. `counted` are those that facets count."""

    answer: dict[str, Any]
    hits: tuple[Hit, ...]
    told: "tuple[Told, ...]" = ()
    counted: tuple[Hit, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """The records of the hits."""
        return tuple(hit.record for hit in self.hits)


def run(matcher: Matcher, reader: Reader, search: Search) -> Found:
    """The page of what `reader` may read."""
    if not reader.everything:
        matcher = matcher.readable(reader)
    stop = min(search.offset + search.k, DEEPEST)
    depth = DEEPEST if search.facets else stop
    hits = matcher.answer(search.asked, want=search.want, k=depth, where=search.where)
    shown = hits[search.offset : stop]
    items = [hit.to_json() for hit in shown]
    told = matcher.tell(search.asked, shown) if search.reasons else []
    if search.reasons:
        items = [{**item, **one.to_json()} for item, one in zip(items, told, strict=True)]
    more = len(hits) > stop if depth > stop else len(hits) == stop
    answer: dict[str, Any] = {
        "items": items,
        "next_offset": stop if more and stop < DEEPEST else None,
    }
    if search.facets:
        answer["facets"] = _facets(hits)
    return Found(answer, tuple(shown), tuple(told), tuple(hits) if search.facets else ())


def _facets(hits: Sequence[Hit]) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for name in _FACETS:
        values = (str(getattr(hit.record, name)).strip() for hit in hits)
        counted = Counter(value for value in values if value)
        ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_MOST_VALUES]
        found[name] = [{"value": value, "count": count} for value, count in ordered]
    return found
