"""Whether the best score tells a need that can be answered from one that cannot."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.collections import useful
from evaluation.measures.intervals import RESAMPLES, SEED, Interval, percentiles
from evaluation.run import Result

Counts = npt.NDArray[np.int64]

_CELLS = 1_000_000


@dataclass(frozen=True)
class Rejection:
    """`auroc`: the chance that an answerable query's best score is above an unanswerable one's.

    1: one threshold tells all of them apart; 0.5: no better than tossing a coin. Equal scores
    count half (Hanley and McNeil 1982). `interval` holds 95% of the resamples; `answerable` and
    `unanswerable` count the queries.
    """

    auroc: float
    interval: Interval
    answerable: int
    unanswerable: int


def rejection(result: Result) -> Rejection | None:
    """How well the highest score of each judged query tells whether anything useful is there.

    A query is answerable where its best grade is useful (`evaluation.collections.useful`),
    whether that document was found or not, and unanswerable where it was judged and no grade
    is, or the collection says so. A query that nothing was returned for scores 0. None where
    either kind is missing. The bootstrap draws from each kind as many as there are.
    """
    collection = result.judged
    least = useful(collection)
    best = {query: max(grades.values(), default=0) for query, grades in collection.qrels.items()}
    best |= dict.fromkeys(collection.unanswerable, 0)
    tops = np.array([_top(result, query) for query in sorted(best)])
    can = np.array([best[query] >= least for query in sorted(best)], dtype=np.bool_)
    if not can.any() or can.all():
        return None
    levels, level = np.unique(tops, return_inverse=True)
    answerable, unanswerable = np.sort(level[can]), np.sort(level[~can])
    random = np.random.default_rng(SEED)
    rows = max(1, min(RESAMPLES, _CELLS // len(tops)))
    resampled = []
    for start in range(0, RESAMPLES, rows):
        drawn = min(rows, RESAMPLES - start)
        ours = _drawn(answerable, len(levels), drawn, random)
        resampled.append(_auroc(ours, _drawn(unanswerable, len(levels), drawn, random)))
    whole = (np.bincount(kind, minlength=len(levels))[None] for kind in (answerable, unanswerable))
    return Rejection(
        auroc=float(_auroc(*whole)[0]),
        interval=percentiles(np.concatenate(resampled), 0.95),
        answerable=len(answerable),
        unanswerable=len(unanswerable),
    )


def _top(result: Result, query: str) -> float:
    ranking = result.run.get(query)
    return float(ranking.scores[0]) if ranking is not None and ranking.document_ids else 0.0


def _drawn(kind: Counts, levels: int, rows: int, random: np.random.Generator) -> Counts:
    """(rows, levels): how many of each score level stand in each resample of one kind."""
    drawn = kind[random.integers(0, len(kind), size=(rows, len(kind)))]
    cells = drawn + levels * np.arange(rows)[:, None]
    return np.bincount(cells.ravel(), minlength=rows * levels).reshape(rows, levels)


def _auroc(answerable: Counts, unanswerable: Counts) -> npt.NDArray[np.float64]:
    """Row by row, in whole numbers until the last division: exact on every machine."""
    below = np.cumsum(unanswerable, axis=1) - unanswerable
    halves = (answerable * (2 * below + unanswerable)).sum(axis=1)
    pairs = answerable.sum(axis=1) * unanswerable.sum(axis=1)
    return np.asarray(halves / (2 * pairs), dtype=np.float64)
