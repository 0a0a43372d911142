"""Reliability worked out by hand, and which pairs it looks at."""

import numpy as np
import pytest

from evaluation.collections import Collection
from evaluation.measures.calibration import Bin, judged_pairs, reliability
from evaluation.metrics import measure
from evaluation.run import Result
from evaluation.runs import Ranking
from indexer.errors import RequestError


def result(run, qrels, unanswerable=()):
    """Needs and offers without text: what is measured is the run."""
    run = {
        query: Ranking(tuple(scores), np.array(list(scores.values()), dtype=np.float32))
        for query, scores in run.items()
    }
    documents = sorted({one for found in run.values() for one in found.document_ids}, reverse=True)
    queries = tuple(sorted({*run, *qrels, *unanswerable}))
    collection = Collection(
        name="small",
        document_ids=tuple(documents),
        documents=("",) * len(documents),
        query_ids=queries,
        queries=("",) * len(queries),
        qrels=qrels,
        itself={},
        unanswerable=tuple(unanswerable),
    )
    figures = measure(run, qrels)
    return Result(
        collection="small",
        system="hybrid",
        queries=len(qrels),
        documents=len(documents),
        metrics=figures.mean,
        seconds_index=0.0,
        seconds_search=0.0,
        per_query=figures.per_query,
        run=run,
        judged=collection,
    )


def test_values_worked_out_by_hand():
    found = reliability(np.array([0.1, 0.15, 0.55, 1.0]), np.array([False, True, True, False]))
    assert found.bins == (
        Bin(low=0.1, high=0.2, count=2, predicted=pytest.approx(0.125), accepted=0.5),
        Bin(low=0.5, high=0.6, count=1, predicted=0.55, accepted=1.0),
        Bin(low=0.9, high=1.0, count=1, predicted=1.0, accepted=0.0),
    )
    assert found.ece == pytest.approx((2 * 0.375 + 0.45 + 1.0) / 4)
    assert found.brier == pytest.approx((0.01 + 0.7225 + 0.2025 + 1.0) / 4)
    assert found.pairs == 4


def test_scores_that_are_true_are_calibrated_and_turned_ones_are_not():
    random = np.random.default_rng(1)
    scores = random.random(20_000)
    accepted = random.random(20_000) < scores
    honest, turned = reliability(scores, accepted), reliability(1 - scores, accepted)
    assert honest.ece < 0.02
    assert honest.brier == pytest.approx(1 / 6, abs=0.01)  # the mean of p(1 - p)
    assert turned.ece == pytest.approx(0.5, abs=0.02)
    assert turned.brier == pytest.approx(1 / 2, abs=0.02)
    assert [one.count for one in honest.bins] == pytest.approx([2_000] * 10, rel=0.1)


@pytest.mark.parametrize("bins", [1, 5, 10])
def test_the_edges_belong_to_the_bin_above_and_1_to_the_last(bins):
    edges = np.arange(bins + 1) / bins
    found = reliability(edges, np.ones(bins + 1, dtype=bool), bins)
    assert [one.count for one in found.bins] == [1] * (bins - 1) + [2]


def test_pairs_are_the_first_k_of_judged_queries_and_unanswerable_ones():
    found = result(
        {
            "q1": {"a": 0.9, "x": 0.8, "b": 0.7, "c": 0.6},
            "q2": {"d": 0.5},
            "q3": {"e": 0.4, "f": 0.3},
            "q4": {"a": 1.0},
        },
        {"q1": {"a": 1, "b": 3, "c": 2}, "q2": {"d": 2}},
        unanswerable=["q3", "q9"],
    )
    scores, accepted = judged_pairs(found, k=3)
    # Grade 1 is not worth a meeting, x was not judged, c is the fourth, q4 was not judged.
    assert scores == pytest.approx([0.9, 0.8, 0.7, 0.5, 0.4, 0.3])
    assert accepted.tolist() == [False, False, True, True, False, False]


def test_without_grades_above_1_the_grade_1_is_accepted():
    _, accepted = judged_pairs(result({"q": {"a": 0.9, "b": 0.8}}, {"q": {"a": 1, "b": 0}}))
    assert accepted.tolist() == [True, False]


@pytest.mark.parametrize(
    ("scores", "accepted", "bins", "words"),
    [
        ([], [], 10, "one pair"),
        ([0.5], [], 10, "1 scores, 0 judgements"),
        ([0.5], [True], 0, "0 bins"),
        ([0.5, 7.25], [True, False], 10, "7.25 is no probability"),
        ([-0.1], [True], 10, "-0.1 is no probability"),
        ([float("nan")], [True], 10, "nan is no probability"),
    ],
)
def test_what_is_no_probability_is_refused(scores, accepted, bins, words):
    with pytest.raises(RequestError, match=words):
        reliability(np.array(scores), np.array(accepted, dtype=bool), bins)


def test_a_cosine_a_few_bits_above_1_is_1():
    found = reliability(np.array([1.0 + 2e-7]), np.array([True]))
    assert (found.ece, found.brier) == (0.0, 0.0)
