"""Meetings moved by hand, and what the rules say of it."""

import pytest

from matcher.planning.event import Event
from matcher.planning.moving import Move, broken, exchange, moved, pair_id, places
from matcher.planning.plan import Certificate, Meeting, Pair, Plan
from matcher.planning.whyfew import why_others

NAMES = [("Dệt An", "Viện Nước"), ("Dệt An", "Xưởng Lọc"), ("Gốm Bắc", "Viện Nước")]


@pytest.fixture
def plan():
    slots = [{"starts": f"2027-05-20 {hour:02}:00"} for hour in (8, 9, 10)]
    event = Event.model_validate(
        {
            "name": "Chợ",
            "tables": 2,
            "slots": slots,
            "participants": [
                {"owner": "Dệt An"},
                {"owner": "Gốm Bắc", "unavailable": "3"},
                {"owner": "Viện Nước"},
                {"owner": "Xưởng Lọc"},
            ],
        }
    )
    pairs = [Pair(demand_owner=d, supply_owner=s, score=0.5) for d, s in NAMES]
    at = [(1, 1), (2, 1), (2, 2)]
    meetings = [
        Meeting(**pair.model_dump(), slot=slot, table=table)
        for pair, (slot, table) in zip(pairs, at, strict=True)
    ]
    certificate = Certificate(objective=1.5, bound=1.5, gap=0, seconds=0)
    return Plan(event=event, meetings=meetings, certificate=certificate, pairs=pairs)


def test_a_move_keeps_the_plan_whole(plan):
    first = plan.meetings[0]
    moves = [Move(first.demand_owner, first.supply_owner, 3, 2)]
    assert broken(plan, moves) == []
    after = moved(plan, moves)
    assert [(m.slot, m.table) for m in after.meetings] == [(2, 1), (2, 2), (3, 2)]
    assert moved(plan, ()) is plan
    swapped = Pair(
        demand_owner=first.supply_owner, supply_owner=first.demand_owner.upper(), score=0
    )
    assert pair_id(swapped) == pair_id(first)


@pytest.mark.parametrize(
    ("place", "rules"),
    [((2, 1), {"table-taken", "double-booked"}), ((9, 1), {"no-such-slot"})],
)
def test_what_a_move_breaks(plan, place, rules):
    first = plan.meetings[0]
    found = broken(plan, [Move(first.demand_owner, first.supply_owner, *place)])
    assert {one.rule for one in found} == rules


def test_places_say_tables_or_why_not(plan):
    found = {one.slot: one for one in places(plan, plan.meetings[2])}
    assert found[1].why.vi == "Viện Nước gặp Dệt An"
    assert found[2].tables == (2,) and found[2].why is None
    assert found[3].why.en == "Gốm Bắc is away"


def test_an_exchange_moves_both(plan):
    first, second = plan.meetings[0], plan.meetings[1]
    moves = exchange(plan, first, second.slot, second.table)
    assert [(m.slot, m.table) for m in moves] == [(2, 1), (1, 1)]
    assert len(exchange(plan, first, 3, 1)) == 1
    assert {one.rule for one in broken(plan, moves)} == {"double-booked"}


def test_why_each_candidate_is_or_is_not_met(plan):
    without = plan.model_copy(update={"meetings": plan.meetings[:2]})
    said = why_others(without, "Gốm Bắc")
    assert [(name, why) for name, why, _ in said] == [("Viện Nước", "worth")]
    assert {why for _, why, _ in why_others(plan, "Dệt An")} == {"met"}
