"""Money from words: "5 tỷ", "1.000.000 đ", "20.000–50.000 USD", "từ 1 đến 2 tỷ", "$5,000"."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.records import Money
from indexer.values.absent import Unclear, is_absent, plain

ACCEPTED = Bilingual(
    vi="số tiền không âm, ví dụ: 5 tỷ · 1.000.000 đ · 20.000–50.000 USD · từ 1 đến 2 tỷ · "
    "thỏa thuận",
    en="an amount that is not negative, e.g. 5 tỷ · 1,000,000 VND · 20,000–50,000 USD · "
    "1.2 million USD · negotiable",
)
LARGEST = Decimal(10) ** 16  # more than the yearly product of the country, in its own currency

_UNITS = {
    **dict.fromkeys(("ty", "ti", "billion", "billions", "bn", "b"), 10**9),
    **dict.fromkeys(("trieu", "tr", "million", "millions", "mio", "mn", "m"), 10**6),
    **dict.fromkeys(("nghin", "ngan", "thousand", "k"), 10**3),
    "trd": 10**6,
}
_NAMES = {
    "VND": "vnd d dong ₫ vnd. trd",
    "USD": "usd $ us$ usd$ dollar dollars do",
    "EUR": "eur € euro euros",
    "GBP": "gbp £ pound pounds",
    "JPY": "jpy ¥ yen",
    "CNY": "cny rmb yuan",
    "KRW": "krw ₩ won",
}
_ISO = (
    "VND USD EUR GBP JPY CNY KRW SGD AUD CAD CHF THB MYR IDR PHP INR HKD TWD NZD SEK NOK DKK "
    "RUB AED SAR KHR LAK MMK BRL MXN ZAR PLN CZK HUF TRY ILS"
).split()
_CURRENCIES = {name: code for code, names in _NAMES.items() for name in names.split()} | {
    code.lower(): code for code in _ISO
}

_NUMBER = r"\d[\d.,'’]*(?:\s\d{3})*"
_TOKEN = re.compile(rf"({_NUMBER})|([^\W\d_]+\$?|[$€£¥₩₫]+)|([-–—−~→]+)|(>=|<=|[<>≥≤+])|(\S)")
_DASHES = re.compile(r"[-–—−~→]+")
_PARENTHESES = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_PER_UNIT = re.compile(
    r"/\s*(?:\d+\s*)?[^\W\d_]|\b(?:per|moi|mot|a)\s+[^\W\d_]|\btren\s+(?:mot|moi|1)\b"
)
# "12 tỷ cho cả dây chuyền", "5 triệu, chưa gồm thuế": words after a complete amount.
_AFTERWORDS = re.compile(
    r"(?<=[^\W_])[\s,;:]+(?:cho|for|gom|bao gom|chua|da|khong|tuy|incl|including|excl|excluding|"
    r"plus|net|vat|tax|lump|tron goi|in total|total)\b\D*$"
)
_TO = frozenset({"den", "toi", "to", "until"})
_AT_LEAST = re.compile(
    r"^(?:tu|from|tren|hon|toi thieu|it nhat|min|minimum|at least|over|>=|≥|>)\s*"
)
_AT_MOST = re.compile(
    r"^(?:den|toi da|khong qua|duoi|nho hon|max|maximum|up to|under|below|at most|<=|≤|<)\s*"
)
_ABOUT = re.compile(
    r"^(?:khoang|chung|uoc tinh|uoc|du kien|about|approx(?:imately)?\.?|around|circa|ca\.?|~|≈|"
    r"gia|kinh phi|tong|price|budget)\s*:?\s*"
)
_AND_MORE = re.compile(r"\s*(?:tro len|\+|and above|or more)$")
_AND_LESS = re.compile(r"\s*(?:tro xuong|or less|and below)$")


class _Part(NamedTuple):
    """One end: its value with its own unit applied, that unit (0: none given), its currency."""

    value: Decimal
    unit: int
    currency: str


def parse_money(value: str | int | float, *, unit: str = "", currency: str = "") -> Money | None:
    """The amount or range a cell states, or None where it states none.

    unit: the unit its heading gives ("triệu đồng"), used where the cell gives none itself.
    currency: the currency its row gives, used where neither cell nor heading gives one.
    Raises BadValue for negative or unreadable amounts, Unclear for remarks and prices per unit.
    """
    if isinstance(value, float) and not value.is_integer():
        value = f"{value:.6f}".rstrip("0").replace(".", ",") if abs(value) < 1e15 else f"?{value}"
    return _parse(str(int(value)) if isinstance(value, float) else str(value), unit, currency)


@lru_cache(maxsize=8192)
def _parse(text: str, unit: str, currency: str) -> Money | None:
    if is_absent(text):
        return None
    body = plain(unicodedata.normalize("NFKC", text)).rstrip(" .;")
    if body in ("mien phi", "free", "free of charge"):
        return Money(low=Decimal(0), high=Decimal(0))
    if re.match(r"[-–—−]\s*[$€£]?\s*\d", body) or re.search(r"[-–—−]\s*[-−]\s*\d", body):
        raise BadValue(
            Bilingual(vi="số tiền âm", en="the amount is negative"),
            ACCEPTED,
        )
    body = _PARENTHESES.sub(_kept_note, body).strip()
    if re.search(r"\d", body) and _PER_UNIT.search(body):
        raise Unclear(
            Bilingual(
                vi="đây là đơn giá (trên một đơn vị), không phải tổng số tiền",
                en="this is a price per unit, not a total",
            ),
            ACCEPTED,
        )
    low, high = _ends(_AFTERWORDS.sub("", body), text)
    return _money(low, high, _hint(unit), currency, text)


def _kept_note(match: re.Match[str]) -> str:
    """Parentheses that hold a unit or a currency count, "(chưa VAT)" does not."""
    words = match.group(1).split()
    known = words and all(word in _UNITS or word in _CURRENCIES for word in words)
    return f" {match.group(1)} " if known else " "


def _ends(body: str, text: str) -> tuple[_Part | None, _Part | None]:
    """The two ends of the amount; one of them None where the range is open."""
    body = _ABOUT.sub("", body)
    if match := _AND_MORE.search(body):
        return _single(body[: match.start()], text), None
    if match := _AND_LESS.search(body):
        return None, _single(body[: match.start()], text)
    at_least = _AT_LEAST.match(body)
    at_most = None if at_least else _AT_MOST.match(body)
    opened = at_least or at_most
    parts = _split(body[opened.end() :] if opened else body, text)
    if len(parts) == 2 and not at_most:
        return parts[0], parts[1]
    if len(parts) != 1:
        raise _unreadable(text)
    if at_least:
        return parts[0], None
    return (None, parts[0]) if at_most else (parts[0], parts[0])


def _split(body: str, text: str) -> list[_Part]:
    """The amounts between range signs."""
    pieces: list[list[str]] = [[]]
    for match in _TOKEN.finditer(body):
        word = match.group()
        if match.group(3) or word in _TO:
            pieces.append([])
        else:
            pieces[-1].append(word)
    return [_part(piece, text) for piece in pieces]


def _single(body: str, text: str) -> _Part:
    parts = _split(_AT_LEAST.sub("", body), text)
    if len(parts) != 1:
        raise _unreadable(text)
    return parts[0]


def _part(words: list[str], text: str) -> _Part:
    """One amount: numbers with their units ("2 tỷ 500 triệu"), currency before or after."""
    total, number, currency, unit = Decimal(0), None, "", 0
    seen = False
    for word in words:
        if word[0].isdigit():
            if number is not None:
                raise _unreadable(text)
            number, seen = _number(word, text), True
        elif word in _UNITS and seen and (number is not None or word == "trd"):
            total += (number or Decimal(0)) * _UNITS[word]
            unit, number = _UNITS[word], None
            currency = "VND" if word == "trd" else currency
        elif word == "ruoi" and unit:
            total += Decimal(unit) / 2
        elif word in _CURRENCIES:
            currency = _CURRENCIES[word]
        elif word not in {"my", "viet", "nam", "only", "us", "te", "la"}:
            raise _unreadable(text)
    if not seen or (number is not None and unit):
        raise _unreadable(text)
    return _Part(total + (number or Decimal(0)), unit, currency)


def _number(digits: str, text: str) -> Decimal:
    """A number with points, commas or blanks for thousands, or one of them for decimals."""
    digits = digits.replace("’", "'").rstrip(".,'")
    signs = [sign for sign in digits if not sign.isdigit()]
    if not signs:
        return Decimal(digits)
    kinds = set(signs)
    if len(kinds) == 1:
        sign = signs[0]
        if re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+", digits):
            return Decimal(digits.replace(sign, ""))
        if len(signs) == 1 and sign in ".,":
            return Decimal(digits.replace(",", "."))
    elif len(kinds) == 2 and signs.count(signs[-1]) == 1 and signs[-1] in ".,":
        thousands = signs[0]
        whole, _, fraction = digits.rpartition(signs[-1])
        if re.fullmatch(rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+", whole):
            return Decimal(whole.replace(thousands, "") + "." + fraction)
    raise _unreadable(text)


@lru_cache(maxsize=256)
def _hint(unit: str) -> _Part:
    """The unit and currency a heading gives: "Giá (triệu đồng)", "Budget, USD"."""
    scale, currency = 0, ""
    for word in re.findall(r"[^\W\d_]+|[$€£¥₩₫]", plain(unit)):
        if word in _UNITS and len(word) > 1:
            scale = max(scale, _UNITS[word])
        if word in _CURRENCIES and (len(word) > 1 or not word.isalpha()) and word != "do":
            currency = _CURRENCIES[word]
    return _Part(Decimal(scale or 1), scale, currency)


def currency_of(text: str) -> str:
    """The ISO 4217 code of a currency cell ("đồng", "USD", "Đô la Mỹ"); "" for an empty one.

    Raises BadValue for a currency that is not known.
    """
    if is_absent(text):
        return ""
    body = plain(text)
    if "nhan dan te" in body:
        return "CNY"
    if "do la" in body:
        return "USD"
    for word in re.findall(r"[^\W\d_]+\$?|[$€£¥₩₫]", body):
        if word in _CURRENCIES:
            return _CURRENCIES[word]
    raise BadValue(
        Bilingual(vi=f"không biết loại tiền “{text}”", en=f"unknown currency “{text}”"),
        Bilingual(vi="mã tiền tệ: " + ", ".join(_ISO), en="a currency code: " + ", ".join(_ISO)),
    )


def money_between(low: Money | None, high: Money | None) -> Money | None:
    """One range from two columns, "price from" and "price to".

    Raises BadValue where the ends are in different currencies or the wrong way round.
    """
    if low is None and high is None:
        return None
    first = (low.low if low.low is not None else low.high) if low else None
    last = (high.high if high.high is not None else high.low) if high else None
    currencies = {money.currency for money in (low, high) if money}
    if len(currencies) > 1:
        raise BadValue(
            Bilingual(
                vi=f"hai đầu khoảng giá khác loại tiền: {' và '.join(sorted(currencies))}",
                en=f"the two ends are in different currencies: {' and '.join(sorted(currencies))}",
            ),
            ACCEPTED,
        )
    return _ordered(first, last, currencies.pop())


def _money(low: _Part | None, high: _Part | None, hint: _Part, currency: str, text: str) -> Money:
    given = {part.currency for part in (low, high) if part and part.currency}
    if len(given) > 1:
        raise _unreadable(text)
    spoken = next(iter(given), "")
    ends = [_scaled(part, other, hint, spoken) for part, other in ((low, high), (high, low))]
    chosen = spoken or hint.currency or currency or "VND"
    bare = not (spoken or hint.currency or currency or hint.unit)
    bare = bare and not any(part.unit for part in (low, high) if part)
    if bare and any(end is not None and 0 < end < 1000 for end in ends):
        raise Unclear(
            Bilingual(
                vi=f"“{text}” không ghi đơn vị (triệu, tỷ) hay loại tiền",
                en=f"“{text}” has neither a unit (million, billion) nor a currency",
            ),
            ACCEPTED,
        )
    return _ordered(ends[0], ends[1], chosen)


def _scaled(part: _Part | None, other: _Part | None, hint: _Part, spoken: str) -> Decimal | None:
    """The amount in whole currency units; "1-2 tỷ" lends its unit to the first number."""
    if part is None:
        return None
    if part.unit or part.value == 0:
        return part.value
    if other is not None and other.unit:
        return part.value * other.unit if part.value < 1000 else part.value
    foreign = spoken and hint.currency and spoken != hint.currency
    return part.value if foreign or part.value >= 10**6 else part.value * hint.value


def _ordered(low: Decimal | None, high: Decimal | None, currency: str) -> Money:
    if any(end is not None and end > LARGEST for end in (low, high)):
        raise BadValue(
            Bilingual(vi="số tiền lớn quá mức", en="the amount is larger than any real one"),
            ACCEPTED,
        )
    if low is not None and high is not None and low > high:
        raise BadValue(
            Bilingual(
                vi=f"khoảng tiền bắt đầu ở {low:,f}, lớn hơn điểm cuối {high:,f}",
                en=f"the range starts at {low:,f}, above its end {high:,f}",
            ),
            ACCEPTED,
        )
    return Money(low=_whole(low), high=_whole(high), currency=currency)


def _whole(amount: Decimal | None) -> Decimal | None:
    """1500000000.0 as 1500000000: equal amounts must have equal records, byte for byte."""
    if amount is None:
        return None
    return (
        amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()
    )


def _unreadable(text: str) -> BadValue:
    """Prices are often put in words ("giá khi gặp", "Ask"): those are remarks, not errors."""
    shown = text if len(text) <= 60 else text[:59] + "…"
    reason = Bilingual(
        vi=f"không đọc được số tiền “{shown}”", en=f"cannot read the amount “{shown}”"
    )
    words = re.findall(r"[^\W\d_]{3,}", plain(text))
    if any(word not in _CURRENCIES and word not in _UNITS for word in words):
        return Unclear(reason, ACCEPTED)
    return BadValue(reason, ACCEPTED)
