"""The simulation of learning, on a made-up event whose judges like another feature."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.benchmarks.learning import Pool, simulate
from evaluation.benchmarks.learningpage import FIGURES, PAGE, rewritten, tables
from matcher.learning.feedback import Parameters

ROOT = Path(__file__).parents[2]


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


def test_a_better_share_of_words_is_found_and_counted():
    given = made_up()
    liked = given.grades + np.random.default_rng(1).normal(size=len(given.grades)) * 0.1
    found = simulate(replace(given, fused={0.5: liked}), judged=60, draws=3, chosen=False)
    assert found["nDCG@10"]["fusion"]["worst"] > 0.05
    assert found["log-likelihood"]["fusion"]["worst"] > 0
    assert found["nDCG@10"]["fusion_best"]["worst"] > 0.05


def test_a_worse_share_of_words_is_not_used():
    given = made_up()
    noise = np.random.default_rng(1).normal(size=len(given.grades))
    found = simulate(replace(given, fused={0.5: noise}), judged=60, draws=3, chosen=False)
    assert found["log-likelihood"]["fusion"]["worst"] > -0.02


def test_the_page_holds_the_figures_saved():
    page = (ROOT / PAGE).read_text("utf-8")
    document = json.loads((ROOT / FIGURES).read_text("utf-8"))
    assert rewritten(page, document) == page


def test_a_page_without_marks_is_not_written():
    with pytest.raises(ValueError, match="do not edit"):
        rewritten("# Learning", {"results": []})


def test_what_the_tables_say():
    made = simulate(made_up(), judged=50, draws=2, chosen=False)
    more = simulate(made_up(), judged=50, draws=2, chosen=True)
    text = tables({"results": [made, more]})
    assert f"| made up | {made['nDCG@10']['before']:.3f} | " in text
    assert "| made up | 50 suggested | " in text
    assert text.count("| made up |") == 3  # nothing is said twice
