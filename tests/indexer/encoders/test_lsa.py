"""The LSA encoder: near texts near, nothing ever NaN, equal input equal bytes."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.encoders.lsa import DIMENSION, LsaEncoder, fit_lsa
from indexer.errors import DamagedError

TEXTS = [
    "Xử lý nước thải chăn nuôi bằng bể lọc sinh học",
    "Công nghệ lọc nước thải cho trang trại lợn",
    "Máy sấy nông sản dùng năng lượng mặt trời",
    "Hệ thống sấy trái cây bằng bơm nhiệt",
    "Wastewater treatment for pig farms with membrane filters",
    "Solar dryer for fruit and vegetables",
    "Giống lúa chịu mặn cho vùng ven biển",
    "Rice varieties that tolerate salt water",
]


@pytest.fixture(scope="module")
def encoder():
    return fit_lsa(TEXTS)


def cosines(encoder, query):
    return (encoder.encode(TEXTS) @ encoder.encode([query], query=True).T).ravel()


def test_rows_have_length_one_and_each_text_is_itself(encoder):
    rows = encoder.encode(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (len(TEXTS), DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.argmax(rows @ rows.T, axis=1).tolist() == list(range(len(TEXTS)))


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("lọc nước thải trang trại", 1),
        ("loc nuoc thai trang trai", 1),
        ("membranes for wastewater", 4),
        ("drying vegetables", 5),
        ("lúa chịu mặn", 6),
    ],
)
def test_a_need_is_nearest_to_its_offer_with_or_without_accents(encoder, query, best):
    assert int(np.argmax(cosines(encoder, query))) == best


def test_letters_of_an_unknown_word_are_known(encoder):
    found = cosines(encoder, "wastewaters")
    assert int(np.argmax(found)) == 4
    assert found[4] > 0.1


def test_accents_still_count(encoder):
    accented, plain = encoder.encode(["máy sấy", "may say"])
    assert 0.2 < float(accented @ plain) < 0.999


def test_nothing_known_is_a_zero_row(encoder):
    rows = encoder.encode(["", " \n", "水处理", "🎉🎉", "щщ"])
    assert not rows.any()


@pytest.mark.parametrize("text", ["水处理技术", "🎉🎈 🎉", "½", "a", "đ", "ñandú", "\u200bnước"])
def test_any_sign_can_be_fitted_and_found(text):
    fitted = fit_lsa([text, *TEXTS])
    rows = fitted.encode([text, *TEXTS])
    assert float(rows[0] @ fitted.encode([text])[0]) == pytest.approx(1, abs=1e-4)
    assert int(np.argmax(rows @ rows[0])) == 0


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_tiny_catalogs(count):
    fitted = fit_lsa(TEXTS[:count])
    rows = fitted.encode([*TEXTS, ""])
    assert rows.shape == (len(TEXTS) + 1, DIMENSION)
    assert np.isfinite(rows).all()
    for i in range(count):
        assert float(rows[i] @ rows[i]) == pytest.approx(1, abs=1e-4)


def test_one_shared_word_is_no_perfect_match_in_a_catalog_of_one():
    fitted = fit_lsa(TEXTS[:1])
    text, query = fitted.encode([TEXTS[0], "sinh học phân tử và bể bơi"])
    assert 0.05 < float(text @ query) < 0.9


def test_equal_texts_alone():
    rows = fit_lsa(["máy bơm"] * 5).encode(["máy bơm", "máy bơm"])
    np.testing.assert_allclose(rows @ rows.T, 1, atol=1e-4)


def test_a_very_long_text_and_a_very_long_word():
    long = "nước thải " * 50_000
    rows = fit_lsa([*TEXTS, long, "x" * 1_000_000]).encode([long, "x" * 1_000_000])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)


@given(st.lists(st.text(max_size=30), max_size=6), st.text(max_size=30))
@settings(max_examples=40, deadline=None)
def test_any_text_gives_a_unit_or_a_zero_row(texts, query):
    rows = fit_lsa(texts).encode([*texts, query])
    lengths = np.linalg.norm(rows, axis=1)
    assert np.isfinite(rows).all()
    assert (np.isclose(lengths, 1, atol=1e-3) | (lengths == 0)).all()


def test_order_and_repetition_of_the_texts_do_not_matter(encoder):
    assert fit_lsa([*TEXTS[::-1], TEXTS[2]]).fingerprint == encoder.fingerprint


def test_equal_input_gives_equal_bytes(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        fit_lsa(TEXTS).save(tmp_path / name)
    for path in sorted((tmp_path / "one").iterdir()):
        other = tmp_path / "two" / path.name
        assert (
            hashlib.sha256(path.read_bytes()).digest()
            == hashlib.sha256(other.read_bytes()).digest()
        )


def test_more_texts_than_the_sample_and_than_directions(monkeypatch):
    monkeypatch.setattr("indexer.encoders.lsa.SAMPLE", 300)
    random = np.random.default_rng(3)
    words = [f"w{i:03}" for i in range(400)]
    texts = [" ".join(random.choice(words, 12)) for _ in range(500)]
    fitted = fit_lsa(texts)
    assert fitted.fitted_on == 500
    assert fitted.fingerprint == fit_lsa(texts[::-1]).fingerprint
    rows = fitted.encode(texts)
    assert (np.argmax(rows @ rows.T, axis=1) == np.arange(500)).mean() > 0.95


def test_a_saved_encoder_encodes_the_same(encoder, tmp_path):
    names = encoder.save(tmp_path)
    loaded = LsaEncoder.load(tmp_path)
    assert loaded.fingerprint == encoder.fingerprint
    assert loaded.fitted_on == len(TEXTS)
    assert np.array_equal(loaded.encode(TEXTS), encoder.encode(TEXTS))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize("name", ["lsa.json", "lsa.features.txt", "lsa.vectors.npy"])
@pytest.mark.parametrize("body", [None, b"", b"{}\n\xff"])
def test_a_broken_file_is_named(encoder, tmp_path, name, body):
    encoder.save(tmp_path)
    if body is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(body)
    with pytest.raises(DamagedError, match=r"(lsa\.\w+(\.npy|\.txt)?) .*cungcau index --full"):
        LsaEncoder.load(tmp_path)


def test_encoding_needs_no_sklearn(encoder, tmp_path):
    encoder.save(tmp_path)
    code = (
        "import sys; from pathlib import Path; from indexer.encoders.lsa import LsaEncoder;"
        "LsaEncoder.load(Path(sys.argv[1])).encode(['nước thải']);"
        "print([m for m in ('sklearn', 'torch', 'bm25s') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == "[]"
