"""Names of systems: what they mean, what is refused, what is built once and how long it took."""

import math
import time
from pathlib import Path

import numpy as np
import pytest

from evaluation import Collection, evaluate
from evaluation.parts import Part, Parts
from evaluation.systems import DEFAULT_SYSTEMS, LEXICAL, SYSTEMS, dense_part, named
from indexer.encoder import Encoder
from indexer.encoders.loading import load_encoder
from indexer.errors import RequestError
from indexer.vectors.vectors import Vectors
from indexer.words.lexical import LexicalIndex
from matcher.similarity import dense_similarity, fuse, lexical_similarity

DOCUMENTS = {
    "f": "Biochar from rice husk improves saline soil",
    "e": "Ceramic membranes treat textile dyeing wastewater",
    "d": "Low-cost sensors monitor temperature in vaccine cold chains",
    "c": "Phần mềm quản lý bãi đỗ xe thông minh",
    "b": "Máy sấy nông sản bằng năng lượng mặt trời",
    "a": "Màng lọc gốm xử lý nước thải dệt nhuộm",
}
QUERIES = {
    "vi": "nước thải dệt nhuộm",
    "en": "vaccine temperature sensors",
    "across": "sấy bằng nắng cho farm produce",
    "bare": "bai do xe",
}
QRELS = {"vi": {"a": 3, "e": 2}, "en": {"d": 3}, "across": {"b": 3}, "bare": {"c": 3}}
SMALL = Collection(
    name="small",
    document_ids=tuple(DOCUMENTS),
    documents=tuple(DOCUMENTS.values()),
    query_ids=tuple(QUERIES),
    queries=tuple(QUERIES.values()),
    qrels=QRELS,
    itself={},
)


def scores(name, encoder="static"):
    return named(name).score(Parts(SMALL.documents, SMALL.queries, encoder), SMALL.queries)


@pytest.mark.parametrize(
    ("name", "second", "expected"),
    [
        ("bm25", None, (3 + 3 / (3 + 2 / math.log2(3))) / 4),  # nothing of the other language
        ("lexicon", "e", 1.0),
        ("dense:static", "e", 1.0),
        ("dense:contextual", "e", 1.0),
        ("hybrid:static", "e", 1.0),
        ("hybrid:contextual,weight=0.5", "e", 1.0),
    ],
)
def test_every_system_of_ours_on_two_languages(name, second, expected):
    one, again = (evaluate([SMALL], [name])[0] for _ in range(2))
    assert one.system == name
    assert one.metrics["nDCG@10"] == pytest.approx(expected, abs=1e-3)
    assert one.run["vi"].document_ids[0] == "a"
    assert (*one.run["vi"].document_ids, None, None)[1] == second
    assert one.per_query == again.per_query
    for query, ranking in one.run.items():
        assert ranking.document_ids == again.run[query].document_ids
        assert ranking.scores.tolist() == again.run[query].scores.tolist()


def test_the_default_systems_go_from_words_to_both():
    assert DEFAULT_SYSTEMS == ("bm25", "lexicon", "dense", "hybrid")
    assert set(DEFAULT_SYSTEMS) <= set(SYSTEMS)


def test_a_system_without_an_encoder_takes_the_default_of_the_evaluation():
    np.testing.assert_array_equal(scores("dense", "static"), scores("dense:static", "contextual"))
    assert not np.array_equal(scores("dense", "static"), scores("dense", "contextual"))
    np.testing.assert_array_equal(scores("hybrid", "lsa"), scores("hybrid:lsa"))


def test_fewer_dimensions_are_the_first_ones():
    short = load_encoder("static@64")
    expected = short.encode(SMALL.queries) @ short.encode(SMALL.documents).T
    np.testing.assert_allclose(scores("dense:static@64"), expected, atol=5e-4)  # half precision


@pytest.mark.parametrize(("written", "share"), [("0", 0.0), ("0.3", 0.3), (".5", 0.5), ("1", 1.0)])
def test_the_weight_is_the_share_of_words(written, share):
    parts = Parts(SMALL.documents, SMALL.queries, "static")
    index, words = parts[LEXICAL], parts[LEXICAL].queries(SMALL.queries)
    lexical = lexical_similarity(index.scores(words), index.ceiling(words))
    dense = dense_similarity(scores("dense"), parts[dense_part()].background)
    found = named(f"hybrid,weight={written}").score(parts, SMALL.queries)
    np.testing.assert_array_equal(found, fuse(lexical, dense, share))


def test_no_weight_is_what_the_matcher_has_by_default():
    np.testing.assert_array_equal(scores("hybrid,weight=auto"), scores("hybrid"))
    assert not np.array_equal(scores("hybrid,weight=0.3"), scores("hybrid"))


