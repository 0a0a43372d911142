"""The fields of a record that conditions compare, as one flat row, and the conditions over it.

A range that is open at an end reaches to `MOST` there, and what a record does not state is the
empty range: no comparison with it holds, as `indexer.conditions` asks, and no field is ever null.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from indexer.conditions import Condition
from indexer.errors import RequestError
from indexer.records import Money, Record
from indexer.sql.schema import FOLDED
from indexer.sql.stored import filters

MOST = 1e15
TEXTS = ("side", "type", "currency", "language", "visibility", *(f"{name}_key" for name in FOLDED))
NUMBERS = ("trl_low", "trl_high", "money_low", "money_high", "starts", "ends", "expires")

_LONGEST = 8_000  # characters kept of a text, of four bytes at most; Milvus takes 65,535 bytes
_RANGES = {"trl": ("trl_low", "trl_high"), "money": ("money_low", "money_high")}
_MONEY = frozenset({"price", "budget", "money"})
_DAYS = frozenset({"starts", "ends", "expires"})


def columns(record: Record) -> dict[str, str | float]:
    """The values of `TEXTS` and `NUMBERS`."""
    known = filters(record)
    row: dict[str, str | float] = {name: known[name][:_LONGEST] for name in TEXTS}
    for low, high in _RANGES.values():
        row[low], row[high] = _range(known[low], known[high])
    for name in _DAYS:
        row[name] = float(known[name].toordinal()) if known[name] else -MOST
    return row


def expression(where: Sequence[Condition]) -> str:
    """The conditions as a filter of Milvus over these columns; "" for none.

    Raises RequestError for `version`, which only the catalog knows.
    """
    return " and ".join(map(_clause, where))


def quoted(text: str) -> str:
    """A text as a literal of a filter; nothing in it can end the literal."""
    return json.dumps(text, ensure_ascii=False)


def _range(low: Any, high: Any) -> tuple[float, float]:  # noqa: ANN401 - numbers of a database
    if low is None and high is None:
        return MOST, -MOST
    return (-MOST if low is None else float(low), MOST if high is None else float(high))


def _clause(condition: Condition) -> str:
    if condition.op == "!=":
        return f"not ({_positive(condition, '=')})"
    return f"({_positive(condition, condition.op)})"


def _positive(condition: Condition, op: str) -> str:
    field, value = condition.field, condition.value
    if field in _DAYS and isinstance(value, date):
        stated = f"{field} > {-MOST}"
        return f"{stated} and {field} {'==' if op == '=' else op} {float(value.toordinal())}"
    if field == "trl" and isinstance(value, int):
        return _inside("trl", op, float(value))
    if field in _MONEY and isinstance(value, Money) and value.low is not None:
        inside = _inside("money", op, float(value.low))
        return f"currency == {quoted(value.currency)} and {inside}"
    if isinstance(value, str) and field in FOLDED:
        if op == "~":
            return f"{field}_key like {quoted(f'%{_literal(value)}%')}"
        return f"{field}_key == {quoted(value)}"
    if isinstance(value, str) and field in TEXTS:
        return f"{field} == {quoted(value)}"
    raise RequestError(
        vi=f"Kho ngoài không lọc được theo trường {field}.",
        en=f"An external store cannot filter by the field {field}.",
    )


def _inside(name: str, op: str, value: float) -> str:
    """Whether some value of the range is `op` value."""
    low, high = _RANGES[name]
    reaches = {">": f"{high} > ", ">=": f"{high} >= ", "<": f"{low} < ", "<=": f"{low} <= "}
    asked = (">=", "<=") if op == "=" else (op,)
    return " and ".join(f"{reaches[item]}{value}" for item in asked)


def _literal(text: str) -> str:
    """A text in a pattern, where `%` and `_` stand for others unless a backslash is before them."""
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, "\\" + sign)
    return text
