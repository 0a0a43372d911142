"""An event that cannot be planned is answered with the smallest change that helps."""

import pytest

from matcher.planning.event import Event
from matcher.planning.plan import Pair
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
