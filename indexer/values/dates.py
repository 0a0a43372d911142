"""Dates from cells: dd/mm/yyyy, ISO, a spreadsheet's own dates, month/year, quarter, year."""

import calendar
import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.values.absent import Unclear, is_absent, plain, unreadable

ACCEPTED = Bilingual(
    vi="ngày theo dạng ngày/tháng/năm, ví dụ: 31/12/2027 · 2027-12-31 · 12/2027 · quý IV/2027, "
    "năm từ 1900 đến 2100",
    en="a date as day/month/year, e.g. 31/12/2027 · 2027-12-31 · 12/2027 · Q4 2027, years 1900 "
    "to 2100",
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets, counting their 29 February 1900

_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|"
        "sep sept september|oct october|nov november|dec december".split("|"),
        start=1,
    )
    for name in names.split()
}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_SEP = r"\s*[/\-.]\s*"

_ISO = re.compile(r"(\d{4,5})-(\d{1,2})-(\d{1,2})(?:[t ]\d{1,2}:\d{2}.*)?$")
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_DAY_FIRST = re.compile(
    rf"(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4,6}}|\d{{2}})(?:[ t]\d{{1,2}}:.*)?$"
)
_DAY_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}),? nam (\d{4,6})$")
_DAY_NAME = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[ \-]({_MONTH})\.?,?[ \-](\d{{4,6}}|\d{{2}})$")
_NAME_DAY = re.compile(rf"({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4,6}})$")
_NAME_YEAR = re.compile(rf"({_MONTH})\.?,?[ \-](\d{{4,6}})$")
_MONTH_YEAR = re.compile(rf"(?:thang|t)?\s*(\d{{1,2}})(?:{_SEP}|,? nam | )(\d{{4,6}})$")
_YEAR_MONTH = re.compile(rf"(\d{{4}}){_SEP}(\d{{1,2}})$")
_QUARTER = re.compile(
    r"(?:quy|q|quarter)\s*(iv|iii|ii|i|[1-4])(?:\s*[/\-.,]\s*|,? nam | )(\d{4,6})$|"
    r"(\d{4,6})\s*[/\- ]?\s*q([1-4])$"
)
_DURATION = re.compile(
    r"\d\s*(?:nam|thang|tuan|ngay|quy|years?|months?|weeks?|days?|quarters?)\b(?!\s*\d)"
)
_YEAR = re.compile(r"(?:nam |year )?(\d{4,6})$")


