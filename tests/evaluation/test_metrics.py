"""The measures against values worked out by hand, and the policy as a matrix."""

from math import log2

import numpy as np
import pytest

from evaluation.metrics import MEASURES, measure
from evaluation.runs import Ranking, best
from indexer.errors import RequestError


def ranking(*documents):
    return Ranking(documents, np.arange(len(documents), 0, -1, dtype=np.float32))


def test_values_worked_out_by_hand():
    qrels = {"q": {"a": 3, "b": 1, "c": 2, "d": 0}}
    found = measure({"q": ranking("x", "c", "d", "a")}, qrels).per_query["q"]
    # Gains 0 2 0 3 against the ideal 3 2 1; relevant a, c found of a, b, c.
    gained = 2 / log2(3) + 3 / log2(5)
    ideal = 3 / log2(2) + 2 / log2(3) + 1 / log2(4)
    assert found["nDCG@10"] == pytest.approx(gained / ideal, abs=1e-12)
    assert found["RR@10"] == pytest.approx(1 / 2)
    assert found["R@100"] == pytest.approx(2 / 3)
    assert found["AP"] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert found["R@10"] == pytest.approx(2 / 3)
    assert (found["Success@1"], found["Success@10"]) == (0, 1)


# Topic 302 of trec_eval's own test data (github.com/usnistgov/trec_eval, test/qrels-302.test and
# test/results-302.test): of 500 documents returned, the places of the 50 relevant ones; 27 more
# were not returned. Expected: its test/out.test.aq.
PLACES_302 = """1 2 4 5 6 8 9 11 12 13 14 15 16 17 18 19 21 22 24 27 28 30 31 34 36 37 39 42 43 44
    47 48 49 50 51 53 56 58 72 79 82 84 116 154 289 301 331 353 394 458"""
PUBLISHED_302 = {
    "nDCG@10": 0.7530,
    "RR@10": 1.0000,
    "R@100": 0.5455,
    "AP": 0.4175,
    "R@10": 0.0909,
    "Success@1": 1.0000,
    "Success@10": 1.0000,
}


def test_values_published_by_trec_eval():
    relevant = set(map(int, PLACES_302.split()))
    run = {"302": ranking(*(f"d{place}" for place in range(1, 501)))}
    qrels = {f"d{place}": int(place in relevant) for place in range(1, 501)}
    qrels |= {f"missed{n}": 1 for n in range(27)}
    found = measure(run, {"302": qrels}).per_query["302"]
    assert {name: round(value, 4) for name, value in found.items()} == PUBLISHED_302


def by_definition(documents, grades):
    """The measures written out again, from their papers."""
    relevant = {one for one, grade in grades.items() if grade >= 1}
    hits = [place for place, one in enumerate(documents, start=1) if one in relevant]
    gains = [max(0, grades.get(one, 0)) for one in documents[:10]]
    ideal = sorted(grades.values(), reverse=True)[:10]

    def dcg(values):
        return sum(gain / log2(1 + place) for place, gain in enumerate(values, start=1))

    return {
        "nDCG@10": dcg(gains) / dcg(ideal),
        "RR@10": max((1 / place for place in hits if place <= 10), default=0),
        "R@100": sum(place <= 100 for place in hits) / len(relevant),
        "AP": sum(found / place for found, place in enumerate(hits, start=1)) / len(relevant),
        "R@10": sum(place <= 10 for place in hits) / len(relevant),
        "Success@1": float(1 in hits),
        "Success@10": float(any(place <= 10 for place in hits)),
    }


def test_values_agree_with_the_definitions_on_random_rankings():
    rng = np.random.default_rng(5)
    run, qrels = {}, {}
    for n in range(60):
        found = rng.permutation(300)[: rng.integers(1, 200)]
        run[f"q{n:02d}"] = ranking(*(f"d{one}" for one in found))
        judged = rng.permutation(300)[: rng.integers(3, 40)]
        grades = {f"d{one}": int(rng.integers(0, 4)) for one in judged}
        qrels[f"q{n:02d}"] = grades | {f"d{judged[0]}": 2}
    figures = measure(run, qrels)
    for query, grades in qrels.items():
        expected = by_definition(run[query].document_ids, grades)
        assert figures.per_query[query] == pytest.approx(expected, abs=1e-9)


def test_cutoffs():
    others = [f"x{i:03d}" for i in range(200)]
    qrels = {"q": {"a": 1}}
    at_11 = measure({"q": ranking(*others[:10], "a")}, qrels).mean
    assert (at_11["nDCG@10"], at_11["RR@10"], at_11["R@100"]) == (0, 0, 1)
    assert at_11["AP"] == pytest.approx(1 / 11)
    assert (at_11["R@10"], at_11["Success@1"], at_11["Success@10"]) == (0, 0, 0)
    at_10 = measure({"q": ranking(*others[:9], "a")}, qrels).mean
    assert (at_10["R@10"], at_10["Success@1"], at_10["Success@10"]) == (1, 0, 1)
    at_101 = measure({"q": ranking(*others[:100], "a")}, qrels).mean
    assert (at_101["R@100"], at_101["AP"]) == (0, pytest.approx(1 / 101))


PERFECT = dict.fromkeys(MEASURES, 1.0)
NOTHING = dict.fromkeys(MEASURES, 0.0)


