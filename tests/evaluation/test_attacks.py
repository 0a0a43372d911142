"""Tricks with an offer's text, and what they buy."""

import pytest

from evaluation.benchmarks.attacks import Event, Standing, attack, cases, report, standing
from evaluation.benchmarks.tricks import COPIES, TRICKS, Case, handed_in
from indexer.encoder import STATIC
from indexer.encoders.loading import load_encoder
from indexer.records import Record, RecordType, Side
from indexer.text import tokens

NEEDS = (
    "Xưởng chế biến thủy sản cần xử lý nước thải, giảm COD và mùi hôi vào mùa cao điểm",
    "Kho lạnh tốn điện vì máy nén chạy liên tục cả đêm, muốn giảm tiêu hao điện năng",
)
OFFERS = (
    "Bể lọc màng giữ bùn, giảm COD trong nước thải của nhà máy thủy sản",
    "Bộ điều khiển máy nén cho kho lạnh, giảm mười tám phần trăm điện năng",
    "Phần mềm quản lý thư viện cho trường học, mượn trả sách bằng mã vạch",
    "Giống lúa chịu mặn cho đất ven biển, năng suất sáu tấn một vụ",
)


def record(side, number, text):
    kind = RecordType.NEED if side is Side.DEMAND else RecordType.TECHNOLOGY
    owner = f"Đơn vị {side} {number}"
    return Record(id=f"{side}-{number}", side=side, type=kind, description=text, owner=owner)


@pytest.fixture(scope="module")
def event():
    needs = [record(Side.DEMAND, i, text) for i, text in enumerate(NEEDS)]
    offers = [record(Side.SUPPLY, i, text) for i, text in enumerate(OFFERS)]
    return Event([*needs, *offers], load_encoder(STATIC))


@pytest.fixture
def case(event):
    fields = tuple(f"Lĩnh vực {i}" for i in range(12))
    return Case(event.needs[0], event.offers["supply-2"], fields, event.index.rarity)


def test_every_trick_changes_the_offer(case):
    for name, trick in TRICKS.items():
        changed = trick(case)
        assert any(one != case.offer for one in changed), name
        assert len(changed) == (COPIES + 1 if "copies" in name else 1), name


def test_keywords_are_the_need_s_own(case):
    assert set(tokens(case.keywords())) <= set(tokens(case.need.text()))
    assert len(case.keywords().split(", ")) == 6


@pytest.mark.parametrize("name", sorted(TRICKS))
def test_no_trick_passes_the_answer(event, case, name):
    before = standing(event, event.index, case.need, list(event.offers.values()), case.offer.id)
    after = attack(event, TRICKS[name], case)
    assert before.rank > 1
    assert after.rank > 1


def test_hidden_characters_do_not_survive_an_import(case):
    (laced,) = TRICKS["need copied with unseen characters"](case)
    assert "\u200d" in laced.description
    assert case.need.text() in handed_in(laced).text()


def test_cases_pair_a_need_with_an_offer_nobody_judged_fit(event):
    judged = {"demand-0": {"supply-0": 3}, "demand-1": {"supply-1": 2, "supply-0": 0}}
    for one in cases(event, judged, 9):
        assert not judged[one.need.id].get(one.offer.id)


def test_the_report_counts_who_is_pushed_in():
    pairs = [
        (Standing(40, 0.1, 0), Standing(10, 0.5, 1)),
        (Standing(40, 0.1, 0), Standing(39, 0.1, 0)),
        (Standing(9, 0.3, 1), Standing(1, 0.9, 1)),
    ]
    row = report("a trick", pairs)
    assert row["median gain"] == 8
    assert row["largest gain"] == 30
    assert row["pushed into the first ten"] == 1
