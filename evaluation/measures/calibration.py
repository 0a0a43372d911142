"""Whether scores mean what they say: of the pairs scored 0.7, are seven in ten accepted?"""

from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from evaluation.collections import useful
from evaluation.run import Result
from indexer.errors import RequestError


@dataclass(frozen=True)
class Bin:
    """The pairs scored from `low` up to `high`: their mean score, and the share accepted."""

    low: float
    high: float
    count: int
    predicted: float
    accepted: float


@dataclass(frozen=True)
class Reliability:
    """`bins` hold a pair at least, lowest first; `ece` and `brier` are 0 at best, 1 at worst.

    ECE = Σ count/pairs · |accepted − predicted| over the bins (Naeini, Cooper, Hauskrecht,
    AAAI 2015); Brier = mean of (score − accepted)² over the pairs (Brier 1950).
    """

    bins: tuple[Bin, ...]
    ece: float
    brier: float
    pairs: int


def judged_pairs(
    result: Result, k: int = 10
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """(scores, accepted) of what a person sees: the first `k` returned for each judged query.

    Both are (n_pairs,), by query id, best first. A pair is accepted where its grade makes it
    useful (`evaluation.collections.useful`); one nobody judged is not, and of an unanswerable
    query none is. Queries without judgements have no say.
    """
    collection = result.judged
    least = useful(collection)
    scores: list[float] = []
    accepted: list[bool] = []
    for query in sorted({*collection.qrels, *collection.unanswerable} & result.run.keys()):
        ranking, grades = result.run[query], collection.qrels.get(query, {})
        scores.extend(ranking.scores[:k].tolist())
        accepted.extend(grades.get(one, 0) >= least for one in ranking.document_ids[:k])
    return np.array(scores, dtype=np.float64), np.array(accepted, dtype=np.bool_)


def reliability(
    scores: npt.NDArray[np.floating], accepted: npt.NDArray[np.bool_], bins: int = 10
) -> Reliability:
    """How far scores (n,) in 0..1 are from the share of `accepted` (n,) among such scores.

    Bins are of equal width, the last one holds 1 as well: a reader can say beforehand which bin
    a score falls into, and systems are compared over the same bins. Where most scores are alike
    most bins are thin, so `count` belongs beside every bar. Empty bins are left out. Raises
    RequestError where there is no pair, or a score that is no share (BM25's sums are none).
    """
    given = np.asarray(scores, dtype=np.float64)
    _refuse(given, len(accepted), bins)
    given, met = np.clip(given, 0.0, 1.0), np.asarray(accepted, dtype=np.float64)
    place = np.minimum((given * bins).astype(np.intp), bins - 1)
    found = tuple(
        Bin(
            low=one / bins,
            high=(one + 1) / bins,
            count=int((place == one).sum()),
            predicted=fsum(given[place == one]) / int((place == one).sum()),
            accepted=fsum(met[place == one]) / int((place == one).sum()),
        )
        for one in np.unique(place).tolist()
    )
    pairs = len(given)
    return Reliability(
        bins=found,
        ece=fsum(one.count * abs(one.accepted - one.predicted) for one in found) / pairs,
        brier=fsum((given - met) ** 2) / pairs,
        pairs=pairs,
    )


def _refuse(scores: npt.NDArray[np.float64], accepted: int, bins: int) -> None:
    if len(scores) == 0 or len(scores) != accepted or bins < 1:
        raise RequestError(
            vi=f"{len(scores)} điểm, {accepted} đánh giá, {bins} khoảng; "
            "cần ít nhất một cặp, mỗi điểm một đánh giá, và ít nhất một khoảng.",
            en=f"{len(scores)} scores, {accepted} judgements, {bins} bins; "
            "one pair, a judgement for each score and one bin are needed at least.",
        )
    # Cosines of a text with itself end a few bits above 1.
    wrong = scores[~((scores >= -1e-6) & (scores <= 1.0 + 1e-6))]
    if len(wrong):
        raise RequestError(
            vi=f"Điểm {wrong[0]:g} không phải là xác suất; cần số trong khoảng 0..1.",
            en=f"The score {wrong[0]:g} is no probability; numbers in 0..1 are accepted.",
        )
