"""Money from words, as people write it in spreadsheets."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import BadValue
from indexer.records import Money
from indexer.values import Unclear, currency_of, money_between, parse_money


def amount(low, high, currency="VND"):
    return Money(
        low=None if low is None else Decimal(low),
        high=None if high is None else Decimal(high),
        currency=currency,
    )


@pytest.mark.parametrize(
    ("text", "low", "high", "currency"),
    [
        ("5 tỷ", 5 * 10**9, 5 * 10**9, "VND"),
        ("5 tỉ đồng", 5 * 10**9, 5 * 10**9, "VND"),
        ("1,5 ty", 1_500_000_000, 1_500_000_000, "VND"),
        ("1.5 tỷ", 1_500_000_000, 1_500_000_000, "VND"),
        ("0,7 tỷ", 700_000_000, 700_000_000, "VND"),
        ("1.000 tỷ", 10**12, 10**12, "VND"),
        ("2 tỷ 500 triệu", 2_500_000_000, 2_500_000_000, "VND"),
        ("1 tỷ rưỡi", 1_500_000_000, 1_500_000_000, "VND"),
        ("1.000.000 đ", 10**6, 10**6, "VND"),
        ("1,000,000", 10**6, 10**6, "VND"),
        ("1 000 000 VND", 10**6, 10**6, "VND"),
        ("VNĐ 5.000.000", 5 * 10**6, 5 * 10**6, "VND"),
        ("200trđ", 200 * 10**6, 200 * 10**6, "VND"),
        ("800000000", 800 * 10**6, 800 * 10**6, "VND"),
        ("20.000–50.000 USD", 20_000, 50_000, "USD"),
        ("200 triệu - 350 triệu", 200 * 10**6, 350 * 10**6, "VND"),
        ("900-1,200 triệu", 900 * 10**6, 1_200 * 10**6, "VND"),
        ("từ 1 đến 2 tỷ", 10**9, 2 * 10**9, "VND"),
        ("khoảng 2-3 tỷ đồng", 2 * 10**9, 3 * 10**9, "VND"),
        ("$5,000", 5_000, 5_000, "USD"),
        ("US$ 5,000", 5_000, 5_000, "USD"),
        ("$10k-$20k", 10_000, 20_000, "USD"),
        ("USD 240,000", 240_000, 240_000, "USD"),
        ("30 triệu USD", 30 * 10**6, 30 * 10**6, "USD"),
        ("1.2 million USD", 1_200_000, 1_200_000, "USD"),
        ("2,5 million EUR", 2_500_000, 2_500_000, "EUR"),
        ("€3.500,50", "3500.5", "3500.5", "EUR"),
        ("EUR 28,000 - 41,000", 28_000, 41_000, "EUR"),
        ("10.000 – 20.000 đô la Mỹ", 10_000, 20_000, "USD"),
        ("dưới 5 tỷ", None, 5 * 10**9, "VND"),
        ("đến 900 triệu", None, 900 * 10**6, "VND"),
        ("up to EUR 150,000", None, 150_000, "EUR"),
        ("trên 500 triệu", 500 * 10**6, None, "VND"),
        ("từ 1 tỷ", 10**9, None, "VND"),
        ("5 tỷ trở lên", 5 * 10**9, None, "VND"),
        ("5 tỷ (chưa VAT)", 5 * 10**9, 5 * 10**9, "VND"),
        ("100 (triệu đồng)", 100 * 10**6, 100 * 10**6, "VND"),
        ("12 tỷ cho cả dây chuyền", 12 * 10**9, 12 * 10**9, "VND"),
        ("５ tỷ", 5 * 10**9, 5 * 10**9, "VND"),
        ("0 đ", 0, 0, "VND"),
        ("Miễn phí", 0, 0, "VND"),
    ],
)
def test_amounts_as_people_write_them(text, low, high, currency):
    assert parse_money(text) == amount(low, high, currency)


@pytest.mark.parametrize(
    "text", ["", " - ", "thỏa thuận", "thoả thuận", "Liên hệ", "chưa xác định", "N/A", "negotiable"]
)
def test_no_amount_is_none(text):
    assert parse_money(text) is None


@pytest.mark.parametrize(
    "text",
    ["-5 triệu", "-200.000.000", "−5 tỷ", "500-1 tỷ", "1.00.000", "9" * 20, "5 tỷ VND - 300 USD"],
)
def test_wrong_amounts_say_why_and_what_is_accepted(text):
    with pytest.raises(BadValue) as caught:
        parse_money(text)
    assert not isinstance(caught.value, Unclear)
    assert caught.value.reason.vi
    assert "tỷ" in caught.value.accepted.vi


@pytest.mark.parametrize(
    "text",
    [
        "300 triệu/cụm",
        "290.000 đ/m2",
        "1,1 tỷ/3 năm",
        "USD 18,000 / year",
        "200 USD per box, 2,000 boxes",
        "Giá cực tốt",
        "chào giá khi gặp",
        "Ask",
        "5",
    ],
)
def test_unit_prices_and_remarks_are_unclear(text):
    with pytest.raises(Unclear):
        parse_money(text)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (350, "Giá (triệu đồng)", amount(350 * 10**6, 350 * 10**6)),
        ("350", "Kinh phí, triệu đồng", amount(350 * 10**6, 350 * 10**6)),
        (1.5, "Giá (tỷ đồng)", amount(1_500_000_000, 1_500_000_000)),
        ("350-500", "Budget (USD)", amount(350, 500, "USD")),
        ("5 tỷ", "Giá (triệu đồng)", amount(5 * 10**9, 5 * 10**9)),
        (1_100_000_000.0, "Giá (triệu đồng)", amount(1_100_000_000, 1_100_000_000)),
        ("20.000 USD", "Giá (triệu đồng)", amount(20_000, 20_000, "USD")),
    ],
)
def test_the_heading_lends_its_unit(value, unit, expected):
    assert parse_money(value, unit=unit) == expected


def test_the_currency_column_counts_where_the_cell_is_silent():
    assert parse_money(5000, currency="EUR") == amount(5000, 5000, "EUR")
    assert parse_money("5000 USD", currency="EUR") == amount(5000, 5000, "USD")


@pytest.mark.parametrize(
    ("text", "code"),
    [("đồng", "VND"), ("VNĐ", "VND"), ("Đô la Mỹ", "USD"), ("usd", "USD"), ("€", "EUR"), ("", "")],
)
def test_currencies(text, code):
    assert currency_of(text) == code


def test_an_unknown_currency_is_refused():
    with pytest.raises(BadValue, match="vỏ sò"):
        currency_of("vỏ sò")


def test_a_range_from_two_columns():
    low, high = parse_money("1 tỷ"), parse_money("3 tỷ")
    assert money_between(low, high) == amount(10**9, 3 * 10**9)
    assert money_between(low, None) == amount(10**9, None)
    assert money_between(None, high) == amount(None, 3 * 10**9)
    assert money_between(None, None) is None
    with pytest.raises(BadValue, match="above its end"):
        money_between(high, low)
    with pytest.raises(BadValue, match="different currencies"):
        money_between(low, parse_money("5000 USD"))


def test_equal_amounts_are_equal_byte_for_byte():
    written = {
        parse_money(text).model_dump_json() for text in ("1,5 tỷ", "1.500.000.000 đ", "1500 triệu")
    }
    assert len(written) == 1


@settings(deadline=None)
@given(st.integers(min_value=1000, max_value=10**15))
def test_any_whole_number_survives_its_separators(number):
    for sign in ".,":
        text = f"{number:,}".replace(",", sign)
        assert parse_money(text + " đ") == amount(number, number)


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=900), st.integers(min_value=0, max_value=900))
def test_any_range_in_millions(low, more):
    assert parse_money(f"{low}-{low + more} triệu") == amount(low * 10**6, (low + more) * 10**6)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_gives_money_none_or_a_reason(text):
    try:
        money = parse_money(text)
    except BadValue as bad:
        assert bad.reason.vi
        assert bad.reason.en
    else:
        assert money is None or isinstance(money, Money)


@settings(deadline=None)
@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_number_gives_money_or_a_reason(value):
    try:
        money = parse_money(value)
    except BadValue:
        return
    assert money.low >= 0
