"""The encoders that ship: the same vectors as sentence-transformers, and an answer to any text."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer.encoder import CONTEXTUAL, STATIC, Encoder, check_encoder_name
from indexer.encoders.bundled import MODELS, SMALLEST, load_folder
from indexer.encoders.contextual import WINDOW
from indexer.encoders.loading import load_encoder
from indexer.errors import DamagedError, RequestError

ROOT = Path(__file__).parents[3]
BOTH = pytest.mark.parametrize("name", [CONTEXTUAL, STATIC])
TEXTS = [
    "Máy sấy nông sản dùng năng lượng mặt trời cho hợp tác xã",
    "Solar dryer for farm produce",
    "Nước thải dệt nhuộm khó xử lý màu",
    "Removing colour from the waste water of a dyeing mill by ozone",
    "nuoc thai det nhuom kho xu ly mau",
    "TRL 7, 1.200.000.000 đ",
]


@pytest.fixture(scope="module")
def encoders() -> dict[str, Encoder]:
    return {name: load_encoder(name) for name in (CONTEXTUAL, STATIC)}


@BOTH
def test_sentence_transformers_reads_the_folder_and_gives_the_same_vectors(encoders, name):
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(MODELS / name), device="cpu", local_files_only=True)
    rows = np.asarray(theirs.encode(TEXTS, show_progress_bar=False))
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    same = (rows * encoders[name].encode(TEXTS)).sum(axis=1)
    # Integers stand for floats; sentence-transformers adds static vectors in half precision.
    assert same.min() > (0.985 if name == CONTEXTUAL else 0.999)


@BOTH
def test_a_need_is_nearest_to_the_offer_that_says_the_same_in_the_other_language(encoders, name):
    needs, offers = [TEXTS[0], TEXTS[2], TEXTS[4]], [TEXTS[1], TEXTS[3]]
    near = (encoders[name].encode(needs, query=True) @ encoders[name].encode(offers).T).argmax(1)
    assert near.tolist() == [0, 1, 1]


@BOTH
def test_a_vector_does_not_depend_on_what_else_is_encoded(encoders, name):
    together = encoders[name].encode([*TEXTS, TEXTS[0] * 40])
    alone = np.concatenate([encoders[name].encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together[: len(TEXTS)], alone, atol=2e-6)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "😀",
        "水處理",
        "очистка воды",
        "x" * 5_000,
        "nước " * 100_000,
        "\x00 \u200b",
        "42",
        "�\ud800",
    ],
    ids=["emoji", "chinese", "russian", "one-word", "long", "nothing", "number", "broken"],
)
def test_any_text_has_a_vector_that_is_a_number(encoders, name, text):
    row = encoders[name].encode([text])[0]
    assert np.isfinite(row).all()
    length = np.linalg.norm(row)
    assert length == pytest.approx(1.0, abs=1e-5) or not text.strip("\x00 \u200b")
    others = encoders[name].encode(TEXTS)
    assert (others @ row).max() < 0.98  # like none of the others, let alone like all


@BOTH
def test_texts_of_unknown_signs_are_like_themselves_alone(encoders, name):
    rows = encoders[name].encode(["ကမ္ဘာ ဦးစီး", "ကမ္ဘာ ဦးစီး", "ႠႡႢ ႣႤႥ", *TEXTS])
    assert rows[0] @ rows[1] == pytest.approx(1.0, abs=1e-5)
    assert rows[0] @ rows[2] < 0.5
    assert np.abs(rows[3:] @ rows[0]).max() < 0.4


def test_a_long_text_is_the_mean_of_its_windows(encoders):
    first, last = "nước thải dệt nhuộm " * WINDOW, "solar dryer for produce " * WINDOW
    rows = encoders[CONTEXTUAL].encode([first, last, first + last])
    assert min(rows[2] @ rows[0], rows[2] @ rows[1]) > 0.6


@BOTH
def test_rows_cut_short_keep_who_is_near(encoders, name):
    short = load_encoder(f"{name}@128")
    assert (short.dimension, short.name) == (128, f"{name}@128")
    assert short.fingerprint != encoders[name].fingerprint
    cut = encoders[name].encode(TEXTS)[:, :128]
    cut /= np.linalg.norm(cut, axis=1, keepdims=True)
    assert (cut * short.encode(TEXTS)).sum(axis=1).min() > 0.97
    assert (short.encode([TEXTS[2]]) @ short.encode([TEXTS[1], TEXTS[3]]).T).argmax() == 1


@BOTH
@pytest.mark.parametrize("dimension", [SMALLEST - 1, 257, 0])
def test_a_dimension_it_does_not_have_is_refused_with_those_it_has(name, dimension):
    with pytest.raises(RequestError) as caught:
        load_encoder(f"{name}@{dimension}")
    assert f"{name}@{dimension}" in caught.value.message.en
    assert f"{SMALLEST} to 256" in caught.value.message.en
    assert f"{SMALLEST} đến 256" in caught.value.message.vi


@BOTH
def test_a_copy_in_another_folder_is_loaded_by_its_path(encoders, name, tmp_path):
    copy = shutil.copytree(MODELS / name, tmp_path / "ours")
    loaded = load_encoder(str(copy))
    assert loaded.fingerprint == encoders[name].fingerprint
    assert check_encoder_name(f"{copy}@64") == f"{copy}@64"
    assert load_encoder(f"{copy}@64").dimension == 64


@BOTH
def test_a_damaged_folder_is_refused_by_the_name_of_the_file(name, tmp_path):
    copy = Path(shutil.copytree(MODELS / name, tmp_path / "ours"))
    for file in json.loads((copy / "cungcau.json").read_text())["files"]:
        good = (copy / file).read_bytes()
        (copy / file).write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        with pytest.raises(DamagedError) as caught:
            load_folder(copy, name)
        assert file in caught.value.message.vi
        assert "checksum" in caught.value.message.en
        (copy / file).unlink()
        with pytest.raises(DamagedError, match=file):
            load_folder(copy, name)
        (copy / file).write_bytes(good)
    load_folder(copy, name)


@pytest.mark.parametrize("card", ["{", "[]", '{"format": 9}', '{"kind": "tree", "files": {}}'])
def test_a_card_that_is_none_is_refused_by_name(card, tmp_path):
    (tmp_path / "cungcau.json").write_text(card)
    with pytest.raises(DamagedError, match=r"cungcau\.json"):
        load_encoder(str(tmp_path))


def test_whole_files_of_another_model_are_refused(tmp_path):
    from indexer.encoders.modelfolder import write_card

    copy = Path(shutil.copytree(MODELS / STATIC, tmp_path / "ours"))
    names = list(json.loads((copy / "cungcau.json").read_text())["files"])
    write_card(copy, "static", 100, names)  # it has 256
    with pytest.raises(DamagedError, match="does not make an encoder"):
        load_encoder(str(copy))
    write_card(copy, "contextual", 256, names)  # it has no layers
    with pytest.raises(DamagedError, match="does not make an encoder"):
        load_encoder(str(copy))


@BOTH
def test_encoding_does_not_import_torch(name):
    code = (
        "import sys\nfrom indexer.encoders.loading import load_encoder\n"
        f"load_encoder({name!r}).encode(['máy sấy'])\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
