"""An owner's few meetings are explained by what binds."""

import pytest

from indexer.errors import RequestError
from matcher.planning.bookings import Bookings, placed
from matcher.planning.event import Event
from matcher.planning.plan import Certificate, Pair, Plan, Standing
from matcher.planning.whyfew import why_few, why_none

PAIRS = [("A", "X"), ("A", "Y"), ("B", "X"), ("B", "Y"), ("C", "Z")]


def the_plan(held, slots=2, **fields):
    times = [{"starts": f"2027-05-20 09:{n * 20:02d}"} for n in range(slots)]
    content = {"name": "Hội chợ", "tables": 2, "slots": times, **fields}
    event = Event.model_validate(content)
    pairs = {(d, s): Pair(demand_owner=d, supply_owner=s, score=0.5) for d, s in PAIRS}
    bookings = Bookings(event)
    for d, s, slot, table in held:
        bookings.add(placed(pairs[d, s], slot, table))
    return Plan(
        event=event,
        meetings=tuple(bookings.meetings()),
        pairs=tuple(pairs.values()),
        certificate=Certificate(objective=0, bound=0, gap=0, seconds=0),
    )


def people(**changes):
    return [{"owner": name, **changes.get(name, {})} for name in "ABCXYZ"]


@pytest.mark.parametrize(
    ("held", "fields", "said"),
    [
        ([("A", "X", 1, 1)], {"most_meetings": 1}, "The event's maximum is 1."),
        (
            [("A", "X", 1, 1)],
            {"participants": people(A={"most_meetings": 1})},
            "Its own maximum is 1.",
        ),
        ([("A", "X", 1, 1)], {"slots": 1}, "It is there in 1 slot and meets in each."),
        ([], {"participants": people(A={"unavailable": "1-2"})}, "It is there in no slot."),
        (
            [("A", "X", 1, 1)],
            {"met": [{"one": "A", "other": "Y"}]},
            "Of 2 candidates: 1 are met; 1 are excluded (veto, met before, a rule).",
        ),
        (
            [("B", "X", 1, 1), ("B", "Y", 2, 1)],
            {"participants": people(X={"most_meetings": 1}, Y={"available": "2"})},
            "Of 2 candidates: 2 have all the meetings they may have.",
        ),
        (
            [],
            {"participants": people(A={"available": "1"}, X={"available": "2"})},
            "Of 2 candidates: 1 are never there at the same time; "
            "1 would not make the plan better.",
        ),
        (
            [("B", "Y", 1, 1), ("A", "X", 2, 1)],
            {"participants": people(Y={"available": "1-2"})},
            "Of 2 candidates: 1 are met; 1 have no slot left in common.",
        ),
        (
            [("C", "Z", 1, 1)],
            {"tables": 1, "slots": 1},
            "Of 2 candidates: 2 find no table in the slots left.",
        ),
    ],
)
def test_the_limit_that_binds_is_named(held, fields, said):
    words = why_few(the_plan(held, **fields), "A")
    assert words[1].en == said
    assert words[1].vi != said


def test_nobody_to_meet_and_nobody_known():
    plan = the_plan([], participants=[*people(), {"owner": "Q"}])
    assert [words.en for words in why_few(plan, "Q")] == [
        "Q has 0 meetings.",
        "There is no candidate to meet.",
    ]
    met = plan.certificate.model_copy(update={"per_party": {"V": Standing(got=0, value=0, best=0)}})
    assert len(why_few(plan.model_copy(update={"certificate": met}), "V")) == 2
    with pytest.raises(RequestError, match="knows no “R”"):
        why_few(plan, "R")


@pytest.mark.parametrize(
    ("fields", "pairs", "said"),
    [
        ({"participants": [{"owner": "A"}]}, (), "only the 1 named under"),
        ({"participants": [{"owner": "A"}], "everybody": True}, (), "reaches least_score = 0.1"),
        ({"participants": people(A={"available": ""})}, None, "It is there in no slot."),
    ],
)
def test_an_empty_plan_is_explained(fields, pairs, said):
    plan = the_plan([], **fields)
    if pairs is None:
        pairs = plan.pairs[:1]
    found = why_none(plan.model_copy(update={"pairs": pairs}))
    assert said in found.en
    assert found.vi != found.en
