"""Fit the score on judged pairs: python -m evaluation.fitting [--write]

Trained on one half of the needs, told by a hash of their ids; the other half is only measured. Two
steps, both with an L2 penalty, on the candidates of each need as the matcher finds them:

1. *Order.* Weights of at least 0 that put the better grades of a need first: a listwise loss, the
   cross-entropy between the softmax of the scores of a need's candidates and their gains
   2^grade - 1 (Cao et al., ICML 2007). What differs between needs alone has no say here.
2. *Meaning.* One slope for that order, an intercept and the indicators, so that the logistic of
   it is the chance of a grade of 2 or 3 (Platt 1999). Pairs nobody judged count as not accepted:
   the events were read whole.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import typer

from evaluation.benchmarks.output import say
from evaluation.collections import Collection
from evaluation.fitted import measure, sentences
from evaluation.judged import judged_event, real_event
from evaluation.matching import memory_index, records_of
from indexer.encoder import CONTEXTUAL, STATIC
from indexer.encoders.loading import load_encoder
from indexer.records import Side
from matcher.allpairs import score_all
from matcher.features import FEATURES, INDICATORS, pair_features
from matcher.fusion import BY_DIRECTION
from matcher.rating import candidate_pairs
from matcher.score import SHIPPED, ScoreModel, forget

Numbers = npt.NDArray[np.float64]
Half = Literal["fit", "held"]

_ROOT = Path(__file__).parents[1]
_DEMO = _ROOT / "datasets/techmart-demo"
_REAL = _ROOT / "datasets/real-event-needs"
_OFFERS = _ROOT.parent / "shared/data/real/event-offers.xlsx"

# Each need of the real event comes in six directions of language.
_REAL_ORDER, _REAL_MEANING = 0.2, 0.3
_ORDER_PRIOR, _MEANING_PRIOR = 0.1, 1.0  # variances of the Gaussian priors
_ACCEPTED = 2  # the lowest grade worth a meeting


def split(need_id: str) -> Half:
    """The half a need belongs to; what is chosen or fitted is on "fit" alone."""
    return "held" if blake2b(need_id.encode(), digest_size=1).digest()[0] % 2 else "fit"


@dataclass(frozen=True)
class Pairs:
    """n candidate pairs of one half of a collection: `needs` (n,) numbers their needs."""

    features: Numbers
    similarities: Numbers
    grades: npt.NDArray[np.int64]
    needs: npt.NDArray[np.int64]
    order_weight: float
    meaning_weight: float

    @property
    def accepted(self) -> npt.NDArray[np.bool_]:
        return self.grades >= _ACCEPTED


def judged_collections() -> list[Collection]:
    """The judged events; the real one, by direction, where its offers are there."""
    real = real_event(_REAL, _OFFERS) if _OFFERS.is_file() else ()
    return [judged_event(_DEMO)[0], *real]


def pairs_of(collection: Collection, encoder: str, half: Half) -> Pairs:
    """The candidates of the needs of one half."""
    known = {one.text(): one for one in collection.records.values()}
    made = load_encoder(encoder)
    records = {
        Side.DEMAND: records_of(collection.queries, Side.DEMAND, known),
        Side.SUPPLY: records_of(collection.documents, Side.SUPPLY, known),
    }
    vectors = {
        side: made.encode([one.text() for one in records[side]], query=side is Side.DEMAND)
        for side in Side
    }
    index = memory_index(records, made, vectors)
    table = score_all(index, records[Side.DEMAND], records[Side.SUPPLY], BY_DIRECTION)
    pairs = candidate_pairs(table)
    inside = np.array([split(one) == half for one in collection.query_ids])
    pairs = pairs[inside[pairs[:, 0]]]
    similarities = table[pairs[:, 0], pairs[:, 1]]
    found = pair_features(index, records[Side.DEMAND], records[Side.SUPPLY], pairs, similarities)
    grades = [
        collection.qrels.get(collection.query_ids[i], {}).get(collection.document_ids[j], 0)
        for i, j in pairs.tolist()
    ]
    return Pairs(
        found.matrix.astype(np.float64),
        similarities.astype(np.float64),
        np.array(grades, dtype=np.int64),
        pairs[:, 0],
        1.0 if known else _REAL_ORDER,
        1.0 if known else _REAL_MEANING,
    )


def fit(parts: Sequence[Pairs]) -> ScoreModel:
    """The model of these pairs. Raises ValueError where none or all of them are accepted."""
    every = np.concatenate([part.features for part in parts])
    accepted = np.concatenate([part.accepted for part in parts])
    if accepted.all() or not accepted.any():
        raise ValueError("a score is fitted on pairs that are accepted and pairs that are not")
    centre, scale = _spread(every)
    standard = np.nan_to_num((every - centre) / scale, nan=0.0)
    order = _order(standard, parts)
    weight = np.concatenate([np.full(len(one.grades), one.meaning_weight) for one in parts])
    signed = [i for i, name in enumerate(FEATURES) if name in INDICATORS]
    columns = np.column_stack([standard @ order, standard[:, signed]])
    intercept, slopes = _logistic(columns, accepted, weight)
    weights = order * slopes[0]
    weights[signed] = slopes[1:]
    similarities = np.concatenate([part.similarities for part in parts])
    prior, (slope,) = _logistic(similarities[:, None], accepted, weight)
    return ScoreModel(FEATURES, centre, scale, weights, intercept, (prior, float(slope)))


def _spread(features: Numbers) -> tuple[Numbers, Numbers]:
    """Mean and deviation of each feature where it is known; 0 and 1 where it never varies."""
    known = ~np.isnan(features)
    count = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, features, 0.0).sum(axis=0) / count
    variance = np.where(known, (features - centre) ** 2, 0.0).sum(axis=0) / count
    return centre, np.where(variance > 1e-12, np.sqrt(variance), 1.0)


def _order(standard: Numbers, parts: Sequence[Pairs]) -> Numbers:
    """The listwise weights (n_features,), 0 for the indicators."""
    lists, start = [], 0
    for part in parts:
        rows = standard[start : start + len(part.grades)]
        start += len(part.grades)
        for need in np.unique(part.needs):
            mine = part.needs == need
            gains = 2.0 ** part.grades[mine] - 1.0
            if gains.any():
                lists.append((rows[mine], gains / gains.sum(), part.order_weight))

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        total, gradient = 0.0, weights / _ORDER_PRIOR
        for rows, gains, weight in lists:
            logits = rows @ weights
            logits -= logits.max()
            logged = logits - np.log(np.exp(logits).sum())
            total -= weight * float(gains @ logged)
            gradient = gradient + weight * (rows.T @ (np.exp(logged) - gains))
        return total + float(weights @ weights) / (2 * _ORDER_PRIOR), gradient

    bounds = [(0.0, 0.0) if name in INDICATORS else (0.0, None) for name in FEATURES]
    return _least(loss, np.full(len(FEATURES), 0.1) * [high is None for _, high in bounds], bounds)


def _logistic(
    columns: Numbers, accepted: npt.NDArray[np.bool_], weight: Numbers
) -> tuple[float, Numbers]:
    """(intercept, slopes): the first slope is at least 0 and free, the others are held small."""
    signs = np.where(accepted, 1.0, -1.0)
    held = np.ones(columns.shape[1])
    held[0] = 0.0

    def loss(values: Numbers) -> tuple[float, Numbers]:
        margin = signs * (columns @ values[1:] + values[0])
        pull = -weight * signs / (1.0 + np.exp(np.clip(margin, -500, 500)))
        penalty = held * values[1:] / _MEANING_PRIOR
        gradient = np.concatenate([[pull.sum()], columns.T @ pull + penalty])
        return float(weight @ np.logaddexp(0.0, -margin) + penalty @ values[1:] / 2), gradient

    bounds = [(None, None), (0.0, None)] + [(None, None)] * (columns.shape[1] - 1)
    found = _least(loss, np.concatenate([[-3.0, 1.0], np.zeros(columns.shape[1] - 1)]), bounds)
    return float(found[0]), found[1:]


def _least(
    loss: Callable[[Numbers], tuple[float, Numbers]],
    start: Numbers,
    bounds: Sequence[tuple[float | None, float | None]],
) -> Numbers:
    from scipy.optimize import minimize  # noqa: PLC0415 - in the training command only

    found: Numbers = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return found


def main(
    write: Annotated[bool, typer.Option("--write", help="Replace the weights shipped.")] = False,
) -> None:
    """Fit the score for both encoders of the package; measure the shipped one on held-out needs."""
    collections = judged_collections()
    models = {}
    for encoder in (CONTEXTUAL, STATIC):
        parts = [pairs_of(one, encoder, "fit") for one in collections]
        models[encoder] = fit(parts)
        say(f"{encoder}: fitted on {sum(len(part.grades) for part in parts)} pairs")
    body = {"version": 1, "models": {name: one.to_json() for name, one in models.items()}}
    if write:
        SHIPPED.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8", newline="\n")
        say(f"written: {SHIPPED}")
        forget()
    else:
        say(json.dumps(body, indent=1))
    held = frozenset(one for each in collections for one in each.query_ids if split(one) == "held")
    for encoder in models:
        typer.echo(f"== {encoder}, held-out half")
        for line in sentences(measure(collections, held, encoder)):
            typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
