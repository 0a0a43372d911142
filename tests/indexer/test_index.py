"""The index follows its catalog, answers as one built anew, and refuses what is not its own."""

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import indexer.vectors.vectors
from indexer.catalog import Catalog
from indexer.errors import DamagedError, RequestError
from indexer.index import Index, index_made_of
from indexer.manifest import sealed
from indexer.records import Record, RecordType, Side
from indexer.updating import update_index as update_with

# The encoder that is fitted on the catalog: it has most to keep track of.
update_index = partial(update_with, encoder_name="lsa")

ROOT = Path(__file__).parents[2]
OFFERS = {
    "O1": "Xử lý nước thải chăn nuôi bằng bể lọc sinh học",
    "O2": "Máy sấy nông sản dùng năng lượng mặt trời",
    "O3": "Wastewater treatment for pig farms with membrane filters",
    "O4": "Giống lúa chịu mặn cho vùng ven biển",
    "O5": "Phần mềm quản lý bệnh viện",
}
NEEDS = {
    "N1": "Trại lợn cần giảm ô nhiễm nước thải",
    "N2": "Can may say trai cay",
    "N3": "Hospital wants software to manage its beds",
}
QUERIES = ["nước thải trại lợn", "may say", "rice in salt water", "phần mềm"]


def offer(record_id, text, **fields):
    return Record(id=record_id, side=Side.SUPPLY, type=RecordType.TECHNOLOGY, title=text, **fields)


def need(record_id, text, **fields):
    return Record(id=record_id, side=Side.DEMAND, type=RecordType.NEED, title=text, **fields)


@pytest.fixture
def catalog(tmp_path):
    with Catalog.open(tmp_path / "catalog.sqlite3") as opened:
        yield opened


@pytest.fixture
def filled(catalog):
    catalog.apply([offer(i, t) for i, t in OFFERS.items()] + [need(i, t) for i, t in NEEDS.items()])
    return catalog


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


def answers(index):
    """Everything a matcher would see, for the queries, on both sides."""
    found = []
    for side in (index.supply, index.demand):
        words = side.lexical.queries(QUERIES)
        cosines = side.vectors.similarities(index.encoder.encode(QUERIES, query=True))
        found += [
            side.lexical.scores(words),
            side.lexical.ceiling(words),
            cosines,
            *side.vectors.search(index.encoder.encode(QUERIES, query=True), 3),
        ]
    return found


def assert_same_answers(one, other):
    assert one.supply.ids == other.supply.ids
    assert one.demand.ids == other.demand.ids
    assert one.background == other.background
    for first, second in zip(answers(one), answers(other), strict=True):
        np.testing.assert_array_equal(first, second)


def test_an_index_holds_the_records_by_side_and_id(filled, folder):
    report = update_index(filled, folder)
    assert (report.version, report.encoded, report.reused, report.removed) == (1, 8, 0, 0)
    index = Index.open(folder)
    assert index.supply.ids == tuple(OFFERS)
    assert index.demand.ids == tuple(NEEDS)
    assert index.supply.row_of["O3"] == 2
    assert index.side(Side.DEMAND) is index.demand
    assert index_made_of(folder) == (1, index.encoder.name)
    assert index.catalog_version == 1
    assert index.manifest.counts == {"supply": 5, "demand": 3}
    assert 0 <= index.background < 1


def test_each_text_finds_itself(filled, folder):
    update_index(filled, folder)
    index = Index.open(folder)
    for side, texts in ((Side.SUPPLY, OFFERS), (Side.DEMAND, NEEDS)):
        vectors = index.side(side).vectors
        similarities, rows = vectors.search(index.encode(list(texts.values()), side), 1)
        assert rows.ravel().tolist() == list(range(len(texts)))
        np.testing.assert_allclose(similarities, 1, atol=5e-4)


def test_opened_equals_built(filled, folder):
    update_index(filled, folder)
    assert_same_answers(Index.open(folder), Index.open(folder))
    other = folder.with_name("other")
    update_index(filled, other)
    assert_same_answers(Index.open(folder), Index.open(other))


def test_an_update_encodes_only_what_changed(filled, folder):
    update_index(filled, folder)
    filled.apply(
        [offer("O2", "Lò sấy gỗ"), offer("O6", "Cảm biến đo độ mặn"), need("N0", "Cần cảm biến")],
        deleted_ids=["O4"],
    )
    report = update_index(filled, folder)
    assert (report.version, report.encoded, report.reused, report.removed) == (2, 3, 6, 1)
    index = Index.open(folder)
    assert index.supply.ids == ("O1", "O2", "O3", "O5", "O6")
    assert index.demand.ids == ("N0", "N1", "N2", "N3")