@pytest.mark.parametrize(
    ("run", "qrels", "expected"),
    [
        pytest.param({"q1": ranking("a")}, {"q1": {"a": 1}}, {"q1": PERFECT}, id="found"),
        pytest.param(
            {"q1": ranking("a"), "q2": ranking("b")},
            {"q1": {"a": 1}},
            {"q1": PERFECT},
            id="a query without judgements is left out",
        ),
        pytest.param(
            {"q1": ranking("a")},
            {"q1": {"a": 1}, "q2": {"b": 1}},
            {"q1": PERFECT, "q2": NOTHING},
            id="a judged query missing from the run counts 0",
        ),
        pytest.param(
            {"q1": ranking("a"), "q2": ranking()},
            {"q1": {"a": 1}, "q2": {"b": 1}},
            {"q1": PERFECT, "q2": NOTHING},
            id="a judged query with an empty ranking counts 0",
        ),
        pytest.param({}, {"q1": {"a": 1}}, {"q1": NOTHING}, id="an empty run"),
        pytest.param(
            {"q1": ranking("a")}, {"q1": {"a": 0}}, {"q1": NOTHING}, id="nothing is relevant"
        ),
        pytest.param({"q1": ranking("a")}, {"q1": {}}, {"q1": NOTHING}, id="no judgement is left"),
        pytest.param(
            {"q1": ranking("x", "y")},
            {"q1": {"a": 1}},
            {"q1": NOTHING},
            id="a document nobody judged is not relevant",
        ),
        pytest.param(
            {"q1": ranking("x", "a")},
            {"q1": {"a": 1, "x": -2}},
            {
                "q1": {
                    "nDCG@10": pytest.approx(1 / log2(3)),
                    "RR@10": 0.5,
                    "R@100": 1.0,
                    "AP": 0.5,
                    "R@10": 1.0,
                    "Success@1": 0.0,
                    "Success@10": 1.0,
                }
            },
            id="a grade below 0 is 0",
        ),
        pytest.param(
            {"q1": ranking("a")},
            {"q1": {"a": 1, "gone": 1}},
            {
                "q1": {
                    "nDCG@10": pytest.approx(1 / (1 + 1 / log2(3))),
                    "RR@10": 1.0,
                    "R@100": 0.5,
                    "AP": 0.5,
                    "R@10": 0.5,
                    "Success@1": 1.0,
                    "Success@10": 1.0,
                }
            },
            id="a relevant document outside the corpus counts as not found",
        ),
    ],
)
def test_policy(run, qrels, expected):
    figures = measure(run, qrels)
    assert figures.per_query == expected
    for name in MEASURES:
        values = [figures.per_query[query][name] for query in figures.per_query]
        assert figures.mean[name] == sum(values) / len(values)


def test_nothing_judged_is_an_error():
    with pytest.raises(RequestError, match="no judged query"):
        measure({"q1": ranking("a")}, {})


@pytest.mark.parametrize("relevant", ["a", "b", "c"])
def test_every_measure_sees_the_order_given_also_among_ties(relevant):
    tied = Ranking(("c", "b", "a"), np.ones(3, dtype=np.float32))
    place = 1 + "cba".index(relevant)
    found = measure({"q": tied}, {"q": {relevant: 1}}).mean
    assert found["RR@10"] == pytest.approx(1 / place)
    assert found["AP"] == pytest.approx(1 / place)
    assert found["nDCG@10"] == pytest.approx(1 / log2(1 + place))


def test_the_mean_does_not_depend_on_the_order_of_queries():
    names = [f"q{i}" for i in range(50)]
    run = {name: ranking(*"abcdefgh"[i % 7 :]) for i, name in enumerate(names)}
    qrels = {name: {"h": 1, "c": 2} for name in names}
    turned = {name: qrels[name] for name in reversed(names)}
    one, other = measure(run, qrels), measure(dict(reversed(run.items())), turned)
    assert one == other


@pytest.mark.parametrize(
    ("documents", "scores", "words"),
    [
        (("a", "b", "a"), [3, 2, 1], "document a stands twice"),
        (("a", "b"), [1, 2], "never rise"),
        (("a",), [float("nan")], "finite"),
        (("a",), [float("inf")], "finite"),
        (("a", "b"), [1], "2 documents but 1 scores"),
    ],
)
def test_a_ranking_that_cannot_be_judged_is_refused(documents, scores, words):
    with pytest.raises(RequestError, match=words):
        Ranking(documents, np.array(scores, dtype=np.float32))


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 6, 9])
def test_best_is_a_stable_sort_cut_at_the_depth(depth):
    scores = np.array([1, 3, 2, 3, 2, 2], dtype=np.float32)
    expected = sorted(range(6), key=lambda column: (-scores[column], column))[:depth]
    assert best(scores, depth).tolist() == expected


def test_best_agrees_with_sorting_on_many_random_rows():
    rng = np.random.default_rng(3)
    for _ in range(50):
        scores = rng.integers(0, 5, size=40).astype(np.float32)
        assert best(scores, 12).tolist() == np.argsort(-scores, kind="stable")[:12].tolist()


@pytest.mark.parametrize("document", ["\ud800", "a\x00b", "", "a b"])
def test_no_id_is_odd_enough_to_matter(document):
    found = measure({"q\ud800": ranking("a", document)}, {"q\ud800": {document: 1}}).mean
    assert found["AP"] == found["RR@10"] == 0.5
    assert (found["Success@1"], found["R@10"]) == (0, 1)
