"""Conditions on records, as people type them: `trl>=5`, `place=Hà Nội`, `owner~bách khoa`.

- Text is compared without case and accents; `~` means "contains".
- TRL and price may be ranges. A range satisfies a condition when some value in it does: a record
  of TRL 4-6 satisfies `trl>=5` and `trl<=4`. An open end has no limit.
- Prices compare in their own currency only; no exchange rate is assumed.
- A record that does not state a value satisfies no condition on it but `!=`, which holds exactly
  where `=` does not.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import sqlalchemy as sa

from indexer.bilingual import Bilingual
from indexer.errors import BadValue, RequestError
from indexer.filtering.dictionary import Mask
from indexer.filtering.fieldtable import RANGES, FieldTable, as_number
from indexer.records import Money, RecordType, Side, Visibility
from indexer.sql.schema import FOLDED, records
from indexer.sql.stored import folded

Value = str | int | date | Money
Clause = sa.ColumnElement[bool]

_FORM = re.compile(r"\s*(\w+)\s*(!=|>=|<=|=|>|<|~)\s*(.*?)\s*", re.DOTALL)
_ORDERED = ("=", "!=", ">=", "<=", ">", "<")
_OPERATORS = (*_ORDERED, "~")
_LONGEST = 1000  # characters of a value; databases limit the patterns they look for


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` `op` `value`, as `parse_condition` made it.

    `value` is a TRL as int, a day, Money with equal ends, or text, as the field asks.
    """

    field: str
    op: str
    value: Value


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a field takes, and what a condition on it asks of the columns of the catalog and of
    those of an index, which must be the same."""

    ops: tuple[str, ...]
    read: Callable[[str], Value]
    clause: Callable[[str, Value], Clause]
    rows: Callable[[FieldTable, str, Value], Mask]


def parse_condition(text: str) -> Condition:
    """Reads one condition.

    Raises:
        RequestError: no condition, or an unknown field, operator or value; lists what is accepted.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise RequestError(
            vi=f"Không đọc được điều kiện {text!r}. Hãy viết trường, phép so sánh, giá trị, "
            f"ví dụ trl>=5. Các phép: {_list(_OPERATORS)}. Các trường: {_list(_KINDS)}.",
            en=f"The condition {text!r} cannot be read. Write a field, an operator and a value, "
            f"such as trl>=5. Operators: {_list(_OPERATORS)}. Fields: {_list(_KINDS)}.",
        )
    field, op, written = form.group(1).casefold(), form.group(2), form.group(3)
    if field not in _KINDS:
        raise RequestError(
            vi=f"Không có trường {field!r} để lọc. Các trường: {_list(_KINDS)}.",
            en=f"There is no field {field!r} to filter by. Fields: {_list(_KINDS)}.",
        )
    kind = _KINDS[field]
    if op not in kind.ops:
        raise RequestError(
            vi=f"Trường {field} không dùng phép {op!r}. Các phép: {_list(kind.ops)}.",
            en=f"The field {field} takes no {op!r}. Operators: {_list(kind.ops)}.",
        )
    try:
        value = kind.read(written)
        if (op == "~" and value == "") or len(written) > _LONGEST:
            raise _bad(f"chữ, nhiều nhất {_LONGEST} ký tự", f"text, {_LONGEST} characters at most")
    except BadValue as error:
        raise RequestError(
            vi=f"Không dùng được giá trị {written!r} cho {field}. Chấp nhận: {error.accepted.vi}.",
            en=f"The value {written!r} does not fit {field}. Accepted: {error.accepted.en}.",
        ) from error
    return Condition(field, op, value)


def clause(condition: Condition) -> Clause:
    """The condition in SQL, over the columns of `records`; never NULL."""
    ask = _KINDS[condition.field].clause
    if condition.op == "!=":
        return sa.not_(ask("=", condition.value))
    return ask(condition.op, condition.value)


def meeting(table: FieldTable, where: Sequence[Condition]) -> Mask:
    """The rows of `table` that satisfy every condition, shape (n,): what `clause` asks of the
    catalog, asked of arrays."""
    found = np.ones(len(table), dtype=bool)
    for condition in where:
        ask = _KINDS[condition.field].rows
        if condition.op == "!=":
            found &= ~ask(table, "=", condition.value)
        else:
            found &= ask(table, condition.op, condition.value)
    return found


def _read_trl(text: str) -> int:
    form = re.fullmatch(r"(?:trl\s*)?([1-9])", text, re.IGNORECASE)
    if form is None:
        raise _bad("một mức từ 1 đến 9", "one level from 1 to 9")
    return int(form.group(1))


