"""The randomisation test tells a real difference from luck."""

import numpy as np
import pytest

from evaluation.significance import compare


def figures(values):
    return {f"q{i:03d}": {"nDCG@10": float(value)} for i, value in enumerate(values)}


def test_equal_systems_do_not_differ():
    found = compare(figures([0.1, 0.5, 1.0]), figures([0.1, 0.5, 1.0]))
    assert (found.mean, found.p) == (0.0, 1.0)


def test_a_steady_gain_is_significant_and_a_lucky_one_is_not():
    random = np.random.default_rng(1)
    theirs = random.random(60)
    steady = compare(figures(theirs + 0.05), figures(theirs))
    assert steady.mean == pytest.approx(0.05)
    assert steady.p < 0.001
    lucky = compare(figures(theirs + random.normal(0, 0.3, 60)), figures(theirs))
    assert lucky.p > 0.05


def test_few_queries_cannot_prove_much():
    # All four signs alike: 2 of the 16 assignments are as large.
    found = compare(figures([1, 1, 1, 1]), figures([0, 0, 0, 0]))
    assert found.p == pytest.approx(2 / 16, abs=0.01)


def test_different_queries_are_refused():
    with pytest.raises(ValueError, match="different queries"):
        compare(figures([1.0]), figures([1.0, 0.0]))
