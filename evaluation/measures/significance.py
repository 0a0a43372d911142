"""Whether one system is better than another, or only luckier on these queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from indexer.errors import RequestError

_PERMUTATIONS = 20_000
_SEED = 20261122

PerQuery = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Difference:
    """The mean difference over the same queries, and how often chance alone makes one as large."""

    mean: float
    p: float


def randomisation(ours: PerQuery, theirs: PerQuery, measure: str = "nDCG@10") -> Difference:
    """Paired two-sided randomisation test (Smucker, Allan, Carterette, CIKM 2007).

    Both map query to its figures, see `Result.per_query`; `mean` is ours less theirs. The
    smallest p it can give is 1/20,001. Raises RequestError where they were not measured on the
    same queries or lack the measure.
    """
    gained = np.array(list(differences(ours, theirs, measure).values()))
    mean = fsum(gained) / len(gained)
    random = np.random.default_rng(_SEED)
    as_large = 0
    for _ in range(_PERMUTATIONS // 1_000):
        signs = random.choice([-1.0, 1.0], size=(1_000, len(gained)))
        as_large += int((np.abs(signs @ gained) / len(gained) >= abs(mean) - 1e-12).sum())
    return Difference(mean, (as_large + 1) / (_PERMUTATIONS + 1))


def differences(ours: PerQuery, theirs: PerQuery, measure: str) -> dict[str, float]:
    """Ours less theirs by query, in order of id. Raises RequestError as `randomisation` does."""
    apart = sorted(ours.keys() ^ theirs.keys())
    if apart or not ours:
        named = ", ".join(apart[:5]) or "–"
        raise RequestError(
            vi="Hai kết quả được đo trên các truy vấn khác nhau hoặc không có truy vấn nào; "
            f"chỉ có ở một bên: {named}.",
            en="The two were measured on different queries, or on none; "
            f"on one side only: {named}.",
        )
    for figures in (*ours.values(), *theirs.values()):
        if measure not in figures:
            accepted = ", ".join(figures)
            raise RequestError(
                vi=f"Không có độ đo “{measure}”; các độ đo: {accepted}.",
                en=f"There is no measure “{measure}”; choose from: {accepted}.",
            )
    return {query: ours[query][measure] - theirs[query][measure] for query in sorted(ours)}


def holm(ps: Sequence[float]) -> list[float]:
    """The p-values corrected for being many, in the order given (Holm 1979).

    The chance that any of those below a bound is there by luck stays below that bound.
    """
    corrected, least = [0.0] * len(ps), 0.0
    for done, place in enumerate(sorted(range(len(ps)), key=lambda one: ps[one])):
        least = max(least, min(1.0, (len(ps) - done) * ps[place]))
        corrected[place] = least
    return corrected
