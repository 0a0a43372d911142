"""The bootstrap against what is known of means."""

import time

import numpy as np
import pytest

from evaluation.measures import intervals
from evaluation.measures.intervals import Interval, interval
from indexer.errors import RequestError


def test_a_large_sample_gives_the_interval_of_the_normal_law():
    values = np.random.default_rng(1).normal(0.5, 0.2, 400)
    low, high = interval(values)
    error = values.std() / np.sqrt(400)
    assert (low, high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.1 * error
    )


def test_two_values_by_hand():
    # Resamples of {0, 1}: means 0, ½, 1 with chances ¼, ½, ¼.
    assert interval([0.0, 1.0]) == Interval(0.0, 1.0)
    assert interval([0.0, 1.0], level=0.4) == Interval(0.5, 0.5)


def test_intervals_repeat_to_the_last_digit_in_any_order():
    values = np.random.default_rng(2).random(57)
    assert interval(values) == interval(values[::-1]) == interval(values.tolist())


def test_the_true_mean_lies_inside_as_often_as_promised(monkeypatch):
    monkeypatch.setattr(intervals, "RESAMPLES", 1_000)
    random = np.random.default_rng(3)
    inside = 0
    for _ in range(200):
        low, high = interval(random.random(40))
        inside += low <= 0.5 <= high
    assert 180 <= inside <= 198  # 95% of 200, give or take three standard deviations


def test_a_higher_level_is_wider_and_equal_values_are_certain():
    values = np.random.default_rng(4).random(30)
    narrow, wide = interval(values, level=0.8), interval(values, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high
    assert interval([0.25] * 9) == interval([0.25]) == Interval(0.25, 0.25)


def test_many_values_are_as_fast_as_one_looks():
    values = np.random.default_rng(5).random(1_000)
    started = time.process_time()
    interval(values)
    assert time.process_time() - started < 0.5  # about 0.04 where nobody else works


def test_more_values_than_short_numbers_count(monkeypatch):
    monkeypatch.setattr(intervals, "RESAMPLES", 300)
    low, high = interval(np.r_[np.zeros(1_000), np.ones(69_000)])
    assert low < 69 / 70 < high
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(69 / 70 / 70 / 70_000), rel=0.2)


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [([], 0.95, "needs a value"), ([1.0], 95, "level 95 is not valid"), ([1.0], 0, "level 0 ")],
)
def test_what_has_no_interval_is_refused(values, level, words):
    with pytest.raises(RequestError, match=words):
        interval(values, level)