def test_a_deleted_record_is_gone_from_words_and_vectors(filled, folder):
    update_index(filled, folder)
    filled.delete(["O4"])
    update_index(filled, folder)
    index = Index.open(folder)
    assert len(index.supply.vectors) == len(index.supply.ids) == 4
    scores = index.supply.lexical.scores(index.supply.lexical.queries(["lúa chịu mặn"]))
    assert not scores.any()
    assert index.supply.lexical.frequency("mặn") == 0


def test_nothing_new_writes_nothing(filled, folder):
    update_index(filled, folder)
    pointer = (folder / "CURRENT").read_text()
    report = update_index(filled, folder)
    assert (report.encoded, report.reused, report.removed) == (0, 8, 0)
    assert (folder / "CURRENT").read_text() == pointer


def test_a_change_outside_the_text_encodes_nothing(filled, folder):
    update_index(filled, folder)
    filled.apply([offer("O1", OFFERS["O1"], owner="Viện Nước")])
    report = update_index(filled, folder)
    assert (report.version, report.encoded, report.reused) == (2, 0, 8)
    assert index_made_of(folder)[0] == 2


def test_a_record_that_changes_sides_stands_on_one(filled, folder):
    update_index(filled, folder)
    filled.apply([need("O5", OFFERS["O5"])])
    update_index(filled, folder)
    index = Index.open(folder)
    assert "O5" not in index.supply.ids
    assert "O5" in index.demand.ids


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["O1", "O2", "O6", "O7", "N1", "N4"]),
        st.sampled_from([None, "máy bơm nước", "may bom", "pump", "lọc nước thải"]),
    ),
    max_size=5,
)


@given(st.lists(CHANGES, min_size=1, max_size=2))
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_after_any_changes_the_answers_are_those_of_a_rebuild(tmp_path_factory, steps):
    home = tmp_path_factory.mktemp("steps")
    with Catalog.open(home / "catalog.sqlite3") as catalog:
        catalog.apply([offer(i, t) for i, t in OFFERS.items()])
        catalog.apply([need(i, t) for i, t in NEEDS.items()])
        update_index(catalog, home / "index")
        for step in steps:
            last = dict(step)
            make = {"O": offer, "N": need}
            catalog.apply(
                [make[i[0]](i, text) for i, text in last.items() if text],
                deleted_ids=[i for i, text in last.items() if not text],
            )
            update_index(catalog, home / "index")
        followed = Index.open(home / "index")
        rebuilt = rebuild_with(catalog, followed, home / "anew")
        assert_same_answers(followed, rebuilt)


@pytest.fixture
def listed(monkeypatch):
    """However few the vectors are, they get lists."""
    monkeypatch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 0)


def has_lists(index, side):
    return f"{side}.lists.faiss" in index.manifest.files


def test_lists_follow_its_catalog(listed, filled, folder):
    update_index(filled, folder)
    assert has_lists(Index.open(folder), Side.SUPPLY)
    filled.apply(
        [offer("O2", "Lò sấy gỗ"), offer("O0", OFFERS["O1"]), need("N0", "Cần cảm biến")],
        deleted_ids=["O4", "N2"],
    )
    update_index(filled, folder)
    followed = Index.open(folder)
    assert followed.supply.ids == ("O0", "O1", "O2", "O3", "O5")
    assert not followed.supply.vectors.exact
    assert_same_answers(followed, rebuild_with(filled, followed, folder.with_name("anew")))
    filled.delete([*OFFERS, "O0"])
    update_index(filled, folder)
    assert not has_lists(Index.open(folder), Side.SUPPLY)
    assert has_lists(Index.open(folder), Side.DEMAND)


def test_a_change_outside_the_text_puts_nothing_on_lists(listed, filled, folder):
    update_index(filled, folder)
    filled.apply([offer(i, text, owner="Viện Nước") for i, text in OFFERS.items()])
    told = []
    update_index(filled, folder, progress=lambda stage, *_: told.append(stage))
    assert "write" in told
    assert "vectors" not in told


@pytest.mark.parametrize("damage", ["missing", "changed", "longer"])
def test_damaged_lists_are_refused_by_name(listed, filled, folder, damage):
    update_index(filled, folder)
    path = generation(folder) / "supply.lists.faiss"
    body = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(body + b"x" if damage == "longer" else body[:-1] + b"\xfe")
    with pytest.raises(DamagedError, match="cungcau index --full") as caught:
        Index.open(folder)
    assert path.name in str(caught.value)
    path.write_bytes(body)
    assert Index.open(folder).supply.ids == tuple(OFFERS)


