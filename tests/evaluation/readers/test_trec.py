"""TREC files: written and read back, the policy of runs as a matrix, named errors."""

from math import log2

import numpy as np
import pytest

from evaluation import Collection, evaluate
from evaluation.metrics import measure
from evaluation.readers.trec import read_qrels, read_run, write_qrels, write_run
from evaluation.runs import Ranking
from indexer.errors import RequestError


def collection(documents=("a", "b", "c"), queries=("q1", "q2"), qrels=None):
    ids = tuple(sorted(documents, reverse=True))
    return Collection(
        name="small",
        document_ids=ids,
        documents=tuple(f"nước thải {one}" for one in ids),
        query_ids=tuple(queries),
        queries=("nước thải",) * len(queries),
        qrels={"q1": {"a": 2, "b": 0}, "q2": {"c": 1}} if qrels is None else qrels,
        itself={},
    )


def text(tmp_path, content):
    path = tmp_path / "file.trec"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_run_comes_back_as_it_was_written(tmp_path):
    small = collection()
    (result,) = evaluate([small], ["bm25"])
    path = tmp_path / "run.trec"
    write_run(result.run, path, "bm25")
    back = read_run(path, small)
    assert {query: ranking.document_ids for query, ranking in back.items()} == {
        query: ranking.document_ids for query, ranking in result.run.items()
    }
    for query, ranking in back.items():
        assert ranking.scores.tolist() == result.run[query].scores.tolist()
    assert measure(back, small.qrels) == measure(result.run, small.qrels)


def test_odd_ids_come_back(tmp_path):
    odd = collection(["d 1%", "d\ud800", "100%"], ["q\t1"], {"q\t1": {"d 1%": 3, "100%": 1}})
    run = {"q\t1": Ranking(odd.document_ids, np.array([3, 2, 1], dtype=np.float32))}
    write_run(run, tmp_path / "run.trec", "ours, weight=0.5")
    (back,) = read_run(tmp_path / "run.trec", odd).values()
    assert back.document_ids == odd.document_ids
    write_qrels(odd, tmp_path / "qrels.trec")
    assert read_qrels(tmp_path / "qrels.trec").grades == {"q%091": {"d%201%25": 3, "100%25": 1}}
    foreign = text(tmp_path, "q%091 Q0 100% 1 2.5 other\n")
    assert read_run(foreign, odd)["q\t1"].document_ids == ("100%",)


def test_judgements_come_back(tmp_path):
    path = tmp_path / "qrels.trec"
    write_qrels(collection(), path)
    assert path.read_text("utf-8") == "q1 0 a 2\nq1 0 b 0\nq2 0 c 1\n"
    assert read_qrels(path).grades == collection().qrels
    assert read_qrels(path).notices == ()


HALF = {"nDCG@10": 0.5, "AP": 0.5}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("q1 Q0 a 1 2 x\nq2 Q0 c 1 2 x\n", {"nDCG@10": 1, "AP": 1}, id="all found"),
        pytest.param("q1 Q0 a 1 2 x\n", HALF, id="a missing query counts 0"),
        pytest.param(
            "q1 Q0 c 1 2 x\nq2 Q0 c 1 2 x\n", HALF, id="an unjudged document is not relevant"
        ),
        pytest.param(
            "q1 Q0 b 1 2 x\nq2 Q0 c 1 2 x\n", HALF, id="a document of grade 0 is not relevant"
        ),
        pytest.param(
            "q1 Q0 a 9 1 x\nq1 Q0 b 1 1 x\nq2 Q0 c 1 2 x\n",
            {"nDCG@10": (1 / log2(3) + 1) / 2, "AP": 0.75},
            id="among ties the higher id stands first, whatever the rank column says",
        ),
        pytest.param(
            "q1 Q0 a 1 1.00000001 x\nq1 Q0 b 2 1 x\nq2 Q0 c 1 2 x\n",
            {"nDCG@10": (1 / log2(3) + 1) / 2, "AP": 0.75},
            id="scores equal in single precision are ties, as in trec_eval",
        ),
        pytest.param(
            "\ufeffq2\tQ0\tc\t1\t-5e-3\tx\r\n\r\nq1 Q0 b 1 -7 x\nq1 Q0 a 2 -6 x",
            {"nDCG@10": 1, "AP": 1},
            id="order by score, not by line; tabs, blank lines, Windows newlines, a BOM",
        ),
    ],
)
def test_policy_of_runs(tmp_path, lines, expected):
    small = collection()
    mean = measure(read_run(text(tmp_path, lines), small), small.qrels).mean
    assert {name: mean[name] for name in expected} == pytest.approx(expected)


def test_a_query_without_relevant_documents_counts_0(tmp_path):
    small = collection(qrels={"q1": {"a": 1}, "q2": {"c": 0}})
    run = read_run(text(tmp_path, "q1 Q0 a 1 2 x\nq2 Q0 c 1 2 x\n"), small)
    assert measure(run, small.qrels).mean["AP"] == 0.5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "there is no line in the file"),
        ("\n \n", "there is no line in the file"),
        (b"q1 Q0 a 1 2 x\n\xff\xfe\x00", "line 2: is not UTF-8"),
        ("q1 Q0 a 1 2\n", "line 1: 6 columns .* 5 found"),
        ("q1 Q0 a 1 2 x\n\nq1 Q0 a 2 1 x\n", "line 3: the document a stands twice .* query q1"),
        ("q1 Q0 a 1 high x\n", "line 1: the score “high” is not a finite number"),
        ("q1 Q0 a 1 nan x\n", "line 1: the score “nan”"),
        ("q1 Q0 a 1 1e39 x\n", "line 1: the score “1e39”"),
        ("q9 Q0 a 1 1 x\n", "line 1: the collection small has no query q9"),
        ("q1 Q0 z 1 1 x\n", "line 1: the collection small has no document z"),
    ],
)
def test_a_broken_run_is_named(tmp_path, content, words):
    with pytest.raises(RequestError, match=words) as caught:
        read_run(text(tmp_path, content), collection())
    assert "file.trec" in str(caught.value)
    assert caught.value.message.vi != caught.value.message.en


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "there is no line"),
        ("q1\ta\t1\n", "line 1: 4 columns .* 3 found"),
        ("q1 0 a 1\nq1 0 a 2\n", "line 2: the pair q1 – a has two grades: 1 and 2"),
        ("q1 0 a 1.5\n", "line 1: the grade “1.5” is not a whole number from -10 to 100"),
        ("q1 0 a 500\n", "line 1: the grade “500”"),
        (b"PK\x03\x04\x80\x81\n", "line 1: is not UTF-8"),
    ],
)
def test_broken_judgements_are_named(tmp_path, content, words):
    with pytest.raises(RequestError, match=words):
        read_qrels(text(tmp_path, content))


def test_grades_below_0_are_0_and_repeated_ones_are_told(tmp_path):
    found = read_qrels(text(tmp_path, "q1 0 a -2\nq1 0 b 3\nq1 0 b 3\nq1 0 b 3\n"))
    assert found.grades == {"q1": {"a": 0, "b": 3}}
    (notice,) = found.notices
    assert "2 judgements are repeated" in notice.en
    assert "line 3, 4" in notice.en
