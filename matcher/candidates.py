"""The candidates of one search: what either index finds, scored by both."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.index import Index
from indexer.records import Side
from matcher.similarity import FloatArray, dense_similarity, fuse, lexical_similarity


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows of one side with their fused similarity, both (n,), and the most any other row of
    those allowed can have."""

    rows: NDArray[np.int64]
    scores: FloatArray
    bound: float


def find_candidates(
    index: Index,
    want: Side,
    text: str,
    allowed: NDArray[np.bool_],
    look: int,
    weight: float,
) -> Candidates:
    """The union of the `look` best rows by words and the `look` best by meaning.

    Only rows `allowed` (n_rows,) count: conditions hold before the best are taken. Every
    candidate is scored by both, whichever found it. `weight` is the lexical share. The bound is
    that of the threshold algorithm (Fagin, Lotem, Naor 2001): what the last of both lists have.
    """
    side = index.side(want)
    query = index.encoder.encode([text], query=want is Side.SUPPLY)
    near_cosines, near = side.vectors.search(query, look, allowed)
    queries = side.lexical.queries([text])
    lexical = lexical_similarity(side.lexical.scores(queries), side.lexical.ceiling(queries))[0]
    worded = _best_rows(lexical, look, allowed)
    rows = np.union1d(near[0], worded)
    cosines = side.vectors.pairs(np.repeat(query, len(rows), axis=0), rows)
    scores = fuse(lexical[rows], dense_similarity(cosines, index.background), weight)
    least_words = lexical[worded].min() if len(worded) == look else np.float32(0.0)
    least_meaning = dense_similarity(near_cosines[:, -1:], index.background)[0]
    bound = fuse(np.atleast_1d(least_words), least_meaning, weight)
    return Candidates(rows, scores, float(bound[0]))


def _best_rows(lexical: FloatArray, look: int, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    rows = np.flatnonzero(allowed & (lexical > 0.0))
    if len(rows) <= look:
        return rows
    return rows[np.argpartition(-lexical[rows], look)[:look]]
