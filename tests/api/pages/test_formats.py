"""Numbers, days and sums in both languages."""

from datetime import date
from decimal import Decimal

import pytest
from starlette.datastructures import FormData

from api.pages.form import Form
from api.pages.formats import filters
from indexer.records import Money

VI, EN = filters("vi"), filters("en")


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (0, 0, "0", "0"),
        (1234567, 0, "1.234.567", "1,234,567"),
        (1234.5, 1, "1.234,5", "1,234.5"),
        (1200.0, 2, "1.200", "1,200"),
        (-0.25, 2, "-0,25", "-0.25"),
        (Decimal("2.50"), 3, "2,5", "2.5"),
    ],
)
def test_numbers(value, digits, vi, en):
    assert (VI["number"](value, digits), EN["number"](value, digits)) == (vi, en)


def test_percent():
    assert (VI["percent"](0.125, 1), EN["percent"](1)) == ("12,5%", "100%")


@pytest.mark.parametrize(
    "value", ["2026-11-02", date(2026, 11, 2), "2026-11-01T17:30:00.000000+00:00"]
)
def test_days_are_those_of_vietnam(value):
    assert (VI["day"](value), EN["day"](value)) == ("02/11/2026", "2 Nov 2026")


def test_moments():
    at = "2026-11-22T02:05:01.123456+00:00"
    assert VI["moment"](at) == "09:05, 22/11/2026"
    assert EN["moment"](at) == "22 Nov 2026, 09:05"
    assert VI["moment"]("") == ""
    assert VI["clock"](at) == "09:05"


@pytest.mark.parametrize(
    ("low", "high", "currency", "vi", "en"),
    [
        (2 * 10**9, 5 * 10**9, "VND", "2–5 tỷ VND", "2–5 billion VND"),
        (300 * 10**6, 10**9, "VND", "300–1.000 triệu VND", "300–1,000 million VND"),
        (None, 1_500_000, "VND", "đến 1,5 triệu VND", "up to 1.5 million VND"),
        (1500, None, "USD", "từ 1.500 USD", "from 1,500 USD"),
        (2500, 2500, "USD", "2.500 USD", "2,500 USD"),
        (0, 0, "VND", "0 VND", "0 VND"),
        (0, 5 * 10**9, "VND", "0–5 tỷ VND", "0–5 billion VND"),
    ],
)
def test_money(low, high, currency, vi, en):
    money = Money(low=low, high=high, currency=currency)
    assert (VI["money"](money), EN["money"](money)) == (vi, en)


def test_forms_are_tidy():
    pairs = [
        ("a", "  hai\r\ndòng "),
        ("b", "1"),
        ("b", "2"),
        ("p", " mật khẩu "),
        ("v", "e\u0302\u0301"),
    ]
    form = Form(FormData(pairs))
    assert form["a"] == "hai\ndòng"
    assert form.every("b") == ["1", "2"] and form["b"] == "1"
    assert form["none"] == "" and form.every("none") == [] and form.files("a") == []
    assert form.secret("p") == " mật khẩu " and form.secret("none") == ""
    assert form["v"] == "ế"
    assert list(form) == ["a", "b", "p", "v"] and len(form) == 4