@pytest.mark.parametrize("name", ["", "BM25", "bm25-plain", "bm25 ", "static"])
def test_an_unknown_name_is_refused_with_every_choice(name):
    with pytest.raises(RequestError) as refused:
        named(name)
    assert str(refused.value) == (
        f"There is no system “{name}”; choose from: bm25, lexicon, dense[:ENCODER], "
        "hybrid[:ENCODER][,weight=W], match[:ENCODER][,weight=W], bm25s, tfidf, "
        "lsa, minilm, st:MODEL, rrf[:ENCODER], txtai."
    )
    assert "Không có hệ thống" in refused.value.message.vi


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bm25:static", "accepted: bm25."),
        ("lexicon,weight=0.5", "accepted: lexicon."),
        ("dense:", "accepted: dense[:ENCODER]."),
        ("dense:static,weight=0.5", "accepted: dense[:ENCODER]."),
        ("hybrid,wieght=0.5", "accepted: hybrid[:ENCODER][,weight=W]."),
        ("hybrid,weight=0.5,weight=0.6", "“weight” is given twice"),
        ("hybrid,weight=1.5", "weight does not take “1.5”; accepted: a number from 0 to 1, or"),
        ("hybrid,weight=-0.5", "weight does not take “-0.5”"),
        ("hybrid,weight=nan", "weight does not take “nan”"),
        ("hybrid,weight=", "weight does not take “”"),
        ("dense:./nowhere", "There is no encoder “./nowhere”"),
        ("st", "accepted: st:MODEL."),
        ("st:", "accepted: st:MODEL."),
        ("st:static@64", "write dense:static@64"),
        ("minilm:static", "accepted: minilm."),
        ("rrf:./nowhere", "There is no encoder “./nowhere”"),
    ],
)
def test_what_a_system_does_not_take_is_refused_before_anything_is_read(name, said):
    with pytest.raises(RequestError) as refused:
        evaluate([Path("nowhere")], [name])
    assert said in str(refused.value)
    assert refused.value.message.vi != refused.value.message.en


def test_systems_share_one_lexical_index_and_one_dense_part_an_encoder(monkeypatch):
    built = []
    for owner, method in ((LexicalIndex, "build"), (Vectors, "__init__")):
        original = getattr(owner, method)

        def counting(*given, original=original, owner=owner):
            built.append(owner.__name__)
            return original(*given)

        monkeypatch.setattr(owner, method, counting)
    names = ["bm25", "lexicon", "dense", "dense:static", "hybrid", "hybrid:lsa,weight=1", "rrf"]
    evaluate([SMALL], names, encoder="static")
    assert sorted(built) == ["LexicalIndex", "Vectors", "Vectors"]


class Slow:
    """A clock that each build moves on by what it is said to take."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def part(self, name, seconds, *inside, encoder=None):
        def make(parts, _):
            for one in inside:
                parts[one]
            self.now += seconds
            return name

        return Part(name, make, encoder)


def test_a_part_takes_its_own_time_whoever_needed_it_first(monkeypatch):
    clock = Slow(monkeypatch)
    loaded = clock.part("loaded", 100.0)
    words = clock.part("words", 1.0)
    dense = clock.part("dense", 2.0, loaded)
    reduced = clock.part("reduced", 4.0, words)
    parts = Parts(["x"], ["y"])
    assert parts.build([dense]) == 2.0  # loading a model is nobody's time
    assert parts.build([reduced, words]) == 5.0
    assert parts.build([words]) == 1.0
    assert parts.build([words, words]) == 1.0
    assert parts.build([]) == 0.0
    assert parts[reduced] == "reduced"


def test_the_same_part_of_another_encoder_is_another_part(tmp_path, monkeypatch):
    clock = Slow(monkeypatch)
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    parts = Parts(["x"], ["y"], "static")
    of = {name: clock.part("dense", 1.0, encoder=name) for name in ("", "static", "contextual")}
    assert [parts.build([part]) for part in of.values()] == [1.0, 1.0, 1.0]
    assert clock.now == 2.0
    one, other = (clock.part("dense", 1.0, encoder=name) for name in ("./model", "model"))
    parts.build([one])
    parts.build([other])
    assert clock.now == 3.0


def test_progress_tells_what_is_built():
    steps = []
    parts = Parts(SMALL.documents, SMALL.queries, "static", lambda *step: steps.append(step))
    parts.build(named("hybrid").needs)
    assert steps == [("terms", 0, 6), ("terms", 6, 6), ("encode", 6, 6)]


def test_an_encoder_is_loaded_once_for_all_that_use_it(monkeypatch):
    loaded = []

    def counting(name: str) -> Encoder:
        loaded.append(name)
        return load_encoder(name)

    monkeypatch.setattr("evaluation.parts.load_encoder", counting)
    evaluate([SMALL], ["dense:static", "hybrid:static", "rrf:static"])
    assert loaded == ["static"]
