"""Offers that say a need's own words back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.records import Record, RecordType, Side
from matcher.copies import IN_FRONT, Honest, copied_words, demote_copies, find_copies

NEED = (
    "Xưởng chế biến thủy sản cần hệ thống xử lý nước thải công suất 200 m3 mỗi ngày, giảm COD và "
    "mùi hôi vào mùa cao điểm."
)
OFFER = (
    "Phần mềm quản lý thư viện cho trường học, mượn trả sách bằng mã vạch và nhắc hạn qua email."
)
ANSWER = "Bể lọc màng MBR giữ bùn, giảm COD trong nước thải của nhà máy cá, không mùi."


def record(side, number, text):
    kind = RecordType.NEED if side is Side.DEMAND else RecordType.TECHNOLOGY
    return Record(id=f"{side}-{number}", side=side, type=kind, description=text)


@pytest.mark.parametrize(
    "copy",
    [
        NEED,
        NEED.upper(),
        " ".join(NEED.split()[:14]),  # half of it
        " ".join(NEED.split()[::-1]),  # in another order
        "xử lý nước thải, chế biến thủy sản, giảm COD, mùi hôi, công suất",  # its keywords
        "\u200b".join(NEED),
        NEED.replace("o", "\u043e").replace("c", "\u0441"),
        "xu ly nuoc thai che bien thuy san giam cod mui hoi",
    ],
)
def test_a_copied_need_is_found(copy):
    assert copied_words(NEED, f"{OFFER} {copy}") >= 8


@pytest.mark.parametrize("offer", ["", OFFER, ANSWER, f"{ANSWER} Xử lý nước thải thủy sản."])
def test_an_answer_in_its_own_words_is_no_copy(offer):
    assert copied_words(NEED, offer) == 0


def test_a_short_need_cannot_be_copied():
    assert copied_words("Máy sấy chè", "Máy sấy chè bằng hơi nước") == 0


def test_a_long_need_takes_a_longer_row():
    long_need = (
        NEED + " " + " ".join(f"từ{chr(97 + i)}{chr(97 + j)}" for i in range(20) for j in range(20))
    )
    words = "xử lý nước thải chế biến thủy sản"
    assert copied_words(NEED, words) == 8
    assert copied_words(long_need, words) == 0


def test_the_rest_is_what_stands_around_the_copy():
    needs = [record(Side.DEMAND, 1, NEED)]
    offers = [record(Side.SUPPLY, 1, f"{OFFER} {NEED} Bảo hành hai năm.")]
    (copy,) = find_copies(needs, offers, np.ones((1, 1), dtype=np.float32))
    assert copy.rest.startswith(OFFER)
    assert copy.rest.endswith("Bảo hành hai năm.")
    assert "thủy sản" not in copy.rest


def test_only_pairs_worth_a_look_are_read():
    needs, offers = [record(Side.DEMAND, 1, NEED)], [record(Side.SUPPLY, 1, NEED)]
    assert find_copies(needs, offers, np.zeros((1, 1), dtype=np.float32)) == []


def test_among_many_the_best_of_either_side_are_read():
    needs = [record(Side.DEMAND, i, NEED) for i in range(60)]
    offers = [record(Side.SUPPLY, i, NEED if i == 59 else OFFER) for i in range(60)]
    scores = np.full((60, 60), 0.5, dtype=np.float32)
    scores[:, 59] = 0.4  # the last of every row: seen from the offer's own side only
    scores[:10, 59] = 0.1
    found = find_copies(needs, offers, scores)
    assert [(copy.demand, copy.supply) for copy in found] == [(i, 59) for i in range(10, 60)]


@given(st.lists(st.lists(st.sampled_from(NEED.split() + OFFER.split()), max_size=40), max_size=6))
def test_many_offers_at_once_are_read_as_one_by_one(texts):
    needs = [record(Side.DEMAND, 1, NEED), record(Side.DEMAND, 2, f"{OFFER} {ANSWER}")]
    offers = [record(Side.SUPPLY, i, " ".join(["x", *words])) for i, words in enumerate(texts)]
    found = find_copies(needs, offers, np.ones((2, len(offers)), dtype=np.float32))
    alone = [
        (i, j)
        for i, need in enumerate(needs)
        for j, offer in enumerate(offers)
        if copied_words(need.text(), offer.text())
    ]
    assert [(copy.demand, copy.supply) for copy in found] == alone


class _Side:
    def __init__(self, rows):
        self.matrix = np.asarray(rows, dtype=np.float32)
        self.vectors = self
        self.row_of = {}

    def rows(self, chosen):
        return self.matrix[chosen]

    def similarities(self, vectors):
        return vectors @ self.matrix.T


class _Index:
    """Two directions: what the need is about, and what it is not about."""

    def __init__(self, offers):
        self.demand, self.supply = _Side([[1, 0]]), _Side(offers)

    def encode(self, texts, side):
        assert side is Side.SUPPLY
        return np.asarray([[0.3, 0.95] if "thư viện" in t else [0.7, 0.7] for t in texts])


def demoted(scores, offers, vectors):
    index = _Index(vectors)
    needs = [record(Side.DEMAND, 0, NEED)]
    supplies = [record(Side.SUPPLY, i, text) for i, text in enumerate(offers)]
    index.demand.row_of = {one.id: i for i, one in enumerate(needs)}
    index.supply.row_of = {one.id: i for i, one in enumerate(supplies)}
    table = np.asarray([scores], dtype=np.float32)
    found = demote_copies(index, needs, supplies, table)
    return len(found), table[0]


def test_a_copy_falls_below_whom_its_rest_does_not_reach():
    texts = [ANSWER, OFFER, f"{OFFER} {NEED}"]
    found, scores = demoted([0.6, 0.2, 0.9], texts, [[0.8, 0.6], [0.5, 0.8], [1, 0]])
    assert found == 1
    assert scores[:2].tolist() == pytest.approx([0.6, 0.2])
    assert scores[2] < 0.2


def test_an_offer_that_fits_without_the_copy_keeps_its_place():
    texts = [f"{ANSWER} {NEED}", OFFER]
    found, scores = demoted([0.9, 0.2], texts, [[0.9, 0.4], [0.5, 0.8]])
    assert found == 1
    assert scores[0] == pytest.approx(0.2, abs=1e-4)


def test_no_copy_changes_nothing_and_a_lone_copy_is_no_answer():
    assert demoted([0.9], [ANSWER], [[0.9, 0.4]])[1].tolist() == pytest.approx([0.9])
    assert demoted([0.9], [NEED], [[1, 0]])[1].tolist() == [0.0]


shares = st.sampled_from([np.float32(i / 8) for i in range(9)])


@given(st.lists(st.tuples(shares, shares), max_size=12), shares, shares, st.booleans(), st.data())
def test_a_copy_stands_twice_as_far_down_as_its_rest(others, score, rest, among, data):
    own = data.draw(st.sampled_from(others)) if among and others else None
    left = list(others)
    if own is not None:
        left.remove(own)
    better = 2 * sum(cosine >= rest for _, cosine in left)
    standing = sorted((one for one, _ in left), reverse=True)
    least = standing[min(better, len(standing) - 1)] - np.float32(1e-6) if standing else 0.0
    table = np.array(others, dtype=np.float32).reshape(-1, 2)
    found = Honest(table[:, 0], table[:, 1]).lowered(score, rest, own)
    assert found == min(score, max(least, 0.0))


def test_where_too_many_are_nearer_nothing_is_left():
    near = np.linspace(0.5, 1, IN_FRONT, dtype=np.float32)
    honest = Honest(np.full(IN_FRONT, 0.3, dtype=np.float32), near)
    assert honest.lowered(np.float32(0.9), np.float32(0.5)) == 0
    assert honest.lowered(np.float32(0.9), near[1]) == pytest.approx(0.3, abs=1e-4)
