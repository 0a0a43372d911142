"""Whether evidence is why: what is deleted, and what that does to the similarity."""

import random

import pytest

from evaluation.benchmarks import faithfulness
from evaluation.benchmarks.faithfulness import Fall, event_pairs, falls, summary
from indexer.records import Record, RecordType, Side
from matcher.match import Span

ROWS = {
    "offers.csv": (
        "ID,Tên công nghệ,Mô tả\n"
        "O1,Khử màu nước thải,Bể điện hoá khử màu nước thải dệt nhuộm. Hãng ở Huế. Giá tốt.\n"
        "O2,Máy sấy lúa,Sấy tầng sôi cho lúa ướt. Bảo hành hai năm. Có thợ lắp tận nơi.\n"
        "O3,Đèn đường,Bộ đèn tiết kiệm điện. Lắp trên cột cũ. Có ở mọi tỉnh.\n"
    ),
    "needs.csv": (
        "ID,Tên nhu cầu,Mô tả\n"
        "N1,Nước thải có màu,Nước thải dệt nhuộm còn màu. Xưởng ở xa. Mong gặp sớm trong tháng.\n"
        "N2,Lúa ướt,Lúa ướt gặp mưa cần sấy nhanh. Kho nhỏ lắm. Xin gọi buổi sáng.\n"
    ),
}


@pytest.fixture
def event(tmp_path):
    for name, text in ROWS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_deleting_the_evidence_costs_more_than_chance(event, tmp_path):
    index, listed = event_pairs(event, tmp_path)
    pairs = [pair for pair in listed if (pair[0].id, pair[1].id) in {("N1", "O1"), ("N2", "O2")}]
    assert len(pairs) == 2
    found = falls(index, pairs, draws=4, seed=1)
    figures = summary(found)
    assert figures["matches"] == 2
    assert figures["ratio"] > 1
    assert figures["evidence_wins"] == 1
    assert 0 < figures["share_of_words"] < 1
    assert falls(index, pairs, draws=4, seed=1) == found


def test_the_ratio_is_that_of_the_sums():
    found = [Fall("n", "a", 0.5, 0.3, 0.1, 0.2), Fall("n", "b", 0.5, 0.1, 0.1, 0.4)]
    figures = summary(found)
    assert figures["ratio"] == 2.0
    assert figures["fall"] == {"evidence": 0.2, "random": 0.1}
    assert figures["evidence_wins"] == 0.5
    assert figures["interval"] == [2.0, 2.0]


def test_nothing_listed_has_no_ratio():
    assert summary([]) == {"matches": 0}


def test_a_random_stretch_has_the_words_of_the_evidence_and_none_twice():
    words = [("title", i * 3, i * 3 + 2) for i in range(4)]
    words += [("summary", i * 3, i * 3 + 2) for i in range(8)]
    for seed in range(50):
        cuts = faithfulness._drawn(words, [5, 3], random.Random(seed))
        gone = [w for w in words if any(faithfulness._inside(w, *one) for one in _each(cuts))]
        assert len(gone) == 8


def _each(cuts):
    return [(field, cut) for field, own in cuts.items() for cut in own]


def test_deleting_leaves_the_rest_as_it_is():
    record = Record(
        id="n",
        side=Side.DEMAND,
        type=RecordType.NEED,
        title="Một hai",
        description="Ba bốn. Năm sáu. Bảy tám.",
    )
    spans = [Span("description", 8, 16, "Năm sáu."), Span("title", 0, 3, "Một")]
    cuts = faithfulness._evidence([*spans, spans[0]])
    assert faithfulness._without(record, cuts).split() == "hai Ba bốn. Bảy tám.".split()
