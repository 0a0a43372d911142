"""An event that cannot be planned is answered with the smallest change that helps."""

import pytest

from matcher.planning.check import check
from matcher.planning.event import Event
from matcher.planning.plan import Pair
from matcher.planning.planner import plan
from matcher.planning.remedied import remedied
from matcher.planning.whynot import why_not


def the_event(slots=2, **fields):
    times = [{"starts": f"2027-05-20 {9 + n // 3:02d}:{n % 3 * 20:02d}"} for n in range(slots)]
    return Event.model_validate({"name": "Hội chợ", "tables": 2, "slots": times, **fields})


def the_pairs(demands="AB", supplies="XY", score=0.5):
    return [Pair(demand_owner=d, supply_owner=s, score=score) for d in demands for s in supplies]


def people(names="ABXY", **changes):
    return [{"owner": name, **changes.get(name, {})} for name in names]


def said(event, pairs, **options):
    return [remedy.message().en for remedy in why_not(event, pairs, **options)]


def test_a_possible_event_needs_nothing():
    assert why_not(the_event(least_meetings=2), the_pairs()) == ()


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        ({"tables": 1, "least_meetings": 2}, "1 more table"),
        ({"slots": 1, "least_meetings": 2}, "1 more slot"),
        ({"slots": 0, "least_meetings": 1}, "1 more slot"),
        (
            {"participants": people(A={"least_meetings": 3})},
            "lower the minimum of A from 3 to 2",
        ),
        (
            {
                "participants": people(A={"least_meetings": 2}),
                "wishes": [{"from": "X", "to": "A", "degree": "veto"}],
            },
            "lower the minimum of A from 2 to 1",
        ),
        (
            {"participants": people(A={"least_meetings": 2}, X={"most_meetings": 0})},
            "lower the minimum of A from 2 to 1",
        ),
        (
            {"fixed": [{"demand": "A", "supply": "X"}], "met": [{"one": "A", "other": "X"}]},
            "allow A – X to meet",
        ),
        (
            {"fixed": [{"demand": "A", "supply": n, "slot": 1} for n in "XY"]},
            "drop the fixed meeting A – ",
        ),
        (
            {"fixed": [{"demand": d, "supply": s, "slot": 1, "table": 1} for d, s in ("AX", "BY")]},
            "drop the fixed meeting ",
        ),
        (
            {
                "fixed": [{"demand": "A", "supply": "X", "slot": 2}],
                "participants": people(A={"unavailable": "2"}),
            },
            "A also present at 2027-05-20 09:20 (slot 2)",
        ),
        ({"least_meetings": 2, "most_in_a_row": 1}, "1 more slot"),
        (
            {
                "least_meetings": 2,
                "interpreters": 0,
                "participants": [
                    {"owner": n, "languages": ["vi" if n in "AB" else "en"]} for n in "ABXY"
                ],
            },
            "2 more interpreters",
        ),
    ],
)
def test_the_smallest_change_comes_first(fields, first):
    answers = said(the_event(**fields), the_pairs())
    assert answers[0].startswith(first)


def test_other_ways_do_without_the_kinds_before():
    event = the_event(
        participants=people(A={"least_meetings": 2}),
        wishes=[{"from": "X", "to": "A", "degree": "veto"}],
    )
    assert said(event, the_pairs()) == [
        "lower the minimum of A from 2 to 1",
        "allow A – X to meet",
    ]


def test_the_answer_is_proven_and_in_both_languages():
    (first, *_) = why_not(the_event(tables=1, least_meetings=2), the_pairs())
    assert first.smallest and first.steps == 1
    assert first.message().vi == "thêm 1 bàn"


def test_hundreds_of_minimums_over_one_table():
    demands, supplies = [f"D{n}" for n in range(60)], [f"S{n}" for n in range(60)]
    pairs = [
        Pair(demand_owner=d, supply_owner=supplies[(i + k) % 60], score=0.5)
        for i, d in enumerate(demands)
        for k in range(4)
    ]
    (first, *_) = why_not(the_event(slots=6, tables=1, least_meetings=2), pairs, ways=1)
    # 120 meetings in 6 slots need 20 tables.
    assert first.message().en == "19 more tables"


def test_more_slots_do_not_help_who_is_never_there():
    for never in ({"available": ""}, {"unavailable": "1-99"}):
        event = the_event(participants=people(A={**never, "least_meetings": 1}))
        answers = said(event, the_pairs())
        assert answers
        assert not any("slot" in words and "present" not in words for words in answers)


def test_only_what_makes_a_plan_possible_is_suggested():
    # A and B are to meet X at one booth at once: the model sees no table in it, the trial does.
    tables = [{"name": "1"}, {"name": "Gian X", "owner": "X"}]
    event = the_event(
        slots=1,
        tables=tables,
        participants=people(A={"least_meetings": 1}, B={"least_meetings": 1}, X={"people": 2}),
        met=[{"one": d, "other": "Y"} for d in "AB"],
    )
    for remedy in why_not(event, the_pairs()):
        assert check(plan(remedied(event, remedy.changes), the_pairs())) == []


@pytest.mark.parametrize("fields", [
    {"tables": 1, "least_meetings": 2},
    {"tables": [{"name": "1"}], "least_meetings": 2},
    {"slots": 0, "least_meetings": 1},
    {"slots": 1, "least_meetings": 2, "most_in_a_row": 1},
    {"fixed": [{"demand": "A", "supply": "X"}], "met": [{"one": "A", "other": "X"}]},
    {"participants": people(A={"least_meetings": 3})},
    {"least_meetings": 2, "most_meetings": 1},
    {
        "fixed": [{"demand": "A", "supply": "X", "slot": 2}],
        "participants": people(A={"unavailable": "2"}),
    },
    {
        "least_meetings": 2,
        "interpreters": 0,
        "participants": [{"owner": n, "languages": ["vi" if n in "AB" else "en"]} for n in "ABXY"],
    },
])  # fmt: skip
def test_every_remedy_can_be_carried_out(fields):
    event = the_event(**fields)
    remedies = why_not(event, the_pairs())
    assert remedies
    for remedy in remedies:
        assert check(plan(remedied(event, remedy.changes), the_pairs())) == []


def test_no_time_no_remedy():
    assert why_not(the_event(tables=1, least_meetings=2), the_pairs(), seconds=0) == ()
