"""recall@k by hand, and of an index that is exact, sound or spoilt."""

import numpy as np
import pytest

import indexer.vectors.vectors
from indexer.arrays import write_array
from indexer.encoder import unit_rows
from indexer.vectors.recall import recall, sampled_recall
from indexer.vectors.storage import half
from indexer.vectors.vectors import Vectors

RANDOM = np.random.default_rng(9)
ROWS = unit_rows(RANDOM.standard_normal((1500, 16)))


def test_the_share_of_places_filled_as_well():
    exact = np.array([[0.9, 0.8, 0.5], [0.7, 0.6, 0.6]], dtype=np.float32)
    found = np.array([[0.9, 0.5, 0.4], [0.7, 0.6, 0.6]], dtype=np.float32)
    assert recall(exact, found) == pytest.approx(5 / 6)
    assert recall(exact, exact) == 1
    assert recall(exact[:0], found[:0]) == 1


def test_an_exact_search_misses_nothing():
    assert sampled_recall(Vectors(ROWS)) == 1.0


@pytest.fixture
def listed(monkeypatch):
    monkeypatch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 0)
    monkeypatch.setattr(indexer.vectors.vectors, "look_for", lambda k: 20 * k)
    return Vectors.built(ROWS)


def test_sound_lists_are_near_one_and_the_same_twice(listed):
    first = sampled_recall(listed)
    assert 0.97 < first <= 1
    assert first == sampled_recall(listed)


def test_lists_of_other_vectors_are_found_out(listed, tmp_path):
    names = listed.save(tmp_path, "s.")
    files = {name: (tmp_path / name).read_bytes() for name in names}
    write_array(tmp_path / "s.vectors.npy", half(ROWS[::-1]))
    files["s.vectors.npy"] = (tmp_path / "s.vectors.npy").read_bytes()
    assert sampled_recall(Vectors.load(files, "s.", 16, 1500)) < 0.5


def test_a_row_itself_does_not_count(listed, monkeypatch):
    """Of a search that gives each row itself and then the farthest, nothing is right."""
    true = Vectors.search

    def worst(self, queries, k, allowed=None, *, exact=False):
        similarities, rows = true(self, queries, k, allowed, exact=True)
        if exact:
            return similarities, rows
        far, farthest = true(self, -queries, k - 1, allowed, exact=True)
        return np.hstack([similarities[:, :1], -far]), np.hstack([rows[:, :1], farthest])

    monkeypatch.setattr(Vectors, "search", worst)
    assert sampled_recall(listed) == 0.0
