"""Many vectors: by lists that follow inserts, deletes and updates."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import indexer.vectors.lists
import indexer.vectors.vectors
from indexer.arrays import write_array
from indexer.encoder import unit_rows
from indexer.vectors.recall import recall
from indexer.vectors.storage import half
from indexer.vectors.vectors import Vectors, has_lists

RANDOM = np.random.default_rng(11)
CENTRES = RANDOM.standard_normal((30, 24))


def drawn(count):
    near = CENTRES[RANDOM.integers(0, 30, count)]
    return half(unit_rows(near + RANDOM.standard_normal((count, 24)))).astype(np.float32)


ROWS = drawn(1200)
QUERIES = drawn(40)


@pytest.fixture(autouse=True)
def always_lists(monkeypatch):
    """However few the vectors are, and no more than a hundred are compared for ten."""
    monkeypatch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 0)
    monkeypatch.setattr(indexer.vectors.vectors, "look_for", lambda k: max(100, 10 * k))


def found_of(vectors, queries, k, allowed=None):
    """recall of a search against an exact one of the very same rows."""
    exact, _ = vectors.search(queries, k, allowed, exact=True)
    return recall(exact, vectors.search(queries, k, allowed)[0])


def merged(vectors, kept, new, order=None):
    """The rows `kept` and then `new`, or in another order of these."""
    rows = np.concatenate([kept, np.arange(len(vectors), len(vectors) + len(new))])
    return vectors.merged(new, rows[order] if order is not None else rows)


def saved(vectors, folder):
    return {name: (folder / name).read_bytes() for name in vectors.save(folder, "s.")}


def test_the_rule_counts_numbers(monkeypatch):
    monkeypatch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 12_800_000)
    assert not has_lists(50_000, 256)
    assert has_lists(50_001, 256)
    assert not has_lists(33_333, 384)
    assert has_lists(33_334, 384)
    assert Vectors.built(ROWS).exact


def test_lists_find_nearly_all_with_exact_similarities():
    vectors = Vectors.built(ROWS)
    assert not vectors.exact
    assert found_of(vectors, QUERIES, 10) > 0.98
    similarities, rows = vectors.search(QUERIES, 10)
    expected = np.einsum("qd,qkd->qk", QUERIES, ROWS[rows])
    np.testing.assert_allclose(similarities, expected, atol=1e-6)
    assert (np.diff(similarities) <= 0).all()


def test_exact_is_brute_force_with_and_without_a_mask():
    vectors = merged(Vectors.built(ROWS), np.arange(100, 1200), drawn(80))
    table = QUERIES @ vectors.matrix.T
    for allowed in (None, RANDOM.random(1180) < 0.3):
        masked = table if allowed is None else np.where(allowed, table, -2)
        expected = -np.sort(-masked, axis=1)[:, :7]
        found, rows = vectors.search(QUERIES, 7, allowed, exact=True)
        np.testing.assert_allclose(found, expected, atol=1e-6)
        np.testing.assert_allclose(np.take_along_axis(masked, rows, 1), expected, atol=1e-6)


@pytest.mark.parametrize("share", [0.5, 0.05])
def test_only_what_is_allowed_is_found_and_nearly_all_of_it(share):
    allowed = RANDOM.random(1200) < share
    vectors = Vectors.built(ROWS)
    assert allowed[vectors.search(QUERIES, 10, allowed)[1]].all()
    assert found_of(vectors, QUERIES, 10, allowed) > 0.97


def test_more_than_there_are_gives_each_row_once():
    vectors = merged(Vectors.built(ROWS[:60]), np.arange(9, 60), ROWS[100:103])
    rows = vectors.search(QUERIES, 1000)[1]
    assert rows.shape == (40, 54)
    assert np.array_equal(np.sort(rows, axis=1), np.tile(np.arange(54), (40, 1)))
    nobody = np.zeros(54, dtype=bool)
    assert vectors.search(QUERIES, 5, nobody)[1].shape == (40, 0)


def test_an_update_of_few_makes_no_new_centres(monkeypatch):
    vectors = Vectors.built(ROWS)
    monkeypatch.setattr(indexer.vectors.lists, "made", None)
    told = []
    order = np.arange(20, 1215)
    after = vectors.merged(drawn(15), order, lambda *step: told.append(step))
    assert told == [("vectors", 15, 15)]
    assert (len(vectors), len(after)) == (1200, 1195)
    assert found_of(after, QUERIES, 10) > 0.98
    assert np.array_equal(vectors.matrix, ROWS)


def test_a_row_that_is_gone_never_comes_back(tmp_path):
    vectors = Vectors.built(ROWS)
    gone = RANDOM.choice(1200, size=200, replace=False)
    kept = np.setdiff1d(np.arange(1200), gone)
    after = merged(vectors, kept, drawn(0))
    loaded = Vectors.load(saved(after, tmp_path), "s.", 24, 1000)
    for one in (after, loaded):
        similarities, rows = one.search(ROWS[gone], 10)
        assert rows.max() < 1000
        # What it finds are other vectors: nothing is as near as the row itself would be.
        assert (similarities[:, 0] < 0.999).all()
        np.testing.assert_allclose(similarities[:, 0], (ROWS[gone] @ ROWS[kept].T).max(1), atol=0.1)
    again = merged(loaded, np.arange(1000), ROWS[gone])
    assert (again.search(ROWS[gone], 1)[0] > 0.999).all()


def test_new_centres_where_there_are_many_times_the_vectors(monkeypatch):
    built = []
    build = indexer.vectors.vectors.Lists.build
    monkeypatch.setattr(
        indexer.vectors.vectors.Lists,
        "build",
        lambda codes, progress: built.append(len(codes)) or build(codes, progress),
    )
    vectors = Vectors.built(ROWS[:200])
    more = merged(vectors, np.arange(200), ROWS[200:300])
    assert built == [200]
    many = merged(more, np.arange(300), ROWS[300:])
    assert built == [200, 1200]
    assert found_of(many, QUERIES, 10) > 0.98
    fewer = merged(many, np.arange(100), drawn(0))
    assert built == [200, 1200]
    assert np.array_equal(fewer.matrix, ROWS[:100])


def test_few_that_are_left_are_searched_exactly_again(monkeypatch):
    vectors = Vectors.built(ROWS)
    monkeypatch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 500 * 24)
    small = merged(vectors, np.arange(500), drawn(0))
    assert small.exact
    assert np.array_equal(small.matrix, ROWS[:500])


def test_copies_are_each_found_and_hide_nothing():
    rows = np.concatenate([ROWS[:900], np.repeat(ROWS[:1], 600, axis=0), ROWS[900:]])
    vectors = Vectors.built(rows)
    assert found_of(vectors, QUERIES, 10) > 0.98
    copies = [0, *range(900, 1500)]
    similarities, found = vectors.search(ROWS[:1], 20)
    assert set(found[0]) <= set(copies)
    assert (similarities > 0.999).all()
    allowed = np.ones(1800, dtype=bool)
    allowed[copies[:-1]] = False
    assert vectors.search(ROWS[:1], 1, allowed)[1][0, 0] == copies[-1]
    one_left = merged(vectors, np.setdiff1d(np.arange(1800), copies[1:]), ROWS[:1])
    assert set(one_left.search(ROWS[:1], 2)[1][0]) == {0, 1200}


@pytest.mark.parametrize("count", [1, 50])
def test_one_vector_and_its_copies_are_found_where_codes_tell_nothing(count):
    similarities, rows = Vectors.built(np.repeat(ROWS[:1], count, axis=0)).search(QUERIES, 1)
    assert rows.shape == (40, 1)
    assert ((rows >= 0) & (rows < count)).all()
    np.testing.assert_allclose(similarities[:, 0], QUERIES @ ROWS[0], atol=1e-6)


def test_tables_pairs_and_rows_follow_the_order():
    new = drawn(50)
    shuffled = RANDOM.permutation(1100 + 50)
    vectors = merged(Vectors.built(ROWS), np.arange(100, 1200), new, shuffled)
    expected = np.concatenate([ROWS[100:], new])[shuffled]
    assert np.array_equal(vectors.matrix, expected)
    assert np.array_equal(vectors.rows([5, 1149, 0]), expected[[5, 1149, 0]])
    np.testing.assert_allclose(vectors.similarities(QUERIES), QUERIES @ expected.T, atol=1e-6)
    rows = RANDOM.integers(0, 1150, 40)
    pairs = vectors.pairs(QUERIES, rows)
    np.testing.assert_allclose(pairs, (QUERIES * expected[rows]).sum(1), atol=1e-6)


def test_saved_and_loaded_it_answers_the_same(tmp_path):
    vectors = merged(Vectors.built(ROWS), np.arange(50, 1200), drawn(30))
    loaded = Vectors.load(saved(vectors, tmp_path), "s.", 24, 1180)
    for one, other in zip(vectors.search(QUERIES, 9), loaded.search(QUERIES, 9), strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(vectors.matrix, loaded.matrix)


def test_vectors_of_another_kind_are_refused(tmp_path):
    write_array(tmp_path / "single.npy", ROWS)
    single = {"s.vectors.npy": (tmp_path / "single.npy").read_bytes()}
    with pytest.raises(ValueError, match="dimension 24"):
        Vectors.load(single, "s.", 24, 1200)
    files = saved(Vectors(ROWS), tmp_path)
    with pytest.raises(ValueError, match="dimension 32"):
        Vectors.load(files, "s.", 32, 1200)
    with pytest.raises(ValueError, match="instead of 1100"):
        Vectors.load(files, "s.", 24, 1100)


STEPS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), min_size=1, max_size=5
)


@given(STEPS, st.integers(0, 2**32 - 1))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_after_any_changes_the_rows_are_those_of_a_rebuild(steps, seed):
    random = np.random.default_rng(seed)
    rows = ROWS[:150]
    vectors = Vectors.built(rows)
    for leave, come, twice in steps:
        kept = np.sort(random.permutation(len(rows))[leave:])
        new = rows[:come] if twice else ROWS[random.integers(0, 1200, come)]
        order = random.permutation(len(kept) + len(new))
        vectors = merged(vectors, kept, new, order)
        rows = np.concatenate([rows[kept], new])[order]
    assert np.array_equal(vectors.matrix, rows)
    if len(rows):
        rebuilt = Vectors(rows)
        expected = rebuilt.search(QUERIES[:8], 10)[0]
        exact = vectors.search(QUERIES[:8], 10, exact=True)[0]
        np.testing.assert_allclose(exact, expected, atol=1e-6)
        assert recall(expected, vectors.search(QUERIES[:8], 10)[0] + 1e-6) > 0.95
