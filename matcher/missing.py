"""What a pair that came near still lacks, and where a record without a match might turn."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from indexer.bilingual import Bilingual
from indexer.owners import owner_key
from indexer.records import Record, RecordType, Side
from matcher.advice import Advice, advise, usual_readiness
from matcher.fits import place_fit, price_fit, trl_fit
from matcher.flags import find_flags
from matcher.match import Match, Span
from matcher.score import ScoreModel
from matcher.similarity import FloatArray

_OTHERS, _EXPERTS, _FIELDS = 3, 2, 3
_LOOKED_AT = 5  # of the nearest, whose fields are named
_LEAST = 0.02  # below this nothing is near
_PAIR = np.zeros((1, 2), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would have to change; `gain` is the log-odds it would add to the score."""

    name: str
    words: Bilingual
    gain: float


@dataclass(frozen=True, slots=True)
class Missing:
    """What stands between a record without a match and one.

    `changes` is the smallest set that removes every obstacle to the nearest partner and, where
    any set can, lifts the score to the floor; `enough` tells whether it does. `unspoken` is the
    sentence of the need that the nearest offer speaks of least. `others` are the ids of the next
    nearest records, `experts` those of experts (of needs alone), `fields` where the nearest are
    from. `advice` is for the record's owner.
    """

    changes: tuple[Change, ...] = ()
    enough: bool = False
    unspoken: Span | None = None
    others: tuple[str, ...] = ()
    experts: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()

    def lacks(self) -> tuple[Bilingual, ...]:
        """What the nearest pair lacks, in sentences."""
        said = [change.words for change in self.changes]
        if self.unspoken is not None:
            text = self.unspoken.text.strip()
            said.append(
                Bilingual(f"Bên cung chưa nói tới: “{text}”", f"The offer is silent on: “{text}”")
            )
        if self.changes and self.enough:
            said.append(Bilingual("Như vậy là đủ để thành ghép nối", "That would make it a match"))
        return tuple(said)


def needed(
    demand: Record, supply: Record, score: float, floor: float, model: ScoreModel, today: date
) -> tuple[tuple[Change, ...], bool]:
    """(the smallest set of changes, whether it lifts `score` to `floor`) for one pair.

    Obstacles (readiness, price, expiry, confidentiality) have to go whatever the score: with one
    of them left two parties do not come to terms. What only lifts the score (the place) is named
    where the score needs it and can reach the floor with it.
    """
    flags = {flag.name: flag.message for flag in find_flags(demand, supply, today)}
    gains = _gains(demand, supply, model)
    obstacles = [
        Change(name, words, gains.get(feature, 0.0))
        for name, feature, words in _obstacles(demand, supply, flags)
    ]
    lacking = _odds(floor) - _odds(score) - sum(change.gain for change in obstacles)
    if lacking <= 0.0:
        return tuple(obstacles), True
    if gains.get("place", 0.0) >= lacking:
        words = Bilingual(
            f"Có đại diện ở {demand.place} (bên cung ở {supply.place})",
            f"A presence in {demand.place} (the offer is in {supply.place})",
        )
        return (*obstacles, Change("place", words, gains["place"])), True
    return tuple(obstacles), False


def _obstacles(
    demand: Record, supply: Record, flags: Mapping[str, Bilingual]
) -> list[tuple[str, str, Bilingual]]:
    """(name, feature, words) of what stands between two parties, in a fixed order."""
    found = []
    if "trl-below" in flags and demand.trl and supply.trl:
        steps = demand.trl.low - supply.trl.high
        asks, has = demand.trl.low, supply.trl.high
        plural = "" if steps == 1 else "s"
        words = Bilingual(
            f"Nâng TRL từ {has} lên {asks} ({steps} bậc)",
            f"Raise TRL from {has} to {asks} ({steps} step{plural})",
        )
        found.append(("trl", "trl", words))
    if "budget-below-price" in flags:
        short = flags["budget-below-price"]
        words = Bilingual(f"Thỏa thuận lại giá: {short.vi}", f"Agree on the price: {short.en}")
        found.append(("price", "price", words))
    if "expired" in flags:
        late = flags["expired"]
        found.append(("expired", "", Bilingual(f"Gia hạn: {late.vi}", f"Renew it: {late.en}")))
    if "confidential" in flags:
        words = Bilingual(
            "Cho phép chia sẻ thông tin, hoặc ký thỏa thuận bảo mật",
            "Leave to share the record, or a non-disclosure agreement",
        )
        found.append(("confidentiality", "", words))
    return found


