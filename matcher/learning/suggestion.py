"""Which pairs to judge next: those that teach the most about the weights.

Greedy D-optimal design for logistic regression (Zhang and Oates 2000, as active learning): a pair
is worth p(1-p) x'Vx, its own uncertainty times that of the weights in its direction, V being the
covariance after everything judged or picked so far. So the pairs are uncertain and unlike each
other at once.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.learning.feedback import LEVEL_STRENGTH, STRENGTH, Array

_PER_RECORD = 2  # of one need or one offer, so that many people have a say


def suggest(
    features: Array,
    logits: Array,
    pairs: Sequence[tuple[str, str]],
    judged: NDArray[np.bool_],
    count: int,
    strength: float = STRENGTH,
) -> list[int]:
    """Rows of the `count` pairs to judge next, the most telling first; fewer where there are not.

    `features` (n, d) and `logits` (n,) as in `matcher.learning.feedback.Lessons`; `judged` (n,)
    marks the pairs somebody judged already, which are not named again. At most two of one need
    and two of one offer, as long as others are left.
    """
    design = np.column_stack([np.ones(len(features)), features]).astype(np.float64)
    likely = np.clip(logits, -30.0, 30.0)
    spread = 1.0 / (2.0 + np.exp(likely) + np.exp(-likely))  # p(1-p)
    precision = np.diag([LEVEL_STRENGTH, *([strength] * features.shape[1])])
    known = design[judged]
    covariance = np.linalg.inv(precision + (known * spread[judged, None]).T @ known)
    free = ~judged
    used: Counter[str] = Counter()
    chosen: list[int] = []
    while len(chosen) < count and free.any():
        gain = spread * np.einsum("ij,jk,ik->i", design, covariance, design, optimize=True)
        rested = np.array([used[need] < _PER_RECORD > used[offer] for need, offer in pairs])
        among = free & rested if (free & rested).any() else free
        row = int(np.argmax(np.where(among, gain, -1.0)))
        chosen.append(row)
        free[row] = False
        used.update(pairs[row])
        # Sherman and Morrison: what the covariance becomes once this pair is judged.
        along = covariance @ design[row]
        covariance -= np.outer(along, along) * spread[row] / (1.0 + gain[row])
    return chosen
