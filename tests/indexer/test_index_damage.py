"""An index of which any byte is wrong, or becomes so while it is used, gives no wrong answer."""

import os
import shutil
from functools import partial

import numpy as np
import pytest

import indexer.vectors.vectors
from indexer import checked
from indexer.catalog import Catalog
from indexer.conditions import meeting, parse_condition
from indexer.errors import DamagedError
from indexer.index import Index
from indexer.live.base import Base
from indexer.live.live import LiveIndex
from indexer.records import Record, RecordType, Side, TrlRange
from indexer.updating import update_index as update_with
from indexer.words.tokentable import TOKEN_FILES

update_index = partial(update_with, encoder_name="static@64")

WORDS = "nước thải chăn nuôi bể lọc máy sấy nông sản lúa mặn bơm cảm biến tôm gạo xoài pin".split()
ASKED = ["máy sấy nông sản", "xử lý nước thải chăn nuôi", "pump sensor for rice"]
CONDITIONS = [parse_condition(text) for text in ("trl>=4", "type=technology", "owner=bơm")]


def record(number, side):
    random = np.random.default_rng(number)
    return Record(
        id=f"{side}-{number:03}",
        side=side,
        type=RecordType.TECHNOLOGY if side is Side.SUPPLY else RecordType.NEED,
        title=" ".join(random.choice(WORDS, 12)),
        owner=f"Viện {' '.join(random.choice(WORDS, 3))} {number}",
        trl=TrlRange(low=number % 9 + 1, high=9),
    )


