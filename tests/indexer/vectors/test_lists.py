"""The lists: they find what is near, follow changes, and are refused where they do not fit."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from indexer.arrays import mapped
from indexer.encoder import unit_rows
from indexer.vectors.centres import made, nearest
from indexer.vectors.lists import LOOK, VISITED, Lists, lists_for, look_for, visited_for
from indexer.vectors.storage import Storage, half

RANDOM = np.random.default_rng(5)
CENTRES = RANDOM.standard_normal((40, 32))


def drawn(count):
    near = CENTRES[RANDOM.integers(0, 40, count)]
    return half(unit_rows(near + RANDOM.standard_normal((count, 32))))


CODES = drawn(2500)
QUERIES = CODES[:50].astype(np.float32)
FEW = 100  # vectors compared: one in 25


@pytest.fixture(scope="module")
def lists():
    return Lists.build(CODES)


def body_of(lists, folder):
    (name,) = lists.save(folder, "s.")
    return (folder / name).read_bytes()


def closest(codes, queries, k):
    return np.argsort(-(queries @ codes.astype(np.float32).T), axis=1, kind="stable")[:, :k]


def share(found, expected):
    both = zip(found, expected, strict=True)
    return np.mean([len(set(one) & set(other)) / len(other) for one, other in both])


def test_nearly_all_of_the_nearest_are_found_with_exact_similarities(lists):
    similarities, places = lists.search(QUERIES, 10, None, FEW, 32)
    assert share(places, closest(CODES, QUERIES, 10)) > 0.98
    expected = np.einsum("qd,qkd->qk", QUERIES, CODES[places].astype(np.float32))
    np.testing.assert_allclose(similarities, expected, atol=1e-6)


def test_what_is_not_allowed_is_not_found(lists):
    allowed = np.arange(len(CODES)) % 2 == 0
    _, places = lists.search(QUERIES, 10, allowed, FEW, 32)
    assert (places % 2 == 0).all()
    assert share(places, 2 * closest(CODES[::2], QUERIES, 10)) > 0.98


def test_where_too_few_are_found_the_places_say_so(lists):
    allowed = np.zeros(len(CODES), dtype=bool)
    allowed[closest(CODES, QUERIES[:1], 3)[0]] = True
    places = lists.search(QUERIES[:1], 5, allowed, FEW, lists.count)[1][0]
    assert set(places[:3]) == set(np.flatnonzero(allowed))
    assert places[3:].tolist() == [-1, -1]


def test_built_twice_they_are_the_same(lists, tmp_path):
    assert body_of(Lists.build(CODES), tmp_path) == body_of(lists, tmp_path)


def test_saved_lists_answer_as_those_that_were_built(lists, tmp_path):
    body_of(lists, tmp_path)
    loaded = Lists.load({"s.lists.faiss": mapped(tmp_path / "s.lists.faiss")}, "s.", CODES)
    assert (loaded.count, loaded.nbytes) == (lists.count, lists.nbytes)
    for one, other in zip(
        lists.search(QUERIES, 20, None, LOOK, 16),
        loaded.search(QUERIES, 20, None, LOOK, 16),
        strict=True,
    ):
        assert np.array_equal(one, other)


def test_followed_they_hold_what_stays_and_what_came(lists, tmp_path):
    before = body_of(lists, tmp_path)
    new = drawn(300)
    order = RANDOM.permutation(2500)  # of the old ones 400 go
    codes = np.concatenate([CODES[order[400:]], new])
    moved = np.full(2500, -1)
    moved[order[400:]] = np.arange(2100)
    loaded = Lists.load({"s.lists.faiss": before}, "s.", CODES)
    for one in (lists, loaded):
        told = []
        after = one.followed(
            Storage(codes), moved, np.arange(2100, 2400), lambda *step, told=told: told.append(step)
        )
        assert told == [("vectors", 300, 300)]
        asked = np.concatenate([QUERIES, new[:40].astype(np.float32)])
        found = after.search(asked, 10, None, FEW, 32)[1]
        assert share(found, closest(codes, asked, 10)) > 0.98
        itself = after.search(codes[2100:].astype(np.float32), 1, None, 20, after.count)[1]
        assert itself[:, 0].tolist() == list(range(2100, 2400))
        every = after.search(asked[:1], 2400, None, 2400, after.count)[1]
        assert np.array_equal(np.sort(every[0]), np.arange(2400))
        assert body_of(one, tmp_path) == before


def test_fewer_vectors_than_a_code_has_values():
    for count in (10, 15, 17):
        few = Lists.build(CODES[:count])
        found = few.search(QUERIES[:1], count, None, LOOK, few.count)[1]
        assert np.array_equal(np.sort(found[0]), np.arange(count))


def test_a_dimension_that_nothing_divides():
    codes = half(unit_rows(RANDOM.standard_normal((400, 13))))
    found = Lists.build(codes).search(codes[:20].astype(np.float32), 1, None, FEW, 16)[1]
    assert found[:, 0].tolist() == list(range(20))


def test_how_much_is_looked_at():
    assert look_for(1) == look_for(100) == LOOK
    assert look_for(1000) == 10_000
    assert [lists_for(n) for n in (50_000, 1_000_000, 10_000_000)] == [512, 2048, 4096]
    assert (visited_for(1.0), visited_for(0.01)) == (VISITED, 10 * VISITED)


def test_centres_are_unit_vectors_nearer_to_theirs_than_to_others():
    centres, sample = made(CODES, 40)
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)
    near = nearest(sample, centres)
    assert np.array_equal(near, (sample @ centres.T).argmax(1))
    assert np.bincount(near, minlength=40).max() < len(sample) / 8
    random = sample[RANDOM.choice(len(sample), 40, replace=False)]
    assert (sample @ centres.T).max(1).mean() > (sample @ random.T).max(1).mean() + 0.1


@pytest.mark.parametrize("cut", [0, 3, 2000, -100])
def test_a_part_of_a_file_is_refused(lists, tmp_path, cut):
    body = body_of(lists, tmp_path)[:cut]
    with pytest.raises(ValueError, match="not lists"):
        Lists.load({"s.lists.faiss": body}, "s.", CODES)


def other_index(kind):
    codes = CODES.astype(np.float32)
    if kind == "another kind":
        index = faiss.IndexFlatIP(32)
        index.add(codes)
    else:
        coarse = faiss.IndexFlatIP(32)
        index = faiss.IndexIVFPQFastScan(coarse, 32, 16, 8, 4, faiss.METRIC_INNER_PRODUCT)
        index.train(codes)
        index.add(codes)
    return faiss.serialize_index(index).tobytes()


@pytest.mark.parametrize(
    ("kind", "said"), [("another kind", "not lists"), ("other parts", "without their centres")]
)
def test_another_index_is_refused(kind, said):
    with pytest.raises(ValueError, match=said):
        Lists.load({"s.lists.faiss": other_index(kind)}, "s.", CODES)


def test_lists_of_other_vectors_are_refused(lists, tmp_path):
    files = {"s.lists.faiss": body_of(lists, tmp_path)}
    with pytest.raises(ValueError, match="lists of 2499"):
        Lists.load(files, "s.", CODES[:-1])
    with pytest.raises(ValueError, match="dimension 16"):
        Lists.load(files, "s.", CODES[:, :16])
    with pytest.raises(KeyError):
        Lists.load({}, "s.", CODES)


@pytest.mark.parametrize(
    ("place", "said"), [(2500, "lists of 2500"), (2**40, "lists of 2500"), (7, "one list")]
)
def test_places_that_lead_nowhere_are_refused(lists, tmp_path, place, said):
    moved = np.arange(2500)
    moved[8] = place
    astray = lists.followed(Storage(CODES), moved, np.zeros(0, dtype=np.int64))
    with pytest.raises(ValueError, match=said):
        Lists.load({"s.lists.faiss": body_of(astray, tmp_path)}, "s.", CODES)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk always full")
def test_a_full_disk_is_an_error(lists, tmp_path):
    (tmp_path / "s.lists.faiss").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space"):
        lists.save(tmp_path, "s.")
