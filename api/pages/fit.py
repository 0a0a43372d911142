"""A match as a page shows it: the score as a word, facing sentences, marks of what fits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from indexer.bilingual import Bilingual
from indexer.records import Record, Side
from indexer.text import fold
from matcher.amounts import say_money
from matcher.export.clean import clean
from matcher.export.views import MatchView, Quote, RecordView
from matcher.export.wording import say_trl
from matcher.fits import place_fit, price_fit, trl_fit
from matcher.flags import find_flags
from matcher.hit import Hit
from matcher.match import Flag, Span
from matcher.reasons import say_reasons
from matcher.telling import Told

# A score is the probability that people who know the field would arrange the meeting.
_WORDS = (
    (0.5, Bilingual("Rất phù hợp", "Fits very well")),
    (0.25, Bilingual("Phù hợp", "Fits")),
    (0.1, Bilingual("Có thể phù hợp", "May fit")),
    (0.0, Bilingual("Ít phù hợp", "Hardly fits")),
)
LIKELY = 0.1  # below this nothing is said to fit
_ONE = np.zeros((1, 2), dtype=np.int64)
# What marks say already, or what is the same for every reader of the page.
_MARKED = {"trl-below", "budget-below-price"}
_WARNINGS = {"expired", "keyword-list", "copied-text", "hidden-characters"}


@dataclass(frozen=True, slots=True)
class Fit:
    """How one record answers a text or another record."""

    record: RecordView
    score: float
    word: Bilingual
    why: Bilingual
    marks: tuple[tuple[str, Bilingual, Bilingual | None], ...]
    facing: tuple[tuple[Quote, Quote], ...]
    terms: tuple[tuple[str, str], ...]
    lacks: tuple[Bilingual, ...]


def word_of(score: float) -> Bilingual:
    """The score in words."""
    return next(word for least, word in _WORDS if score >= least)


def fits(asker: Record, hits: Sequence[Hit], told: Sequence[Told]) -> list[Fit]:
    """The hits of a search of `asker` as a page shows them."""
    own = RecordView(asker, "")
    return [_fit(asker, own, hit, said) for hit, said in zip(hits, told, strict=True)]


def marks(
    demand: Record, supply: Record, shown: Side
) -> tuple[tuple[str, Bilingual, Bilingual | None], ...]:
    """Small marks of what the fields of two records say: readiness, money, place, warnings.

    `shown` is the side whose record the marks stand at. What the other does not state is shown
    plainly; what this one does not, where the other does, is open.
    """
    flags = {flag.name: flag for flag in find_flags(demand, supply, date.today())}
    found = [
        _readiness(demand, supply, shown, flags.get("trl-below")),
        _price(demand, supply, shown, flags.get("budget-below-price")),
        _place(demand, supply, shown),
    ]
    kept = [mark for mark in found if mark]
    for name, flag in flags.items():
        if name not in _MARKED:
            kept.append(("bad" if name in _WARNINGS else "part", _clean(flag.message), None))
    return tuple(kept)


def lit(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """`text` cut into (piece, is within a span); the pieces are clean."""
    pieces, position = [], 0
    for start, end in _merged(spans):
        pieces += [(text[position:start], False), (text[start:end], True)]
        position = end
    pieces.append((text[position:], False))
    return [(clean(piece), inside) for piece, inside in pieces if piece]


def spans_of(hit: Hit, side: Side) -> Iterator[Span]:
    """The facing sentences of a hit in the record of that side."""
    for item in hit.match.evidence:
        yield item.demand if side is Side.DEMAND else item.supply


def _fit(asker: Record, own: RecordView, hit: Hit, told: Told) -> Fit:
    partner = RecordView(hit.record, "")
    view = MatchView(hit.match, own, partner)
    need, offer = (asker, hit.record) if asker.side is Side.DEMAND else (hit.record, asker)
    mine = asker.side
    return Fit(
        record=partner,
        score=min(max(hit.match.score, 0.0), 1.0),
        word=word_of(hit.match.score),
        why=_clean(say_reasons(told.reasons)),
        marks=marks(need, offer, hit.record.side),
        facing=tuple(
            (first, second) if mine is Side.DEMAND else (second, first)
            for first, second in view.facing()
        ),
        terms=tuple(
            pair if mine is Side.DEMAND else pair[::-1]
            for pair in dict.fromkeys(view.translated())
            if fold(pair[0]) != fold(pair[1])  # an accent left out translates nothing
        ),
        lacks=tuple(_clean(change.words) for change in told.lacks),
    )


_Marked = tuple[str, Bilingual, Bilingual | None]


def _readiness(demand: Record, supply: Record, shown: Side, short: Flag | None) -> _Marked | None:
    own = supply if shown is Side.SUPPLY else demand
    if own.trl is None:
        if (demand.trl or supply.trl) is None:
            return None
        return ("open", Bilingual("Chưa nêu TRL", "TRL not stated"), None)
    levels = say_trl(own.trl, own.side)
    value = float(trl_fit([demand], [supply], _ONE)[0])
    word = Bilingual(f"TRL {levels}", f"TRL {levels}")
    if np.isnan(value):
        return ("stated", word, None)
    if value < 0.0:
        return ("bad", word, _clean(short.message) if short else None)
    return ("good", word, Bilingual("đạt mức cần", "reaches what is asked"))


def _price(demand: Record, supply: Record, shown: Side, short: Flag | None) -> _Marked | None:
    own = supply if shown is Side.SUPPLY else demand
    if own.money is None:
        if (demand.money or supply.money) is None:
            return None
        return ("open", Bilingual("Chưa nêu giá", "No price stated"), None)
    amount = say_money(own.money)
    value = float(price_fit([demand], [supply], _ONE)[0])
    if np.isnan(value):
        return ("stated", amount, None)
    if value < 0.0:
        return ("bad", amount, _clean(short.message) if short else _DEAR)
    return ("good", amount, Bilingual("vừa kinh phí", "within the budget"))


def _place(demand: Record, supply: Record, shown: Side) -> _Marked | None:
    own = supply if shown is Side.SUPPLY else demand
    if not own.place:
        return None
    place = Bilingual(clean(own.place), clean(own.place))
    value = float(place_fit([demand], [supply], _ONE)[0])
    if np.isnan(value):
        return ("stated", place, None)
    if value > 0.0:
        return ("good", place, Bilingual("cùng nơi", "same place"))
    return ("part", place, Bilingual("ở nơi khác", "another place"))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _clean(words: Bilingual) -> Bilingual:
    return Bilingual(clean(words.vi), clean(words.en))


_DEAR = Bilingual("cao hơn kinh phí", "above the budget")
