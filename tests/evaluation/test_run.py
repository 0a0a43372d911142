"""Systems over collections: values, order, own documents, determinism, files."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import evaluation
from evaluation import Collection, Result, evaluate, load_collection
from evaluation import run as run_module
from evaluation.systems import LEXICAL, SYSTEMS, Kind, Parts, System, dense_part, named
from indexer.errors import RequestError
from indexer.words.lexical import LexicalIndex
from matcher.fusion import word_shares
from matcher.similarity import dense_similarity, fuse, lexical_similarity

DOCUMENTS = {
    "a": "Màng lọc gốm xử lý nước thải dệt nhuộm",
    "b": "Máy sấy nông sản bằng năng lượng mặt trời",
    "c": "Cảm biến nhiệt độ cho chuỗi lạnh vận chuyển vắc xin",
    "d": "Low-cost sensors monitor temperature in vaccine cold chains",
    "e": "Ceramic membranes treat textile dyeing wastewater",
    "f": "Phần mềm quản lý bãi đỗ xe thông minh",
    "g": "Giống lúa chịu mặn cho đồng bằng ven biển",
    "h": "Biochar from rice husk improves saline soil",
}
QUERIES = {
    "q1": "nước thải dệt nhuộm",
    "q2": "sấy nông sản",
    "q3": "vaccine temperature sensors",
    "q4": "zzzz",
}
QRELS = {"q1": {"a": 2, "e": 1}, "q2": {"b": 1}, "q3": {"d": 2, "c": 1}, "q4": {"f": 1}}
SHARED = Path(__file__).parents[2].parent / "shared/data/collections"


def collection(documents=None, queries=None, qrels=None, itself=None):
    documents = dict(sorted((documents or DOCUMENTS).items(), reverse=True))
    queries = queries or QUERIES
    return Collection(
        name="small",
        document_ids=tuple(documents),
        documents=tuple(documents.values()),
        query_ids=tuple(queries),
        queries=tuple(queries.values()),
        qrels=qrels or QRELS,
        itself=itself or {},
    )


def test_words_find_what_they_stand_in_and_nothing_pads_the_list():
    (found,) = evaluate([collection()], ["bm25"])
    assert found.run["q1"].document_ids[0] == "a"
    assert found.run["q2"].document_ids[0] == "b"
    assert found.run["q3"].document_ids[0] == "d"
    assert found.run["q4"].document_ids == ()
    assert found.per_query["q4"] == dict.fromkeys(found.metrics, 0.0)
    assert found.metrics["RR@10"] == 0.75
    assert (found.queries, found.documents) == (4, 8)


def test_json_is_the_contract():
    (found,) = evaluate([collection()], ["bm25"])
    document = found.to_json()
    assert list(document) == [
        "collection",
        "system",
        "queries",
        "documents",
        "metrics",
        "seconds",
    ]
    assert list(document["metrics"]) == ["nDCG@10", "RR@10", "R@100", "AP"]
    assert list(document["seconds"]) == ["index", "search"]
    assert json.loads(json.dumps(document)) == document


def test_all_systems_run_and_repeat_to_the_last_digit():
    first, second = evaluate([collection()]), evaluate([collection()])
    assert [result.system for result in first] == ["bm25", "lexicon", "dense", "hybrid"]
    for one, other in zip(first, second, strict=True):
        assert one.metrics == other.metrics
        assert one.per_query == other.per_query
        for query in QUERIES:
            assert one.run[query].document_ids == other.run[query].document_ids
            assert one.run[query].scores.tolist() == other.run[query].scores.tolist()


def test_hybrid_is_the_matchers_own_fusion():
    small = collection()
    parts = Parts(small.documents, small.queries, "lsa")
    words = parts[LEXICAL].queries(small.queries)
    lexical, dense = (named(name).score(parts, small.queries) for name in ("lexicon", "dense"))
    expected = fuse(
        lexical_similarity(lexical, parts[LEXICAL].ceiling(words)),
        dense_similarity(dense, parts[dense_part()].background),
        word_shares(words.asked, parts[LEXICAL].languages, "auto"),
    )
    np.testing.assert_array_equal(named("hybrid").score(parts, small.queries), expected)


def test_dense_gives_a_text_itself_the_similarity_1():
    small = collection()
    parts = Parts(small.documents, small.queries, "lsa")
    scores = named("dense").score(parts, small.documents)
    np.testing.assert_allclose(scores.diagonal(), 1.0, atol=5e-4)  # stored in half precision


def test_equal_scores_stand_in_descending_order_of_id_at_any_depth():
    same = dict.fromkeys(["p1", "p10", "p2", "P3", "đ"], "nước thải")
    same["other"] = "sấy nông sản"
    small = collection(same, {"q": "nước thải"}, {"q": {"p1": 1}})
    (whole,) = evaluate([small], ["bm25"])
    assert whole.run["q"].document_ids == ("đ", "p2", "p10", "p1", "P3")
    (cut,) = evaluate([small], ["bm25"], depth=3)
    assert cut.run["q"].document_ids == ("đ", "p2", "p10")


def test_differences_no_machine_agrees_on_do_not_decide(monkeypatch):
    noisy = System(
        needs=(),
        score=lambda parts, queries: np.array([[0.5, 0.50000004, 0.2]] * len(queries), np.float32),
    )
    monkeypatch.setitem(SYSTEMS, "noisy", Kind(lambda encoder, weight: noisy))
    three = {"x": "a", "y": "b", "z": "c"}
    (found,) = evaluate([collection(three, {"q": "t"}, {"q": {"x": 1}})], ["noisy"])
    assert found.run["q"].document_ids == ("z", "y", "x")


def test_a_query_never_finds_the_document_it_was_taken_from():
    small = collection(
        DOCUMENTS,
        {"a_part": DOCUMENTS["a"], "q2": QUERIES["q2"]},
        {"a_part": {"e": 1}, "q2": {"b": 1}},
        itself={"a_part": "a"},
    )
    for result in evaluate([small]):
        assert "a" not in result.run["a_part"].document_ids
        assert result.run["q2"].document_ids[0] == "b"


def test_blocks_change_nothing_and_progress_reaches_the_end(monkeypatch):
    steps = []
    (whole,) = evaluate([collection()], ["hybrid"])
    monkeypatch.setattr(run_module, "_CELLS", 8)
    (blocks,) = evaluate([collection()], ["hybrid"], progress=lambda *step: steps.append(step))
    assert blocks.metrics == whole.metrics
    searched = [("small hybrid", done, 4) for done in (1, 2, 3, 4)]
    built = [("terms", 0, 8), ("terms", 8, 8), ("encode", 8, 8)]
    assert steps == [*built, *searched]


def test_an_unknown_system_is_refused_with_the_choices_before_anything_is_read():
    with pytest.raises(RequestError, match=r"no system “bm52”; choose from: bm25, lexicon, dense"):
        evaluate([Path("nowhere")], ["bm52"])


def test_an_unknown_encoder_is_refused():
    with pytest.raises(RequestError):
        evaluate([collection()], ["dense"], encoder="./no-such-model")


def test_systems_of_one_collection_share_parts_and_state_the_whole_time(monkeypatch):
    built = []
    original = LexicalIndex.build

    def counting(table):
        built.append(1)
        return original(table)

    monkeypatch.setattr(LexicalIndex, "build", counting)
    first, second = evaluate([collection()], ["bm25", "hybrid"])
    assert len(built) == 1
    assert second.seconds_index > first.seconds_index > 0


def test_importing_evaluation_is_light():
    code = (
        "import sys, evaluation, evaluation.report\n"
        "heavy = {'sklearn', 'torch', 'matplotlib', 'ir_measures', 'xlsxwriter', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_public_names():
    assert set(evaluation.__all__) == {
        "Collection",
        "Comparison",
        "Result",
        "compare",
        "evaluate",
        "load_collection",
        "load_collections",
    }
    for name in evaluation.__all__:
        assert getattr(evaluation, name) is not None
    assert evaluate([collection()], ["bm25"])[0].__class__ is Result


@pytest.mark.parametrize(("name", "published"), [("xquad_vi_vi", 0.958), ("xquad_en_en", 0.965)])
def test_bm25_is_where_published_bm25_is_on_real_data(name, published):
    """Where the shared data is; the same code is covered above by small data."""
    if (SHARED / name).is_dir():
        (found,) = evaluate([load_collection(SHARED / name)], ["bm25"])
        assert found.metrics["nDCG@10"] == pytest.approx(published, abs=0.015)
