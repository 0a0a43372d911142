"""The needs a system serves worst: what it returned, and what it should have."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.collections import useful
from evaluation.page.standings import HEADLINE
from evaluation.run import Result
from matcher.export.clean import clean, shorten

_NEED, _TITLE = 600, 140  # characters shown


@dataclass(frozen=True, slots=True)
class Seen:
    """One offer as a line: `grade` None where nobody judged it, `place` None where not returned."""

    document: str
    title: str
    grade: int | None
    place: int | None
    useful: bool
    known: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """One need: `returned` are the first offers it got, `wanted` the best it could have got.

    `text` is what the title does not say, empty where it says all.
    """

    query: str
    title: str
    text: str
    value: float
    field: str
    returned: tuple[Seen, ...]
    wanted: tuple[Seen, ...]


def failures(result: Result, most: int = 10, lines: int = 5) -> tuple[Failure, ...]:
    """The `most` needs with the lowest nDCG@10 below 1, of equals the lower AP, then id, first.

    Needs for which nothing relevant exists are left out: no ranking serves them.
    """
    collection = result.judged
    wanting = [
        query
        for query, values in result.per_query.items()
        if values[HEADLINE] < 1.0 and max(collection.qrels[query].values(), default=0) >= 1
    ]
    wanting.sort(key=lambda q: (result.per_query[q][HEADLINE], result.per_query[q]["AP"], q))
    needs = dict(zip(collection.query_ids, collection.queries, strict=True))
    offers = dict(zip(collection.document_ids, collection.documents, strict=True))
    return tuple(
        Failure(
            query=query,
            title=first_words(needs.get(query, "")),
            text=_rest(needs.get(query, "")),
            value=result.per_query[query][HEADLINE],
            field=collection.fields.get(query, ""),
            returned=_returned(result, query, offers, lines),
            wanted=_wanted(result, query, offers, lines),
        )
        for query in wanting[:most]
    )


def _returned(
    result: Result, query: str, offers: Mapping[str, str], lines: int
) -> tuple[Seen, ...]:
    ranking = result.run.get(query)
    found = ranking.document_ids[:lines] if ranking else ()
    return tuple(_seen(result, query, one, offers, place) for place, one in enumerate(found, 1))


def _wanted(result: Result, query: str, offers: Mapping[str, str], lines: int) -> tuple[Seen, ...]:
    grades = result.judged.qrels[query]
    ranking = result.run.get(query)
    places = {one: at for at, one in enumerate(ranking.document_ids if ranking else (), 1)}
    relevant = sorted((one for one in grades if grades[one] >= 1), key=lambda d: (-grades[d], d))
    return tuple(_seen(result, query, one, offers, places.get(one)) for one in relevant[:lines])


def _seen(
    result: Result, query: str, document: str, offers: Mapping[str, str], place: int | None
) -> Seen:
    grade = result.judged.qrels[query].get(document)
    text = offers.get(document)
    return Seen(
        document=document,
        title=first_words(text or ""),
        grade=grade,
        place=place,
        useful=grade is not None and grade >= useful(result.judged),
        known=text is not None,
    )


def _rest(text: str) -> str:
    """The text after its first line, or all of it where that line was cut."""
    lines = [" ".join(line.split()) for line in clean(text).splitlines() if line.strip()]
    cut = bool(lines) and first_words(text) != lines[0]
    return shorten("\n".join(lines if cut else lines[1:]), _NEED)


def first_words(text: str) -> str:
    """The first line of a text that says something, cut to what fits one line of a page."""
    lines = (" ".join(line.split()) for line in clean(text).splitlines())
    return shorten(next((line for line in lines if line), ""), _TITLE)
