"""Plans: optimal where that can be proven, within every rule, the same for the same seed."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import RequestError
from matcher.planning.check import check
from matcher.planning.event import Event
from matcher.planning.instance import Infeasible
from matcher.planning.plan import Pair, Plan
from matcher.planning.planner import plan
from matcher.planning.whyfew import why_few


def slots(n: int) -> list[dict[str, object]]:
    return [{"starts": f"2027-05-20 {8 + k // 2:02d}:{k % 2 * 30:02d}"} for k in range(n)]


def event(n_slots: int = 3, tables: object = 2, **more: object) -> Event:
    return Event.model_validate({"name": "Chợ", "slots": slots(n_slots), "tables": tables, **more})


def meet(demand: str, supply: str, score: float = 0.5) -> Pair:
    return Pair(demand_owner=demand, supply_owner=supply, score=score, demand="D", supply="S")


def grid(n: int, m: int, seed: int = 1) -> list[Pair]:
    lot = random.Random(seed)
    return [
        meet(f"Cầu {i}", f"Cung {j}", round(lot.random(), 3)) for i in range(n) for j in range(m)
    ]


def made(found: Plan) -> set[tuple[str, str]]:
    return {(item.demand_owner, item.supply_owner) for item in found.meetings}


def brute(given_: Event, pairs: list[Pair]) -> float:
    """The greatest worth of any timetable, by trying all of them."""
    places, best = len(given_.places()), 0.0
    numbers = given_.meeting_slots()
    people = {
        name: (part.people if (part := given_.participant(name)) else 1)
        for pair in pairs
        for name in (pair.demand_owner, pair.supply_owner)
    }

    def go(i: int, worth: float, met: list[tuple[str, str, int]]) -> None:
        nonlocal best
        best = max(best, worth)
        if i == len(pairs):
            return
        one, two = pairs[i].demand_owner, pairs[i].supply_owner
        go(i + 1, worth, met)
        gain = given_.worth(one, two, pairs[i].score)
        if {one, two} in [{a, b} for a, b, _ in met] or given_.forbids(one, two):
            return
        if any(sum(x in m[:2] for m in met) >= given_.limits(x)[1] for x in (one, two)):
            return
        for k in numbers:
            now = [m for m in met if m[2] == k]
            if len(now) >= places:
                continue
            if all(
                k in given_.free_slots(x) and sum(x in m[:2] for m in now) < people[x]
                for x in (one, two)
            ):
                go(i + 1, worth + gain, [*met, (one, two, k)])

    go(0, 0.0, [])
    return best


owners = st.sampled_from(["Cầu 0", "Cầu 1", "Hai 0", "Hai 1"])
others = st.sampled_from(["Cung 0", "Cung 1", "Hai 0", "Hai 1"])
scores = st.sampled_from([0.0, 0.1, 0.5, 0.5, 0.9, 1.0])
parts = st.fixed_dictionaries(
    {"available": st.sampled_from(["1-3", "1", "2-3", "1,3", "2", ""])},
    optional={"people": st.just(2), "most_meetings": st.integers(0, 2)},
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(owners, others, scores), max_size=6),
    st.lists(parts, min_size=6, max_size=6),
    st.integers(1, 2),
)
def test_small_plans_are_as_good_as_all_that_exist(
    rows: list[tuple[str, str, float]], people: list[dict[str, object]], tables: int
) -> None:
    names = ["Cầu 0", "Cầu 1", "Hai 0", "Hai 1", "Cung 0", "Cung 1"]
    here = event(
        3,
        tables,
        participants=[{"owner": n, **part} for n, part in zip(names, people, strict=True)],
    )
    pairs = [meet(*row) for row in rows]
    found = plan(here, pairs)
    assert check(found) == []
    assert found.certificate.objective == pytest.approx(brute(here, pairs), abs=1e-5)
    assert found.certificate.gap == pytest.approx(0, abs=1e-5)


def test_full_availability_is_proven_best_and_fills_the_tables() -> None:
    found = plan(event(8, 12), grid(20, 40))
    assert len(found.meetings) == 8 * 12
    assert found.certificate.gap == 0
    assert found.certificate.bound == pytest.approx(found.certificate.objective)
    assert check(found) == []


def test_the_plan_is_never_worse_than_the_first_free_table() -> None:
    here, pairs = event(5, 3), grid(6, 9)
    busy: set[tuple[str, int]] = set()
    full = dict.fromkeys(range(5), 3)
    greedy = 0.0
    for pair in sorted(pairs, key=lambda item: -item.score):
        ends = pair.demand_owner, pair.supply_owner
        for k in range(5):
            if full[k] and not busy & {(name, k) for name in ends}:
                full[k] -= 1
                busy |= {(name, k) for name in ends}
                greedy += pair.score
                break
    assert plan(here, pairs).certificate.objective >= greedy


def test_the_seed_decides_and_the_order_of_rows_does_not() -> None:
    here = event(2, 2)
    pairs = [meet(f"Cầu {i}", f"Cung {j}") for i, j in itertools.product(range(5), range(5))]
    plans = [plan(here, pairs, seed=s) for s in (0, 0, 1, 2, 3)]
    assert made(plans[0]) == made(plans[1]) == made(plan(here, pairs[::-1], seed=0))
    assert len({frozenset(made(item)) for item in plans}) > 1


def test_it_reads_back_as_it_was_written() -> None:
    found = plan(event(2, 2, met=[{"one": "Cầu 0", "other": "Cung 0"}]), grid(3, 3))
    assert Plan.from_json(found.to_json()) == found


def test_both_sides_of_one_owner_are_one_body() -> None:
    found = plan(event(1, 9), [meet("A", "B"), meet("C", "Công ty TNHH A"), meet("A", "A", 1.0)])
    assert len(found.meetings) == 1
    assert check(found) == []


def test_fixed_met_vetoed_and_booths() -> None:
    here = event(
        3,
        [{"name": "1"}, {"name": "gian", "owner": "Cung 0"}, {"name": "3", "unavailable": "1-2"}],
        fixed=[{"demand": "Cầu 0", "supply": "Cung 1", "slot": 2, "table": 1}],
        met=[{"one": "Cung 2", "other": "Cầu 1"}],
        wishes=[
            {"from": "Cung 0", "to": "Cầu 2", "degree": "veto"},
            {"from": "Cầu 1", "to": "Cung 0", "degree": "very high"},
        ],
    )
    found = plan(here, grid(3, 3))
    assert check(found) == []
    assert ("Cầu 0", "Cung 1", 2, 1) in {
        (m.demand_owner, m.supply_owner, m.slot, m.table) for m in found.meetings
    }
    assert not made(found) & {("Cầu 1", "Cung 2"), ("Cầu 2", "Cung 0")}
    assert {m.table for m in found.meetings if m.supply_owner == "Cung 0"} == {2}
    assert ("Cầu 1", "Cung 0") in made(found)


def test_rests_interpreters_and_walking() -> None:
    names = [f"Cầu {i}" for i in range(4)]
    here = event(
        6,
        [{"name": str(i), "room": "AB"[i % 2]} for i in range(4)],
        rooms=[{"name": "A", "walk": {"B": 15}}],
        most_in_a_row=2,
        interpreters=1,
        participants=[
            *({"owner": name, "languages": ["vi"]} for name in names),
            *({"owner": f"Cung {i}", "languages": ["en"] if i < 3 else []} for i in range(6)),
        ],
    )
    found = plan(here, grid(4, 6), seconds=2)
    assert check(found) == []
    assert len(found.meetings) >= 14


def test_fairness_is_a_choice() -> None:
    pairs = [meet("Lớn", "X", 0.9), meet("Lớn", "Y", 0.8), meet("Nhỏ", "X", 0.1)]
    here = {"n_slots": 1, "tables": 1}
    assert made(plan(event(2, 1), pairs)) == {("Lớn", "X"), ("Lớn", "Y")}
    fair = plan(event(2, 1, fairness="worst-first"), pairs)
    assert made(fair) == {("Lớn", "Y"), ("Nhỏ", "X")}
    assert fair.certificate.gap == pytest.approx(0.8 / 1.7)
    assert "fewest" in fair.policy["en"]
    small = [{"label": "DN nhỏ", "weight": 10, "owners": ["Nhỏ"]}]
    weighed = plan(event(**here, policies=small), pairs)
    assert made(weighed) == {("Nhỏ", "X")}
    assert "DN nhỏ" in weighed.policy["vi"]


def test_nobody_has_more_than_its_share() -> None:
    pairs = [meet("Lớn", f"S{j}", 0.9) for j in range(6)]
    pairs += [meet(f"N{i}", f"S{i}", 0.2) for i in range(6)]
    found = plan(event(6, 2, most_share=0.4), pairs)
    got = found.certificate.per_party["Lớn"].got
    assert 0 < got <= 0.4 * len(found.meetings)
    assert check(found) == []


def test_a_seeded_lot_bounds_the_chance_of_any_pair() -> None:
    here = event(3, 9, most_probability=0.5)
    met = [("Cầu 0", "Cung 0") in made(plan(here, grid(2, 2), seed=s)) for s in range(60)]
    assert 15 <= sum(met) <= 45


def test_minimums_are_kept_or_said_to_be_out_of_reach() -> None:
    pairs = [meet("A", "X", 0.9), meet("B", "X", 0.1), meet("A", "Y", 0.8)]
    here = [{"owner": "B", "least_meetings": 1}, *({"owner": n} for n in "AXY")]
    assert ("B", "X") in made(plan(event(1, 2, participants=here), pairs))
    with pytest.raises(Infeasible) as caught:
        plan(event(1, 1, least_meetings=1), pairs)
    assert set(caught.value.parties) & {"A", "B", "X", "Y"}
    assert "tối thiểu" in caught.value.message.vi


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"fixed": [{"demand": "A", "supply": "X", "slot": 9}]}, "there is no meeting slot 9"),
        ({"fixed": [{"demand": "A", "supply": "X", "table": 9}]}, "there is no table 9"),
        ({"fixed": [{"demand": "A", "supply": "A"}]}, "may not meet"),
        (
            {
                "fixed": [
                    {"demand": "A", "supply": "X", "slot": 1},
                    {"demand": "A", "supply": "Y", "slot": 1},
                ]
            },
            "contradict",
        ),
        (
            {
                "fixed": [
                    {"demand": "A", "supply": "X", "slot": 1, "table": 1},
                    {"demand": "B", "supply": "Y", "slot": 1, "table": 1},
                ]
            },
            "no table",
        ),
    ],
)
def test_fixed_meetings_that_cannot_be(more: dict[str, object], named: str) -> None:
    with pytest.raises(Infeasible, match=named):
        plan(event(2, 2, **more), [meet("A", "X"), meet("B", "Y")])


def test_events_without_room() -> None:
    with pytest.raises(RequestError, match="no slot to meet in"):
        plan(event(0), grid(1, 1))
    assert plan(event(2), []).meetings == ()
    never = event(2, participants=[{"owner": "Cầu 0", "available": ""}, {"owner": "Cung 0"}])
    assert plan(never, grid(1, 1)).meetings == ()
    with pytest.raises(RequestError, match="above 0"):
        plan(event(2), grid(1, 1), seconds=0)


def test_ten_thousand_participants_and_one_table() -> None:
    pairs = [meet(f"Cầu {i}", f"Cung {i}") for i in range(5_000)]
    found = plan(event(3, 1), pairs)
    assert len(found.meetings) == 3
    assert found.certificate.gap == 0


def test_alternates_are_the_best_who_are_left() -> None:
    found = plan(event(1, 1), [meet("A", "X", 0.9), meet("A", "Y", 0.2), meet("A", "Z", 0.4)])
    assert found.alternates["A"] == ("Z", "Y")
    assert found.certificate.per_party["A"].best == 0.9


def test_rests_hold_over_midnight() -> None:
    hours = ["20 23:00", "20 23:20", "20 23:40", "21 00:00", "21 00:20", "21 00:40"]
    times = [{"starts": f"2027-05-{hour}"} for hour in hours]
    found = plan(event(slots=times, most_in_a_row=2), grid(3, 6))
    assert check(found) == []
    assert found.meetings


def test_a_booth_whose_owner_meets_nobody_stays_empty() -> None:
    tables = [{"name": "Gian", "owner": "Ai đó"}, {"name": "1"}]
    found = plan(event(2, tables), grid(2, 2))
    assert {meeting.table for meeting in found.meetings} == {2}
    assert check(found) == []


@pytest.mark.parametrize("seconds", [0.0, float("nan"), float("inf")])
def test_seconds_are_a_number_above_zero(seconds: float) -> None:
    with pytest.raises(RequestError, match="seconds above 0"):
        plan(event(), grid(2, 2), seconds=seconds)


def test_who_draws_no_lot_is_listed_and_told_why() -> None:
    found = plan(event(most_probability=0.05), grid(4, 4))
    assert len(found.certificate.per_party) == 8
    none = [name for name in found.certificate.per_party if name not in dict(made(found))]
    lots = [why_few(found, name)[1].en for name in none]
    assert "The lot drew no candidate to meet (each pair has a chance of 0.05)." in lots
    assert check(found) == []
