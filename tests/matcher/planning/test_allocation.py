"""Judges to entries, assessors to offers, desks to groups: the pairing without a timetable."""

import itertools
import random

import pytest

from indexer.errors import RequestError
from matcher.planning.allocation import allocate
from matcher.planning.event import Event
from matcher.planning.instance import Infeasible
from matcher.planning.plan import Pair
from matcher.planning.shares import shares


def pairs_of(scores):
    return [
        Pair(demand_owner=one, supply_owner=other, score=score)
        for (one, other), score in scores.items()
    ]


def event_of(**more):
    return Event.model_validate({"name": "Phân công", **more})


def judging(entries, judges, each, most, **more):
    people = [
        {"owner": name, "sides": "demand", "least_meetings": each, "most_meetings": each}
        for name in entries
    ]
    people += [{"owner": name, "sides": "supply", "most_meetings": most} for name in judges]
    return event_of(participants=people, **more)


def best_by_hand(entries, judges, scores, each, most, apart):
    """The greatest sum over every choice of `each` judges for every entry."""
    choices = [
        [c for c in itertools.combinations(judges, each) if not any((e, j) in apart for j in c)]
        for e in entries
    ]
    found = [
        sum(scores[e, j] for e, chosen in zip(entries, way, strict=True) for j in chosen)
        for way in itertools.product(*choices)
        if all(sum(j in chosen for chosen in way) <= most for j in judges)
    ]
    return max(found, default=None)


@pytest.mark.parametrize("seed", range(12))
def test_judges_are_given_as_well_as_can_be(seed):
    chance = random.Random(seed)
    entries, judges = [f"E{n}" for n in range(4)], [f"J{n}" for n in range(4)]
    scores = {(e, j): round(chance.random(), 3) for e in entries for j in judges}
    apart = {(chance.choice(entries), chance.choice(judges)) for _ in range(3)}
    rules = [{"kind": "forbid", "party": j, "others": [e]} for e, j in sorted(apart)]
    event = judging(entries, judges, 2, 3, rules=rules)
    best = best_by_hand(entries, judges, scores, 2, 3, apart)
    if best is None:
        with pytest.raises(Infeasible):
            allocate(event, pairs_of(scores))
        return
    found = allocate(event, pairs_of(scores))
    assert found.certificate.objective == pytest.approx(best)
    assert found.certificate.gap == 0
    assert all(len(found.of(entry)) == 2 for entry in entries)
    assert all(len(found.of(judge)) <= 3 for judge in judges)
    assert not {(p.demand_owner, p.supply_owner) for p in found.pairs} & apart
    again = allocate(event, pairs_of(scores)[::-1])
    assert again.pairs == found.pairs


def test_assessors_wish_veto_and_each_get_something():
    scores = {(offer, name): 0.5 for offer in ("O1", "O2") for name in ("A", "B", "C", "D")}
    scores["O1", "D"] = scores["O2", "D"] = 0.1
    event = judging(
        ["O1", "O2"], ["A", "B", "C", "D"], 2, 2,
        wishes=[
            {"from": "A", "to": "O1", "degree": "từ chối"},
            {"from": "B", "to": "O2", "degree": "rất cao"},
        ],
        fairness="guarantee", guarantee=1,
    )  # fmt: skip
    found = allocate(event, pairs_of(scores))
    assert [len(found.of(name)) for name in "ABCD"] == [1, 1, 1, 1]
    assert (found.of("A"), found.of("B")) == (("O2",), ("O2",))
    greedy = allocate(event.model_copy(update={"fairness": "value"}), pairs_of(scores))
    assert greedy.of("D") == ()


def test_fixed_and_shares_of_the_whole():
    scores = {(e, j): 0.5 for e in ("E1", "E2", "E3", "E4") for j in ("J1", "J2", "J3")}
    scores |= {(e, "J1"): 0.9 for e in ("E1", "E2", "E3", "E4")}
    entries = {"most_meetings": 1, "fixed": [{"demand": "E4", "supply": "J3"}]}
    people = [{"owner": f"J{n}", "most_meetings": 9} for n in (1, 2, 3)]
    event = event_of(participants=people, everybody=True, **entries)
    found = allocate(event, pairs_of(scores))
    assert found.of("J3") == ("E4",)
    assert found.of("J1") == ("E1", "E2", "E3")
    half = event_of(participants=people, everybody=True, most_share=0.5, **entries)
    assert len(allocate(half, pairs_of(scores)).of("J1")) == 2


def test_what_cannot_be_allocated_is_said():
    with pytest.raises(RequestError, match=r"takes no \[\[slots\]\]"):
        allocate(event_of(slots=[{"starts": "2027-05-20 09:00"}]), [])
    with pytest.raises(Infeasible, match="E1"):
        allocate(judging(["E1"], ["J1"], 2, 2), pairs_of({("E1", "J1"): 0.5}))
    assert allocate(event_of(), []).pairs == ()


def test_desks_by_performance_over_several_rounds():
    weights = {"A": 50, "B": 31, "C": 19}
    assert shares(weights, 8) == {"A": 4, "B": 2, "C": 2}
    before = dict.fromkeys(weights, 0)
    for seats in range(200):
        now = shares(weights, seats)
        assert sum(now.values()) == seats
        assert all(now[name] >= before[name] for name in weights)  # nobody loses by more seats
        assert all(abs(now[name] - seats * weight / 100) < 1 for name, weight in weights.items())
        before = now
    assert shares({"Z": 1, "A": 1}, 1) == {"Z": 0, "A": 1}
    assert shares({"A": 1, "B": 0}, 5) == {"A": 5, "B": 0}
    for wrong in ({"A": -1.0}, {"A": float("nan")}, {"A": 0.0}, {}):
        with pytest.raises(RequestError, match="Accepted: numbers from 0"):
            shares(wrong, 3)
    with pytest.raises(RequestError, match="Accepted: 0 to"):
        shares(weights, -1)
