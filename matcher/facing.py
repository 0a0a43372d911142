"""Which sentences of two readings face each other, and which of these the score is made of.

Two sentences face each other by the words they share and by meaning. Of the pairs that face each
other best, evidence is what the similarity would lose most by: it is computed anew without the two
sentences, from the words and from the meaning that are left of either record.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.reading import Reading
from matcher.similarity import FloatArray

_MOST = 3  # facing pairs given for one match
_LENGTH_PRIOR = 10.0  # sentences shorter than about this many words are not favoured
# Pairs that face each other less than this share of the best are no evidence, whatever they add.
_TELLING = 0.5
# A further pair takes this share of what the first does, or is left out.
_WORTH_ADDING = 0.5
# The cosine that two sentences taken at random often have.
_UNRELATED = 0.2
_DIGITS = 6  # values that differ by rounding alone are equal

# As in the similarity (`matcher.similarity`, `matcher.fusion`, BM25's k1): the share of meaning,
# the least cosine of whole texts, and the count at which a word of the offer is half saturated.
_MEANING, _BACKGROUND, _DAMP = 0.1, 0.05, 1.2
# A sentence must take the more, the larger its part of its record: what is long takes much by
# chance. On the sample event a word of the need counts best as this many of the offer.
_NEED_WORDS, _SPARE_WORDS = 2.0, 0.05

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FacingPair:
    """Sentence `asked` of the need faces sentence `offered` of the offer by what the words of
    both and what their meaning make of it."""

    asked: int
    offered: int
    words: float
    meaning: float


@dataclass(frozen=True, slots=True)
class Meaning:
    """The sentences of a record by meaning: unit `rows` (n, dimension), zeros for those that are
    not compared, and the products of the rows weighed by their words, (n, n)."""

    rows: FloatArray
    sizes: Matrix
    products: Matrix

    @classmethod
    def of(cls, rows: FloatArray, sizes: Matrix) -> "Meaning":
        weighed = rows * sizes[:, None]
        return cls(rows, sizes, weighed @ weighed.T)

    def lengths(self, left: Matrix) -> tuple[float, Matrix]:
        """The length of the sum of the sentences left (1 or 0 each), and without each of them."""
        along = self.products @ left
        whole = float(left @ along)
        rest = whole - left * (2.0 * along - left * self.products.diagonal())
        return math.sqrt(max(whole, 0.0)), np.sqrt(np.maximum(rest, 0.0))


class Meant:
    """What two records mean: the `cosines` of their sentences, and of what is left of them."""

    def __init__(self, asked: Meaning, offered: Meaning) -> None:
        self.cosines: FloatArray = asked.rows @ offered.rows.T
        self._sides = asked, offered
        self._products = self.cosines * asked.sizes[:, None] * offered.sizes

    def without(self, asked: Matrix, offered: Matrix) -> tuple[float, Matrix]:
        """The cosine of what is left (1 or 0 for each sentence) of either record, now and
        without each pair of sentences."""
        products = self._products * asked[:, None] * offered
        rows, columns = products.sum(axis=1), products.sum(axis=0)
        total = float(rows.sum())
        (one, ones), (other, others) = (
            side.lengths(left) for side, left in zip(self._sides, (asked, offered), strict=True)
        )
        rest = total - rows[:, None] - columns + products
        lengths = np.maximum(ones[:, None] * others, 1e-6)
        return total / max(one * other, 1e-6), np.asarray(rest / lengths)


class Facing:
    """Two readings in one language, sentence by sentence."""

    def __init__(self, asked: Reading, offered: Reading, meant: "Meant") -> None:
        terms = sorted(asked.terms.keys() & offered.terms.keys())
        # Where the two sides weigh a word differently (one has no accents), the lower holds.
        self._worth = np.array([min(asked.worth[t], offered.worth[t]) for t in terms])
        self._asked, self._offered = _stands(asked, terms), _stands(offered, terms)
        self._most = asked.most
        self._sizes = asked.lengths, offered.lengths
        self._meant = meant
        priors = [sizes + _LENGTH_PRIOR for sizes in self._sizes]
        shared = (self._asked * self._worth) @ self._offered.T
        self.words = shared / np.sqrt(priors[0][:, None] * priors[1])
        near = np.clip((meant.cosines - _UNRELATED) / (1.0 - _UNRELATED), 0.0, 1.0)
        self.meaning = near * near
        self.value = np.round(self.words + self.meaning, _DIGITS)

    @property
    def best(self) -> float:
        """How well the best pair of sentences faces; 0 where none does."""
        return float(self.value.max()) if self.value.size else 0.0

    def pairs(self) -> list[FacingPair]:
        """At most three pairs of sentences, what takes most from the similarity first.

        Of equals the earliest sentences stand: what comes first is what a record is about. A
        sentence stands in one pair.
        """
        chosen: list[FacingPair] = []
        if not self.best:
            return chosen
        open_pairs = self.value >= max(_TELLING * self.best, 10.0**-_DIGITS)
        left = [np.ones(len(sizes)) for sizes in self._sizes]
        parts = [sizes / sizes.sum() for sizes in self._sizes]
        length = _NEED_WORDS * parts[0][:, None] + parts[1][None, :] + _SPARE_WORDS
        least = -np.inf
        while len(chosen) < _MOST and open_pairs.any():
            taken = np.where(open_pairs, np.round(self._falls(*left) / length, _DIGITS), -np.inf)
            one, other = divmod(int(taken.argmax()), taken.shape[1])
            if taken[one, other] < least:
                break
            if not chosen:
                least = max(_WORTH_ADDING * float(taken[one, other]), 0.0)
            words, meaning = self.words[one, other], self.meaning[one, other]
            chosen.append(FacingPair(one, other, float(words), float(meaning)))
            left[0][one] = left[1][other] = 0.0
            open_pairs[one, :] = open_pairs[:, other] = False
        return chosen

    def _falls(self, asked: Matrix, offered: Matrix) -> Matrix:
        """How far the similarity falls without each pair of the sentences that are left."""
        now, without = self._words_without(asked, offered)
        meant, meant_without = self._meant.without(asked, offered)
        return np.asarray(_similarity(now, meant) - _similarity(without, meant_without))

    def _words_without(self, left_asked: Matrix, left_offered: Matrix) -> tuple[float, Matrix]:
        """The share of the need's words that is met, now and without each pair of sentences."""
        asked, offered = self._asked * left_asked[:, None], self._offered * left_offered[:, None]
        counts = offered.sum(axis=0)
        met = self._worth * counts / (counts + _DAMP)
        fewer = np.maximum(counts - 1.0, 0.0)
        single = met - self._worth * fewer / (fewer + _DAMP)  # what one sentence of the offer adds
        times = asked.sum(axis=0)
        most = self._most * left_asked
        reachable, total = float(most.sum()), float(times @ met)
        lost = (asked @ met)[:, None] + offered @ (times * single) - (asked * single) @ offered.T
        rest = np.maximum(reachable - most, 1e-9)[:, None]
        return total / max(reachable, 1e-9), np.asarray((total - lost) / rest)


def _similarity(words: Matrix | float, cosine: Matrix | float) -> Matrix:
    meant = np.clip((np.asarray(cosine) - _BACKGROUND) / (1.0 - _BACKGROUND), 0.0, 1.0)
    met = np.clip(np.asarray(words), 0.0, 1.0)
    found = np.cbrt((1.0 - _MEANING) * np.square(met) + _MEANING * np.square(meant))
    return np.asarray(found, dtype=np.float64)


def _stands(reading: Reading, terms: Sequence[str]) -> Matrix:
    """1 where a term stands in a sentence, shape (sentences, terms)."""
    where: Mapping[str, Sequence[int]] = reading.terms
    found = np.zeros((len(reading.sentences), len(terms)))
    rows = [place for term in terms for place in where[term]]
    columns = np.repeat(np.arange(len(terms)), [len(where[term]) for term in terms])
    found[rows, columns] = 1.0
    return found
