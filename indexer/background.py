"""How similar an encoder finds texts that have nothing to do with each other."""

import numpy as np
import numpy.typing as npt

from indexer.vectors.vectors import FloatArray, Vectors

_PAIRS = 20_000
_FEWEST = 20  # with fewer pairs a percentile says nothing
_SEED = 20250101


def background_cosine(demand: FloatArray | Vectors, supply: FloatArray | Vectors) -> float:
    """The 5th percentile of the cosines of demand-supply pairs, in 0..0.95.

    Both sides are vectors of an index or arrays of unit rows, shapes (n, d) and (m, d). Of many
    pairs a seeded sample is taken; where a side is empty, pairs within the other one; 0 where
    there are too few. Some models (e5) give every pair a high cosine: what they tell begins
    there. A higher percentile would cut off pairs that fit: of needs in the askers' own words
    half the right offers lie under the 95th.
    """
    within = not len(demand) or not len(supply)
    one = demand if len(demand) else supply
    other = supply if len(supply) else demand
    if len(one) * len(other) <= _PAIRS:
        left, right = (grid.ravel() for grid in np.indices((len(one), len(other))))
    else:
        random = np.random.default_rng(_SEED)
        left, right = (random.integers(0, len(side), _PAIRS) for side in (one, other))
    if within:
        apart = left != right
        left, right = left[apart], right[apart]
    if len(left) < _FEWEST:
        return 0.0
    cosines = np.einsum("ij,ij->i", _rows(one, left), _rows(other, right))
    return min(max(float(np.percentile(cosines, 5)), 0.0), 0.95)


def _rows(side: FloatArray | Vectors, rows: npt.NDArray[np.integer]) -> FloatArray:
    return side.rows(rows) if isinstance(side, Vectors) else side[rows]