@pytest.fixture(scope="module", autouse=True)
def small():
    """However few the records are, they are treated as many are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checked, "BLOCK", 512)
        patch.setattr(checked, "MAPPED", 256)
        patch.setattr(checked, "_HEAD", 4_608)
        patch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 0)
        patch.setattr(indexer.vectors.vectors, "MOST_LOOKED_AT", 2.0)
        yield


@pytest.fixture(scope="module")
def made(small, tmp_path_factory):
    """A catalog, its index, and what that answers."""
    home = tmp_path_factory.mktemp("made")
    with Catalog.open(home / "catalog.sqlite3") as catalog:
        catalog.apply([record(i, side) for side in Side for i in range(120)])
        update_index(catalog, home / "index")
        yield catalog, home / "index", answers(Index.open(home / "index"))


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made[1], tmp_path / "index")


def answers(index):
    """Everything a matcher would see, for texts alone and together, on both sides."""
    found = []
    for side in (index.supply, index.demand):
        for texts in (ASKED[:1], ASKED):
            words = side.lexical.queries(texts)
            vectors = index.encoder.encode(texts, query=True)
            found += [side.lexical.scores(words), *side.vectors.search(vectors, 5)]
            if len(texts) == 1:
                found += side.lexical.search(words).best(10)
        found += [side.vectors.similarities(vectors), side.vectors.rows(np.array([3, -1]))]
        found += [meeting(side.fields, [condition]) for condition in CONDITIONS]
        found += [np.array(side.ids), side.names[[0, 7]], np.array(side.said(side.digests[5]))]
    return found


def same(found, right):
    return all(np.array_equal(one, other) for one, other in zip(found, right, strict=True))


def generation(folder):
    return folder / (folder / "CURRENT").read_text().strip()


def flip(path, at):
    body = bytearray(path.read_bytes())
    body[at] ^= 16
    with path.open("r+b") as file:  # the same file, as whoever has it open sees it
        file.write(body)
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))  # clocks tick slower than tests


def test_what_is_large_is_checked_as_it_is_used(made, folder):
    index = Index.open(folder)
    name = "supply.documents.npy"
    files = index.supply.lexical._checked[0]._files
    assert len(files.checked) > 20
    assert {name for name, file in files.checked.items() if not file.done} == {
        f"{side}.{name}"
        for side in Side
        for name in ("documents.npy", "weights.npy", "vectors.npy", "fields.bin")
    }
    vectors = index.encoder.encode(ASKED[:1], query=True)
    index.supply.vectors.search(vectors, 5)
    index.supply.lexical.search(index.supply.lexical.queries(ASKED[:1])).best(10)
    assert not files.checked[name].done
    assert same(answers(index), made[2])


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 1.0])
def test_a_flipped_bit_is_named_or_without_consequence(made, folder, share):
    named = 0
    for path in sorted(generation(folder).iterdir()):
        at = round(share * (path.stat().st_size - 1))
        flip(path, at)
        try:
            found = answers(Index.open(folder))
        except DamagedError as error:
            assert path.name in str(error), path.name
            assert path.name in error.message.vi
            named += 1
        else:
            assert same(found, made[2]), path.name
            unread = path.name.split(".", 1)[1] in TOKEN_FILES
            assert unread or path.name.endswith("fields.bin"), path.name
            with pytest.raises(DamagedError, match=f"{path.name} .*index --full"):
                Index.open(folder).verify()
        flip(path, at)
    assert named > 30
    assert same(answers(Index.open(folder)), made[2])


@pytest.mark.parametrize("first", [False, True], ids=["not yet used", "used before"])
def test_a_file_that_changes_under_a_reader(made, folder, first):
    for path in sorted(generation(folder).glob("s*")):
        index = Index.open(folder)
        if first:
            answers(index)
        whole, middle = path.read_bytes(), path.stat().st_size // 2
        for damage in (partial(flip, path, middle), partial(os.truncate, path, middle)):
            damage()
            try:
                assert same(answers(index), made[2]), path.name
            except DamagedError as error:
                assert path.name in str(error)
            with path.open("r+b") as file:
                file.write(whole)
            os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
        assert same(answers(index), made[2]), path.name  # mended


def test_a_cut_file_of_postings_or_vectors_is_named_under_a_live_index(made, folder):
    catalog = made[0]
    live = LiveIndex.over(Base.of(Index.open(folder), catalog))
    dead = live.changed({"supply-001"}, {side: live.sides[side].segment for side in Side}, 2)
    for name in ("supply.weights.npy", "supply.vectors.npy", "supply.terms.txt"):
        path = generation(folder) / name
        whole = path.read_bytes()
        os.truncate(path, 700)
        for index in (live, dead):
            with pytest.raises(DamagedError, match=name):
                index.supply.lexical.queries(ASKED)
            with pytest.raises(DamagedError, match=name):
                index.supply.vectors.search(np.ones((1, 64), dtype=np.float32), 5)
        path.write_bytes(whole)


def test_readers_of_an_older_generation_are_not_disturbed(made, folder):
    index = Index.open(folder)
    shutil.rmtree(folder)
    assert same(answers(index), made[2])


@pytest.mark.parametrize(
    ("name", "at"),
    [("supply.weights.npy", -100), ("demand.vectors.npy", -100), ("supply.fields.bin", 6_700)],
)
def test_damage_is_not_carried_into_the_next_index(tmp_path, name, at):
    with Catalog.open(tmp_path / "catalog.sqlite3") as catalog:
        catalog.apply([record(i, side) for side in Side for i in range(40)])
        update_index(catalog, tmp_path / "index")
        flip(generation(tmp_path / "index") / name, at)
        Index.open(tmp_path / "index")  # it is not yet looked at
        catalog.apply([record(500, Side.DEMAND)])
        assert update_index(catalog, tmp_path / "index").encoded == 81
        Index.open(tmp_path / "index").verify()


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: os.truncate(generation(folder) / "demand.vectors.npy", 100),
        lambda folder: flip(generation(folder) / "supply.weights.npy", -100),
        lambda folder: (generation(folder) / "supply.terms.txt").unlink(),
        lambda folder: (folder / "CURRENT").unlink(),
        lambda folder: (folder / "CURRENT").write_bytes(b"gen-"),
        lambda folder: rewrite(
            generation(folder) / "manifest.json", b'"format": 4', b'"format": 2'
        ),
        lambda folder: rewrite(generation(folder) / "manifest.json", b'"counts"', b'"countz"'),
    ],
    ids=["cut", "flipped", "gone", "no pointer", "bad pointer", "older", "bad manifest"],
)
@pytest.mark.parametrize("full", [False, True], ids=["", "full"])
def test_what_is_made_again_has_the_encoder_it_had(tmp_path, harm, full):
    folder = tmp_path / "index"
    with Catalog.open(tmp_path / "catalog.sqlite3") as catalog:
        catalog.apply([record(i, side) for side in Side for i in range(40)])
        update_index(catalog, folder)
        harm(folder)
        update_with(catalog, folder, full=full)
    assert Index.open(folder).encoder.name == "static@64"


def test_what_names_no_encoder_is_made_again_with_the_default(tmp_path):
    folder = tmp_path / "index"
    with Catalog.open(tmp_path / "catalog.sqlite3") as catalog:
        catalog.apply([record(0, Side.SUPPLY)])
        update_index(catalog, folder)
        rewrite(generation(folder) / "manifest.json", b"static@64", b"statik@64")
        update_with(catalog, folder)
    assert Index.open(folder).encoder.name == "contextual"


def rewrite(path, old, new):
    body = path.read_bytes()
    assert old in body
    path.write_bytes(body.replace(old, new))
