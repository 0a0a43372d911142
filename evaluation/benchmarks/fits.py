"""Power laws through measured costs: cost = factor · records ** exponent."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_LEVEL = 0.95


@dataclass(frozen=True)
class Fit:
    """Least squares on logarithms, with the 95% interval of the exponent by Student's t.

    `interval` is None for two points, which any line meets.
    """

    exponent: float
    interval: tuple[float, float] | None
    largest: tuple[float, float]  # records and cost of the largest size that was run

    def at(self, records: float) -> float:
        """The cost of so many records, drawn from the largest size on; never cheaper a record
        than there, for what is small at first (start, loading) flatters the exponent."""
        size, cost = self.largest
        return cost * math.pow(records / size, max(self.exponent, 1.0))


def fit(records: Sequence[float], costs: Sequence[float]) -> Fit | None:
    """None for less than two points above zero."""
    points = sorted((n, cost) for n, cost in zip(records, costs, strict=True) if cost > 0)
    if len({n for n, _ in points}) < 2:
        return None
    x, y = np.log([n for n, _ in points]), np.log([cost for _, cost in points])
    slope, height = np.polyfit(x, y, 1)
    interval = None
    if len(points) > 2:
        from scipy.special import stdtrit  # noqa: PLC0415 - not before it is needed

        freedom = len(points) - 2
        rest = float(((y - slope * x - height) ** 2).sum()) / freedom
        error = math.sqrt(rest / float(((x - x.mean()) ** 2).sum()))
        wide = float(stdtrit(freedom, 0.5 + _LEVEL / 2)) * error
        interval = float(slope) - wide, float(slope) + wide
    return Fit(float(slope), interval, points[-1])


def told(found: Fit | None) -> str:
    """The exponent and its interval in a cell."""
    if found is None:
        return "–"
    if found.interval is None:
        return f"{found.exponent:.2f}"
    low, high = found.interval
    return f"{found.exponent:.2f} ({low:.2f} to {high:.2f})"
