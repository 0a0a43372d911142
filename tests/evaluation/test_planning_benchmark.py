"""The planning benchmark: every system on the same instance."""

import pytest

from evaluation.benchmarks.planning import compare, full, ruled
from matcher.planning.check import check
from matcher.planning.planner import plan


def test_ours_is_proven_best_beside_its_peers() -> None:
    found = compare("tiny", full(6, 9, 4, 4, 0, seed=3), 5.0, peers=True)
    ours, greedy, solver, flow = found["rows"]
    assert ours["gap"] == 0
    assert ours["violations"] == 0
    assert ours["value"] == pytest.approx(solver["value"], abs=0.01)
    assert greedy["value"] <= ours["value"]
    assert flow["meetings"] == 12  # two for each of six needs


def test_every_kind_of_rule_is_kept() -> None:
    event, pairs = ruled(seed=7)
    found = plan(event, pairs, seconds=5)
    assert check(found) == []
    assert found.certificate.gap <= 0.01
