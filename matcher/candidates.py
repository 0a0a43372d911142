"""The candidates of one search: what either index finds, scored by both."""

from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.index import Index
from indexer.records import Side
from matcher.filters import Mask
from matcher.fusion import WordShare, bounds, word_shares
from matcher.similarity import FloatArray, dense_similarity, fuse, lexical_similarity


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows of one side with their fused similarity, both (n,), and the most any other row of
    those allowed can have; -1 where no other is allowed."""

    rows: NDArray[np.int64]
    scores: FloatArray
    bound: float


class Question:
    """One text asked of one side: encoded and scored once, looked into as deep as it takes.

    Only rows `allowed` (n_rows,) count, None for all: conditions hold before the best are
    taken. `words` is the share of words, see `matcher.fusion`.
    """

    def __init__(
        self, index: Index, want: Side, text: str, allowed: Mask | None, words: WordShare
    ) -> None:
        self._vectors = index.side(want).vectors
        self._background = index.background
        self._allowed = allowed
        self.total = len(self._vectors) if allowed is None else int(np.count_nonzero(allowed))
        self._query = index.encoder.encode([text], query=want is Side.SUPPLY)
        lexical = index.side(want).lexical
        queries = lexical.queries([text])
        self._words, self._ceiling = lexical.search(queries), lexical.ceiling(queries)
        self._lexical, self._asked, self._share = lexical, queries.asked, words

    def candidates(self, look: int) -> Candidates:
        """The union of the `look` best rows by words and the `look` best by meaning.

        Every candidate is scored by both, whichever found it, and from the stored vector: no
        score is approximate. The list by words is exact. The bound is that of the threshold
        algorithm (Fagin, Lotem, Naor 2001): what the last of both lists have. Where the list by
        meaning is exact too, as it is up to the size of `indexer.vectors.vectors.EXACT_NUMBERS` and
        under narrow conditions, no row outside can pass the bound, and a search that goes on
        until its last answer does has found the very best. Where it comes from lists, the
        same holds but for rows that these miss and that are not among the best by words
        either: what is found has its exact score and is in its right order, and `cungcau
        doctor` tells how much they miss.
        """
        near_cosines, near = self._vectors.search(self._query, look, self._allowed)
        worded, worth = self._words.best(look, self._allowed)
        rows = np.union1d(near[0], worded)
        cosines = self._vectors.rows(rows) @ self._query[0]
        scores = self._fused(self._words.scores(rows), cosines, self._shares(rows))
        if len(near[0]) == self.total:
            return Candidates(rows, scores, -1.0)
        least_words = worth.min() if len(worded) == look else np.float32(0.0)
        least = np.atleast_1d(least_words), near_cosines[0, -1:]
        spoken = word_shares(self._asked, self._lexical.spoken, self._share)
        bound = max(float(self._fused(*least, share)[0]) for share in bounds(spoken))
        return Candidates(rows, scores, bound)

    def everywhere(self) -> "Question":
        """The same without its conditions, for which nothing is made anew."""
        other = copy(self)
        other._allowed, other.total = None, len(self._vectors)
        return other

    @property
    def vector(self) -> FloatArray:
        """The text's own, (dimension,)."""
        found: FloatArray = self._query[0]
        return found

    def every(self) -> FloatArray:
        """The similarity of every row, (n_rows,), allowed or not: what candidates are held to."""
        rows = np.arange(len(self._vectors))
        cosines = self._vectors.similarities(self._query)[0]
        return self._fused(self._words.scores(rows), cosines, self._shares(rows))

    def _shares(self, rows: NDArray[np.int64]) -> float | FloatArray:
        """The share of words in the score of these rows: (n,), or one for all."""
        found = word_shares(self._asked, self._lexical.languages[rows], self._share)
        return found if isinstance(found, float) else found[0]

    def _fused(
        self, words: FloatArray, cosines: FloatArray, shares: float | FloatArray
    ) -> FloatArray:
        """From BM25 and cosine, both (n,), to the similarity."""
        lexical = lexical_similarity(words[None], self._ceiling)[0]
        return fuse(lexical, dense_similarity(cosines, self._background), shares)
