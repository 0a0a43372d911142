"""What a run means for an event: who gets something, who gets nothing, who is everywhere."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from evaluation.collections import useful
from evaluation.run import Result
from evaluation.runs import Run


class WorstOff(NamedTuple):
    """The need served worst, and its nDCG@10."""

    query: str
    value: float


class Share(NamedTuple):
    """An owner, and the part of all places that is theirs."""

    owner: str
    value: float


@dataclass(frozen=True)
class EventFigures:
    """Figures of an event; a *place* is one of the first k offers of one need. All in 0..1.

    - `coverage` = needs with a useful offer among their first k / answerable needs;
    - `worst_off` = the lowest nDCG@10 among answerable needs, of equals the first by id;
    - `largest_share` = the most places of one owner / all places, of equals the first by name;
      None where no owner is known;
    - `mutual` = places whose need is among the first k needs of the offer too / all places.

    A need is answerable where its best grade is useful (`evaluation.collections.useful`).
    None stands where the divisor is 0.
    """

    coverage: float | None
    worst_off: WorstOff | None
    largest_share: Share | None
    mutual: float | None


def event_figures(result: Result, k: int = 10) -> EventFigures:
    """The figures of one result over its collection; the last two look at all needs, judged or not.

    An offer's own list is made of the run: the needs that returned it, by score, of equals the
    higher id first. So `mutual` sees what lies within the run's depth, and is meant for systems
    whose scores compare between needs (the hybrid's do, BM25's sums grow with the need).
    """
    worst = min(
        (WorstOff(query, result.per_query[query]["nDCG@10"]) for query in _answerable(result)),
        key=lambda one: one.value,
        default=None,
    )
    return EventFigures(
        coverage=coverage(result, k),
        worst_off=worst,
        largest_share=_largest_share(result.run, result.judged.owners, k),
        mutual=_mutual(result.run, k),
    )


def coverage(result: Result, k: int = 10) -> float | None:
    """The share 0..1 of answerable needs with a useful offer among their first k; None if none
    is answerable."""
    qrels, least = result.judged.qrels, useful(result.judged)
    answerable = _answerable(result)
    served = sum(
        any(qrels[query].get(one, 0) >= least for one in _first(result.run, query, k))
        for query in answerable
    )
    return served / len(answerable) if answerable else None


def _answerable(result: Result) -> list[str]:
    qrels, least = result.judged.qrels, useful(result.judged)
    return [query for query in sorted(qrels) if max(qrels[query].values(), default=0) >= least]


def _first(run: Run, query: str, k: int) -> tuple[str, ...]:
    return run[query].document_ids[:k] if query in run else ()


def _largest_share(run: Run, owners: Mapping[str, str], k: int) -> Share | None:
    places = [owners.get(one) for query in run for one in _first(run, query, k)]
    held = Counter(owner for owner in places if owner is not None)
    if not held:
        return None
    owner = min(held, key=lambda one: (-held[one], one))
    return Share(owner, held[owner] / len(places))


def _mutual(run: Run, k: int) -> float | None:
    asked = [query for query in sorted(run, reverse=True) if run[query].document_ids]
    if not asked:
        return None
    offers = {one: n for n, one in enumerate({d for q in asked for d in run[q].document_ids})}
    offer = np.array([offers[one] for query in asked for one in run[query].document_ids])
    score = np.concatenate([run[query].scores for query in asked])
    within = np.concatenate([np.arange(len(run[query].document_ids)) < k for query in asked])
    # Stable: of equal scores the need with the higher id, which stands first, stays first.
    order = np.lexsort((-score, offer))
    starts = np.searchsorted(offer[order], np.arange(len(offers)))
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order)) - starts[offer[order]]
    return float((rank[within] < k).sum() / within.sum())
