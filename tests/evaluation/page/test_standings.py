"""Results side by side, the sentences about them, and the needs served worst."""

from dataclasses import replace

import pytest

from evaluation.measures.significance import holm, randomisation
from evaluation.page.standings import contests, wholes
from evaluation.page.summary import summary
from evaluation.page.worst import failures

DOCUMENTS = {f"d{n}": f"Chào bán {n}\nmô tả" for n in range(12)}
QUERIES = {f"q{n:02}": f"nhu cầu {n}\nchi tiết" for n in range(20)}
QRELS = {query: {"d0": 2, "d1": 1, "gone": 1} for query in QUERIES}
GOOD, BAD = list(DOCUMENTS), list(DOCUMENTS)[::-1]


@pytest.fixture(scope="module")
def fair(judge):
    return judge(DOCUMENTS, QUERIES, QRELS, fields={"q00": "Nước"})


@pytest.fixture(scope="module")
def results(fair, returned):
    return [
        returned(fair, "bm25", dict.fromkeys(QUERIES, BAD)),
        returned(fair, "dense", {**dict.fromkeys(QUERIES, BAD), "q03": GOOD}),
        returned(fair, "hybrid", dict.fromkeys(QUERIES, GOOD)),
    ]


def test_every_system_stands_against_the_first_with_corrected_odds(results):
    (contest,) = contests(results)
    first, near, far = contest.standings
    assert (first.gained, first.p, first.significant) == (None, None, False)
    tests = [randomisation(one.per_query, results[0].per_query) for one in results[1:]]
    assert [near.p, far.p] == holm([test.p for test in tests])
    assert far.gained == tests[1].mean > 0.5
    assert (near.significant, far.significant) == (False, True)
    assert far.interval.low <= far.mean <= far.interval.high
    assert (contest.best, contest.main) == (far, far)


def test_the_main_one_is_the_hybrid_even_where_another_is_better(results):
    best = replace(results[2], system="dense:static")
    tuned = replace(results[0], system="hybrid:static,weight=0.5")
    plain = replace(results[0], system="hybrid")
    (contest,) = contests([best, tuned, plain])
    assert contest.main.result is plain
    assert contest.best.result is best
    assert contests([best, tuned])[0].main.result is tuned
    assert contests([best, results[0]])[0].main.result is best


def test_directions_belong_to_their_event(fair, results):
    names = ["fair", "fair vi→en", "other en→vi", "other vi→vi", "a→b"]
    found = contests(
        [replace(results[0], judged=replace(fair, name=name), collection=name) for name in names]
    )
    assert [each.direction for each in found] == [None, "vi→en", "en→vi", "vi→vi", None]
    assert [each.whole for each in found] == ["fair", "fair", "other", "other", "a→b"]
    kept = [each.collection.name for each in wholes(found)]
    assert kept == ["fair", "other en→vi", "other vi→vi", "a→b"]


def test_the_summary_says_who_is_best_and_how_sure_that_is(results):
    vi, en = (
        [one.say(language) for one in summary(contests(results))] for language in ("vi", "en")
    )
    assert en[0].startswith("On fair (20 needs), hybrid is best with nDCG@10 0.840")
    assert "hardly by chance (p < 0.001" in en[1]
    assert "100% of the needs that have an offer of grade 2 or more" in en[2]
    assert "từ mức 2 trở lên" in vi[2]
    assert vi[0].startswith("Trên fair (20 nhu cầu), hybrid tốt nhất với nDCG@10 0,840")
    assert "Holm" in vi[1]
    assert len(vi) == len(en) == 3


def test_the_summary_does_not_claim_what_may_be_luck(results):
    said = [one.en for one in summary(contests(results[:2]))]
    assert "may be chance" in said[1]
    alone = [one.en for one in summary(contests(results[2:]))]
    assert "reaches nDCG@10" in alone[0]
    assert not any("chance" in one or "comes first" in one for one in alone)


def test_the_summary_counts_what_is_worth_a_meeting(judge, returned):
    qrels = {"q00": {"d1": 2, "d2": 1}, "q01": {"d1": 2, "d2": 1}, "q02": {"d2": 1}}
    judged = judge(DOCUMENTS, QUERIES, qrels)
    run = {"q00": ["d1"], "q01": ["d2"], "q02": ["d2"]}
    found = summary(contests([returned(judged, "hybrid", run)]))
    assert any("For 50% of the needs that have an offer of grade 2" in one.en for one in found)


def test_the_summary_counts_collections_once(results, fair):
    other = replace(fair, name="other")
    more = [replace(one, judged=other, collection="other") for one in results]
    said = [one.en for one in summary(contests([*results, *more]))]
    assert said[-1] == "hybrid comes first on 2 of 2 collections."


def test_the_worst_needs_show_what_came_and_what_should_have(results):
    found = failures(results[1], most=3)
    assert [one.query for one in found] == ["q00", "q01", "q02"]
    first = found[0]
    assert (first.title, first.text, first.field) == ("nhu cầu 0", "chi tiết", "Nước")
    assert [seen.document for seen in first.returned] == BAD[:5]
    assert [seen.grade for seen in first.returned] == [None] * 5
    wanted = [(seen.document, seen.grade, seen.place, seen.useful) for seen in first.wanted]
    assert wanted == [("d0", 2, 12, True), ("d1", 1, 11, False), ("gone", 1, None, False)]
    assert [seen.known for seen in first.wanted] == [True, True, False]
    assert first.wanted[0].title == "Chào bán 0"


def test_perfect_and_hopeless_needs_are_no_failures(judge, returned):
    fair = judge(DOCUMENTS, QUERIES, {"q00": {"d0": 1}, "q01": {"d5": 0}, "q02": {"d3": 1}})
    found = failures(returned(fair, "bm25", {"q00": GOOD, "q01": GOOD}))
    assert [one.query for one in found] == ["q02"]
    assert found[0].returned == ()
    assert found[0].wanted[0].place is None


def test_long_texts_are_cut_and_said_once(judge, returned):
    long = "từ " * 400
    fair = judge({"d": long}, {"q": long, "r": "một dòng"}, {"q": {"x": 1}, "r": {"x": 1}})
    whole, short = failures(returned(fair, "bm25", {"q": ["d"]}))
    assert len(whole.title) <= 140
    assert whole.title.endswith("…")
    assert 500 < len(whole.text) <= 600
    assert (short.title, short.text) == ("một dòng", "")
