"""From similarities to probabilities: candidates by similarity, their score by all features."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.index import Index
from indexer.progress import Progress, silent
from indexer.records import Record
from matcher.features import pair_features
from matcher.passages import PassageVectors
from matcher.score import ScoreModel
from matcher.similarity import FloatArray

Rows = NDArray[np.int64]

CANDIDATES = 50  # of each need, and of each offer: the best by similarity
# Below this similarity nothing faces anything, and the probability is 0.
LEAST_SIMILARITY = 0.02

_BLOCK = 1_000_000  # pairs whose features are held at once


def rate_all(
    index: Index,
    demands: Sequence[Record],
    supplies: Sequence[Record],
    similarities: FloatArray,
    model: ScoreModel,
    progress: Progress = silent,
) -> FloatArray:
    """The probability of every pair, (n_demands, n_supplies), written over `similarities`.

    The candidates of each need and of each offer are scored by all features; what is far down
    the lists of both sides keeps what the similarity alone says of it.
    """
    pairs = candidate_pairs(similarities)
    known = similarities[pairs[:, 0], pairs[:, 1]]
    for row in range(len(similarities)):
        values = similarities[row]
        similarities[row] = np.where(values > LEAST_SIMILARITY, model.guess(values), 0.0)
    for start in range(0, len(pairs), _BLOCK):
        some = pairs[start : start + _BLOCK]
        rated = rate(index, demands, supplies, some, known[start : start + _BLOCK], model)
        similarities[some[:, 0], some[:, 1]] = rated
        progress("score", start + len(some), len(pairs))
    return similarities


def rate(
    index: Index,
    demands: Sequence[Record],
    supplies: Sequence[Record],
    pairs: Rows,
    similarities: FloatArray,
    model: ScoreModel,
    passages: PassageVectors | None = None,
) -> FloatArray:
    """The probability (n,) of `pairs` (n, 2) with these similarities (n,); `passages` remembers
    those of records that are rated more than once."""
    if not len(pairs):
        return np.zeros(0, dtype=np.float32)
    features = pair_features(index, demands, supplies, pairs, similarities, passages)
    found = model.probability(features)
    return np.where(similarities > LEAST_SIMILARITY, found, np.float32(0.0))


def candidate_pairs(similarities: FloatArray, each: int = CANDIDATES, *, both: bool = True) -> Rows:
    """(row, column) of the `each` best of every row and, for `both`, of every column; (n, 2)."""
    chosen = np.zeros(similarities.shape, dtype=np.bool_)
    for table, marks in ((similarities, chosen), (similarities.T, chosen.T))[: 1 + both]:
        if table.shape[1] <= each:
            marks[:] = True
            continue
        for row in range(len(table)):
            values = table[row]
            marks[row, np.argpartition(values, len(values) - each)[len(values) - each :]] = True
    return np.argwhere(chosen)
