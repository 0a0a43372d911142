"""Telling collections apart, and reading BEIR folders: what is accepted, refused, and how said."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation import load_collection
from evaluation.collections import useful
from evaluation.loading import load_collections
from indexer.errors import RequestError

CORPUS = [
    {"_id": "d1", "title": "Màng lọc", "text": "Xử lý nước thải dệt nhuộm"},
    {"_id": "d2", "title": "", "text": "Solar dryer for fruit"},
    {"_id": "d10", "text": "Cold chain sensors", "url": "https://example.org"},
]
QUERIES = [{"_id": "q1", "text": "nước thải"}, {"_id": "q2", "text": "drying fruit"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t1\n"


def lines(entries):
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "small", lines(CORPUS), lines(QUERIES), QRELS)


def write(folder: Path, corpus: str, queries: str, qrels: str) -> Path:
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    (folder / "corpus.jsonl").write_text(corpus, encoding="utf-8")
    (folder / "queries.jsonl").write_text(queries, encoding="utf-8")
    (folder / "qrels/test.tsv").write_text(qrels, encoding="utf-8")
    return folder


def test_a_folder_is_read_whole(folder):
    small = load_collection(folder)
    assert small.name == "small"
    assert small.document_ids == ("d2", "d10", "d1")
    assert small.documents == (
        "Solar dryer for fruit",
        "Cold chain sensors",
        "Màng lọc\nXử lý nước thải dệt nhuộm",
    )
    assert (small.query_ids, small.queries) == (("q1", "q2"), ("nước thải", "drying fruit"))
    assert small.qrels == {"q1": {"d1": 2}, "q2": {"d2": 1}}
    assert (small.itself, small.notices) == ({}, ())


def test_the_order_of_the_corpus_file_does_not_matter(folder):
    before = load_collection(folder)
    (folder / "corpus.jsonl").write_text(lines(reversed(CORPUS)), encoding="utf-8")
    assert load_collection(folder) == before


def test_heading_line_blank_lines_bom_and_windows_newlines(folder):
    expected = load_collection(folder)
    bare = QRELS.partition("\n")[2]
    (folder / "qrels/test.tsv").write_bytes(("\ufeff" + bare).replace("\n", "\r\n").encode())
    (folder / "corpus.jsonl").write_bytes(("\ufeff" + lines(CORPUS) + "\r\n\n").encode())
    assert load_collection(folder) == expected


def test_whole_numbers_as_ids_are_the_same_as_text(folder):
    write(
        folder,
        lines([{"_id": 1, "text": "a"}]),
        lines([{"_id": 7, "text": "b"}]),
        "7\t1\t1\n",
    )
    assert load_collection(folder).qrels == {"7": {"1": 1}}


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(RequestError, match=f"lacks the file {name}") as caught:
        load_collection(folder)
    assert f"thiếu tệp {name}" in caught.value.message.vi


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"no collection folder .*nowhere"):
        load_collection(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("corpus.jsonl", '{"_id": "d9", "text": ', "line 4: the JSON is broken"),
        ("corpus.jsonl", "[" * 100_000, "line 4: the JSON is broken"),
        ("corpus.jsonl", '["d9"]', "line 4: is not a JSON object"),
        ("corpus.jsonl", '{"text": "x"}', "line 4: “_id” is missing"),
        ("corpus.jsonl", '{"_id": " ", "text": "x"}', "line 4: “_id” is missing"),
        ("corpus.jsonl", '{"_id": true, "text": "x"}', "line 4: “_id” is missing"),
        ("corpus.jsonl", '{"_id": "d1", "text": "x"}', "line 4: “_id” d1 is given twice"),
        ("corpus.jsonl", '{"_id": "d9", "text": 5}', "line 4: “text” is not a string"),
        ("corpus.jsonl", '{"_id": "d9", "title": []}', "line 4: “title” is not a string"),
        ("queries.jsonl", '{"_id": "q1", "text": "x"}', "line 3: “_id” q1 is given twice"),
        ("queries.jsonl", '{"_id": "q9", "text": " "}', "1 queries without text: q9"),
        ("queries.jsonl", '{"_id": "q9"}', "1 queries without text: q9"),
        ("qrels/test.tsv", "q1\td2", "line 4: 3 columns .* 2 found"),
        ("qrels/test.tsv", "q1 0 d2 1", "line 4: 3 columns .* 1 found"),
        ("qrels/test.tsv", "q1\td2\t0.5", "line 4: the grade “0.5” is not a whole number"),
        ("qrels/test.tsv", "q1\td2\t", "line 4: the grade “” is not a whole number"),
        ("qrels/test.tsv", "q1\td2\t101", "line 4: the grade “101” .* from -10 to 100"),
        ("qrels/test.tsv", "q1\td2\t-11", "line 4: the grade “-11” .* from -10 to 100"),
        ("qrels/test.tsv", "q1\td1\t1", "line 4: the pair q1 – d1 has two grades: 2 and 1"),
    ],
)
def test_a_broken_line_is_named_with_its_file(folder, name, line, words):
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(RequestError, match=words) as caught:
        load_collection(folder)
    assert Path(name).name in str(caught.value)
    assert caught.value.message.vi != caught.value.message.en


def test_bytes_that_are_not_utf8_are_named_with_their_line(folder):
    with (folder / "queries.jsonl").open("ab") as file:
        file.write('{"_id": "q3", "text": "đất"}\n'.encode("utf-16"))
    with pytest.raises(RequestError, match=r"queries\.jsonl, line 3: is not UTF-8"):
        load_collection(folder)


def test_only_the_first_line_may_be_a_heading(folder):
    (folder / "qrels/test.tsv").write_text("q1\td1\t1\n" + QRELS, encoding="utf-8")
    with pytest.raises(RequestError, match="line 2: the grade “score”"):
        load_collection(folder)


@pytest.mark.parametrize("qrels", ["", "query-id\tcorpus-id\tscore\n", "other\td1\t1\n"])
def test_a_collection_without_judged_queries_is_refused(folder, qrels):
    (folder / "qrels/test.tsv").write_text(qrels, encoding="utf-8")
    with pytest.raises(RequestError, match="none of its queries is judged"):
        load_collection(folder)


def test_oddities_are_told_and_do_not_stop_the_reading(folder):
    write(
        folder,
        lines(CORPUS),
        lines([*QUERIES, {"_id": "q3", "text": "không ai đánh giá"}]),
        "q1\td1\t1\nq1\td1\t1\nq1\tgone\t1\nq2\td1\t0\nq2\td2\t-1\nlost\td1\t1\n",
    )
    small = load_collection(folder)
    assert small.qrels == {"q1": {"d1": 1, "gone": 1}, "q2": {"d1": 0, "d2": 0}}
    assert [notice.en for notice in small.notices] == [
        "test.tsv: 1 judgements are repeated with the same grade and count once (line 2).",
        "Judgements name 1 unknown queries, left out: lost.",
        "Judgements name 1 unknown documents; relevant ones among them count as not found: gone.",
        "1 queries are not judged and stay out of the mean.",
        "1 judged queries have no relevant document and count 0.",
    ]


def test_a_corpus_without_documents_is_refused(folder):
    (folder / "corpus.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(RequestError, match=r"corpus\.jsonl: there are no documents"):
        load_collection(folder)


def test_judgements_may_be_trecs(folder):
    expected = load_collection(folder)
    (folder / "qrels/test.qrels").write_text("q1 0 d1 2\nq2\t0\td2\t1\n", encoding="utf-8")
    assert load_collection(folder) == expected
    (folder / "qrels/test.tsv").unlink()
    assert load_collection(folder) == expected


def test_trec_judgements_are_checked_alike(folder):
    (folder / "qrels/test.tsv").unlink()
    (folder / "qrels/test.qrels").write_text("q1 0 gone 2\nq1 d1 1\n", encoding="utf-8")
    with pytest.raises(RequestError, match=r"test\.qrels, line 2: 4 columns .* 3 found"):
        load_collection(folder)
    (folder / "qrels/test.qrels").write_text("q1 0 gone 2\n", encoding="utf-8")
    assert "1 unknown documents" in load_collection(folder).notices[0].en


@pytest.mark.parametrize(
    ("qrels", "grade"), [({"q": {"a": 1}}, 1), ({"q": {"a": 1}, "r": {"b": 3}}, 2), ({}, 1)]
)
def test_useful_is_2_where_grades_reach_it(folder, qrels, grade):
    assert useful(replace(load_collection(folder), qrels=qrels)) == grade


class TestWhatLiesThere:
    def test_a_beir_folder(self, folder):
        assert load_collections(str(folder)) == (load_collection(folder),)

    def test_half_a_beir_folder_names_what_it_lacks(self, folder):
        (folder / "corpus.jsonl").unlink()
        with pytest.raises(RequestError, match=r"lacks the file corpus\.jsonl"):
            load_collections(folder)

    def test_another_folder(self, tmp_path):
        with pytest.raises(RequestError, match=r"No collection .*an event folder \(offers"):
            load_collections(tmp_path)

    def test_nothing(self, tmp_path):
        with pytest.raises(RequestError, match=r"no collection “.*nowhere”. Accepted: a BEIR"):
            load_collections(tmp_path / "nowhere")

    @pytest.mark.parametrize("name", ["x.xlsx", "x.csv", "x.bin"])
    def test_garbage(self, tmp_path, name):
        (tmp_path / name).write_bytes(bytes(range(256)) * 8)
        with pytest.raises(RequestError, match=name):
            load_collections(tmp_path / name)


class TestOwnDocument:
    """Queries that are documents of the corpus: dropped, unless they are what is looked for."""

    def load(self, folder, query_id, text, qrels):
        write(folder, lines(CORPUS), lines([{"_id": query_id, "text": text}]), qrels)
        return load_collection(folder)

    @pytest.mark.parametrize("query", ["d1", "d1_method"])
    def test_is_dropped_with_its_judgement(self, folder, query):
        small = self.load(folder, query, "Xử lý nước thải", f"{query}\td1\t3\n{query}\td2\t1\n")
        assert small.itself == {query: "d1"}
        assert small.qrels == {query: {"d2": 1}}
        assert "dropped from the query's own ranking" in small.notices[-1].en

    def test_stays_when_it_is_the_only_relevant_one(self, folder):
        small = self.load(folder, "d1", "Xử lý nước thải", "d1\td1\t1\nd1\td2\t0\n")
        assert small.itself == {}
        assert small.qrels == {"d1": {"d1": 1, "d2": 0}}

    @pytest.mark.parametrize("query", ["d1", "d1_method"])
    def test_stays_when_only_the_numbers_agree(self, folder, query):
        small = self.load(folder, query, "drying fruit", f"{query}\td2\t1\n")
        assert small.itself == {}
