"""Offers that say a need's own words back: found, and scored by the rest of what they say.

Two people who write of the same thing hardly ever put eight telling words in a row that the other
uses too: of 45,000 pairs of needs and offers of a real and an invented event none does. A copied
need does, whole or half, in whatever order, and so does a list of its keywords.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from indexer.index import Index
from indexer.records import Record, Side
from indexer.text import fold, is_function_word, normalise, word_spans
from matcher.similarity import FloatArray

IN_A_ROW = 8  # telling words
_LOOKED_AT = 50  # the best offers of each need, and needs of each offer
_LEAST = 0.02  # a lower score needs no lowering

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Copy:
    """Offer `supply` (its position) copies need `demand`; `rest` is what else it says."""

    demand: int
    supply: int
    rest: str


@dataclass(frozen=True, slots=True)
class _Telling:
    """The telling words of a text without accents, in order, and where each stands in it."""

    text: str
    words: tuple[str, ...]
    places: tuple[Range, ...]
    distinct: frozenset[str]


def copied_words(need: str, offer: str) -> int:
    """How many words of the offer are copied of the need's, 0 where none is in a long row."""
    return len(_copied(_telling(need), _telling(offer)))


def find_copies(
    demands: Sequence[Record], supplies: Sequence[Record], scores: FloatArray
) -> list[Copy]:
    """The copies among the best pairs of every need and every offer, in order; `scores` has
    shape (n_demands, n_supplies)."""
    found = []
    offers = [_telling(record.text()) for record in supplies]
    for demand, columns in enumerate(_best_pairs(scores)):
        need = _telling(demands[demand].text())
        if len(need.distinct) < IN_A_ROW:
            continue
        for supply in columns:
            offer = offers[supply]
            if copied := _copied(need, offer):
                found.append(Copy(demand, supply, _without(offer, copied)))
    return found


def demote_copies(
    index: Index, demands: Sequence[Record], supplies: Sequence[Record], scores: FloatArray
) -> list[Copy]:
    """Lowers the scores (n_demands, n_supplies), in place, of offers that copy a need.

    What is copied tells nothing about the offer. So it gets the score that stands in the need's
    list where the rest of its text would by meaning alone, never more than its own. Returns the
    copies found.
    """
    found = find_copies(demands, supplies, scores)
    if not found:
        return []
    columns = np.array([index.supply.row_of[record.id] for record in supplies], dtype=np.int64)
    rests = index.encode([copy.rest for copy in found], Side.SUPPLY)
    copies: dict[int, list[tuple[int, FloatArray]]] = {}
    for copy, rest in zip(found, rests, strict=True):
        copies.setdefault(copy.demand, []).append((copy.supply, rest))
    for demand, offers in copies.items():
        row = index.demand.row_of[demands[demand].id]
        vector = index.demand.vectors.rows(np.array([row]))
        cosines = index.supply.vectors.similarities(vector)[0, columns]
        scores[demand] = _demoted(scores[demand], cosines, vector[0], offers)
    return found


def _demoted(
    scores: FloatArray,
    cosines: FloatArray,
    asked: FloatArray,
    offers: Sequence[tuple[int, FloatArray]],
) -> FloatArray:
    """One need's scores after; `offers` are (position, vector of the rest of the text)."""
    honest = np.ones(len(scores), dtype=bool)
    honest[[offer for offer, _ in offers]] = False
    standing = -np.sort(-scores[honest])
    lowered = scores.copy()
    for offer, rest in offers:
        # Twice as far down: where the words are bought, meaning alone must not be too kind.
        better = 2 * int(np.count_nonzero(cosines[honest] >= float(rest @ asked)))
        # Where nobody else is in the list nothing tells what the rest is worth.
        least = standing[min(better, len(standing) - 1)] if len(standing) else np.float32(0.0)
        lowered[offer] = min(scores[offer], max(least - np.float32(1e-6), np.float32(0.0)))
    return lowered


def _best_pairs(scores: FloatArray) -> Iterator[list[int]]:
    """For each row the columns worth a look: its best, and those it is among the best of."""
    rows, columns = scores.shape
    of_columns: npt.NDArray[np.float32] = np.zeros(columns, dtype=np.float32)
    if rows > _LOOKED_AT:
        for start in range(0, columns, 1024):  # a copy of the scores would be as large as they
            block = scores[:, start : start + 1024]
            of_columns[start : start + 1024] = np.partition(block, rows - _LOOKED_AT, axis=0)[
                rows - _LOOKED_AT
            ]
    for row in scores:
        edge = (
            np.partition(row, columns - _LOOKED_AT)[columns - _LOOKED_AT]
            if (columns > _LOOKED_AT)
            else np.float32(0.0)
        )
        yield np.flatnonzero(((row >= edge) | (row >= of_columns)) & (row >= _LEAST)).tolist()


@lru_cache(maxsize=20_000)
def _telling(text: str) -> _Telling:
    text = normalise(text)
    spans = [
        (start, end, fold(token))
        for start, end, token in word_spans(text)
        if len(token) > 1 and not token.isdigit() and not is_function_word(token)
    ]
    words = tuple(word for _, _, word in spans)
    places = tuple((start, end) for start, end, _ in spans)
    return _Telling(text, words, places, frozenset(words))


def _copied(need: _Telling, offer: _Telling) -> list[int]:
    """The positions among the telling words of the offer that stand in a copied row."""
    # A long need has so many words that some stand in a row by chance.
    least = max(IN_A_ROW, len(need.distinct) // 10)
    if len(need.distinct & offer.distinct) < least:
        return []
    found: list[int] = []
    row: list[int] = []
    for at, word in enumerate((*offer.words, "")):
        if word in need.distinct:
            row.append(at)
            continue
        if len({offer.words[i] for i in row}) >= least:
            found.extend(row)
        row = []
    return found


def _without(offer: _Telling, copied: Sequence[int]) -> str:
    """The text without those words, and without what stands between two of them."""
    kept, begin, out = [], 0, set(copied)
    for at in copied:
        start, end = offer.places[at]
        if at - 1 not in out:
            kept.append(offer.text[begin:start])
        begin = end
    return " ".join([*kept, offer.text[begin:]])
