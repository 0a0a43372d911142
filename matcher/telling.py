"""What is told of the answers of a search: what makes each score, and what each still lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from indexer.index import Index
from indexer.records import Record
from matcher.features import pair_features
from matcher.match import Match
from matcher.missing import Change, needed
from matcher.reasons import Reason, reasons, weighed
from matcher.score import ScoreModel


@dataclass(frozen=True, slots=True)
class Told:
    """`reasons` speak for a pair, the strongest first, then against it; `lacks` is what would
    have to change before the two come to terms."""

    reasons: tuple[Reason, ...]
    lacks: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "reasons": [
                {
                    "name": one.name,
                    "weight": round(one.weight, 3),
                    "words": {"vi": one.words.vi, "en": one.words.en},
                }
                for one in self.reasons
            ],
            "missing": [
                {"name": one.name, "words": {"vi": one.words.vi, "en": one.words.en}}
                for one in self.lacks
            ],
        }


def tell(
    index: Index,
    model: ScoreModel,
    pairs: Sequence[tuple[Record, Record]],
    matches: Sequence[Match],
    *,
    floor: float,
    today: date,
) -> list[Told]:
    """What to tell of each (demand, supply) pair and its match, in their order."""
    if not pairs:
        return []
    demands = list({demand.id: demand for demand, _ in pairs}.values())
    supplies = list({supply.id: supply for _, supply in pairs}.values())
    row = {record.id: at for at, record in enumerate(demands)}
    column = {record.id: at for at, record in enumerate(supplies)}
    places = np.array([(row[d.id], column[s.id]) for d, s in pairs], dtype=np.int64)
    silent = np.full(len(pairs), np.nan, dtype=np.float32)
    added = model.contributions(pair_features(index, demands, supplies, places, silent))
    found = []
    weights = weighed(model, added, [match.score for match in matches])
    for (demand, supply), match, parts in zip(pairs, matches, weights, strict=True):
        lacks, _ = needed(demand, supply, match.score, floor, model, today)
        found.append(Told(reasons(parts, demand, supply, match.flags), lacks))
    return found
