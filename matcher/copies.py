"""Offers that say a need's own words back: found, and scored by the rest of what they say.

Two people who write of the same thing hardly ever put eight telling words in a row that the other
uses too: of 45,000 pairs of needs and offers of a real and an invented event none does. A copied
need does, whole or half, in whatever order, and so does a list of its keywords.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np
import numpy.typing as npt

from indexer.index import Index
from indexer.records import Record, Side
from indexer.text import (
    fold,
    is_function_word,
    normalise,
    token_of,
    word_places,
    written_words,
)
from matcher.similarity import FloatArray

IN_A_ROW = 8  # telling words
_LOOKED_AT = 50  # the best offers of each need, and needs of each offer
_BLOCK_CELLS = 4_000_000  # cosines looked at together: 16 MB
_WORTH_ROWS = 10_000  # pairs: to number the words of fewer takes longer than it saves
_LEAST = 0.02  # a lower score needs no lowering
# Where so many honest offers are nearer to the need than the rest of a copy, the rest is worth
# nothing: nobody looks so far down a list, and to rank among a million takes a second.
IN_FRONT = 100

Range = tuple[int, int]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Copy:
    """Offer `supply` (its position) copies need `demand`; `rest` is what else it says."""

    demand: int
    supply: int
    rest: str


@dataclass(frozen=True)
class _Telling:
    """The telling words of a text without accents, in order."""

    text: str
    words: tuple[str, ...]
    distinct: frozenset[str]

    @cached_property
    def places(self) -> list[Range]:
        """Where each stands in the text."""
        words = word_places(self.text)
        return [(start, end) for start, end in words if _plain(self.text[start:end])]


def copied_words(need: str, offer: str) -> int:
    """How many words of the offer are copied of the need's, 0 where none is in a long row."""
    return len(_copied(_telling(need), _telling(offer)))


def may_copy(demands: Sequence[Record], supplies: Sequence[Record]) -> npt.NDArray[np.bool_]:
    """False where a pair shares too few words for a copy, (n_demands, n_supplies); a hundred times
    as fast as looking for one, and most searches go no further."""
    found = np.zeros((len(demands), len(supplies)), dtype=np.bool_)
    offers: list[_Telling] = []
    for row, demand in enumerate(demands):
        need = _telling(demand.text())
        if len(need.distinct) >= IN_A_ROW:
            offers = offers or [_telling(record.text()) for record in supplies]
            found[row] = [len(need.distinct & o.distinct) >= _least(need) for o in offers]
    return found


def find_copies(
    demands: Sequence[Record], supplies: Sequence[Record], scores: FloatArray
) -> list[Copy]:
    """The copies among the best pairs of every need and every offer, in order; `scores` has
    shape (n_demands, n_supplies)."""
    found = []
    many = scores.size >= _WORTH_ROWS
    rows = _Rows([_telling(record.text()) for record in supplies]) if many else None
    for demand, columns in enumerate(_best_pairs(scores)):
        need = _telling(demands[demand].text())
        if len(need.distinct) < IN_A_ROW:
            continue
        for supply in rows.long(need, columns) if rows else columns.tolist():
            offer = rows.told[supply] if rows else _telling(supplies[supply].text())
            if copied := _copied(need, offer):
                found.append(Copy(demand, supply, _without(offer, copied)))
    return found


