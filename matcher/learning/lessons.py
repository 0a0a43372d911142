"""Judgements as lessons: the pairs people judged, as the score sees them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.catalog import Catalog
from indexer.index import Index
from indexer.judgements import USEFUL, Judgement
from indexer.progress import Progress, silent
from indexer.records import Record
from matcher.allpairs import score_all
from matcher.features import INDICATORS, Features, pair_features
from matcher.fusion import WordShare
from matcher.learning.feedback import Array, Lessons, Parameters
from matcher.score import ScoreModel

_NEAREST = 20  # of each need's offers, from which pairs to judge are suggested


@dataclass(frozen=True)
class Judged:
    """The judged pairs of the index.

    `gone` counts judgements whose need or offer is no longer there; `disputed` names the pairs
    some would take and others not; `digest` is the same for equal judgements.
    """

    lessons: Lessons
    gone: int
    disputed: tuple[tuple[str, str], ...]
    digest: str


def read_lessons(
    index: Index,
    catalog: Catalog,
    model: ScoreModel,
    words: WordShare,
    progress: Progress = silent,
) -> Judged:
    """The judgements of a catalog as lessons for this model; `words` as in `matcher.fusion`.

    Every pair counts once, whoever judged it: the share of those who would take it.
    """
    judgements = catalog.judgements()
    there = catalog.ids()
    by_pair: dict[tuple[str, str], list[int]] = defaultdict(list)
    gone = 0
    for one in judgements:
        indexed = one.need in index.demand.row_of and one.offer in index.supply.row_of
        if indexed and {one.need, one.offer} <= there:
            by_pair[one.need, one.offer].append(one.grade)
        else:
            gone += 1
    pairs = sorted(by_pair)
    accepted = np.array([np.mean([grade >= USEFUL for grade in by_pair[pair]]) for pair in pairs])
    features = features_of(index, catalog, pairs, words, progress)
    return Judged(
        lessons=Lessons(
            features=design(model, features),
            fixed=np.zeros(len(pairs)),
            accepted=accepted.astype(np.float64),
            grades=np.array([np.mean(by_pair[pair]) for pair in pairs], dtype=np.float64),
            needs=tuple(need for need, _ in pairs),
        ),
        gone=gone,
        disputed=tuple(
            pair for pair, share in zip(pairs, accepted.tolist(), strict=True) if 0 < share < 1
        ),
        digest=_digest(judgements),
    )


def features_of(
    index: Index,
    catalog: Catalog,
    pairs: Sequence[tuple[str, str]],
    words: WordShare,
    progress: Progress = silent,
) -> Features:
    """The features of (need id, offer id) pairs, all of which are in index and catalog."""
    ids = {one for pair in pairs for one in pair}
    records = {record.id: record for record in catalog.records(ids=ids)}
    demands = [records[one] for one in sorted({need for need, _ in pairs})]
    supplies = [records[one] for one in sorted({offer for _, offer in pairs})]
    rows = _rows(demands, supplies, pairs)
    scores = score_all(index, demands, supplies, words, progress)
    return pair_features(index, demands, supplies, rows, scores[rows[:, 0], rows[:, 1]])


def nearest_pairs(
    index: Index, catalog: Catalog, words: WordShare, progress: Progress = silent
) -> list[tuple[str, str]]:
    """The (need id, offer id) pairs worth a look: the offers most similar to each need."""
    records = {record.id: record for record in catalog.records()}
    demands = [records[one] for one in index.demand.ids if one in records]
    supplies = [records[one] for one in index.supply.ids if one in records]
    if not demands or not supplies:
        return []
    scores = score_all(index, demands, supplies, words, progress)
    found = []
    for need, row in zip(demands, scores, strict=True):
        near = np.argsort(-row, kind="stable")[:_NEAREST].tolist()
        found += [(need.id, supplies[one].id) for one in near if row[one] > 0]
    return found


def design(model: ScoreModel, features: Features) -> Array:
    """What the weights of the model are multiplied with, (n, n_features)."""
    return model.standardised(features).astype(np.float64)


def parameters(model: ScoreModel) -> Parameters:
    """What can be learned of a model."""
    signed = np.array([name in INDICATORS for name in model.names])
    return Parameters(model.intercept, model.weights.astype(np.float64), signed)


def with_parameters(model: ScoreModel, learned: Parameters) -> ScoreModel:
    """The model with these weights instead of its own.

    What it guesses from the similarity alone rises or falls with the level, so that no pair
    passes another for not having been looked into.
    """
    level, slope = model.prior
    return replace(
        model,
        intercept=learned.intercept,
        weights=learned.weights,
        prior=(level + learned.intercept - model.intercept, slope),
    )


def _rows(
    demands: Sequence[Record], supplies: Sequence[Record], pairs: Iterable[tuple[str, str]]
) -> NDArray[np.int64]:
    need_at = {record.id: row for row, record in enumerate(demands)}
    offer_at = {record.id: row for row, record in enumerate(supplies)}
    found = [(need_at[need], offer_at[offer]) for need, offer in pairs]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _digest(judgements: Iterable[Judgement]) -> str:
    said = "\n".join(repr((one.need, one.offer, one.who, one.grade)) for one in judgements)
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:16]
