"""Fitting the score: halves by id, monotone weights, the system `match`."""

import numpy as np
import pytest

from evaluation.collections import Collection
from evaluation.fitted import measure, sentences
from evaluation.fitting import Pairs, fit, pairs_of, split
from evaluation.run import evaluate
from matcher.features import FEATURES, INDICATORS

OFFERS = {
    "b": "Máy sấy lúa tầng sôi cho hợp tác xã",
    "a": "Bể điện hoá khử màu nước thải dệt nhuộm",
}
NEEDS = {f"N{i}": text for i, text in enumerate(["Lúa ướt cần máy sấy", "Nước thải nhuộm"] * 6)}
SMALL = Collection(
    name="small",
    document_ids=tuple(OFFERS),
    documents=tuple(OFFERS.values()),
    query_ids=tuple(NEEDS),
    queries=tuple(NEEDS.values()),
    qrels={name: {"b" if "Lúa" in text else "a": 3} for name, text in NEEDS.items()},
    itself={},
)


def test_a_need_is_always_in_the_same_half():
    assert [split(f"INT-{i:03d}") for i in range(6)] == [split(f"INT-{i:03d}") for i in range(6)]
    halves = [split(f"INT-{i:03d}") for i in range(1000)]
    assert 400 < halves.count("fit") < 600


def drawn(rows=400, seed=3):
    """Pairs where only two features tell what is accepted, one of them the wrong way."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, len(FEATURES)))
    accepted = features[:, 0] - features[:, 1] + random.normal(size=rows) * 0.5 > 1
    grades = np.where(accepted, 3, 0)
    features[random.random(features.shape) < 0.1] = np.nan
    return Pairs(features, np.full(rows, 0.5), grades, np.arange(rows) // 20, 1.0, 1.0)


def test_weights_are_monotone_and_find_what_tells():
    model = fit([drawn()])
    weights = dict(zip(model.names, model.weights, strict=True))
    assert all(weights[name] >= 0 for name in FEATURES if name not in INDICATORS)
    assert weights[FEATURES[0]] == max(weights.values()) > 0.5
    assert weights[FEATURES[1]] == 0  # more of it was worse: it gets no say, not a negative one
    assert np.isfinite(model.weights).all()


def test_nothing_accepted_is_nothing_to_fit():
    pairs = drawn()
    none = Pairs(pairs.features, pairs.similarities, pairs.grades * 0, pairs.needs, 1.0, 1.0)
    with pytest.raises(ValueError, match="accepted"):
        fit([none])


def test_candidates_of_one_half_with_their_grades():
    found = pairs_of(SMALL, "static", "fit")
    inside = [i for i, name in enumerate(SMALL.query_ids) if split(name) == "fit"]
    assert sorted(set(found.needs.tolist())) == inside
    assert found.accepted.sum() == len(inside)
    assert found.features.shape == (2 * len(inside), len(FEATURES))


def test_the_system_match_ranks_by_probability():
    (result,) = evaluate([SMALL], ["match"], encoder="static")
    assert result.metrics["nDCG@10"] == 1
    for ranking in result.run.values():
        assert ((ranking.scores > 0) & (ranking.scores <= 1)).all()


def test_the_figures_are_told():
    fitted = measure([SMALL], frozenset(SMALL.query_ids), "static")
    assert fitted.gains["small"].needs == 12
    lines = list(sentences(fitted))
    assert any(line.startswith("small: nDCG@10 hybrid 1.000, score 1.000") for line in lines)
    assert any(line.startswith("small vi→vi: ECE") for line in lines)