def demote_copies(
    index: Index, demands: Sequence[Record], supplies: Sequence[Record], scores: FloatArray
) -> list[Copy]:
    """Lowers the scores (n_demands, n_supplies), in place, of offers that copy a need.

    What is copied tells nothing about the offer. So it gets the score that stands in the need's
    list where the rest of its text would by meaning alone, never more than its own, and none where
    `IN_FRONT` others are nearer. Returns the copies found.
    """
    found = find_copies(demands, supplies, scores)
    if not found:
        return []
    columns = np.array([index.supply.row_of[record.id] for record in supplies], dtype=np.int64)
    # Offers that copy several needs often leave the same rest, and to encode it takes long.
    number = {rest: i for i, rest in enumerate(dict.fromkeys(copy.rest for copy in found))}
    encoded = index.encode(list(number), Side.SUPPLY)
    rests = encoded[np.array([number[copy.rest] for copy in found])]
    copies: dict[int, list[tuple[int, FloatArray]]] = {}
    for copy, rest in zip(found, rests, strict=True):
        copies.setdefault(copy.demand, []).append((copy.supply, rest))
    needs = list(copies)
    step = max(1, _BLOCK_CELLS // max(len(columns), 1))
    for start in range(0, len(needs), step):
        some = needs[start : start + step]
        rows = np.array([index.demand.row_of[demands[i].id] for i in some], dtype=np.int64)
        vectors = index.demand.vectors.rows(rows)
        cosines = index.supply.vectors.similarities(vectors)[:, columns]
        for place, demand in enumerate(some):
            lowered = demoted(scores[demand], cosines[place], vectors[place], copies[demand])
            scores[demand] = lowered
    return found


def demoted(
    scores: FloatArray,
    cosines: FloatArray,
    asked: FloatArray,
    offers: Sequence[tuple[int, FloatArray]],
) -> FloatArray:
    """One need's scores after; `offers` are (position, vector of the rest of the text)."""
    honest = np.ones(len(scores), dtype=bool)
    honest[[offer for offer, _ in offers]] = False
    others = Honest(scores[honest], cosines[honest])
    lowered = scores.copy()
    for offer, rest in offers:
        lowered[offer] = others.lowered(scores[offer], np.float32(rest @ asked))
    return lowered


class Honest:
    """The offers that copy nothing of a need, in order by score and by cosine, (n,) each: all of
    them, or at least the `IN_FRONT` best by cosine and twice as many by score."""

    def __init__(self, scores: FloatArray, cosines: FloatArray) -> None:
        self._scores, self._cosines = np.sort(scores), np.sort(cosines)

    def lowered(
        self,
        score: np.float32,
        rest: np.float32,
        own: tuple[np.float32, np.float32] | None = None,
    ) -> np.float32:
        """The score of an offer that copies the need, whose rest has the cosine `rest`; `own` are
        its (score, cosine) where it is among these: nobody stands behind itself."""
        many = len(self._scores)
        better = many - int(np.searchsorted(self._cosines, rest))
        if own is not None:
            many, better = many - 1, better - int(own[1] >= rest)
        # Where nobody else is in the list nothing tells what the rest is worth.
        least = np.float32(0.0)
        if many and better < IN_FRONT:
            # Twice as far down: where the words are bought, meaning alone must not be too kind.
            place = -1 - min(2 * better, many - 1)
            least = self._scores[place]
            if own is not None and least <= own[0]:
                least = self._scores[place - 1]
        return min(score, max(least - np.float32(1e-6), np.float32(0.0)))


class _Rows:
    """The telling words of many offers as numbers, to find long rows of a need's at a glance."""

    def __init__(self, told: Sequence[_Telling]) -> None:
        self.told = told
        # 0 is no word: it stands behind each offer, so that no row runs on into the next.
        words = list(chain.from_iterable((*one.words, "") for one in told))
        known = dict.fromkeys(chain([""], words))
        self._number = {word: number for number, word in enumerate(known)}
        self._words = np.fromiter(map(self._number.__getitem__, words), np.int64, len(words))
        self._bounds = np.cumsum([0, *(len(one.words) + 1 for one in told)])

    def long(self, need: _Telling, offers: Positions) -> list[int]:
        """Those of `offers` that have as many of the need's words in a row as make a copy, repeats
        counted; in the order given."""
        marks = np.zeros(len(self._number), dtype=np.bool_)
        marks[[self._number[word] for word in need.distinct if word in self._number]] = True
        begins, ends = self._bounds[offers], self._bounds[offers + 1]
        lasts = np.cumsum(ends - begins)
        places = np.arange(lasts[-1] if len(lasts) else 0)
        inside = marks[self._words[places + np.repeat(ends - lasts, ends - begins)]]
        row = places - np.maximum.accumulate(np.where(inside, -1, places))
        met = np.searchsorted(lasts, np.flatnonzero(row >= _least(need)), side="right")
        return [int(offer) for offer in offers[np.unique(met)]]


def _least(need: _Telling) -> int:
    """A long need has so many words that some stand in a row by chance."""
    return max(IN_A_ROW, len(need.distinct) // 10)


def _best_pairs(scores: FloatArray) -> Iterator[Positions]:
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
        yield np.flatnonzero(((row >= edge) | (row >= of_columns)) & (row >= _LEAST))


@lru_cache(maxsize=20_000)
def _telling(text: str) -> _Telling:
    text = normalise(text)
    words = tuple(filter(None, map(_plain, written_words(text))))
    return _Telling(text, words, frozenset(words))


@lru_cache(maxsize=200_000)
def _plain(word: str) -> str:
    """The token of a word as written without accents, "" where it tells nothing."""
    token = token_of(word.lower())
    tells = len(token) > 1 and not token.isdigit() and not is_function_word(token)
    return fold(token) if tells else ""


def _copied(need: _Telling, offer: _Telling) -> list[int]:
    """The positions among the telling words of the offer that stand in a copied row."""
    least = _least(need)
    inside = bytes(map(need.distinct.__contains__, offer.words))
    if b"\1" * least not in inside:
        return []
    found: list[int] = []
    for row in re.finditer(b"\1{%d,}" % least, inside):
        if len(set(offer.words[row.start() : row.end()])) >= least:
            found.extend(range(*row.span()))
    return found


def _without(offer: _Telling, copied: Sequence[int]) -> str:
    """The text without those words, and without what stands between two of them."""
    kept, begin, out, places = [], 0, set(copied), offer.places
    for at in copied:
        start, end = places[at]
        if at - 1 not in out:
            kept.append(offer.text[begin:start])
        begin = end
    return " ".join([*kept, offer.text[begin:]])