def parse_date(value: str | int | float | date, *, end: bool = False) -> date | None:
    """The day a cell states, or None where it states none.

    end: whether the day closes a period, so that "12/2027" is its last day, not its first.
    Raises BadValue for days that do not exist and years outside 1900..2100, Unclear for remarks.
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return _within(value.year, value.month, value.day, value.isoformat())
    if isinstance(value, int | float):
        return _from_number(value, end)
    return _parse(value, end)


def _from_number(value: float, end: bool) -> date:
    """A year, or the day count of a spreadsheet whose cell lost its date format."""
    if _FIRST_YEAR <= value <= _LAST_YEAR and value == int(value):
        return date(int(value), 12, 31) if end else date(int(value), 1, 1)
    if 20_000 <= value < 73_415:  # 1954-10-03 .. 2100-12-31
        return _EPOCH + timedelta(days=int(value))
    raise BadValue(
        Bilingual(vi=f"{value:g} không phải là ngày", en=f"{value:g} is not a date"), ACCEPTED
    )


@lru_cache(maxsize=8192)
def _parse(text: str, end: bool) -> date | None:
    if is_absent(text):
        return None
    body = re.sub(
        r"^(?:truoc|den|den ngay|tu|tu ngay|het|by|until|before|from)\s+(?=\w)", "", plain(text)
    )
    body = body.strip(" .,;:")
    if not body.isdigit() or len(body) == 8:
        for pattern, order in _FULL:
            if match := pattern.match(body):
                parts = dict(zip(order, match.groups(), strict=True))
                return _day(parts["d"], parts["m"], parts["y"], text)
    if match := _QUARTER.match(body):
        quarter = match[1] or match[4]
        number = _ROMAN.get(quarter) or int(quarter)
        return _month(3 * number if end else 3 * number - 2, match[2] or match[3], end, text)
    for pattern, order in _MONTHLY:
        if match := pattern.match(body):
            parts = dict(zip(order, match.groups(), strict=True))
            return _month(parts["m"], parts["y"], end, text)
    if match := _YEAR.match(body):
        return _month(12 if end else 1, match[1], end, text)
    shown = text if len(text) <= 60 else text[:59] + "…"
    if _DURATION.search(body):
        raise Unclear(
            Bilingual(
                vi=f"“{shown}” là khoảng thời gian, không phải ngày",
                en=f"“{shown}” is a duration, not a day",
            ),
            ACCEPTED,
        )
    raise unreadable(
        text if not re.search(r"\d", text) else re.sub(r"\b(?:19|20)\d\d\b", "", text),
        Bilingual(vi=f"không đọc được ngày “{shown}”", en=f"cannot read the date “{shown}”"),
        ACCEPTED,
    )


_FULL = (
    (_ISO, "ymd"),
    (_YEAR_FIRST, "ymd"),
    (_COMPACT, "ymd"),
    (_DAY_FIRST, "dmy"),
    (_DAY_WORDS, "dmy"),
    (_DAY_NAME, "dmy"),
    (_NAME_DAY, "mdy"),
)
_MONTHLY = ((_NAME_YEAR, "my"), (_MONTH_YEAR, "my"), (_YEAR_MONTH, "ym"))


def _month(month: str | int, year: str, end: bool, text: str) -> date:
    number = _MONTHS.get(str(month)) or int(month)
    last = 31 if not end or not 1 <= number <= 12 else _last_day(int(year), number)
    return _day(str(last if end else 1), str(number), year, text)


def _last_day(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1] if 1 <= year <= 9999 else 31


def _day(day: str, month: str, year: str, text: str) -> date:
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < 70 else 1900
    return _within(number, _MONTHS.get(month) or int(month), int(day), text)


def _within(year: int, month: int, day: int, text: str) -> date:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BadValue(
            Bilingual(
                vi=f"năm {year} nằm ngoài khoảng {_FIRST_YEAR}–{_LAST_YEAR}",
                en=f"the year {year} is outside {_FIRST_YEAR}–{_LAST_YEAR}",
            ),
            ACCEPTED,
        )
    try:
        return date(year, month, day)
    except ValueError:
        raise BadValue(
            Bilingual(vi=f"không có ngày “{text[:60]}”", en=f"there is no day “{text[:60]}”"),
            ACCEPTED,
        ) from None


def parse_period(text: str) -> tuple[date | None, date | None]:
    """(start, end) of a period in one cell: "01/2027 - 12/2027", "từ 1/3/2027 đến 30/6/2027".

    Raises BadValue for days that do not exist, Unclear for durations and remarks.
    """
    if is_absent(text):
        return None, None
    body = re.sub(r"^(?:tu|from)\s+(?:ngay |thang )?", "", plain(text))
    pieces = re.split(r"\s+(?:-|–|—|den|toi|to|until)\s+(?:ngay |thang )?|[–—→]", body)
    if len(pieces) == 1 and (match := re.fullmatch(r"(\S*\d{4})\s*-\s*(\S*\d{4})", body)):
        pieces = list(match.groups())
    if len(pieces) == 2 and re.search(r"\d", pieces[0]):
        year = re.search(r"\d{4}$", pieces[1])
        start = pieces[0]
        if year and not re.search(r"\d{4}", start):
            start = f"{start}/{year.group()}"
        return parse_date(start), parse_date(pieces[1], end=True)
    try:
        return parse_date(body), parse_date(body, end=True)
    except BadValue as bad:
        raise Unclear(bad.reason, bad.accepted) from None
