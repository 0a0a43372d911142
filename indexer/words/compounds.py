"""Frequent two-syllable compounds: which neighbouring tokens belong together."""

import numpy as np
import numpy.typing as npt

from indexer.words.tokentable import IntArray, TokenTable, occurring

# Low bars, since a compound weighs little: higher ones lost on Vietnamese law and help articles,
# and won nothing elsewhere.
MIN_COUNT = 2
MIN_PMI = 0.0  # nats


def compound_mask(table: TokenTable) -> npt.NDArray[np.bool_]:
    """Which of the table's distinct pairs are compounds, shape (distinct pairs,)."""
    pairs = table.pairs
    counts = np.bincount(pairs.number, minlength=len(pairs.left))
    return frequent(table, pairs.left, pairs.right, counts)


def frequent(
    table: TokenTable, left: IntArray, right: IntArray, counts: IntArray
) -> npt.NDArray[np.bool_]:
    """Which of these pairs of words, that occur so often in the table, are compounds, (n,).

    A pair that occurs at least MIN_COUNT times and whose pointwise mutual information (Church
    & Hanks 1990) is at least MIN_PMI.
    """
    single = occurring(table.ids, len(table.words)).astype(np.float64)
    expected = single[left] * single[right] / max(len(table.ids), 1)
    mask: npt.NDArray[np.bool_] = counts >= np.maximum(MIN_COUNT, expected * np.exp(MIN_PMI))
    return mask
