"""Numbers, days and sums as the reader's language writes them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

from indexer.bilingual import Bilingual, Language
from indexer.records import Money

# Vietnam has one time zone, without summer time.
_HERE = timezone(timedelta(hours=7))
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_LARGE = (
    (10**9, Bilingual(vi="tỷ", en="billion")),
    (10**6, Bilingual(vi="triệu", en="million")),
)
Number = int | float | Decimal


def filters(language: Language) -> dict[str, Callable[..., str]]:
    """The filters of templates that depend on the language."""
    return {
        "say": partial(say, language=language),
        "number": partial(number, language=language),
        "day": partial(day, language=language),
        "moment": partial(moment, language=language),
        "money": partial(money, language=language),
        "percent": partial(percent, language=language),
        "clock": clock,
    }


def say(words: Bilingual, *, language: Language) -> str:
    return words.say(language)


def number(value: Number, digits: int = 0, *, language: Language) -> str:
    """1.234,5 or 1,234.5; `digits` is the most after the comma, zeros at the end left out."""
    english = f"{value:,.{digits}f}"
    if digits:
        english = english.rstrip("0").rstrip(".")
    return english.translate(str.maketrans(",.", ".,")) if language == "vi" else english


def percent(share: float, digits: int = 0, *, language: Language) -> str:
    return number(share * 100, digits, language=language) + "%"


def day(value: str | date, *, language: Language) -> str:
    """22/11/2026 or 22 Nov 2026; a stored moment is taken as Vietnam's day."""
    when = _local(value)
    if language == "vi":
        return f"{when.day:02}/{when.month:02}/{when.year}"
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def clock(value: str | datetime) -> str:
    """09:05, Vietnam's time."""
    return f"{_local(value):%H:%M}"


def moment(value: str | datetime, *, language: Language) -> str:
    """14:05, 22/11/2026 or 22 Nov 2026, 14:05; "" for "" (never)."""
    if not value:
        return ""
    on = day(value, language=language)
    return f"{clock(value)}, {on}" if language == "vi" else f"{on}, {clock(value)}"


def money(value: Money, *, language: Language) -> str:
    """2–5 tỷ VND, từ 300 triệu VND, 1,500 USD."""
    unit, name = _unit(value)
    low, high = (_amount(one, unit, language) for one in (value.low, value.high))
    tail = f"{name.say(language)} {value.currency}".strip()
    vi = language == "vi"
    if not high:
        return f"{'từ' if vi else 'from'} {low} {tail}"
    if not low:
        return f"{'đến' if vi else 'up to'} {high} {tail}"
    return f"{low} {tail}" if low == high else f"{low}–{high} {tail}"


def _unit(value: Money) -> tuple[int, Bilingual]:
    """The largest unit in which the smaller sum, unless it is nothing, is one at least."""
    least = min((one for one in (value.low, value.high) if one), default=0)
    for unit, name in _LARGE:
        if least >= unit:
            return unit, name
    return 1, Bilingual("", "")


def _amount(value: Decimal | None, unit: int, language: Language) -> str:
    return "" if value is None else number(value / unit, 3, language=language)


def _local(value: Any) -> Any:  # noqa: ANN401 - a day stays a day, a moment becomes ours
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(_HERE)
    return value
