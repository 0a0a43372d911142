"""Amounts of money in words."""

from decimal import Decimal
from functools import lru_cache

from indexer.bilingual import Bilingual, Language
from indexer.records import Money

_LARGE = (
    (Decimal(10**9), Bilingual("tỷ", "billion")),
    (Decimal(10**6), Bilingual("triệu", "million")),
)


@lru_cache(maxsize=20_000)
def say_money(money: Money) -> Bilingual:
    """`từ 1,5 tỷ đồng`, `20,000 – 50,000 USD`: exact, only written shorter."""
    return Bilingual(vi=_money(money, "vi"), en=_money(money, "en"))


def _money(money: Money, language: Language) -> str:
    currency = {"vi": "đồng", "en": "VND"}[language] if money.currency == "VND" else money.currency
    ends = [_amount(end, language) for end in (money.low, money.high) if end is not None]
    if money.low is None:
        start = Bilingual("đến ", "up to ").say(language)
    elif money.high is None:
        start = Bilingual("từ ", "from ").say(language)
    else:
        start = ""
    return f"{start}{' – '.join(dict.fromkeys(ends))} {currency}"


def _amount(value: Decimal, language: Language) -> str:
    for unit, name in _LARGE:
        if value >= unit and value % (unit / 100) == 0:
            return f"{_grouped(value / unit, language)} {name.say(language)}"
    return _grouped(value, language)


def _grouped(value: Decimal, language: Language) -> str:
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))
