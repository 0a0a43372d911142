"""FAISS behind one meaning: cosine, higher is better."""

import numpy as np
import pytest

from indexer.background import background_cosine
from indexer.encoder import unit_rows
from indexer.vectors.vectors import Vectors

RANDOM = np.random.default_rng(7)
# As they are stored, so that brute force sees the same vectors.
ROWS = unit_rows(RANDOM.standard_normal((300, 32))).astype(np.float16).astype(np.float32)
QUERIES = unit_rows(RANDOM.standard_normal((40, 32)))


def brute(queries, k, allowed):
    table = queries @ ROWS.T
    table[:, ~allowed] = -np.inf
    order = np.lexsort((np.broadcast_to(np.arange(300), table.shape), -table), axis=1)[:, :k]
    return np.take_along_axis(table, order, axis=1), order


def test_a_row_finds_itself_with_similarity_one():
    similarities, rows = Vectors(ROWS).search(ROWS, 1)
    assert rows.ravel().tolist() == list(range(300))
    np.testing.assert_allclose(similarities, 1.0, atol=5e-4)


@pytest.mark.parametrize("k", [1, 7, 300])
@pytest.mark.parametrize("share", [1.0, 0.3, 0.02])
def test_faiss_equals_brute_force(k, share):
    allowed = RANDOM.random(300) < share
    allowed[5] = True
    similarities, rows = Vectors(ROWS).search(QUERIES, k, allowed)
    k = min(k, int(allowed.sum()))
    expected, expected_rows = brute(QUERIES, k, allowed)
    np.testing.assert_allclose(similarities, expected, atol=1e-5)
    assert np.array_equal(rows, expected_rows)


def test_the_mask_holds_before_the_best_are_taken():
    best = int(np.argmax(ROWS @ QUERIES[0]))
    allowed = np.ones(300, dtype=bool)
    allowed[best] = False
    _, rows = Vectors(ROWS).search(QUERIES[:1], 5, allowed)
    assert rows.shape == (1, 5)
    assert best not in rows


def test_equal_rows_come_in_row_order():
    same = np.repeat(ROWS[:1], 6, axis=0)
    _, rows = Vectors(same).search(ROWS[:1], 6)
    assert rows[0].tolist() == [0, 1, 2, 3, 4, 5]


def test_more_than_there_are_gives_what_there_is():
    similarities, rows = Vectors(ROWS).search(QUERIES, 1000)
    assert similarities.shape == rows.shape == (40, 300)
    nobody = np.zeros(300, dtype=bool)
    assert Vectors(ROWS).search(QUERIES, 5, nobody)[1].shape == (40, 0)
    assert Vectors(ROWS).search(QUERIES, 0)[1].shape == (40, 0)
    assert Vectors(ROWS[:0]).search(QUERIES, 5)[1].shape == (40, 0)
    assert Vectors(ROWS).search(QUERIES[:0], 5)[1].shape == (0, 5)


def test_pairs_and_tables_agree():
    vectors = Vectors(ROWS)
    table = vectors.similarities(QUERIES)
    rows = RANDOM.integers(0, 300, 40)
    np.testing.assert_allclose(vectors.pairs(QUERIES, rows), table[np.arange(40), rows], atol=1e-6)
    assert np.array_equal(vectors.rows([3, 1]), ROWS[[3, 1]])


@pytest.mark.parametrize("shape", [(2, 31), (2, 33), (32,)])
def test_another_dimension_is_refused(shape):
    with pytest.raises(ValueError, match="dimension 32"):
        Vectors(ROWS).search(np.zeros(shape, dtype=np.float32), 1)


def test_a_mask_of_another_length_is_refused():
    with pytest.raises(ValueError, match="300 vectors"):
        Vectors(ROWS).search(QUERIES, 1, np.ones(299, dtype=bool))


def test_background_is_the_5th_percentile_of_all_pairs():
    demand, supply = (unit_rows(np.abs(rows)) for rows in (ROWS[:50], ROWS[50:90]))
    cosines = np.sort((demand @ supply.T).ravel())
    assert background_cosine(demand, supply) == pytest.approx(np.percentile(cosines, 5), abs=1e-6)


def test_background_of_many_pairs_is_a_steady_sample():
    sampled = background_cosine(ROWS, ROWS)
    assert sampled == background_cosine(ROWS, ROWS)
    assert sampled == pytest.approx(max(np.percentile(ROWS @ ROWS.T, 5), 0), abs=0.03)


def test_background_with_one_side_leaves_out_each_row_with_itself():
    twins = unit_rows(np.eye(8, 32))
    assert background_cosine(twins, twins[:0]) == 0.0
    assert background_cosine(twins[:0], twins) == 0.0


def test_background_of_too_few_pairs_is_zero():
    assert background_cosine(ROWS[:1], ROWS[:1]) == 0.0
    assert background_cosine(ROWS[:0], ROWS[:0]) == 0.0
    assert background_cosine(ROWS[:2], ROWS[:0]) == 0.0


def test_background_leaves_room_above_it():
    one = np.repeat(ROWS[:1], 10, axis=0)
    assert background_cosine(one, one) == 0.95
