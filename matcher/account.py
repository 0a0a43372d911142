"""A match list with an account of its scores: why each match, and what the unmatched lack."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from indexer.bilingual import Bilingual
from indexer.index import Index
from indexer.records import Record
from matcher.evidence import EvidenceFinder
from matcher.features import pair_features
from matcher.match import Match
from matcher.matchlist import MatchList
from matcher.missing import Around, find_missing
from matcher.reasons import reasons, say_reasons, weighed
from matcher.score import ScoreModel
from matcher.similarity import FloatArray


def account(
    found: MatchList,
    index: Index,
    model: ScoreModel,
    demands: Sequence[Record],
    supplies: Sequence[Record],
    table: FloatArray,
    *,
    floor: float,
    today: date,
) -> MatchList:
    """The same list, its matches with `reasons`, itself with `missing`.

    `table` (n_demands, n_supplies) holds the scores, 0 where a rule bars the pair.
    """
    matches = [
        *(match for own in found.by_demand.values() for match in own),
        *(match for own in found.by_supply.values() for match in own),
        *found.nearest.values(),
    ]
    words = told(index, model, matches, found.records)
    finder = EvidenceFinder(index.rarity)
    around = Around(model, floor, today, index.rarity, finder.unspoken)
    nearest = {key: _with(match, words) for key, match in found.nearest.items()}
    lonely = found.unmatched_demands, found.unmatched_supplies
    return replace(
        found,
        by_demand=_all_with(found.by_demand, words),
        by_supply=_all_with(found.by_supply, words),
        nearest=nearest,
        missing=find_missing(demands, supplies, table, lonely[0], nearest, around)
        | find_missing(supplies, demands, table.T, lonely[1], nearest, around),
    )


def told(
    index: Index, model: ScoreModel, matches: Sequence[Match], records: Mapping[str, Record]
) -> dict[tuple[str, str], Bilingual]:
    """What makes the score of each match, by (demand id, supply id)."""
    unique = {(match.demand, match.supply): match for match in matches}
    if not unique:
        return {}
    sides = [list(dict.fromkeys(pair[side] for pair in unique)) for side in (0, 1)]
    rows = [{name: row for row, name in enumerate(names)} for names in sides]
    pairs = np.array([(rows[0][d], rows[1][s]) for d, s in unique], dtype=np.int64)
    askers, others = ([records[name] for name in names] for names in sides)
    silent = np.full(len(pairs), np.nan, dtype=np.float32)
    features = pair_features(index, askers, others, pairs, silent)
    added = model.contributions(features)
    weights = weighed(model, added, [match.score for match in unique.values()])
    said = {}
    for (pair, match), parts, values in zip(unique.items(), weights, features.matrix, strict=True):
        fits = dict(zip(features.names, values.tolist(), strict=True))
        why = reasons(parts, records[pair[0]], records[pair[1]], match.flags, fits)
        said[pair] = say_reasons(why)
    return said


def _all_with(
    lists: Mapping[str, tuple[Match, ...]], words: Mapping[tuple[str, str], Bilingual]
) -> dict[str, tuple[Match, ...]]:
    return {key: tuple(_with(match, words) for match in own) for key, own in lists.items()}


def _with(match: Match, words: Mapping[tuple[str, str], Bilingual]) -> Match:
    said = words[match.demand, match.supply]
    return match.reasoned(said if said.en else None)
