"""Amounts of money in words."""

from decimal import Decimal

import pytest

from indexer.bilingual import Bilingual
from indexer.records import Money
from matcher.amounts import say_money


@pytest.mark.parametrize(
    ("low", "high", "currency", "vi", "en"),
    [
        (5 * 10**9, None, "VND", "từ 5 tỷ đồng", "from 5 billion VND"),
        (None, 15 * 10**8, "VND", "đến 1,5 tỷ đồng", "up to 1.5 billion VND"),
        (10**9, 10**9, "VND", "1 tỷ đồng", "1 billion VND"),
        (20_000, 50_000, "USD", "20.000 – 50.000 USD", "20,000 – 50,000 USD"),
        (1_234_567_890, None, "VND", "từ 1.234.567.890 đồng", "from 1,234,567,890 VND"),
        ("1234.50", None, "EUR", "từ 1.234,5 EUR", "from 1,234.5 EUR"),
        (500_000_000, 2 * 10**9, "VND", "500 triệu – 2 tỷ đồng", "500 million – 2 billion VND"),
    ],
)
def test_money_in_words(low, high, currency, vi, en):
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    money = Money(low=ends[0], high=ends[1], currency=currency)
    assert say_money(money) == Bilingual(vi, en)
