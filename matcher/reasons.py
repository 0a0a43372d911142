"""What makes a score, in words: the features of a pair by what they add, and the facts behind."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from indexer.bilingual import Bilingual
from indexer.records import Record
from matcher.amounts import say_money
from matcher.fits import Rows, place_fit, price_fit, trl_fit, type_fit
from matcher.match import Flag
from matcher.score import ScoreModel
from matcher.similarity import FloatArray

_TELLING = 0.2  # log-odds a feature must add or take to be worth a word: a fifth of the odds
_MOST = 3  # said for a pair, and as many against it
_ONE = np.zeros((1, 2), dtype=np.int64)
# The facts that flags put in words already.
_FLAGS = {"trl": "trl-below", "price": "budget-below-price"}


class Reason(NamedTuple):
    """What one feature says of a pair; `weight` is the log-odds it adds, below 0 where it takes."""

    name: str
    weight: float
    words: Bilingual


_CLOSENESS: Mapping[str, tuple[Bilingual, Bilingual]] = {
    "similarity": (
        Bilingual("nhiều từ chung hiếm gặp", "many rare words in common"),
        Bilingual("ít từ chung đáng kể", "few telling words in common"),
    ),
    "meaning": (
        Bilingual("nội dung gần nhau", "close in content"),
        Bilingual("nội dung chỉ liên quan ít", "only loosely related in content"),
    ),
    "passage": (
        Bilingual("có câu nói cùng một việc", "a sentence of each says the same"),
        Bilingual(
            "không có câu nào thật sự nói cùng một việc", "no two sentences quite say the same"
        ),
    ),
    "covered": (
        Bilingual("đáp ứng phần lớn nội dung cần", "speaks of most of the need"),
        Bilingual("bỏ ngỏ nhiều nội dung cần", "leaves much of the need open"),
    ),
    "title": (
        Bilingual("tên gọi đúng việc đang cần", "its title is what is asked for"),
        Bilingual("tên chưa nói đúng việc đang cần", "its title does not say what is asked for"),
    ),
    "reciprocal": (
        Bilingual(
            "là một trong những nhu cầu hợp nhất với bên cung",
            "among the needs that suit the offer best",
        ),
        Bilingual("bên cung hợp với nhu cầu khác không kém", "other needs suit the offer as well"),
    ),
    "field": (
        Bilingual("lĩnh vực gần nhau", "fields close to each other"),
        Bilingual("lĩnh vực không gần nhau", "fields not close to each other"),
    ),
}


def reasons(
    contributions: Mapping[str, float],
    demand: Record,
    supply: Record,
    flags: Sequence[Flag] = (),
    fits: Mapping[str, float] | None = None,
) -> tuple[Reason, ...]:
    """What speaks for a pair, the strongest first, then what speaks against it.

    `contributions` maps a feature of `matcher.features` to the log-odds it adds, as `weighed`
    gives them. A feature that is absent says nothing, nor do the indicators of language. `flags`
    are those of the pair. Facts both records state (readiness, money, place, kind) are told
    however little the score makes of them; `fits` has the values of those features where they are
    known already, as they are of many pairs at once.
    """
    if fits is None:
        fits = {name: float(fit([demand], [supply], _ONE)[0]) for name, fit in _FITS.items()}
    found = [*_closeness(contributions), *_facts(contributions, demand, supply, flags, fits)]
    found.sort(key=lambda reason: (-abs(reason.weight), reason.name))
    good = [reason for reason in found if reason.weight > 0]
    bad = [reason for reason in found if reason.weight <= 0]
    return (*good[:_MOST], *bad[:_MOST])


def weighed(
    model: ScoreModel, added: FloatArray, scores: Sequence[float]
) -> Iterator[dict[str, float]]:
    """Of each of n pairs, by feature, the log-odds it adds beyond its part of what an even chance
    takes.

    `added` (n, n_features) is as `ScoreModel.contributions` gives it, whose zero is the usual pair
    that is looked at, a poor one: against that, everything on a list would be praise. So the way
    from there to an even chance is shared out by weight among the features of closeness, and what
    they add up to beyond it is what makes a score (n) more or less than 1/2. What a row lacks of
    its score is the similarity's.
    """
    parts = added.astype(np.float64)
    inside = (min(max(score, 1e-6), 1.0 - 1e-6) for score in scores)
    odds = np.array([math.log(one / (1.0 - one)) for one in inside])
    whole = np.zeros(len(parts))
    for column in parts.T:  # one after another: the sum depends on the order
        whole += column
    place = {name: at for at, name in enumerate(model.names)}
    parts[:, place["similarity"]] += odds - model.intercept - whole
    weights = {name: float(model.weights[place[name]]) for name in _CLOSENESS}
    total = sum(weights.values())
    for name, weight in weights.items():
        parts[:, place[name]] += model.intercept * weight / max(total, 1e-9)
    for row in parts:
        yield dict(zip(model.names, row.tolist(), strict=True))


def say_reasons(found: Sequence[Reason]) -> Bilingual:
    """One line, as "Close in content; price fits – but TRL 6 where 7 is asked"; empty for none."""
    good = [reason.words for reason in found if reason.weight > 0]
    bad = [reason.words for reason in found if reason.weight <= 0]
    vi = " – nhưng ".join(["; ".join([w.vi for w in part]) for part in (good, bad) if part])
    en = " – but ".join(["; ".join([w.en for w in part]) for part in (good, bad) if part])
    return Bilingual(vi=_capital(vi), en=_capital(en))


def _closeness(contributions: Mapping[str, float]) -> Iterator[Reason]:
    for name, (good, bad) in _CLOSENESS.items():
        weight = float(contributions.get(name, 0.0))
        if abs(weight) >= _TELLING:
            yield Reason(name, weight, good if weight > 0 else bad)


def _facts(
    contributions: Mapping[str, float],
    demand: Record,
    supply: Record,
    flags: Sequence[Flag],
    fits: Mapping[str, float],
) -> Iterator[Reason]:
    said = {flag.name: flag.message for flag in flags}
    for name, (fit, misfit) in _FACTS.items():
        value = fits[name]
        if math.isnan(value):
            continue
        weight = float(contributions.get(name, 0.0))
        if value < (0.0 if name in _FLAGS else 1.0):
            words = said.get(_FLAGS.get(name, "")) or (misfit and misfit(demand, supply))
            weight = min(weight, 0.0)
        else:
            words = fit and fit(demand, supply)
            weight = max(weight, 1e-6)
        if words:
            yield Reason(name, weight, words)


def _reached(demand: Record, supply: Record) -> Bilingual:
    assert demand.trl and supply.trl
    has, asks = supply.trl.high, demand.trl.low
    return Bilingual(f"TRL {has}, đạt mức cần {asks}", f"TRL {has} reaches the {asks} asked")


def _affordable(demand: Record, supply: Record) -> Bilingual:
    assert supply.money
    price = say_money(supply.money)
    return Bilingual(f"giá vừa kinh phí ({price.vi})", f"price fits ({price.en})")


def _together(demand: Record, supply: Record) -> Bilingual:
    return Bilingual(f"cùng ở {supply.place}", f"both in {supply.place}")


def _unusual(demand: Record, supply: Record) -> Bilingual:
    return Bilingual(
        "loại nguồn cung này ít khi đáp ứng loại nhu cầu này",
        f"a {demand.type} is seldom met by a {supply.type} record",
    )


_Words = Callable[[Record, Record], Bilingual]
_Fit = Callable[[Sequence[Record], Sequence[Record], Rows], FloatArray]
_FITS: Mapping[str, _Fit] = {
    "trl": trl_fit,
    "price": price_fit,
    "place": place_fit,
    "type": type_fit,
}
# What is said where a feature fits, and where it does not: two provinces are no reason against a
# pair, and what is usual needs no word.
_FACTS: Mapping[str, tuple[_Words | None, _Words | None]] = {
    "trl": (_reached, None),
    "price": (_affordable, None),
    "place": (_together, None),
    "type": (None, _unusual),
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
