"""The graph: it finds what is near, is saved whole, and is refused where it does not fit."""

import json

import numpy as np
import pytest

from indexer.encoder import unit_rows
from indexer.vectors.graph import LOOK, Graph, look_for
from indexer.vectors.storage import half

RANDOM = np.random.default_rng(5)
CENTRES = RANDOM.standard_normal((40, 32))
CODES = half(unit_rows(CENTRES[RANDOM.integers(0, 40, 2500)] + RANDOM.standard_normal((2500, 32))))
QUERIES = CODES[:50].astype(np.float32)


@pytest.fixture(scope="module")
def graph():
    return Graph.build(CODES)


@pytest.fixture
def files(graph, tmp_path):
    return {name: (tmp_path / name).read_bytes() for name in graph.save(tmp_path, "s.")}


def nearest(codes, queries, k):
    return np.argsort(-(queries @ codes.astype(np.float32).T), axis=1, kind="stable")[:, :k]


def share(found, expected):
    both = zip(found, expected, strict=True)
    return np.mean([len(set(one) & set(other)) / len(other) for one, other in both])


def test_nearly_all_of_the_nearest_are_found(graph):
    assert share(graph.search(QUERIES, 10, None, LOOK)[1], nearest(CODES, QUERIES, 10)) > 0.98


def test_what_is_not_allowed_is_not_found(graph):
    allowed = np.zeros(len(CODES), dtype=bool)
    allowed[::2] = True
    _, places = graph.search(QUERIES, 10, allowed, 2 * LOOK)
    assert (places % 2 == 0).all()
    odd = np.where(np.arange(len(CODES)) % 2, -2.0, 0.0)
    expected = np.argsort(-(QUERIES @ CODES.astype(np.float32).T + odd), axis=1)[:, :10]
    assert share(places, expected) > 0.98


def test_a_saved_graph_answers_as_the_one_that_was_built(graph, files):
    loaded = Graph.load(files, "s.", CODES)
    assert len(loaded) == len(CODES)
    for one, other in zip(
        graph.search(QUERIES, 20, None, LOOK), loaded.search(QUERIES, 20, None, LOOK), strict=True
    ):
        assert np.array_equal(one, other)


def test_adding_to_a_copy_leaves_the_graph_as_it_was(graph, files, tmp_path):
    before = graph.search(QUERIES, 10, None, LOOK)
    copy = graph.copied()
    new = half(unit_rows(RANDOM.standard_normal((300, 32))))
    told = []
    copy.add(new, lambda *step: told.append(step))
    assert told == [("graph", 300, 300)]
    assert (len(graph), len(copy)) == (2500, 2800)
    assert np.array_equal(graph.search(QUERIES, 10, None, LOOK)[1], before[1])
    again = {name: (tmp_path / name).read_bytes() for name in graph.save(tmp_path, "s.")}
    assert again == files
    everything = np.concatenate([CODES, new])
    asked = new[:40].astype(np.float32)
    assert share(copy.search(asked, 10, None, LOOK)[1], nearest(everything, asked, 10)) > 0.98


def test_how_far_is_looked_grows_with_the_list():
    assert look_for(1) == look_for(10) == LOOK
    assert look_for(1000) >= 4000


def arrays(files):
    from indexer.arrays import read_array

    return read_array(files["s.levels.npy"]).copy(), read_array(files["s.links.npy"]).copy()


def packed(array, tmp_path):
    from indexer.arrays import write_array

    write_array(tmp_path / "x.npy", array)
    return (tmp_path / "x.npy").read_bytes()


@pytest.mark.parametrize(
    ("name", "spoil", "said"),
    [
        ("links.npy", lambda a: np.where(a == a.max(), 2500, a), "none of 2500"),
        ("links.npy", lambda a: np.where(a == a.max(), -2, a), "none of 2500"),
        ("links.npy", lambda a: a[:-1], "do not fit the levels"),
        ("links.npy", lambda a: a.astype(np.int64), "not a graph"),
        ("levels.npy", lambda a: a[:-1], "levels of 2500"),
        ("levels.npy", lambda a: a * 0, "levels of 2500"),
        ("levels.npy", lambda a: np.roll(a, 1), "no search can begin|level that is not there"),
    ],
)
def test_links_that_lead_nowhere_are_refused(files, tmp_path, name, spoil, said):
    which = ["levels.npy", "links.npy"].index(name)
    spoilt = spoil(arrays(files)[which])
    with pytest.raises(ValueError, match=said):
        Graph.load({**files, f"s.{name}": packed(spoilt, tmp_path)}, "s.", CODES)


@pytest.mark.parametrize(
    "head",
    [
        {"links": 1},
        {"links": "16"},
        {"links": True},
        {"entry": -1},
        {"entry": 2500},
        {"entry": "1"},
    ],
)
def test_a_head_that_does_not_fit_is_refused(files, head):
    spoilt = json.dumps({**json.loads(files["s.graph.json"]), **head}).encode()
    with pytest.raises(ValueError, match=r"graph\.json|do not fit"):
        Graph.load({**files, "s.graph.json": spoilt}, "s.", CODES)


def test_a_graph_of_other_vectors_is_refused(files):
    with pytest.raises(ValueError, match="levels of 2499"):
        Graph.load(files, "s.", CODES[:-1])
    with pytest.raises(KeyError):
        Graph.load({k: v for k, v in files.items() if "links" not in k}, "s.", CODES)
