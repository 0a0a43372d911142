"""Event figures worked out by hand."""

import numpy as np
import pytest

from evaluation.collections import Collection
from evaluation.measures.eventfigures import EventFigures, event_figures
from evaluation.metrics import measure
from evaluation.run import Result
from evaluation.runs import Ranking


def result(run, qrels, owners=None):
    run = {
        query: Ranking(tuple(scores), np.array(list(scores.values()), dtype=np.float32))
        for query, scores in run.items()
    }
    documents = sorted({one for found in run.values() for one in found.document_ids}, reverse=True)
    queries = tuple(sorted({*run, *qrels}))
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
        judged=Collection(
            name="small",
            document_ids=tuple(documents),
            documents=("",) * len(documents),
            query_ids=queries,
            queries=("",) * len(queries),
            qrels=qrels,
            itself={},
            owners=owners or {},
        ),
    )


RUN = {
    "n1": {"a": 0.9, "b": 0.8, "c": 0.7},
    "n2": {"a": 0.6, "c": 0.5, "b": 0.4},
    "n3": {"a": 0.95, "b": 0.3},
    "n4": {},
}
QRELS = {"n1": {"a": 3}, "n2": {"b": 2, "a": 1}, "n3": {"b": 1}, "n4": {"c": 2}}


def test_coverage_and_the_worst_off_look_at_answerable_needs():
    found = event_figures(result(RUN, QRELS), k=2)
    # n3 has nothing useful; n2's only useful offer stands third; n4 was given nothing.
    assert found.coverage == pytest.approx(1 / 3)
    assert found.worst_off == ("n4", 0.0)
    assert event_figures(result(RUN, QRELS), k=3).coverage == pytest.approx(2 / 3)


def test_of_equally_bad_needs_the_first_is_named():
    found = event_figures(result({}, {"n2": {"a": 2}, "n1": {"a": 2}}))
    assert (found.coverage, found.worst_off) == (0.0, ("n1", 0.0))
    assert (found.largest_share, found.mutual) == (None, None)


def test_the_share_of_the_owner_who_is_everywhere():
    owners = {"a": "Viện A", "b": "Công ty B", "c": "Công ty B"}
    # Places at k=2: a b, a c, a b: three of A's, three of B's; at k=3 A has 3 of 8.
    assert event_figures(result(RUN, QRELS, owners), k=2).largest_share == ("Công ty B", 0.5)
    assert event_figures(result(RUN, QRELS, owners), k=3).largest_share == ("Công ty B", 5 / 8)
    # A place whose owner nobody knows is a place all the same.
    assert event_figures(result(RUN, QRELS, {"a": "A"}), k=3).largest_share == ("A", 3 / 8)
    assert event_figures(result(RUN, QRELS), k=3).largest_share is None


def test_places_wanted_from_both_sides():
    # a is wanted by n3 .95, n1 .9, n2 .6; b by n1 .8, n2 .4, n3 .3; c by n1 .7, n2 .5.
    # k=1: places n1-a, n2-a, n3-a; only n3 is a's first.
    assert event_figures(result(RUN, QRELS), k=1).mutual == pytest.approx(1 / 3)
    # k=2: n1-a, n1-b, n2-c, n3-a of the six; n2 is a's third, n3 b's third.
    assert event_figures(result(RUN, QRELS), k=2).mutual == pytest.approx(4 / 6)
    assert event_figures(result(RUN, QRELS), k=3).mutual == 1.0


def test_an_offer_prefers_the_higher_id_among_needs_that_score_the_same():
    qrels = {"n1": {"a": 2}}
    found = event_figures(result({"n1": {"a": 0.5, "b": 0.4}, "n2": {"a": 0.5}}, qrels), k=1)
    assert found.mutual == 0.5
    turned = event_figures(result({"n2": {"a": 0.5}, "n1": {"a": 0.5, "b": 0.4}}, qrels), k=1)
    assert turned == found


def test_mutual_agrees_with_the_plain_way_on_a_random_event():
    random = np.random.default_rng(1)
    scores = random.integers(1, 40, size=(30, 25)) / 40
    run = {}
    for n, row in enumerate(scores):
        named = {f"d{d:02d}": float(s) for d, s in enumerate(row)}
        run[f"n{n:02d}"] = dict(sorted(named.items(), key=lambda one: one[::-1][:1], reverse=True))
    found = event_figures(result(run, {"n00": {"d00": 2}}), k=5).mutual
    wanted = 0
    for query, named in run.items():
        for offer in list(named)[:5]:
            askers = sorted(run, key=lambda one: (run[one][offer], one), reverse=True)
            wanted += query in askers[:5]
    assert found == pytest.approx(wanted / (30 * 5))


def test_nothing_that_can_be_answered():
    found = event_figures(result({"n1": {"a": 0.5}}, {"n1": {"a": 0}}))
    assert found == EventFigures(coverage=None, worst_off=None, largest_share=None, mutual=1.0)
