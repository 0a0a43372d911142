"""The same result by kind of query: where a system is good and where it fails."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import fsum

from evaluation.collections import Collection
from evaluation.measures.intervals import Interval, interval
from evaluation.run import Result
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.text import (
    is_unaccented_vietnamese,
    language_of,
    normalise,
    spelled_words,
    token_of,
    tokens,
)


@dataclass(frozen=True)
class Slice:
    """The mean of one measure over the `queries` judged queries of one kind, with its interval."""

    dimension: Bilingual
    label: Bilingual
    queries: int
    mean: float
    interval: Interval


Place = tuple[int, str, Bilingual]  # sorts the labels of a dimension: number, then name
Texts = Mapping[str, str]

_LANGUAGES = {
    "vi": Bilingual("Việt", "Vietnamese"),
    "en": Bilingual("Anh", "English"),
    "mixed": Bilingual("song ngữ", "bilingual"),
    "several": Bilingual("nhiều thứ tiếng", "several"),
    "none": Bilingual("không có", "none"),
}


def slices(result: Result, measure: str = "nDCG@10") -> tuple[Slice, ...]:
    """The judged queries of a result cut along each dimension; every dimension holds them all.

    Dimensions: direction (language of the query → of its relevant documents), length in words
    (terciles), accents, field (where the collection tells), number of relevant documents (grade
    1 or more), and whether every word of the query stands in some document. Kinds without a
    query are left out. Raises RequestError where the measure is not among the result's.
    """
    if measure not in result.metrics:
        accepted = ", ".join(result.metrics)
        raise RequestError(
            vi=f"Không có độ đo “{measure}”; các độ đo: {accepted}.",
            en=f"There is no measure “{measure}”; choose from: {accepted}.",
        )
    collection = result.judged
    known = dict(zip(collection.query_ids, collection.queries, strict=True))
    texts = {query: known.get(query, "") for query in sorted(result.per_query)}
    found = []
    for dimension, place in _DIMENSIONS:
        members: dict[Place, list[float]] = {}
        for query, where in place(collection, texts).items():
            members.setdefault(where, []).append(result.per_query[query][measure])
        for where in sorted(members, key=lambda one: one[:2]):
            values = members[where]
            mean = fsum(values) / len(values)
            found.append(Slice(dimension, where[2], len(values), mean, interval(values)))
    return tuple(found)


def _direction(collection: Collection, texts: Texts) -> dict[str, Place]:
    documents = dict(zip(collection.document_ids, collection.documents, strict=True))
    spoken: dict[str, str] = {}
    places = {}
    for query, text in texts.items():
        relevant = [one for one in _relevant(collection, query) if one in documents]
        for one in relevant:
            if one not in spoken:
                spoken[one] = _language(documents[one])
        spoken_here = {spoken[one] for one in relevant}
        asked, offered = _language(text), "several" if len(spoken_here) > 1 else "none"
        if len(spoken_here) == 1:
            (offered,) = spoken_here
        here, there = _LANGUAGES[asked], _LANGUAGES[offered]
        order = list(_LANGUAGES)
        place = len(order) * order.index(asked) + order.index(offered)
        label = Bilingual(vi=f"{here.vi} → {there.vi}", en=f"{here.en} → {there.en}")
        places[query] = (place, "", label)
    return places


def _relevant(collection: Collection, query: str) -> list[str]:
    return [one for one, grade in collection.qrels.get(query, {}).items() if grade >= 1]


def _language(text: str) -> str:
    return "vi" if is_unaccented_vietnamese(text) else language_of(text)


def _length(_: Collection, texts: Texts) -> dict[str, Place]:
    """Terciles; queries equally long are never parted, so they need not be equally many."""
    lengths = {query: len(spelled_words(text)) for query, text in texts.items()}
    ordered = sorted(lengths.values())
    short, medium = (ordered[(len(ordered) * third - 1) // 3] for third in (1, 2))
    labels = (
        (0, "", Bilingual(vi=f"ngắn, đến {short} từ", en=f"short, up to {short} words")),
        (1, "", Bilingual(vi=f"vừa, đến {medium} từ", en=f"medium, up to {medium} words")),
        (2, "", Bilingual(vi=f"dài, trên {medium} từ", en=f"long, over {medium} words")),
    )
    return {q: labels[(words > short) + (words > medium)] for q, words in lengths.items()}


def _accents(_: Collection, texts: Texts) -> dict[str, Place]:
    accented = (0, "", Bilingual("tiếng Việt có dấu", "Vietnamese with accents"))
    without = (1, "", Bilingual("tiếng Việt không dấu", "Vietnamese typed without accents"))
    english = (2, "", Bilingual("tiếng Anh", "English"))
    places = {}
    for query, text in texts.items():
        if is_unaccented_vietnamese(text):
            places[query] = without
        else:
            # Decomposed or not, a Vietnamese text without any accent was typed without them.
            plain = without if normalise(text).isascii() else accented
            places[query] = english if language_of(text) == "en" else plain
    return places


def _field(collection: Collection, texts: Texts) -> dict[str, Place]:
    if not collection.fields:
        return {}
    untold = (1, "", Bilingual("không rõ", "not told"))
    told = collection.fields
    return {q: (0, told[q], Bilingual(told[q], told[q])) if told.get(q) else untold for q in texts}


def _number(collection: Collection, texts: Texts) -> dict[str, Place]:
    labels = ("0", "1", "2–3", "4+")
    places = {}
    for query in texts:
        relevant = len(_relevant(collection, query))
        which = (relevant > 0) + (relevant > 1) + (relevant > 3)
        places[query] = (which, "", Bilingual(labels[which], labels[which]))
    return places


def _unseen(collection: Collection, texts: Texts) -> dict[str, Place]:
    vocabulary = _vocabulary(collection.documents)
    seen = (0, "", Bilingual("mọi từ đều có trong tài liệu", "every word stands in a document"))
    some = (1, "", Bilingual("có từ không tài liệu nào có", "some word stands in no document"))
    return {q: seen if vocabulary.issuperset(tokens(text)) else some for q, text in texts.items()}


@lru_cache(maxsize=1)  # one collection is sliced once a system
def _vocabulary(documents: Sequence[str]) -> frozenset[str]:
    words: set[str] = set()
    for document in documents:
        words.update(spelled_words(document))
    return frozenset(map(token_of, words))


_DIMENSIONS: tuple[tuple[Bilingual, Callable[[Collection, Texts], dict[str, Place]]], ...] = (
    (Bilingual("Chiều ngôn ngữ", "Language direction"), _direction),
    (Bilingual("Độ dài", "Length"), _length),
    (Bilingual("Dấu tiếng Việt", "Accents"), _accents),
    (Bilingual("Lĩnh vực", "Field"), _field),
    (Bilingual("Số kết quả phù hợp", "Relevant documents"), _number),
    (Bilingual("Từ lạ", "Unseen words"), _unseen),
)
