"""The randomisation test tells a real difference from luck."""

import numpy as np
import pytest

from evaluation.measures.significance import differences, holm, randomisation
from indexer.errors import RequestError


def figures(values):
    return {f"q{i:03d}": {"nDCG@10": float(value)} for i, value in enumerate(values)}


def test_equal_systems_do_not_differ():
    found = randomisation(figures([0.1, 0.5, 1.0]), figures([0.1, 0.5, 1.0]))
    assert (found.mean, found.p) == (0.0, 1.0)


def test_a_steady_gain_is_significant_and_a_lucky_one_is_not():
    random = np.random.default_rng(1)
    theirs = random.random(60)
    steady = randomisation(figures(theirs + 0.05), figures(theirs))
    assert steady.mean == pytest.approx(0.05)
    assert steady.p < 0.001
    lucky = randomisation(figures(theirs + random.normal(0, 0.3, 60)), figures(theirs))
    assert lucky.p > 0.05


def test_few_queries_cannot_prove_much():
    # All four signs alike: 2 of the 16 assignments are as large.
    found = randomisation(figures([1, 1, 1, 1]), figures([0, 0, 0, 0]))
    assert found.p == pytest.approx(2 / 16, abs=0.01)


def test_every_assignment_of_signs_is_as_likely():
    # Of the 8 assignments of 3 + 2 + 1, those of ±6 and ±4 are as large as 4: 4 of 8.
    found = randomisation(figures([3, 2, 0]), figures([0, 0, 1]))
    assert found.mean == pytest.approx(4 / 3)
    assert found.p == pytest.approx(4 / 8, abs=0.01)


def test_the_order_of_the_queries_does_not_matter():
    random = np.random.default_rng(2)
    ours, theirs = figures(random.random(30)), figures(random.random(30))
    turned = dict(reversed(ours.items()))
    assert randomisation(ours, theirs) == randomisation(turned, theirs)
    assert list(differences(turned, theirs, "nDCG@10")) == sorted(ours)
    assert randomisation(theirs, ours).mean == -randomisation(ours, theirs).mean


@pytest.mark.parametrize(
    ("ours", "theirs", "measure", "words"),
    [
        (figures([1.0]), figures([1.0, 0.0]), "nDCG@10", "different queries.* q001"),
        ({}, {}, "nDCG@10", "or on none"),
        (figures([1.0]), figures([0.0]), "AP", "no measure “AP”; choose from: nDCG@10"),
    ],
)
def test_what_cannot_be_compared_is_refused(ours, theirs, measure, words):
    with pytest.raises(RequestError, match=words):
        randomisation(ours, theirs, measure)


@pytest.mark.parametrize(
    ("ps", "corrected"),
    [
        ([], []),
        ([0.03], [0.03]),
        # 4 · 0.005; 3 · 0.01; then 2 · 0.03 and 1 · 0.04, which may not fall below it.
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.6, 0.5], [1.0, 1.0]),
        ([0.02, 0.02], [0.04, 0.04]),
    ],
)
def test_holm_by_hand(ps, corrected):
    assert holm(ps) == pytest.approx(corrected)