def _gains(demand: Record, supply: Record, model: ScoreModel) -> dict[str, float]:
    """The log-odds that each structured feature would add, were it at its best."""
    found = {}
    for name, fit, best in (
        ("trl", trl_fit, 0.0),
        ("price", price_fit, 0.0),
        ("place", place_fit, 1.0),
    ):
        value = float(fit([demand], [supply], _PAIR)[0])
        if name in model.names and not math.isnan(value):
            place = model.names.index(name)
            found[name] = (best - value) * float(model.weights[place] / model.scale[place])
    return found


def _odds(probability: float) -> float:
    inside = min(max(probability, 1e-6), 1.0 - 1e-6)
    return math.log(inside / (1.0 - inside))


@dataclass(frozen=True, slots=True)
class Around:
    """What a run knows of the records around one: its scores and how rare words are."""

    model: ScoreModel
    floor: float
    today: date
    rarity: Callable[[str], float]
    unspoken: Callable[[Record, Record], Span | None]


def find_missing(
    askers: Sequence[Record],
    others: Sequence[Record],
    table: FloatArray,
    unmatched: Sequence[str],
    nearest: Mapping[str, Match],
    around: Around,
) -> dict[str, Missing]:
    """Of every record of one side without a match, by id, what it lacks.

    `table` (n_askers, n_others) orders the pairs, those that a rule bars at 0 or below; `nearest`
    are the matches just below the floor.
    """
    lonely = set(unmatched)
    needs = askers if askers and askers[0].side is Side.DEMAND else others
    usual = usual_readiness(needs)
    known = {record.id: record for record in others}
    found = {}
    for row, asker in enumerate(askers):
        if asker.id not in lonely:
            continue
        near = nearest.get(asker.id)
        changes: tuple[Change, ...] = ()
        enough, unspoken = False, None
        if near is not None:
            partner = known[near.supply if asker.side is Side.DEMAND else near.demand]
            pair = (asker, partner) if asker.side is Side.DEMAND else (partner, asker)
            changes, enough = needed(*pair, near.score, around.floor, around.model, around.today)
            unspoken = None if enough else around.unspoken(*pair)
        ranked = [int(i) for i in np.argsort(-table[row], kind="stable") if table[row, i] > _LEAST]
        first = near.supply if near and asker.side is Side.DEMAND else near.demand if near else ""
        found[asker.id] = Missing(
            changes,
            enough,
            unspoken,
            tuple(r.id for r in _different(others, ranked) if r.id != first)[:_OTHERS],
            _experts(asker, others, ranked),
            _fields(others, ranked),
            advise(asker, around.rarity, usual),
        )
    return found


def _different(others: Sequence[Record], ranked: Sequence[int]) -> list[Record]:
    """The nearest records, of repeats the first; as many as are ever named."""
    chosen: dict[str, Record] = {}
    for place in ranked:
        chosen.setdefault(others[place].same_as or others[place].id, others[place])
        if len(chosen) > _OTHERS:
            break
    return list(chosen.values())


def _experts(asker: Record, others: Sequence[Record], ranked: Sequence[int]) -> tuple[str, ...]:
    if asker.side is Side.SUPPLY:
        return ()
    found = (others[i].id for i in ranked if others[i].type is RecordType.EXPERT)
    return tuple(name for name, _ in zip(found, range(_EXPERTS), strict=False))


def _fields(others: Sequence[Record], ranked: Sequence[int]) -> tuple[str, ...]:
    names: dict[str, str] = {}
    for place in ranked[:_LOOKED_AT]:
        name = others[place].field.strip()
        if name:
            names.setdefault(owner_key(name), name)
    return tuple(names.values())[:_FIELDS]
