"""How the scores of a match list are spread."""

from collections.abc import Mapping
from dataclasses import dataclass

from matcher.match import Match

BINS = 20


@dataclass(frozen=True, slots=True)
class Bin:
    """Matches with `low` <= score < `high` (the last bin holds 1.0 as well).

    `best` counts those that are the first of their need, `other` all the rest.
    """

    low: float
    high: float
    best: int
    other: int

    @property
    def total(self) -> int:
        return self.best + self.other


def distribution(by_demand: Mapping[str, tuple[Match, ...]]) -> tuple[Bin, ...]:
    """The scores of all by-need matches in bins of 0.05, the best of each need set apart."""
    best = [0] * BINS
    other = [0] * BINS
    for matches in by_demand.values():
        for place, match in enumerate(matches):
            # Rounding first keeps 0.15 / 0.05 = 2.9999… out of the bin below.
            bin_ = min(max(int(round(match.score * BINS, 6)), 0), BINS - 1)
            (other if place else best)[bin_] += 1
    return tuple(Bin(i / BINS, (i + 1) / BINS, best[i], other[i]) for i in range(BINS))
