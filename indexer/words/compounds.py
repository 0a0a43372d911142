"""Frequent two-syllable compounds: which neighbouring tokens belong together."""

import numpy as np
import numpy.typing as npt

from indexer.words.tokentable import TokenTable

# Low bars, since a compound weighs little: higher ones lost on Vietnamese law and help articles,
# and won nothing elsewhere.
MIN_COUNT = 2
MIN_PMI = 0.0  # nats


def compound_mask(table: TokenTable) -> npt.NDArray[np.bool_]:
    """Which of the table's distinct pairs are compounds, shape (distinct pairs,).

    A pair that occurs at least MIN_COUNT times and whose pointwise mutual information (Church
    & Hanks 1990) is at least MIN_PMI.
    """
    pairs = table.pairs
    counts = np.bincount(pairs.number, minlength=len(pairs.left))
    single = np.bincount(table.ids, minlength=len(table.words)).astype(np.float64)
    expected = single[pairs.left] * single[pairs.right] / max(len(table.ids), 1)
    mask: npt.NDArray[np.bool_] = counts >= np.maximum(MIN_COUNT, expected * np.exp(MIN_PMI))
    return mask
