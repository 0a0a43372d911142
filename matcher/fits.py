"""How the structured fields of two records fit, for many pairs at once; nan where one is silent."""

import re
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.records import Code, Record, RecordType
from indexer.text import fold, normalise
from matcher.similarity import FloatArray

Rows = NDArray[np.int64]

_T = TypeVar("_T", bound=Hashable)

_TRL_STEPS = 3.0  # short by so many steps or more is the worst fit
_PRICE_TIMES = 10.0  # a price so many times the budget or more is the worst fit
_UNITS = {"hn": "ha noi", "hcm": "ho chi minh", "tphcm": "ho chi minh", "sai gon": "ho chi minh"}
_FORMS = re.compile(r"\b(?:tinh|thanh pho|tp|province|city)\b")

# What each type of need is usually served by; anything else is the exception.
_TECHNOLOGY = frozenset(
    {
        RecordType.TECHNOLOGY,
        RecordType.PATENT,
        RecordType.PROTOTYPE,
        RecordType.SERVICE,
        RecordType.STARTUP,
        RecordType.DATASET,
        RecordType.FACILITY,
        RecordType.EXPERT,
        RecordType.PUBLICATION,
    }
)
_SERVED = {
    RecordType.TRAINING_NEED: frozenset(
        {RecordType.TRAINING, RecordType.EXPERT, RecordType.SERVICE}
    ),
    RecordType.PARTNER_SEARCH: _TECHNOLOGY | {RecordType.FUNDING},
}


def trl_fit(demands: Sequence[Record], supplies: Sequence[Record], pairs: Rows) -> FloatArray:
    """0 where what is asked is reached, down to -1 where it is three steps short; (n,)."""
    asked = _numbers(demands, lambda record: record.trl.low if record.trl else None)
    reached = _numbers(supplies, lambda record: record.trl.high if record.trl else None)
    short = (asked[pairs[:, 0]] - reached[pairs[:, 1]]) / _TRL_STEPS
    return np.asarray(-np.clip(short, 0.0, 1.0), dtype=np.float32)


def price_fit(demands: Sequence[Record], supplies: Sequence[Record], pairs: Rows) -> FloatArray:
    """0 where the budget reaches the lowest price, down to -1 at ten times; same currency; (n,)."""
    budget = _numbers(demands, lambda r: r.money.high if r.money else None)
    # What a fund names is what it gives, not what it asks.
    price = _numbers(
        supplies,
        lambda r: r.money.low if r.money and r.type is not RecordType.FUNDING else None,
    )
    currency = _table(
        [r.money.currency if r.money else "" for r in demands],
        [r.money.currency if r.money else "" for r in supplies],
        lambda one, other: 1.0 if one == other else np.nan,
        pairs,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.log10(price[pairs[:, 1]] / budget[pairs[:, 0]]) / np.log10(_PRICE_TIMES)
    return np.asarray(-np.clip(times, 0.0, 1.0) * currency, dtype=np.float32)


def place_fit(demands: Sequence[Record], supplies: Sequence[Record], pairs: Rows) -> FloatArray:
    """1 in the same province, 0 elsewhere; (n,)."""
    return _table(
        [_place(record.place) for record in demands],
        [_place(record.place) for record in supplies],
        _same_place,
        pairs,
    )


def type_fit(demands: Sequence[Record], supplies: Sequence[Record], pairs: Rows) -> FloatArray:
    """1 where such needs are served by such offers, 0 where they seldom are; (n,)."""
    return _table(
        [record.type for record in demands],
        [record.type for record in supplies],
        lambda asked, offered: float(offered in _SERVED.get(asked, _TECHNOLOGY)),
        pairs,
    )


def code_fit(demands: Sequence[Record], supplies: Sequence[Record], pairs: Rows) -> FloatArray:
    """How far two field codes go the same way down their tree, 0 to 1, the best of all that are
    of one scheme and version; nan where none are; (n,)."""
    return _table(
        [record.codes for record in demands],
        [record.codes for record in supplies],
        _codes,
        pairs,
    )


def _codes(asked: tuple[Code, ...], offered: tuple[Code, ...]) -> float:
    shared = [
        _way(one.code, other.code)
        for one in asked
        for other in offered
        if (one.scheme, one.version) == (other.scheme, other.version)
    ]
    return max(shared, default=np.nan)


def _way(one: str, other: str) -> float:
    first, second = (re.findall(r"[0-9A-Za-z]", code) for code in (one, other))
    length = min(len(first), len(second))
    same = next((i for i in range(length) if first[i] != second[i]), length)
    return same / max(length, 1)


@lru_cache(maxsize=10_000)
def _place(name: str) -> str:
    found = " ".join(re.findall(r"[^\W_]+", fold(normalise(name))))
    found = " ".join(_FORMS.sub(" ", found).split())
    return _UNITS.get(found, found)


def _same_place(one: str, other: str) -> float:
    if not one or not other:
        return np.nan
    return float(f" {one} " in f" {other} " or f" {other} " in f" {one} ")


def _numbers(
    records: Sequence[Record], of: Callable[[Record], object | None]
) -> NDArray[np.float64]:
    found = (of(record) for record in records)
    return np.array([np.nan if one is None else float(str(one)) for one in found])


def _table(
    asked: Sequence[_T], offered: Sequence[_T], fit: Callable[[_T, _T], float], pairs: Rows
) -> FloatArray:
    """`fit` of each pair, computed once for every two different values that meet."""
    if not len(pairs):
        return np.zeros(0, dtype=np.float32)
    known = {value: i for i, value in enumerate(dict.fromkeys((*asked, *offered)))}
    values = list(known)
    rows = np.array([known[value] for value in asked])[pairs[:, 0]]
    columns = np.array([known[value] for value in offered])[pairs[:, 1]]
    met, place = np.unique(rows * len(values) + columns, return_inverse=True)
    found = [fit(values[one // len(values)], values[one % len(values)]) for one in met.tolist()]
    return np.array(found, dtype=np.float32)[place]