def test_lists_of_other_vectors_are_refused_though_their_checksum_fits(listed, filled, folder):
    update_index(filled, folder)
    one = generation(folder)
    body = json.loads((one / "manifest.json").read_text())
    shutil.copy(one / "demand.lists.faiss", one / "supply.lists.faiss")
    body["files"]["supply.lists.faiss"] = body["files"]["demand.lists.faiss"]
    (one / "manifest.json").write_bytes(sealed(body))
    with pytest.raises(DamagedError, match="cungcau index --full") as caught:
        Index.open(folder)
    assert "supply.lists.faiss" in str(caught.value)


def rebuild_with(catalog, index, folder):
    """All records anew, with the encoder of `index`."""
    from indexer import updating

    encoder = index.encoder.loaded()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(updating, "fit_table", lambda *_: encoder)
        update_with(catalog, folder, encoder_name="lsa", full=True)
    return Index.open(folder)


def test_the_encoder_is_fitted_again_when_the_catalog_has_doubled(filled, folder):
    update_index(filled, folder)
    first = Index.open(folder).encoder.fingerprint
    filled.apply([offer(f"P{i}", f"thiết bị số {i}") for i in range(8)])
    assert update_index(filled, folder).encoded == 8
    assert Index.open(folder).encoder.fingerprint == first
    filled.apply([offer("P9", "thiết bị số 9")])
    assert update_index(filled, folder).encoded == 17
    index = Index.open(folder)
    assert index.encoder.fingerprint != first
    assert index.manifest.encoder.fitted_on == 17


def test_the_encoder_is_fitted_again_when_the_catalog_has_halved(filled, folder):
    update_index(filled, folder)
    filled.delete(["O1", "O2", "O3", "O4"])
    assert update_index(filled, folder).encoded == 0
    filled.delete(["O5"])
    assert update_index(filled, folder).encoded == 3


def test_full_starts_from_nothing(filled, folder):
    update_index(filled, folder)
    report = update_index(filled, folder, full=True)
    assert (report.encoded, report.reused, report.removed) == (8, 0, 0)


def test_an_index_of_another_catalog_is_not_followed(filled, folder, tmp_path):
    update_index(filled, folder)
    with Catalog.open(tmp_path / "other.sqlite3") as other:
        other.apply([offer("X1", "Máy bơm")])
        report = update_index(other, folder)
        assert (report.encoded, report.removed) == (1, 8)
        assert Index.open(folder).supply.ids == ("X1",)


@pytest.mark.parametrize(
    "records",
    [
        [],
        [offer("O1", "máy bơm")],
        [need("N1", "cần máy bơm")],
        [offer("O", "🎉"), need("N", "水")],
    ],
    ids=["empty", "one offer", "one need", "signs"],
)
def test_tiny_catalogs(catalog, folder, records):
    catalog.apply(records)
    report = update_index(catalog, folder)
    assert report.encoded == len(records)
    index = Index.open(folder)
    assert index.background == 0
    for found in answers(index):
        assert np.isfinite(found).all()


def test_ids_may_hold_any_sign(catalog, folder):
    ids = ["a\\nb", "\\", "mã số/7", "🎉", "\u2028", " "]
    catalog.apply([offer(record_id, "máy bơm") for record_id in ids])
    update_index(catalog, folder)
    assert set(Index.open(folder).supply.ids) == set(ids)


def test_no_index_names_the_command_that_makes_it(folder):
    with pytest.raises(RequestError, match="cungcau index") as caught:
        Index.open(folder)
    assert "cungcau index" in caught.value.message.vi
    assert index_made_of(folder) is None


def test_an_index_that_lags_is_served_and_says_its_version(filled, folder):
    update_index(filled, folder)
    filled.apply([offer("O9", "Máy bơm")])
    assert Index.open(folder).catalog_version == 1 < filled.version


def test_rarity_falls_with_frequency_over_both_sides(filled, folder):
    update_index(filled, folder)
    rarity = Index.open(folder).rarity
    assert rarity("nước") == pytest.approx(np.log1p((8 - 2 + 0.5) / 2.5))
    assert rarity("không-có") > rarity("lúa") > rarity("nước") > 0


def generation(folder):
    return folder / (folder / "CURRENT").read_text().strip()


