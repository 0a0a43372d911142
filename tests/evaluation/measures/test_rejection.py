"""Telling answerable from unanswerable by the best score."""

import numpy as np
import pytest

from evaluation.collections import Collection
from evaluation.measures.rejection import rejection
from evaluation.run import Result
from evaluation.runs import Ranking


def result(tops, qrels, unanswerable=()):
    """Every query has one document, scored as `tops` says; none where it says None."""
    run = {
        query: Ranking(
            ("d",) if top is not None else (),
            np.array([top] if top is not None else [], dtype=np.float32),
        )
        for query, top in tops.items()
    }
    queries = tuple(sorted({*tops, *qrels, *unanswerable}))
    return Result(
        collection="small",
        system="hybrid",
        queries=len(qrels),
        documents=1,
        metrics={},
        seconds_index=0.0,
        seconds_search=0.0,
        per_query={},
        run=run,
        judged=Collection(
            name="small",
            document_ids=("d",),
            documents=("",),
            query_ids=queries,
            queries=("",) * len(queries),
            qrels=qrels,
            itself={},
            unanswerable=tuple(unanswerable),
        ),
    )


def test_a_value_worked_out_by_hand():
    found = rejection(
        result(
            {"a1": 0.9, "a2": 0.5, "a3": None, "u1": 0.5, "u2": 0.1, "other": 1.0},
            {"a1": {"d": 2}, "a2": {"d": 1, "far": 3}, "a3": {"d": 2}, "u1": {"d": 1}},
            unanswerable=["u2"],
        )
    )
    # Pairs: 0.9 beats both; 0.5 ties with 0.5 and beats 0.1; nothing returned is 0, beats none.
    assert found.auroc == pytest.approx((1 + 1 + 0.5 + 1 + 0 + 0) / 6)
    assert (found.answerable, found.unanswerable) == (3, 2)
    assert found.interval.low < found.auroc < found.interval.high


def of(answerable, unanswerable):
    tops = {f"a{i}": float(top) for i, top in enumerate(answerable)}
    tops |= {f"u{i}": float(top) for i, top in enumerate(unanswerable)}
    qrels = {query: {"d": 3} for query in tops if query.startswith("a")}
    return rejection(result(tops, qrels, [query for query in tops if query.startswith("u")]))


def test_apart_alike_and_turned():
    apart = of([0.7, 0.8, 0.9], [0.1, 0.2])
    assert (apart.auroc, apart.interval) == (1.0, (1.0, 1.0))
    assert of([0.5, 0.5], [0.5]).auroc == 0.5
    assert of([0.1], [0.2, 0.3]).auroc == 0.0


def test_many_queries_against_the_definition():
    random = np.random.default_rng(1)
    ours, theirs = random.normal(0.6, 0.2, 90).round(1), random.normal(0.4, 0.2, 60).round(1)
    found = of(ours, theirs)
    beaten, equal = ours[:, None] > theirs, ours[:, None] == theirs
    assert found.auroc == pytest.approx((beaten + 0.5 * equal).mean(), abs=1e-12)
    # Hanley and McNeil's standard error (Radiology 1982).
    area = found.auroc
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + 89 * (q1 - area**2) + 59 * (q2 - area**2)
    error = np.sqrt(spread / (90 * 60))
    assert found.interval.high - found.interval.low == pytest.approx(2 * 1.96 * error, rel=0.15)
    assert found == of(ours[::-1], theirs)


@pytest.mark.parametrize(
    ("qrels", "unanswerable"),
    [
        ({"a": {"d": 2}, "b": {"d": 3}}, ()),
        ({"a": {"d": 0}, "b": {}}, ("c",)),
        ({"a": {"d": 1}}, ()),
    ],
    ids=["all can be answered", "none can", "grade 1 is the best there is"],
)
def test_one_kind_alone_tells_nothing(qrels, unanswerable):
    assert rejection(result({"a": 0.9, "b": 0.1}, qrels, unanswerable)) is None
