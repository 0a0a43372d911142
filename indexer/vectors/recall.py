"""How many of the true nearest an approximate search finds."""

import numpy as np

from indexer.vectors.storage import FloatArray, RowArray
from indexer.vectors.vectors import Vectors

# What an index must reach. Every size and dimension measured (docs/performance.md) is above .99;
# what falls below this is not the graph that was built, or not of texts it was built for.
LEAST_RECALL = 0.95

_SEED = 20250101
_TIE = 1e-6  # of vectors as near as the last one, any may stand on the list


def recall(exact: FloatArray, found: FloatArray) -> float:
    """The share of places on exact lists that the lists found fill as well, in 0..1.

    Both hold the similarities of each query's list, best first, shape (n_queries, k). By
    similarity, not by row: of twins either one is right.
    """
    if not exact.size:
        return 1.0
    good = found >= exact[:, -1:] - _TIE
    return float(np.count_nonzero(good) / exact.size)


def sampled_recall(vectors: Vectors, k: int = 10, most: int = 200) -> float:
    """recall@k of the vectors' own search, stored vectors being the queries.

    A seeded sample of at most `most` rows asks for its k nearest others: itself, which every
    row finds, does not count. 1 where every search is exact.
    """
    if vectors.exact or len(vectors) < 2:
        return 1.0
    random = np.random.default_rng(_SEED)
    rows = random.choice(len(vectors), size=min(most, len(vectors)), replace=False)
    queries = vectors.rows(rows)
    exact = vectors.search(queries, k + 1, exact=True)
    found = vectors.search(queries, k + 1)
    others = [_without(rows, *lists) for lists in (exact, found)]
    return recall(*others)


def _without(rows: RowArray, similarities: FloatArray, found: RowArray) -> FloatArray:
    """The lists without the rows that asked; where one is not on its list, without the last."""
    itself = found == rows[:, None]
    itself[~itself.any(axis=1), -1] = True
    others: FloatArray = similarities[~itself].reshape(len(rows), -1)
    return others
