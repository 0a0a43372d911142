"""Facts about a pair that need no model: what an organiser would want to know before a meeting."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from indexer.bilingual import Bilingual
from indexer.owners import owner_key
from indexer.records import Record, RecordType, Said, Visibility
from indexer.stuffing import stuffed
from indexer.text import disguises
from matcher.amounts import say_money
from matcher.copies import copied_words
from matcher.match import Flag

_MOST_SEEN = 2  # characters nobody sees: a word processor leaves one or two behind
_MOST_TRICKS = 20_000
_TRICKS: dict[Said, tuple[bool, int]] = {}  # an offer stands in many pairs


def find_flags(demand: Record, supply: Record, today: date) -> tuple[Flag, ...]:
    """The flags of a pair, in a fixed order; a missing field raises no flag."""
    return all_flags([(demand, supply)], today)[0]


def all_flags(pairs: Sequence[tuple[Record, Record]], today: date) -> list[tuple[Flag, ...]]:
    """Those of each (demand, supply) pair; what a record says is looked at once."""
    told = {id(record): _Told(record) for pair in pairs for record in pair}
    return [
        _flags(demand, supply, told[id(demand)], told[id(supply)], today)
        for demand, supply in pairs
    ]


class _Told:
    """What the text of a record has to do with flags, each found out when it is first asked."""

    def __init__(self, record: Record) -> None:
        self._record = record

    @cached_property
    def text(self) -> str:
        return self._record.text()

    @cached_property
    def tricks(self) -> tuple[bool, int]:
        """(whether words are repeated for a machine, how much a reader does not see)"""
        return _tricks(self._record)


def _flags(
    demand: Record, supply: Record, asked: _Told, offered: _Told, today: date
) -> tuple[Flag, ...]:
    repeats, unseen = offered.tricks
    found = (
        _trl_below(demand, supply),
        _budget_below(demand, supply),
        _expired(demand, supply, today),
        _confidential(demand, supply),
        _same_owner(demand, supply),
        _keyword_list(repeats),
        _copied_text(asked.text, offered.text),
        _hidden_characters(unseen),
    )
    return tuple(flag for flag in found if flag)


def _trl_below(demand: Record, supply: Record) -> Flag | None:
    if demand.trl is None or supply.trl is None or supply.trl.high >= demand.trl.low:
        return None
    has, asks = supply.trl.high, demand.trl.low
    return Flag(
        "trl-below",
        Bilingual(vi=f"TRL {has}, cần từ TRL {asks}", en=f"TRL {has} where {asks} is asked"),
    )


def _budget_below(demand: Record, supply: Record) -> Flag | None:
    budget, price = demand.money, supply.money
    # What a fund names is what it gives, not what it asks.
    if budget is None or price is None or supply.type is RecordType.FUNDING:
        return None
    if budget.currency != price.currency:
        return None
    most = budget.high if budget.high is not None else budget.low
    least = price.low  # a price "up to 900" may be any lower one
    # An open-ended budget ("from 1 billion") has no upper bound to fall short of.
    if budget.high is None or most is None or least is None or most >= least:
        return None
    has, asks = say_money(budget), say_money(price)
    return Flag(
        "budget-below-price",
        Bilingual(
            vi=f"Kinh phí {has.vi}, thấp hơn giá {asks.vi}",
            en=f"Budget {has.en}, below price {asks.en}",
        ),
    )


def _expired(demand: Record, supply: Record, today: date) -> Flag | None:
    late = [record for record in (demand, supply) if record.expires and record.expires < today]
    if not late:
        return None
    day = min(record.expires for record in late if record.expires)
    return Flag(
        "expired",
        Bilingual(vi=f"Hết hạn ngày {day:%d/%m/%Y}", en=f"Expired on {day.isoformat()}"),
    )


def _confidential(demand: Record, supply: Record) -> Flag | None:
    if demand.visibility is Visibility.PUBLIC and supply.visibility is Visibility.PUBLIC:
        return None
    return Flag(
        "confidential",
        Bilingual(vi="Thông tin hạn chế chia sẻ", en="Confidential: not for sharing as it is"),
    )


def _same_owner(demand: Record, supply: Record) -> Flag | None:
    key = owner_key(demand.owner)
    if not key or key != owner_key(supply.owner):
        return None
    return Flag("same-owner", Bilingual(vi="Cùng một đơn vị", en="Same organisation"))


def _tricks(record: Record) -> tuple[bool, int]:
    """(whether words are repeated for a machine, how much in the text a reader does not see)."""
    key = record.said()
    known = _TRICKS.get(key)
    if known is None:
        text = record.written()
        if len(_TRICKS) >= _MOST_TRICKS:
            _TRICKS.clear()
        known = _TRICKS[key] = bool(stuffed(text)), len(disguises(text))
    return known


def _keyword_list(repeats: bool) -> Flag | None:
    if not repeats:
        return None
    return Flag(
        "keyword-list",
        Bilingual(
            vi="Lặp đi lặp lại từ khóa; phần lặp không được tính điểm",
            en="Keywords repeated over and over; the repeats do not count",
        ),
    )


def _copied_text(need: str, offer: str) -> Flag | None:
    count = copied_words(need, offer)
    if not count:
        return None
    return Flag(
        "copied-text",
        Bilingual(
            vi=f"Bản chào chép lại {count} từ của chính nhu cầu; phần chép không được tính điểm",
            en=f"The offer copies {count} words of the need itself; they do not count",
        ),
    )


def _hidden_characters(count: int) -> Flag | None:
    if count <= _MOST_SEEN:
        return None
    return Flag(
        "hidden-characters",
        Bilingual(
            vi=f"Văn bản có {count} chỗ dùng ký tự ẩn hoặc chữ giả dạng",
            en=f"The text hides characters or disguises letters in {count} places",
        ),
    )
