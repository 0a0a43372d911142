"""Which sentences of two readings face each other, and which of these the score is made of.

Two sentences face each other by the words they share and by meaning. Of the pairs that face each
other best, evidence is what the similarity would lose most by: it is computed anew without the two
sentences, from the words and from the meaning that are left of either record.

Many pairs of records are looked at together: everything lies in flat arrays, a number for each
sentence of either record (a row, a column) or for each two of them (a cell), see `Grid`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.meaning import Left, Meaning, Meant
from matcher.pairgrid import Grid
from matcher.reading import Reading
from matcher.sharing import Shared

_MOST = 3  # facing pairs given for one match
_LENGTH_PRIOR = 10.0  # sentences shorter than about this many words are not favoured
# Pairs that face each other less than this share of the best are no evidence, whatever they add.
_TELLING = 0.5
# A further pair takes this share of what the first does, or is left out.
_WORTH_ADDING = 0.5
# The cosine that two sentences taken at random often have.
_UNRELATED = 0.2
_DIGITS = 6  # values that differ by rounding alone are equal

# As in the similarity (`matcher.similarity`, `matcher.fusion`): the share of meaning and the least
# cosine of whole texts.
_MEANING, _BACKGROUND = 0.1, 0.05
# A sentence must take the more, the larger its part of its record: what is long takes much by
# chance. On the sample event a word of the need counts best as this many of the offer.
_NEED_WORDS, _SPARE_WORDS = 2.0, 0.05

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Two = tuple[Reading, Reading]


class FacingPair(NamedTuple):
    """Sentence `asked` of the need faces sentence `offered` of the offer by what the words of
    both and what their meaning (of this `cosine`) make of it."""

    asked: int
    offered: int
    words: float
    meaning: float
    cosine: float


class Facing:
    """n pairs of records, sentence by sentence; pairs of one need stand together, for speed."""

    def __init__(
        self,
        meanings: Sequence[tuple[Meaning, Meaning]],
        readings: Sequence[Two],
        others: Sequence[tuple[int, Two]] = (),
    ) -> None:
        """`meanings` (n) and `readings` (n) are those of the two records of each pair, none without
        sentences; `others` are further readings of some pairs, by their number, ascending: of two
        readings the one in which the sentences face each other best counts, else the first."""
        self.grid = Grid(
            np.array([len(one.sizes) for one, _ in meanings], dtype=np.int64),
            np.array([len(other.sizes) for _, other in meanings], dtype=np.int64),
        )
        self._meant = Meant(self.grid, meanings)
        near = np.clip((self._meant.cosines - _UNRELATED) / (1.0 - _UNRELATED), 0.0, 1.0)
        self.meaning = near * near
        self._shared = Shared(self.grid, readings)
        self.words = self._faced(self._shared, self._meant.rows, self._meant.columns)
        self.value = np.round(self.words + self.meaning, _DIGITS)
        self.best = self.grid.highest(self.value)
        # Whether the other reading of a pair counts, (n,).
        self.otherwise = np.zeros(len(meanings), dtype=np.bool_)
        if others:
            self._choose(readings, others)

    def _choose(self, readings: Sequence[Two], others: Sequence[tuple[int, Two]]) -> None:
        """Takes the other reading of a pair where its sentences face each other better in it."""
        numbers = np.array([number for number, _ in others], dtype=np.int64)
        grid, rows, columns, cells = self.grid.of(numbers)
        shared = Shared(grid, [two for _, two in others])
        words = self._faced(shared, self._meant.rows[rows], self._meant.columns[columns])
        value = np.round(words + self.meaning[cells], _DIGITS)
        better = grid.highest(value) > self.best[numbers]
        if not better.any():
            return
        self.otherwise[numbers[better]] = True
        taken = better[grid.pair]
        self.words[cells[taken]] = words[taken]
        self.value[cells[taken]] = value[taken]
        self.best = self.grid.highest(self.value)
        chosen = list(readings)
        for number, two in others:
            if self.otherwise[number]:
                chosen[number] = two
        self._shared = Shared(self.grid, chosen)

    @staticmethod
    def _faced(shared: Shared, rows: Numbers, columns: Numbers) -> Numbers:
        """How well each two sentences face each other by their words, of which there are so many
        in each row and column; (cells,)."""
        grid = shared.grid
        priors = (rows[grid.row] + _LENGTH_PRIOR) * (columns[grid.column] + _LENGTH_PRIOR)
        return np.asarray(shared.together() / np.sqrt(priors))

    def pairs(self) -> list[list[FacingPair]]:
        """Of each pair of records at most three pairs of sentences, what takes most from the
        similarity first.

        Of equals the earliest sentences stand: what comes first is what a record is about. A
        sentence stands in one pair.
        """
        grid, left = self.grid, Left(self._meant)
        found: list[list[FacingPair]] = [[] for _ in range(len(grid))]
        is_open = self.value >= np.maximum(_TELLING * self.best, 10.0**-_DIGITS)[grid.pair]
        length, least = self._length(), np.full(len(grid), -np.inf)
        for turn in range(_MOST):
            if not is_open.any():
                break
            taken = np.where(is_open, np.round(self._falls(left) / length, _DIGITS), -np.inf)
            most = grid.highest(taken)
            going = (most > -np.inf) & (most >= least)
            if turn == 0:
                least = np.maximum(_WORTH_ADDING * most, 0.0)
            pairs = np.flatnonzero(going)
            cells = grid.first(taken == most[grid.pair])[pairs]
            self._note(found, pairs, cells)
            left.drop(grid.row[cells], grid.column[cells])
            is_open &= going[grid.pair]  # of a pair whose best adds too little no more is asked
            is_open &= (left.rows[grid.row] > 0.0) & (left.columns[grid.column] > 0.0)
        return found

    def _length(self) -> Numbers:
        grid = self.grid
        parts = [
            sizes / np.maximum(np.add.reduceat(sizes, starts), 1.0)[pair]
            for sizes, starts, pair in (
                (self._meant.rows, grid.row_starts, grid.row_pair),
                (self._meant.columns, grid.column_starts, grid.column_pair),
            )
        ]
        return np.asarray(_NEED_WORDS * parts[0][grid.row] + parts[1][grid.column] + _SPARE_WORDS)

    def _note(self, found: list[list[FacingPair]], pairs: Places, cells: Places) -> None:
        grid = self.grid
        one = grid.row[cells] - grid.row_starts[pairs]
        other = grid.column[cells] - grid.column_starts[pairs]
        columns = (pairs, one, other, self.words[cells], self.meaning[cells])
        cosines = self._meant.cosines[cells]
        for pair, *item in zip(*(c.tolist() for c in (*columns, cosines)), strict=True):
            found[pair].append(FacingPair(*item))

    def _falls(self, left: Left) -> Numbers:
        """How far the similarity falls without each pair of the sentences that are left."""
        now, without = self._shared.met(left.rows, left.columns)
        meant, meant_without = left.cosines()
        return np.asarray(
            _similarity(now, meant)[self.grid.pair] - _similarity(without, meant_without)
        )


def _similarity(words: Numbers, cosine: Numbers) -> Numbers:
    meant = np.clip((cosine - _BACKGROUND) / (1.0 - _BACKGROUND), 0.0, 1.0)
    met = np.clip(words, 0.0, 1.0)
    found = np.cbrt((1.0 - _MEANING) * np.square(met) + _MEANING * np.square(meant))
    return np.asarray(found, dtype=np.float64)
