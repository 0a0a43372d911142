"""Whether one system is better than another, or only luckier on these queries."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

_PERMUTATIONS = 20_000
_SEED = 20261122


@dataclass(frozen=True)
class Difference:
    """The mean difference over the same queries, and how often chance alone makes one as large."""

    mean: float
    p: float


def compare(
    ours: Mapping[str, Mapping[str, float]],
    theirs: Mapping[str, Mapping[str, float]],
    measure: str = "nDCG@10",
) -> Difference:
    """Paired two-sided randomisation test (Smucker, Allan, Carterette, CIKM 2007).

    Both map query to its figures, see `Result.per_query`. Raises ValueError where they were
    not measured on the same queries.
    """
    if ours.keys() != theirs.keys():
        raise ValueError("the two were measured on different queries")
    gained = np.array([ours[query][measure] - theirs[query][measure] for query in sorted(ours)])
    mean = float(gained.mean())
    random = np.random.default_rng(_SEED)
    as_large = 0
    for _ in range(_PERMUTATIONS // 1_000):
        signs = random.choice([-1.0, 1.0], size=(1_000, len(gained)))
        as_large += int((np.abs(signs @ gained) / len(gained) >= abs(mean) - 1e-12).sum())
    return Difference(mean, (as_large + 1) / (_PERMUTATIONS + 1))
