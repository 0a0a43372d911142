"""The planning benchmark: every system on the same instance."""

import pytest

from evaluation.benchmarks.planning import compare, repaired
from evaluation.benchmarks.planningalone import alone, solved
from evaluation.benchmarks.planninginstances import INSTANCES, full, ruled
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


def test_no_shows_leave_the_others_where_they_were() -> None:
    found = repaired(plan(*full(20, 40, 6, 8, 0, seed=3)), seed=3)
    assert found["no_shows"] == 3
    assert found["kept"] >= 0.95
    assert found["violations"] == 0


def test_an_instance_alone_tells_its_memory() -> None:
    name = "50 x 150, 12 slots, 30 tables"
    used = alone(name, 7)
    assert used["gap"] == 0
    assert used["peak_mib"] is None or used["peak_mib"] > 20


def test_the_solver_has_the_limit_that_its_row_says(monkeypatch) -> None:
    monkeypatch.setitem(INSTANCES, "tiny", lambda seed: full(6, 9, 4, 4, 0, seed))
    row = solved("tiny", 3, 5.0)
    assert row["system"] == "CP-SAT, 2 workers, 5 s of search"
    assert row["meetings"] == 16
    assert row["gap"] == pytest.approx(0, abs=0.01)
