"""How sure a mean is: intervals by the bootstrap (Efron 1979)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.errors import RequestError

RESAMPLES = 10_000
SEED = 20261122

_CELLS = 100_000  # drawn at once: fits the processor's cache, which is what makes it fast


class Interval(NamedTuple):
    """Where a figure would lie, had other queries of the same kind been asked."""

    low: float
    high: float


def interval(values: Sequence[float] | npt.NDArray[np.floating], level: float = 0.95) -> Interval:
    """Percentile bootstrap of the mean of `values` (n,), which may come in any order.

    10,000 resamples with replacement, from one seed: equal values give equal intervals to the
    last digit. One value gives an interval without width: nothing is known of its spread.
    Raises RequestError where there is no value or the level is not between 0 and 1.
    """
    if len(values) == 0:
        raise RequestError(
            vi="Khoảng tin cậy cần ít nhất một giá trị.", en="An interval needs a value at least."
        )
    found = np.sort(np.asarray(values, dtype=np.float64))
    random, size = np.random.default_rng(SEED), len(found)
    narrow = np.uint16 if size <= 2**16 else np.uint32  # fewer random bits to draw
    rows = max(1, min(RESAMPLES, _CELLS // size))
    means = np.empty(RESAMPLES)
    for start in range(0, RESAMPLES, rows):
        stop = min(start + rows, RESAMPLES)
        drawn = random.integers(0, size, size=(stop - start, size), dtype=narrow)
        picked = np.take(found, drawn.astype(np.intp), mode="clip")
        means[start:stop] = picked.sum(axis=1) / size
    return percentiles(means, level)


def percentiles(resampled: npt.NDArray[np.float64], level: float) -> Interval:
    """The middle `level` of resampled figures. Raises RequestError as `interval` does."""
    if not 0.0 < level < 1.0:
        raise RequestError(
            vi=f"Mức tin cậy {level} không hợp lệ; cần một số giữa 0 và 1.",
            en=f"The level {level} is not valid; a number between 0 and 1 is accepted.",
        )
    tail = (1.0 - level) / 2
    low, high = np.quantile(resampled, [tail, 1.0 - tail])
    return Interval(float(low), float(high))
