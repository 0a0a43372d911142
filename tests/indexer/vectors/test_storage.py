"""What is stored in half precision, and that searching it is exact."""

import numpy as np
import pytest

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


def test_blocks_are_the_vectors_asked_for_in_order():
    places = RANDOM.permutation(500).repeat(20)
    found = np.concatenate([block for _, block in Storage(CODES).blocks(places)])
    assert [start for start, _ in Storage(CODES).blocks(places)] == [0, 8192]
    assert np.array_equal(found, CODES[places].astype(np.float32))


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
