"""What a typed need states, and what it leaves open."""

from decimal import Decimal

import pytest

from api.service.stated import asker, stated
from indexer.records import Side


def _open(text: str) -> set[str]:
    return {point.name for point in stated(text).open}


def test_everything_stated_leaves_nothing_open():
    known = stated(
        "Nhà máy tôm ở Cà Mau cần xử lý nước thải 300 m3/ngày, kinh phí tối đa 2 tỷ đồng, TRL từ 7"
    )
    assert known.open == ()
    assert (known.trl.low, known.trl.high, known.place) == (7, 9, "Cà Mau")
    assert (known.money.low, known.money.high) == (None, Decimal(2_000_000_000))
    field = next(point for point in known.clear if point.name == "field")
    assert "Thủy sản" in field.found.vi and "Aquaculture" in field.found.en


def test_without_accents():
    known = stated("can xu ly nuoc thai det nhuom o ha noi, duoi 500 trieu, dung duoc ngay")
    assert known.place == "Hà Nội" and known.money.high == Decimal(500_000_000)
    assert known.open == ()


def test_in_english():
    known = stated("We need to predict pump failures in Hanoi, budget 20,000-50,000 USD, TRL 6-8")
    assert (known.money.low, known.money.currency) == (Decimal(20_000), "USD")
    assert (known.trl.low, known.trl.high, known.place) == (6, 8, "Hà Nội")


def test_a_vague_need_is_asked_for_all():
    assert _open("can may tot hon") == {"detail", "field", "trl", "budget", "place"}
    assert stated("  ").points == ()
    for point in stated("cần máy").open:
        assert "ví dụ" in point.ask.vi.casefold() or point.name == "detail"
        assert point.ask.en and point.label.en


@pytest.mark.parametrize(
    "text",
    ["kinh phí 5 triệu/ha", "tiết kiệm 200 triệu", "doanh thu 3 tỷ mỗi năm", "kinh phí -5 tỷ/năm",
     "thải 300 m3 mỗi ngày", "giá 10 đồng một kg"],
)  # fmt: skip
def test_what_is_no_budget(text):
    assert stated(text).money is None


def test_accents_tell_words_apart():
    assert stated("sơn là vật liệu cần chống gỉ").place == "", "sơn là, not Sơn La"
    assert stated("nông trại tại Sơn La").place == "Sơn La"
    assert "field" in _open("ca lam viec cua cong nhan keo dai qua"), "ca is not cá"


def test_an_offer_is_asked_for_its_price():
    labels = {point.label.vi for point in stated("Máy sấy bơm nhiệt", Side.SUPPLY).open}
    assert "Giá" in labels and "Kinh phí" not in labels


def test_the_record_of_a_text():
    text = "Xử lý nước thải ở Hà Nội, kinh phí 2 tỷ, TRL 7"
    record = asker(text, Side.DEMAND, stated(text))
    assert record.description == text and record.place == "Hà Nội" and record.trl.low == 7
    assert record.side is Side.DEMAND and record.money.high == Decimal(2_000_000_000)
