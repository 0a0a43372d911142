"""Word alignment on texts whose answer is known."""

import numpy as np
import pytest

from indexer.training.alignment import Texts, align
from indexer.words.tokentable import TokenTable

PAIRS = [
    ("the house", "ngôi nhà"),
    ("the book", "ngôi sách"),
    ("a book", "một sách"),
    ("a house", "một nhà"),
    ("green house", "nhà xanh"),
    ("green book", "sách xanh"),
]


def texts(table):
    return Texts(table.ids.astype(np.int64), table.text_of.astype(np.int64), len(table.words))


def aligned(pairs, weights=None):
    english, vietnamese = (TokenTable.of(side) for side in zip(*pairs, strict=True))
    weights = np.ones(len(pairs)) if weights is None else np.asarray(weights)
    counts = align(texts(vietnamese), texts(english), weights.astype(np.float32))
    table = np.zeros((len(vietnamese.words), len(english.words)))
    table[counts.left, counts.right] = counts.count
    return table, vietnamese.words, english.words


def best(pairs, weights=None):
    table, vietnamese, english = aligned(pairs, weights)
    return {vietnamese[i]: english[j] for i, j in enumerate(table.argmax(axis=1).tolist())}


def test_words_find_their_translations_whatever_their_order():
    assert best(PAIRS) == {
        "ngôi": "the", "nhà": "hous", "sách": "book", "một": "a", "xanh": "green"
    }  # fmt: skip


def test_counts_are_never_more_than_what_stands_there():
    table, vietnamese, _ = aligned(PAIRS)
    stands = [sum(word in vi.split() for _, vi in PAIRS) for word in vietnamese]
    assert (table.sum(axis=1) <= np.array(stands) + 1e-3).all()
    assert (table >= 0).all()


def test_a_rare_word_does_not_gather_what_nothing_explains():
    # "zeppelin" is seen once, in a long text of common words.
    pairs = [*PAIRS * 5, ("the green house a book zeppelin", "ngôi nhà xanh một sách khí cầu")]
    table, vietnamese, english = aligned(pairs)
    row = table[:, english.index("zeppelin")]
    assert {vietnamese[i] for i in np.flatnonzero(row > 0.1)} == {"khí", "cầu"}


def test_weights_decide_between_sources():
    pairs = [("pump", "bơm")] * 3 + [("pump", "máy")] * 3
    table, vietnamese, _ = aligned(pairs, [4, 4, 4, 1, 1, 1])
    shares = table[:, 0] / table.sum()
    # What agrees on both sides counts more than its weight, never less.
    assert shares[vietnamese.index("bơm")] >= 0.8 - 1e-6


@pytest.mark.parametrize("pairs", [[("", "")], [("house", "")], [("x " * 500, "y " * 500)]])
def test_texts_that_teach_nothing(pairs):
    table, _, _ = aligned(pairs)
    assert table.sum() == 0


def test_the_same_texts_give_the_same_counts():
    first, second = aligned(PAIRS)[0], aligned(PAIRS)[0]
    np.testing.assert_array_equal(first, second)
