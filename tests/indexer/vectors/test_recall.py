"""recall@k by hand, and of an index that is exact, sound or spoilt."""

import numpy as np
import pytest

import indexer.vectors.vectors
from indexer.encoder import unit_rows
from indexer.vectors.recall import recall, sampled_recall
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
def graphed(monkeypatch):
    monkeypatch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 0)
    monkeypatch.setattr(indexer.vectors.vectors, "ROWS_PER_LOOK", 0)
    return Vectors.built(ROWS)


def test_a_sound_graph_is_near_one_and_the_same_twice(graphed):
    first = sampled_recall(graphed)
    assert 0.97 < first <= 1
    assert first == sampled_recall(graphed)


def test_a_graph_whose_links_lead_astray_is_found_out(graphed, tmp_path):
    from indexer.arrays import read_array, write_array

    names = graphed.save(tmp_path, "s.")
    links = read_array((tmp_path / "s.links.npy").read_bytes())
    write_array(tmp_path / "s.links.npy", np.where(links >= 0, links % 7, links))
    levels = read_array((tmp_path / "s.levels.npy").read_bytes())
    spoilt = np.where(levels > 0, 1, levels)
    spoilt[0] = levels.max()
    files = {name: (tmp_path / name).read_bytes() for name in names}
    try:
        loaded = Vectors.load(files, "s.", 16, 1500)
    except ValueError:
        return  # refused outright is as good
    assert sampled_recall(loaded) < 0.5


def test_a_row_itself_does_not_count(graphed, monkeypatch):
    """Of a search that gives each row itself and then the farthest, nothing is right."""
    true = Vectors.search

    def worst(self, queries, k, allowed=None, *, exact=False):
        similarities, rows = true(self, queries, k, allowed, exact=True)
        if exact:
            return similarities, rows
        far, farthest = true(self, -queries, k - 1, allowed, exact=True)
        return np.hstack([similarities[:, :1], -far]), np.hstack([rows[:, :1], farthest])

    monkeypatch.setattr(Vectors, "search", worst)
    assert sampled_recall(graphed) == 0.0