@pytest.mark.parametrize("damage", ["missing", "changed", "longer", "empty"])
def test_a_damaged_file_is_refused_by_name(filled, folder, damage, tmp_path):
    update_index(filled, folder)
    names = sorted(Index.open(folder).manifest.files)
    assert len(names) == 44
    for name in names:
        copy = tmp_path / f"{damage}-{name}"
        shutil.copytree(folder, copy)
        path = generation(copy) / name
        body = path.read_bytes()
        if damage == "missing":
            path.unlink()
        elif damage == "changed":
            path.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
        else:
            path.write_bytes(body + b"x" if damage == "longer" else b"")
        update_only = name.split(".", 1)[1] in {
            "words.txt",
            "tokens.npy",
            "starts.npy",
            "bare.npy",
        }
        if damage == "changed" and update_only:
            Index.open(copy)  # not read for searching; the update does and starts anew
            filled.apply([offer("O1", f"{name} đổi"), need("N1", f"{name} đổi")])
            assert update_index(filled, copy).encoded == 8
            continue
        with pytest.raises(DamagedError, match="cungcau index --full") as caught:
            Index.open(copy)
        assert name in str(caught.value)
        assert name in caught.value.message.vi


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("format", 99, "format 99"),
        ("encoder.dimension", 128, "vectors.npy"),
        ("counts.supply", 4, "supply"),
        ("catalog_version", "x", "manifest.json"),
        ("files", {}, "manifest.json"),
    ],
)
def test_a_manifest_of_another_index_is_refused(filled, folder, part, value, said):
    update_index(filled, folder)
    path = generation(folder) / "manifest.json"
    body = json.loads(path.read_text())
    *above, last = part.split(".")
    target = body
    for key in above:
        target = target[key]
    target[last] = value
    path.write_bytes(sealed(body))
    with pytest.raises(DamagedError, match="cungcau index --full") as caught:
        Index.open(folder)
    assert said in str(caught.value)


def test_another_encoder_under_the_same_name_is_refused(filled, folder):
    update_index(filled, folder)
    path = generation(folder) / "manifest.json"
    body = json.loads(path.read_text())
    body["encoder"]["fingerprint"] = "0" * 64
    path.write_bytes(sealed(body))
    with pytest.raises(DamagedError, match="another encoder “lsa”"):
        Index.open(folder).encoder.encode(["nước"])


@pytest.mark.parametrize("body", [b"", b"gen-1", b"../../etc", b"gen-1-0123456789ab/..", b"\xff"])
def test_a_pointer_to_nowhere_is_refused(filled, folder, body):
    update_index(filled, folder)
    (folder / "CURRENT").write_bytes(body)
    with pytest.raises(DamagedError, match="CURRENT"):
        Index.open(folder)


def test_a_pointer_to_a_generation_that_is_gone_is_refused(filled, folder):
    update_index(filled, folder)
    shutil.rmtree(generation(folder))
    with pytest.raises(DamagedError, match=r"manifest\.json is missing"):
        Index.open(folder)
    assert index_made_of(folder) is None


def test_a_damaged_index_is_made_again_by_the_next_update(filled, folder):
    update_index(filled, folder)
    (generation(folder) / "supply.vectors.npy").write_bytes(b"")
    assert update_index(filled, folder).encoded == 8
    assert Index.open(folder).supply.ids == tuple(OFFERS)


def test_an_unknown_encoder_lists_the_choices_and_changes_nothing(filled, folder):
    update_index(filled, folder)
    with pytest.raises(RequestError, match="Choices: contextual, static"):
        update_index(filled, folder, encoder_name="no such encoder!")
    assert Index.open(folder).encoder.name == "lsa"


def test_a_folder_that_cannot_be_written_is_a_plain_error(filled, folder):
    folder.write_text("a file, not a folder")
    with pytest.raises(RequestError, match="cannot be written"):
        update_index(filled, folder)


def test_progress_names_stages_and_reaches_its_end(filled, folder):
    told = []
    update_index(filled, folder, progress=lambda *step: told.append(step))
    assert {stage for stage, _, _ in told} == {"fit", "encode", "terms", "write"}
    assert ("encode", 5, 5) in told


def test_searching_imports_nothing_heavy(filled, folder):
    update_index(filled, folder)
    code = (
        "import sys; from pathlib import Path; from indexer.index import Index;"
        "i = Index.open(Path(sys.argv[1])); v = i.encoder.encode(['nước thải'], query=True);"
        "i.supply.vectors.search(v, 3); i.supply.lexical.scores(i.supply.lexical.queries(['x']));"
        "heavy = ('torch', 'sentence_transformers', 'sklearn', 'matplotlib', 'alembic', 'bm25s');"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == "[]"
