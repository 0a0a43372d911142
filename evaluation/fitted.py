"""How good a score is on one half of the needs of the judged events."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from evaluation.collections import Collection
from evaluation.measures.calibration import Reliability, judged_pairs, reliability
from evaluation.measures.intervals import Interval, interval
from evaluation.measures.rejection import Rejection, rejection
from evaluation.measures.significance import randomisation
from evaluation.run import Result, evaluate, judge
from indexer.text import is_unaccented_vietnamese, language_of

_MEASURE = "nDCG@10"

Points = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class Gain:
    """nDCG@10 of the plain hybrid and of the score over the same needs, the interval of their
    difference, and how often chance alone makes one as large."""

    needs: int
    hybrid: float
    score: float
    interval: Interval
    p: float


@dataclass(frozen=True)
class Fitted:
    """`reliability` is by name of an event or a direction of language, over the ten offers a
    person sees first; `rejection` is by event."""

    reliability: Mapping[str, Reliability]
    rejection: Mapping[str, Rejection]
    gains: Mapping[str, Gain]


def measure(collections: Sequence[Collection], needs: frozenset[str], encoder: str) -> Fitted:
    """The shipped score on these needs of the events, whole events searched.

    A need that comes in several collections (the real event in six directions) counts once: its
    figures are the mean of them.
    """
    found: dict[str, list[Points]] = defaultdict(list)
    refused: dict[str, Rejection] = {}
    ranked: dict[str, tuple[dict[str, list[float]], dict[str, list[float]]]] = {}
    for collection in collections:
        event = collection.name.partition(" ")[0]
        plain, scored = (
            _half(one, needs)
            for one in evaluate([collection], ("hybrid", "match"), encoder=encoder)
        )
        told = rejection(scored)
        if told:
            refused[collection.name] = told
        found[event].append(judged_pairs(scored))
        for direction, points in _directions(scored):
            found[f"{event} {direction}"].append(points)
        for place, result in enumerate((plain, scored)):
            table = ranked.setdefault(event, ({}, {}))[place]
            for need, figures in result.per_query.items():
                table.setdefault(need, []).append(figures[_MEASURE])
    ranked["both"] = (
        {need: values for tables in ranked.values() for need, values in tables[0].items()},
        {need: values for tables in ranked.values() for need, values in tables[1].items()},
    )
    return Fitted(
        {name: _reliability(points) for name, points in sorted(found.items())},
        refused,
        {name: _gain(*tables) for name, tables in ranked.items()},
    )


def sentences(fitted: Fitted) -> Iterator[str]:
    """The figures as lines of text, the reliability diagrams as rows of numbers."""
    for name, gain in fitted.gains.items():
        yield (
            f"{name}: {_MEASURE} hybrid {gain.hybrid:.3f}, score {gain.score:.3f}, difference "
            f"{gain.score - gain.hybrid:+.3f} ({gain.interval.low:+.3f} to "
            f"{gain.interval.high:+.3f}, p = {gain.p:.4f}, {gain.needs} needs)"
        )
    for name, told in fitted.rejection.items():
        yield (
            f"{name}: answerable told from not, AUROC {told.auroc:.3f} ({told.interval.low:.3f} "
            f"to {told.interval.high:.3f}; {told.answerable} and {told.unanswerable} needs)"
        )
    for name, one in fitted.reliability.items():
        bins = ", ".join(f"{b.predicted:.2f}→{b.accepted:.2f} ({b.count})" for b in one.bins)
        yield f"{name}: ECE {one.ece:.3f}, Brier {one.brier:.3f}, {one.pairs} pairs: {bins}"


def _half(result: Result, needs: frozenset[str]) -> Result:
    """The same run, judged on these needs only."""
    whole = result.judged
    kept = replace(
        whole,
        qrels={need: grades for need, grades in whole.qrels.items() if need in needs},
        unanswerable=tuple(need for need in whole.unanswerable if need in needs),
    )
    return judge(kept, result.system, result.run)


def _directions(result: Result) -> Iterator[tuple[str, Points]]:
    """The pairs of `judged_pairs` by the languages of need and offer."""
    collection = result.judged
    asked = dict(zip(collection.query_ids, map(_language, collection.queries), strict=True))
    offered = dict(zip(collection.document_ids, map(_language, collection.documents), strict=True))
    scores, accepted = judged_pairs(result)
    judged = sorted({*collection.qrels, *collection.unanswerable} & result.run.keys())
    names = np.array(
        [
            f"{asked[need]}→{offered[one]}"
            for need in judged
            for one in result.run[need].document_ids[:10]
        ]
    )
    for name in sorted(set(names.tolist())):
        yield name, (scores[names == name], accepted[names == name])


def _language(text: str) -> str:
    return "vi" if is_unaccented_vietnamese(text) else language_of(text)


def _reliability(points: Sequence[Points]) -> Reliability:
    return reliability(
        np.concatenate([scores for scores, _ in points]),
        np.concatenate([accepted for _, accepted in points]),
    )


def _gain(plain: Mapping[str, list[float]], scored: Mapping[str, list[float]]) -> Gain:
    before, after = (
        {need: {_MEASURE: float(np.mean(values))} for need, values in table.items()}
        for table in (plain, scored)
    )
    difference = randomisation(after, before, _MEASURE)
    gained = [after[need][_MEASURE] - before[need][_MEASURE] for need in sorted(before)]
    return Gain(
        len(before),
        float(np.mean([one[_MEASURE] for one in before.values()])),
        float(np.mean([one[_MEASURE] for one in after.values()])),
        interval(gained),
        difference.p,
    )
