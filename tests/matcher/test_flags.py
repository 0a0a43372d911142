"""Facts about a pair."""

from datetime import date
from decimal import Decimal

import pytest

from indexer.records import Money, Record, RecordType, Side, TrlRange, Visibility
from matcher.flags import all_flags, find_flags

TODAY = date(2027, 5, 20)


def pair_flags(demand=None, supply=None):
    need = Record(id="n", side=Side.DEMAND, type=RecordType.NEED, title="cần", **(demand or {}))
    given = {"id": "o", "side": Side.SUPPLY, "type": RecordType.TECHNOLOGY, "title": "máy"}
    return [flag.name for flag in find_flags(need, Record(**given, **(supply or {})), TODAY)]


def money(low, high, currency="VND"):
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    return Money(low=ends[0], high=ends[1], currency=currency)


def test_empty_fields_raise_no_flag():
    assert pair_flags() == []


@pytest.mark.parametrize(
    ("asked", "reached", "flags"),
    [((7, 9), (6, 6), ["trl-below"]), ((7, 9), (6, 7), []), ((4, 4), (9, 9), [])],
)
def test_trl(asked, reached, flags):
    ranges = [TrlRange(low=low, high=high) for low, high in (asked, reached)]
    assert pair_flags({"trl": ranges[0]}, {"trl": ranges[1]}) == flags


@pytest.mark.parametrize(
    ("budget", "price", "flags"),
    [
        (money(0, 100), money(200, 300), ["budget-below-price"]),
        (money(0, 250), money(200, 300), []),
        (money(100, None), money(200, 300), []),
        (money(0, 100), money(200, 300, "USD"), []),
    ],
)
def test_budget(budget, price, flags):
    assert pair_flags({"money": budget}, {"money": price}) == flags


def test_expired_names_the_day():
    record = {"expires": date(2027, 5, 19)}
    assert pair_flags(supply=record) == ["expired"]
    assert pair_flags(supply={"expires": TODAY}) == []


def test_confidential_and_same_owner():
    assert pair_flags(supply={"visibility": Visibility.RESTRICTED}) == ["confidential"]
    assert pair_flags({"owner": "Viện Hoà"}, {"owner": "viện hòa "}) == ["same-owner"]


def test_messages_are_in_both_languages():
    need = Record(
        id="n",
        side=Side.DEMAND,
        type=RecordType.NEED,
        title="cần",
        money=money(None, 1_500_000_000),
    )
    supply = Record(
        id="o",
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title="máy",
        money=money(2_000_000_000, 3_000_000_000),
    )
    (flag,) = find_flags(need, supply, TODAY)
    assert flag.message.vi == "Kinh phí đến 1,5 tỷ đồng, thấp hơn giá 2 tỷ – 3 tỷ đồng"
    assert flag.message.en == "Budget up to 1.5 billion VND, below price 2 billion – 3 billion VND"


KEYWORDS = "xử lý nước thải, màng lọc, giảm COD"
NEED = "Xưởng cá cần hệ thống xử lý nước thải công suất lớn, giảm mùi hôi vào mùa cao điểm"


def test_repeated_keywords_are_flagged_and_a_list_is_not():
    assert pair_flags(supply={"description": ", ".join([KEYWORDS] * 5)}) == ["keyword-list"]
    assert pair_flags(supply={"description": KEYWORDS}) == []


def test_a_copied_need_is_flagged_and_the_words_are_counted():
    found = find_flags(
        Record(id="n", side=Side.DEMAND, type=RecordType.NEED, description=NEED),
        Record(
            id="o",
            side=Side.SUPPLY,
            type=RecordType.TECHNOLOGY,
            title="Phần mềm",
            description=f"Quản lý thư viện. {NEED}",
        ),
        TODAY,
    )
    assert [flag.name for flag in found] == ["copied-text"]
    assert found[0].message.en == "The offer copies 18 words of the need itself; they do not count"


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("lọc\u200b nước\u200b thải\u200b", ["hidden-characters"]),
        ("wаter trеatment plаnt", ["hidden-characters"]),
        ("một\u00ad gạch nối mềm\u00ad", []),
        ("β-glucan 10 µm, Δt = 5", []),
    ],
)
def test_what_a_reader_does_not_see_is_flagged(text, flags):
    assert pair_flags(supply={"description": text}) == flags


def test_the_needs_own_habits_raise_no_flag():
    assert pair_flags({"description": ", ".join([KEYWORDS] * 5) + "\u200b" * 9}) == []


def test_many_pairs_have_the_flags_of_each():
    text = "Xử lý nước thải chế biến thủy sản có mùi hôi, giảm COD, công suất 200 m3 một ngày"
    needs = [
        Record(id="n1", side=Side.DEMAND, type=RecordType.NEED, description=text),
        Record(id="n2", side=Side.DEMAND, type=RecordType.NEED, title="cần", owner="Công ty A"),
    ]
    offers = [
        Record(id="o1", side=Side.SUPPLY, type=RecordType.PATENT, title="máy", owner="Cty A"),
        Record(id="o2", side=Side.SUPPLY, type=RecordType.PATENT, description=f"Bể. {text}"),
        Record(
            id="o3", side=Side.SUPPLY, type=RecordType.PATENT, title="m\u200bá\u200by s\u200bấy"
        ),
    ]
    pairs = [(need, offer) for need in needs for offer in offers]
    found = all_flags(pairs, TODAY)
    assert found == [find_flags(*pair, TODAY) for pair in pairs]
    named = [[flag.name for flag in own] for own in found]
    assert named[1] == ["copied-text"]
    assert named[3] == ["same-owner"]
    assert named[2] == named[5] == ["hidden-characters"]
