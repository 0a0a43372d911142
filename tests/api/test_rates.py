"""Token buckets: how often somebody may ask, and how long to wait."""

import pytest

from api.rates import Rates


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_sixth_of_a_minute_at_once_and_then_at_a_steady_pace(clock: Clock) -> None:
    rates = Rates(60, clock)
    assert [rates.wait("a") for _ in range(12)] == [0] * 10 + [1, 1]
    clock.now += 1
    assert [rates.wait("a"), rates.wait("a")] == [0, 1]
    clock.now += 1000
    assert [rates.wait("a") for _ in range(11)] == [0] * 10 + [1]


def test_each_has_a_bucket(clock: Clock) -> None:
    rates = Rates(6, clock)
    assert [rates.wait(who) for who in "aab"] == [0, 10, 0]


def test_who_is_refused_does_not_wait_longer_for_it(clock: Clock) -> None:
    rates = Rates(6, clock)
    rates.wait("a")
    assert {rates.wait("a") for _ in range(50)} == {10}
    clock.now += 10
    assert rates.wait("a") == 0


def test_no_limit(clock: Clock) -> None:
    assert {Rates(0, clock).wait("a") for _ in range(1000)} == {0}


def test_many_askers_are_forgotten_in_turn(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.rates._MOST", 3)
    rates = Rates(6, clock)
    for who in "abcd":
        assert rates.wait(who) == 0
    assert rates.wait("d") == 10
    assert rates.wait("a") == 0
    assert len(rates._buckets) == 3
