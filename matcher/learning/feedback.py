"""Learning from judgements: the weights of the score, moved as far as what people said bears.

A logistic model with non-negative weights, of which a shipped one is the prior: the weights that
fit the judgements best, less a penalty for every step away from the shipped ones (maximum a
posteriori under a Gaussian prior; Chelba and Acero 2006 adapt models of language so). Whether it
is better is told on needs it did not learn from, by cross-validation over needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.bilingual import Bilingual
from indexer.errors import RequestError

Array = NDArray[np.float64]

LEAST_PAIRS, LEAST_NEEDS = 10, 3  # fewer say nothing that would hold for another need

# Precisions of the prior, chosen on the fit half of the judged events, see docs/learning.md. What
# people like is much the same everywhere, and a weight moves by a tenth at most before hundreds
# have judged; how much of what they see they take is another at every event, and is soon learned.
STRENGTH = 100.0
LEVEL_STRENGTH = 2.0

FIXED = 1e9  # the strength that leaves the weights alone, and the order of every list with them

_FOLDS = 5
_DEPTH = 10  # of nDCG
_SAME = 1e-9


@dataclass(frozen=True)
class Lessons:
    """Judged pairs as a model sees them: what is learned from.

    `features` (n, d) are oriented and scaled as the weights expect; `fixed` (n,) is the part of
    the log-odds that is not learned; `accepted` (n,) in 0..1 is the share of judges who would
    take the pair, `grades` (n,) their mean grade, `needs` (n,) whose pair it is.
    """

    features: Array
    fixed: Array
    accepted: Array
    grades: Array
    needs: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.needs)

    def of(self, rows: NDArray[np.bool_]) -> "Lessons":
        """Those of these rows (n,)."""
        kept = np.flatnonzero(rows)
        return Lessons(
            self.features[kept],
            self.fixed[kept],
            self.accepted[kept],
            self.grades[kept],
            tuple(self.needs[row] for row in kept),
        )


@dataclass(frozen=True)
class Parameters:
    """A constant and the weights (d,) of a logistic model; those `signed` (d,) may be below 0."""

    intercept: float
    weights: Array
    signed: NDArray[np.bool_] | None = None

    def logits(self, lessons: Lessons) -> Array:
        """Log-odds (n,)."""
        found: Array = lessons.fixed + self.intercept + lessons.features @ self.weights
        return found


@dataclass(frozen=True)
class HeldOut:
    """By need, before and after: what a model that did not see the need makes of it.

    `loss` is the mean negative log-likelihood of a need's pairs (lower is better), `ndcg` the
    nDCG@10 of its judged pairs, for the needs whose pairs are not all of one grade.
    """

    loss_before: Array
    loss_after: Array
    ndcg_before: Array
    ndcg_after: Array

    @property
    def better(self) -> bool:
        """True where held-out likelihood rises and the order does not get worse."""
        gained = self.loss_before.mean() - self.loss_after.mean()
        ordered = self.ndcg_after.sum() - self.ndcg_before.sum()
        return bool(gained > _SAME and ordered >= -_SAME)


def refit(lessons: Lessons, shipped: Parameters, strength: float = STRENGTH) -> Parameters:
    """The intercept and weights that fit the lessons best, near the shipped ones; no weight goes
    below 0 but signed ones. `strength` is the precision of the prior of the weights."""
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import, only learning needs it

    start = np.concatenate([[shipped.intercept], shipped.weights])
    design = np.column_stack([np.ones(len(lessons)), lessons.features])
    precision = np.array([LEVEL_STRENGTH, *([strength] * len(shipped.weights))])

    def loss(at: Array) -> tuple[float, Array]:
        logits = lessons.fixed + design @ at
        step = at - start
        value = (np.logaddexp(0.0, logits) - lessons.accepted * logits).sum()
        slope = design.T @ (_probability(logits) - lessons.accepted)
        return float(value + precision @ step**2 / 2), slope + precision * step

    signed = shipped.signed if shipped.signed is not None else [False] * len(shipped.weights)
    bounds = [(None, None), *((None if free else 0.0, None) for free in signed)]
    if strength >= FIXED:
        bounds[1:] = [(weight, weight) for weight in shipped.weights.tolist()]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Parameters(float(found[0]), np.asarray(found[1:], dtype=np.float64), shipped.signed)


def held_out(lessons: Lessons, shipped: Parameters, strength: float = STRENGTH) -> HeldOut:
    """Cross-validation over needs, each need in one of up to five parts."""
    needs = sorted(set(lessons.needs))
    parts = min(_FOLDS, len(needs))
    part_of = {need: place % parts for place, need in enumerate(_shuffled(needs))}
    part = np.array([part_of[need] for need in lessons.needs])
    after = np.empty(len(lessons))
    for one in range(parts):
        left = part == one
        after[left] = refit(lessons.of(~left), shipped, strength).logits(lessons.of(left))
    return HeldOut(*_by_need(lessons, shipped.logits(lessons), after))


def check(lessons: Lessons) -> None:
    """Raises RequestError, saying what is missing, for lessons nothing can be learned from."""
    needs, count = len(set(lessons.needs)), len(lessons)
    if count < LEAST_PAIRS or needs < LEAST_NEEDS:
        raise _refusal(
            f"mới có {count} cặp được đánh giá, của {needs} nhu cầu; cần ít nhất {LEAST_PAIRS} "
            f"cặp của {LEAST_NEEDS} nhu cầu",
            f"{count} pairs of {needs} needs are judged; at least {LEAST_PAIRS} pairs of "
            f"{LEAST_NEEDS} needs are needed",
        )
    if lessons.accepted.min() >= 0.5:
        raise _refusal(
            f"cả {count} cặp đều được chấp nhận; hãy đánh giá cả những cặp không phù hợp (mức "
            "0, 1)",
            f"all {count} pairs are accepted; grade pairs that do not fit (0, 1) as well",
        )
    if lessons.accepted.max() < 0.5:
        raise _refusal(
            f"cả {count} cặp đều bị từ chối; hãy đánh giá cả những cặp phù hợp (mức 2, 3)",
            f"all {count} pairs are rejected; grade pairs that fit (2, 3) as well",
        )


def ndcg(grades: Array, scores: Array, depth: int = _DEPTH, every: Array | None = None) -> float:
    """nDCG@depth of pairs ranked by score, gains being the grades; ties share their places.

    `every` holds the grades of all pairs of the need, where some are not ranked. 0 where no grade
    is above 0.
    """
    best = np.sort(grades if every is None else every)[::-1][:depth]
    ideal = float((best * _discounts(len(best), depth)).sum())
    if ideal <= 0:
        return 0.0
    # Equal scores: each gets the mean gain of its group (McSherry and Najork 2008).
    _, group = np.unique(-np.round(scores, 9), return_inverse=True)
    mean = np.bincount(group, grades) / np.bincount(group)
    gains = mean[np.sort(group)][:depth]
    return float((gains * _discounts(len(grades), depth)).sum()) / ideal


def _discounts(count: int, depth: int) -> Array:
    found: Array = 1.0 / np.log2(np.arange(2, min(count, depth) + 2))
    return found


def _by_need(lessons: Lessons, before: Array, after: Array) -> tuple[Array, Array, Array, Array]:
    needs = np.array(lessons.needs)
    losses, ranked = [], []
    for need in sorted(set(lessons.needs)):
        own = needs == need
        accepted, grades = lessons.accepted[own], lessons.grades[own]
        losses.append([_loss(accepted, logits[own]) for logits in (before, after)])
        if grades.max() > grades.min():
            ranked.append([ndcg(grades, logits[own]) for logits in (before, after)])
    loss = np.array(losses).reshape(-1, 2)
    order = np.array(ranked).reshape(-1, 2)
    return loss[:, 0], loss[:, 1], order[:, 0], order[:, 1]


def _loss(accepted: Array, logits: Array) -> float:
    return float((np.logaddexp(0.0, logits) - accepted * logits).mean())


def _probability(logits: Array) -> Array:
    found: Array = 0.5 * (1.0 + np.tanh(logits / 2))
    return found


def _shuffled(needs: Sequence[str]) -> list[str]:
    """The same order on every machine, with no trace of the alphabet's."""
    random = np.random.default_rng(20261122)
    return [needs[place] for place in random.permutation(len(needs))]


def _refusal(vi: str, en: str) -> RequestError:
    hint = Bilingual(
        vi="`cungcau learn --suggest 20` nêu những cặp nên đánh giá tiếp",
        en="`cungcau learn --suggest 20` names the pairs to judge next",
    )
    return RequestError(
        vi=f"Chưa học được: {vi}. {hint.vi}.", en=f"Nothing to learn from: {en}. {hint.en}."
    )
