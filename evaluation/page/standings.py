"""Results side by side: by collection, each with its interval and its odds against the first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.collections import Collection
from evaluation.measures.intervals import Interval, interval
from evaluation.measures.significance import holm, randomisation
from evaluation.run import Result

HEADLINE = "nDCG@10"
UNLIKELY = 0.05

_DIRECTION = re.compile(r"(?P<whole>.+) (?P<direction>(?:vi|en|bare)→(?:vi|en))")


@dataclass(frozen=True)
class Standing:
    """A result with the 95% interval of its nDCG@10, and its gain over the first system.

    `gained` and `p` are None for the first system of a collection; `p` is that of the paired
    randomisation test, corrected by Holm for all such comparisons of the report.
    """

    result: Result
    interval: Interval
    gained: float | None
    p: float | None

    @property
    def mean(self) -> float:
        return self.result.metrics[HEADLINE]

    @property
    def significant(self) -> bool:
        return self.p is not None and self.p < UNLIKELY


@dataclass(frozen=True)
class Contest:
    """All results on one collection, in the order they were asked for."""

    collection: Collection
    standings: tuple[Standing, ...]

    @property
    def best(self) -> Standing:
        """The highest mean; of equals the first."""
        return max(self.standings, key=lambda one: one.mean)

    @property
    def main(self) -> Standing:
        """The one a report looks into: `hybrid`, which the matcher ranks by, a hybrid, the best."""
        for ours in (lambda name: name == "hybrid", is_hybrid):
            found = [one for one in self.standings if ours(one.result.system)]
            if found:
                return max(found, key=lambda one: one.mean)
        return self.best

    @property
    def whole(self) -> str:
        """Of a collection named like "demo vi→en" the event it is a direction of, else its name."""
        found = _DIRECTION.fullmatch(self.collection.name)
        return found["whole"] if found else self.collection.name

    @property
    def direction(self) -> str | None:
        found = _DIRECTION.fullmatch(self.collection.name)
        return found["direction"] if found else None


def is_hybrid(system: str) -> bool:
    """Whether its scores are meant as probabilities."""
    return re.match(r"(hybrid|match)\b", system) is not None


def wholes(found: Sequence[Contest]) -> tuple[Contest, ...]:
    """Without those that are one direction of an event which is there as a whole."""
    names = {each.collection.name for each in found}
    return tuple(each for each in found if each.direction is None or each.whole not in names)


def contests(results: Sequence[Result]) -> tuple[Contest, ...]:
    """Results grouped by the collection they were measured on, in order of appearance."""
    groups: dict[int, list[Result]] = {}
    for result in results:
        groups.setdefault(id(result.judged), []).append(result)
    tests = {
        id(result): randomisation(result.per_query, group[0].per_query, HEADLINE)
        for group in groups.values()
        for result in group[1:]
    }
    corrected = dict(zip(tests, holm([test.p for test in tests.values()]), strict=True))
    return tuple(
        Contest(
            group[0].judged,
            tuple(
                Standing(
                    result,
                    interval([values[HEADLINE] for values in result.per_query.values()]),
                    tests[id(result)].mean if id(result) in tests else None,
                    corrected.get(id(result)),
                )
                for result in group
            ),
        )
        for group in groups.values()
    )