def _read_count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _bad("một số nguyên từ 0", "a whole number from 0")
    return int(text)


def _read_money(text: str) -> Money:
    from indexer.values.money import parse_money  # noqa: PLC0415 - start-up time

    money = parse_money(text)
    if money is None or money.low != money.high:
        raise _bad(
            "một số tiền, ví dụ 2000000000, 5 tỷ hoặc 20.000 USD",
            "one amount, such as 2000000000, 5 tỷ or 20,000 USD",
        )
    return money


def _read_day(text: str) -> date:
    from indexer.values.dates import parse_date  # noqa: PLC0415

    day = parse_date(text)
    if day is None:
        raise _bad("một ngày, ví dụ 2027-01-31 hoặc 31/01/2027", "a day, such as 2027-01-31")
    return day


def _choice(column: str, choices: Iterable[str]) -> _Kind:
    accepted = {folded(choice): choice for choice in choices}

    def read(text: str) -> str:
        choice = accepted.get(folded(re.sub(r"[_-]", " ", text)))
        if choice is None:
            raise _bad(_list(accepted.values()), _list(accepted.values()))
        return choice

    return _exact(column, read)


def _exact(column: str, read: Callable[[str], Value]) -> _Kind:
    return _Kind(
        ("=", "!="),
        read,
        lambda _, value: records.c[column] == value,
        lambda table, _, value: table.texts[column].equal(str(value)),
    )


def _text(name: str) -> _Kind:
    column = f"{name}_key"
    key = records.c[column]

    def ask(op: str, value: Value) -> Clause:
        return key.contains(value, autoescape=True) if op == "~" else key == value

    def rows(table: FieldTable, op: str, value: Value) -> Mask:
        texts = table.texts[column]
        return texts.containing(str(value)) if op == "~" else texts.equal(str(value))

    return _Kind(("=", "!=", "~"), folded, ask, rows)


def _ordered(name: str, read: Callable[[str], Value]) -> _Kind:
    def rows(table: FieldTable, op: str, value: Value) -> Mask:
        if not isinstance(value, int | date):
            raise TypeError(f"{name} is compared with a number or a day, not with {value!r}")
        return table.ranges[name].some(op, as_number(value))

    return _Kind(_ORDERED, read, lambda op, value: _some_value(op, name, value), rows)


def _ask_money(op: str, value: Value) -> Clause:
    currency, amount = _amount(value)
    return sa.and_(records.c.currency == currency, _some_value(op, "money", amount))


def _money_rows(table: FieldTable, op: str, value: Value) -> Mask:
    currency, amount = _amount(value)
    inside = table.ranges["money"].some(op, as_number(amount))
    return table.texts["currency"].equal(currency) & inside


def _amount(value: Value) -> tuple[str, float]:
    if not isinstance(value, Money) or value.low is None:
        raise TypeError(f"a price is compared with Money, not with {value!r}")
    return value.currency, float(value.low)


def _some_value(op: str, field: str, value: object) -> Clause:
    """Whether some value of a field is `op` `value`; never NULL."""
    low, high = (records.c[name] for name in (RANGES[field][0], RANGES[field][-1]))
    stated = sa.or_(low.is_not(None), high.is_not(None))
    reaches = {
        ">": sa.or_(high.is_(None), high > value),
        ">=": sa.or_(high.is_(None), high >= value),
        "<": sa.or_(low.is_(None), low < value),
        "<=": sa.or_(low.is_(None), low <= value),
    }
    asked = (">=", "<=") if op == "=" else (op,)
    return sa.and_(stated, *(reaches[item] for item in asked))


def _bad(vi: str, en: str) -> BadValue:
    return BadValue(Bilingual(vi="không hợp lệ", en="not valid"), Bilingual(vi=vi, en=en))


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


_MONEY = _Kind(_ORDERED, _read_money, _ask_money, _money_rows)
_KINDS: dict[str, _Kind] = {
    "side": _choice("side", Side),
    "type": _choice("type", RecordType),
    **{name: _text(name) for name in FOLDED},
    "trl": _ordered("trl", _read_trl),
    # Three names of one field: the price of an offer is the budget of a need.
    "price": _MONEY,
    "budget": _MONEY,
    "money": _MONEY,
    "currency": _exact("currency", str.upper),
    "language": _choice("language", ("vi", "en", "mixed")),
    # The version of the catalog in which the record was changed last.
    "version": _ordered("version", _read_count),
    "visibility": _choice("visibility", Visibility),
    **{name: _ordered(name, _read_day) for name in ("expires", "starts", "ends")},
}
