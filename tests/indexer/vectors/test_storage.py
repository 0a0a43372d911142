"""What is stored in half precision, and that searching it is exact."""

import numpy as np
import pytest

from indexer.arrays import mapped, read_array, write_array
from indexer.encoder import unit_rows
from indexer.vectors.storage import Storage, half

RANDOM = np.random.default_rng(3)
CODES = half(unit_rows(RANDOM.standard_normal((500, 24))))


def test_storing_keeps_the_codes_bit_for_bit():
    stored = Storage(CODES)
    assert len(stored) == 500
    assert np.array_equal(stored.codes, CODES)
    assert np.array_equal(half(stored.taken(np.arange(500))), CODES)
    with pytest.raises(ValueError, match="read-only"):
        stored.codes[0] = 1


def test_what_is_stored_lies_where_it_lay(tmp_path):
    write_array(tmp_path / "v.npy", CODES)
    codes = read_array(mapped(tmp_path / "v.npy"))
    stored = Storage(codes)
    assert np.shares_memory(stored.codes, codes)
    del codes
    query = CODES[:1].astype(np.float32)
    expected = Storage(CODES.copy()).search(query, 9)
    for one, other in zip(stored.search(query, 9), expected, strict=True):
        assert np.array_equal(one, other)


def test_blocks_are_the_vectors_in_order():
    many = np.tile(CODES, (20, 1))
    found = list(Storage(many).blocks())
    assert [start for start, _ in found] == [0, 8192]
    assert np.array_equal(np.concatenate([block for _, block in found]), many.astype(np.float32))


@pytest.mark.parametrize("many", [10, 24, 26, 400])
def test_what_is_allowed_is_taken_out_or_passed_over(many):
    """Few are taken out, many are found where they are: either way the same."""
    allowed = np.zeros(500, dtype=bool)
    allowed[RANDOM.choice(500, many, replace=False)] = True
    query = unit_rows(RANDOM.standard_normal((3, 24)))
    similarities, places = Storage(CODES).search(query, 10, allowed)
    table = np.where(allowed, query @ CODES.astype(np.float32).T, -2)
    assert np.array_equal(places, np.argsort(-table, axis=1)[:, :10])
    np.testing.assert_allclose(similarities, -np.sort(-table, axis=1)[:, :10], atol=1e-6)


def test_half_precision_moves_a_cosine_by_less_than_a_thousandth():
    exact = unit_rows(RANDOM.standard_normal((200, 256)))
    moved = half(exact).astype(np.float32) @ exact.T - exact @ exact.T
    assert 0 < np.abs(moved).max() < 1e-3


def test_what_half_precision_cannot_hold_is_refused():
    for value in (np.nan, np.inf, 1e6):
        with pytest.raises(ValueError, match="finite"):
            half(np.full((1, 4), value, dtype=np.float32))


def test_of_equals_at_the_end_of_a_list_the_first_stand():
    same = half(np.tile(unit_rows(RANDOM.standard_normal((1, 24))), (50, 1)))
    query = same[:1].astype(np.float32)
    assert sorted(Storage(same).search(query, 5)[1][0]) == [0, 1, 2, 3, 4]


def test_nothing_stored():
    empty = Storage(CODES[:0])
    assert (len(empty), empty.dimension, empty.codes.shape) == (0, 24, (0, 24))
