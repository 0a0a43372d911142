"""How similar texts are that have nothing to do with each other."""

import numpy as np

from indexer.vectors import FloatArray

_PAIRS = 20_000
_FEWEST = 20  # with fewer pairs a percentile says nothing
_SEED = 20250101


def background_cosine(demand: FloatArray, supply: FloatArray) -> float:
    """The 95th percentile of the cosines of demand-supply pairs, in 0..0.95.

    Both arrays hold unit rows, shapes (n, d) and (m, d). Of many pairs a seeded sample is
    taken; where a side is empty, pairs within the other one; 0 where there are too few.
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
    cosines = np.einsum("ij,ij->i", one[left], other[right])
    return min(max(float(np.percentile(cosines, 95)), 0.0), 0.95)
