"""Which query falls into which slice."""

import numpy as np
import pytest

from evaluation.collections import Collection
from evaluation.measures.slices import slices
from evaluation.metrics import measure
from evaluation.run import Result
from evaluation.runs import Ranking
from indexer.errors import RequestError

DOCUMENTS = {
    "v": "Máy sấy nông sản bằng năng lượng mặt trời cho hợp tác xã",
    "w": "Màng lọc gốm xử lý nước thải dệt nhuộm",
    "e": "Ceramic membranes treat the wastewater of textile dyeing",
    "m": "Màng lọc gốm – ceramic membranes for the treatment of textile wastewater with sensors",
}
QUERIES = {
    "q1": "sấy nông sản",
    "q2": "xử lý nước thải dệt nhuộm",
    "q3": "xu ly nuoc thai det nhuom",
    "q4": "wastewater membranes for textile dyeing and printing",
    "q5": "treating wastewater",
    "q6": "màng lọc nước thải nào vừa rẻ vừa bền cho xưởng nhuộm nhỏ",
}
QRELS = {
    "q1": {"v": 1},
    "q2": {"w": 2, "e": 1},
    "q3": {"w": 2},
    "q4": {"e": 2, "m": 1, "w": 1, "v": 1},
    "q5": {"m": 2, "w": 0},
    "q6": {"gone": 1},
}
FIELDS = {"q1": "Nông nghiệp", "q2": "Môi trường", "q3": "Môi trường", "q4": "Dệt may", "q5": ""}


@pytest.fixture(scope="module")
def result():
    run = {query: Ranking(("v", "w"), np.array([0.9, 0.5], dtype=np.float32)) for query in QUERIES}
    figures = measure(run, QRELS)
    return Result(
        collection="small",
        system="hybrid",
        queries=6,
        documents=4,
        metrics=figures.mean,
        seconds_index=0.0,
        seconds_search=0.0,
        per_query=figures.per_query,
        run=run,
        judged=Collection(
            name="small",
            document_ids=tuple(sorted(DOCUMENTS, reverse=True)),
            documents=tuple(DOCUMENTS[one] for one in sorted(DOCUMENTS, reverse=True)),
            query_ids=(*QUERIES, "unjudged"),
            queries=(*QUERIES.values(), "chưa ai đánh giá"),
            qrels=QRELS,
            itself={},
            fields=FIELDS,
        ),
    )


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        (
            "Language direction",
            {
                "Vietnamese → Vietnamese": 2,
                "Vietnamese → several": 1,
                "Vietnamese → none": 1,
                "English → bilingual": 1,
                "English → several": 1,
            },
        ),
        (
            "Length",
            {"short, up to 3 words": 2, "medium, up to 6 words": 2, "long, over 6 words": 2},
        ),
        (
            "Accents",
            {"Vietnamese with accents": 3, "Vietnamese typed without accents": 1, "English": 2},
        ),
        ("Field", {"Dệt may": 1, "Môi trường": 2, "Nông nghiệp": 1, "not told": 2}),
        ("Relevant documents", {"1": 4, "2–3": 1, "4+": 1}),
        (
            "Unseen words",
            {"every word stands in a document": 3, "some word stands in no document": 3},
        ),
    ],
)
def test_every_query_falls_into_one_slice_of_each_dimension(result, dimension, expected):
    found = [one for one in slices(result) if one.dimension.en == dimension]
    assert [(one.label.en, one.queries) for one in found] == list(expected.items())
    assert sum(one.queries for one in found) == 6


def test_means_and_intervals_are_of_the_queries_in_the_slice(result):
    by_label = {one.label.en: one for one in slices(result, "RR@10")}
    # q1 finds v first; q2 and q3 find w second.
    assert by_label["Nông nghiệp"].mean == 1.0
    assert by_label["Nông nghiệp"].interval == (1.0, 1.0)
    assert by_label["Môi trường"].mean == 0.5
    many = by_label["1"]  # q1, q3, q5, q6
    assert many.mean == pytest.approx((1 + 0.5 + 0 + 0) / 4)
    assert many.interval.low < many.mean < many.interval.high


def test_labels_speak_both_languages(result):
    labels = {one.dimension: one.label for one in slices(result)}
    assert {one.vi for one in labels} == {
        "Chiều ngôn ngữ",
        "Độ dài",
        "Dấu tiếng Việt",
        "Lĩnh vực",
        "Số kết quả phù hợp",
        "Từ lạ",
    }
    assert "Việt → Việt" in {one.label.vi for one in slices(result)}


def test_it_repeats(result):
    assert slices(result) == slices(result)


def test_a_collection_that_tells_no_fields_has_no_such_slice(result):
    from dataclasses import replace

    silent = replace(result, judged=replace(result.judged, fields={}))
    assert "Field" not in {one.dimension.en for one in slices(silent)}


def test_an_unknown_measure_is_refused(result):
    with pytest.raises(RequestError, match=r"“nDCG”; choose from: nDCG@10, RR@10"):
        slices(result, "nDCG")
