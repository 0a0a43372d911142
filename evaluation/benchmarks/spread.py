"""How long many calls took: median and tails."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds: median, 95th and 99th percentile (nearest rank), the longest."""
    ordered = sorted(seconds)

    def rank(share: float) -> float:
        return round(ordered[math.ceil(share * len(ordered)) - 1] * 1_000, 2)

    return {
        "median": round(statistics.median(ordered) * 1_000, 2),
        "p95": rank(0.95),
        "p99": rank(0.99),
        "worst": rank(1.0),
    }


def timed(work: Callable[[Any], object], given: Sequence[Any]) -> dict[str, float]:
    """The spread of `work` over each of `given`, and the median of processor time, `cpu`."""
    walls, processor = [], []
    for one in given:
        wall, used = time.perf_counter(), time.process_time()
        work(one)
        walls.append(time.perf_counter() - wall)
        processor.append(time.process_time() - used)
    return {**spread(walls), "cpu": round(statistics.median(processor) * 1_000, 2)}
