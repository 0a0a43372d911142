"""The simulation of learning, on a made-up event whose judges like another feature."""

import numpy as np

from evaluation.benchmarks.learning import Pool, simulate
from matcher.learning.feedback import Parameters


def made_up(needs=40, offers=12):
    random = np.random.default_rng(5)
    features = random.normal(size=(needs * offers, 3))
    liked = features[:, 1] * 2 + random.normal(size=len(features)) * 0.3
    grades = np.where(liked > 2.5, 3.0, np.where(liked > 1.5, 2.0, 0.0))
    names = [f"N{place:02}" for place in range(needs) for _ in range(offers)]
    return Pool(
        name="made up",
        features=features,
        grades=grades,
        pairs=tuple((need, f"O{row}") for row, need in enumerate(names)),
        every={need: grades[np.array(names) == need] for need in names},
        shipped=Parameters(-1.0, np.array([1.0, 0.5, 0.1])),
    )


def test_judges_who_like_something_else_are_learned_from():
    found = simulate(made_up(), judged=60, draws=3, chosen=False, strength=3.0)
    assert found["kept"]["weights"] == 3
    gain = found["nDCG@10"]["kept"]
    assert gain["gain"] > 0.05
    assert gain["worst"] <= gain["gain"] <= gain["best"]
    assert found["log-likelihood"]["kept"]["gain"] > 0


def test_suggested_pairs_are_simulated_too_and_draws_are_the_same_each_time():
    one = simulate(made_up(), judged=20, draws=2, chosen=True)
    assert one["chosen"] == "suggested"
    assert one == simulate(made_up(), judged=20, draws=2, chosen=True)
