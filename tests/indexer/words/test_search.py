"""The best documents of one query are those that scoring all of them finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexer.words.search
from indexer.live.freshterms import FreshTerms
from indexer.live.terms import LiveTerms
from indexer.words.lexical import LexicalIndex
from indexer.words.tokentable import TokenTable

WORDS = (
    "xử lý nước thải máy sấy lúa bằng màng lọc giống cây trồng chăn nuôi cho vùng biển nuoc thai "
    "may say lua wastewater treatment with membrane filters for rice dryer pump and the of water"
).split()
RANDOM = np.random.default_rng(5)


def text(longest=40):
    # The first words are common, the last rare: lists of every length.
    many = int(RANDOM.integers(0, longest))
    share = np.arange(len(WORDS), 0, -1.0) ** 3
    drawn = RANDOM.choice(len(WORDS), size=many, p=share / share.sum())
    return " ".join(WORDS[i] for i in drawn)


TEXTS = [text() for _ in range(700)]
FRESH = [text() for _ in range(60)]
DEAD = RANDOM.random(700) < 0.1


@pytest.fixture(autouse=True)
def every_list_is_long(monkeypatch):
    """However few the documents are, common terms are left for later."""
    monkeypatch.setattr(indexer.words.search, "_LONG", 20)


@pytest.fixture(scope="module", params=["index", "live", "few gone"])
def lexical(request):
    table = TokenTable.of(TEXTS)
    base = LexicalIndex.build(table)
    if request.param == "index":
        return base
    dead = DEAD if request.param == "live" else np.arange(700) == 3
    fresh = FreshTerms.of(base, TokenTable.of(FRESH))
    return LiveTerms(base, table.lengths, fresh, dead)


def assert_best(lexical, said, k, allowed):
    queries = lexical.queries([said])
    every = lexical.scores(queries)[0]
    search = lexical.search(queries)
    for look in (k, 4 * k):
        rows, scores = search.best(look, allowed)
        assert (np.diff(rows) > 0).all()
        np.testing.assert_allclose(scores, every[rows], rtol=1e-5)
        there = every if allowed is None else np.where(allowed, every, 0)
        wanted = np.sort(there)[::-1][:look]
        np.testing.assert_allclose(np.sort(scores)[::-1], wanted[wanted > 0], rtol=1e-5)
        if allowed is not None:
            assert allowed[rows].all()
    some = np.flatnonzero(RANDOM.random(len(every)) < 0.1)
    np.testing.assert_allclose(search.scores(some), every[some], rtol=1e-5, atol=1e-6)


@given(
    st.lists(st.sampled_from([*WORDS, "robot"]), max_size=25),
    st.integers(1, 40),
    st.sampled_from([None, 0.5, 0.02]),
)
@settings(max_examples=60, deadline=None)
def test_the_best_are_those_of_scoring_all(lexical, words, k, share):
    allowed = None
    if share is not None:
        allowed = np.random.default_rng(k).random(len(lexical.languages)) < share
    assert_best(lexical, " ".join(words), k, allowed)


@pytest.mark.parametrize("said", ["xử lý dryer pump rice filters", " ".join(WORDS)])
def test_what_is_common_is_only_looked_up(lexical, said):
    queries = lexical.queries([said])
    search = lexical.search(queries)
    search.best(3)
    assert search.skipped > 0
    assert_best(lexical, said, 3, None)


def test_no_documents_and_no_words():
    for texts in ([], ["máy"], [""]):
        built = LexicalIndex.build(TokenTable.of(texts))
        for said in ("", "máy", "pump"):
            rows, scores = built.search(built.queries([said])).best(3)
            assert len(rows) == len(scores) == (1 if said == "máy" and texts == ["máy"] else 0)


def test_one_query_at_a_time():
    built = LexicalIndex.build(TokenTable.of(TEXTS[:5]))
    with pytest.raises(ValueError, match="one query"):
        built.search(built.queries(["a", "b"]))
