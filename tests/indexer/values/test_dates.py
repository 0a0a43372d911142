"""Dates and periods from cells."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import BadValue
from indexer.values import Unclear, parse_date, parse_period


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("31/12/2027", date(2027, 12, 31)),
        ("31-12-2027", date(2027, 12, 31)),
        ("31.12.2027", date(2027, 12, 31)),
        ("30/6/2027", date(2027, 6, 30)),
        ("31/12/26", date(2026, 12, 31)),
        ("2027-12-31", date(2027, 12, 31)),
        ("2026-05-01T10:00:00Z", date(2026, 5, 1)),
        ("2027/06/30", date(2027, 6, 30)),
        ("20270131", date(2027, 1, 31)),
        ("ngày 5 tháng 6 năm 2027", date(2027, 6, 5)),
        ("31 Dec 2026", date(2026, 12, 31)),
        ("December 31, 2026", date(2026, 12, 31)),
        ("30-Jun-27", date(2027, 6, 30)),
        ("trước 30/6/2027", date(2027, 6, 30)),
        (date(2027, 1, 2), date(2027, 1, 2)),
        (datetime(2027, 1, 2, 8, 30), date(2027, 1, 2)),
        (46022.0, date(2025, 12, 31)),
    ],
)
def test_days_as_people_write_them(value, expected):
    assert parse_date(value) == expected
    assert parse_date(value, end=True) == expected


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("12/2027", date(2027, 12, 1), date(2027, 12, 31)),
        ("02/2028", date(2028, 2, 1), date(2028, 2, 29)),
        ("tháng 6/2026", date(2026, 6, 1), date(2026, 6, 30)),
        ("2027-06", date(2027, 6, 1), date(2027, 6, 30)),
        ("Dec 2026", date(2026, 12, 1), date(2026, 12, 31)),
        ("quý III/2026", date(2026, 7, 1), date(2026, 9, 30)),
        ("Q4 2026", date(2026, 10, 1), date(2026, 12, 31)),
        ("2027", date(2027, 1, 1), date(2027, 12, 31)),
        ("năm 2027", date(2027, 1, 1), date(2027, 12, 31)),
        (2028, date(2028, 1, 1), date(2028, 12, 31)),
    ],
)
def test_months_quarters_and_years_are_periods(value, first, last):
    assert parse_date(value) == first
    assert parse_date(value, end=True) == last


@pytest.mark.parametrize("text", ["", "-", "không thời hạn", "chưa xác định"])
def test_no_date_is_none(text):
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "value",
    ["31/02/2027", "15/03/20226", "20226", "12/31/2026", "1/1/1800", "2027-13-01", "00/2027", 5.0,
     "x1", date(1850, 1, 1)],
)  # fmt: skip
def test_impossible_days_and_years_are_refused(value):
    with pytest.raises(BadValue) as caught:
        parse_date(value)
    assert not isinstance(caught.value, Unclear)
    assert "2027" in caught.value.accepted.vi


@pytest.mark.parametrize("text", ["6 tháng", "12 months", "cuối năm 2027", "sau Tết", "Quanh năm"])
def test_durations_and_words_are_remarks(text):
    with pytest.raises(Unclear):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("01/2026 - 12/2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-2028", date(2026, 1, 1), date(2028, 12, 31)),
        ("2026–2027", date(2026, 1, 1), date(2027, 12, 31)),
        ("từ 1/3/2027 đến 30/6/2027", date(2027, 3, 1), date(2027, 6, 30)),
        ("01/03 - 30/06/2027", date(2027, 3, 1), date(2027, 6, 30)),
        ("2027", date(2027, 1, 1), date(2027, 12, 31)),
        ("", None, None),
    ],
)
def test_periods(text, first, last):
    assert parse_period(text) == (first, last)


def test_a_duration_is_no_period():
    with pytest.raises(Unclear):
        parse_period("6 tháng")


@settings(deadline=None)
@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_every_day_reads_back_in_both_forms(day):
    assert parse_date(f"{day.day:02}/{day.month:02}/{day.year}") == day
    assert parse_date(day.isoformat()) == day


@settings(deadline=None)
@given(st.integers(min_value=20_000, max_value=73_414))
def test_spreadsheet_day_counts(days):
    assert parse_date(days) == date(1899, 12, 30) + timedelta(days=days)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_gives_a_date_none_or_a_reason(text):
    try:
        day = parse_date(text)
    except BadValue as bad:
        assert bad.reason.vi
        return
    assert day is None or 1900 <= day.year <= 2100


@settings(deadline=None)
@given(st.text(alphabet="0123456789/-. qQ→đến tháng", max_size=24))
def test_any_period_gives_dates_or_a_reason(text):
    try:
        first, last = parse_period(text)
    except BadValue:
        return
    assert first is None or 1900 <= first.year <= 2100
    assert last is None or 1900 <= last.year <= 2100
