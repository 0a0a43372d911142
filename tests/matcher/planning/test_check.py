"""The judge of plans: a sound plan passes, and every broken rule is named with who and when."""

import ast
import json
from pathlib import Path

import pytest

from indexer.errors import RequestError
from matcher.planning.check import check
from matcher.planning.event import Event
from matcher.planning.plan import Certificate, Meeting, Pair, Plan, Standing

SCORES = {("A", "X"): 0.9, ("A", "Y"): 0.6, ("B", "X"): 0.5, ("B", "Y"): 0.8, ("Y", "X"): 0.3}
SLOTS = [{"starts": f"2027-05-20 09:{n * 20:02d}"} for n in range(3)]
SLOTS += [{"starts": "2027-05-20 10:00", "break": True}, {"starts": "2027-05-20 10:20"}]


def the_event(**fields):
    return Event.model_validate({"name": "Hội chợ", "tables": 2, "slots": SLOTS, **fields})


def the_plan(held=(("A", "X", 1, 1), ("B", "Y", 1, 2), ("A", "Y", 2, 1)), **fields):
    event = the_event(**fields)
    meetings = [
        Meeting(demand_owner=d, supply_owner=s, slot=slot, table=table, score=SCORES.get((d, s), 0))
        for d, s, slot, table in held
    ]
    worths = [event.worth(m.demand_owner, m.supply_owner, m.score) for m in meetings]
    total = sum(worths)
    standing = {}
    for name in "ABXY":
        own = [
            w
            for m, w in zip(meetings, worths, strict=True)
            if name in (m.demand_owner, m.supply_owner)
        ]
        standing[name] = Standing(got=len(own), value=sum(own), best=sum(own))
    return Plan(
        event=event,
        meetings=tuple(meetings),
        pairs=tuple(
            Pair(demand_owner=d, supply_owner=s, score=score) for (d, s), score in SCORES.items()
        ),
        certificate=Certificate(objective=total, bound=total, gap=0, seconds=0, per_party=standing),
    )


def broken(plan):
    return [violation.rule for violation in check(plan)]


def sentence(plan):
    (violation,) = check(plan)
    assert violation.message.vi and violation.message.vi != violation.message.en
    return violation.message.en


def test_a_sound_plan_has_no_violation_as_value_and_as_read():
    plan = the_plan()
    assert check(plan) == []
    assert check(plan.model_dump(by_alias=True)) == []
    assert check(Plan.from_json(plan.to_json())) == []


def test_what_is_no_plan_is_refused():
    with pytest.raises(RequestError, match="entry event"):
        check({"meetings": []})


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([("A", "X", 9, 1)], "A – X: there is no slot 9; the event has 5."),
        ([("A", "X", 1, 3)], "A – X: there is no table 3; the event has 2."),
        ([("A", "X", 4, 1)], "A – X meet at 2027-05-20 10:00 (slot 4), which is a break."),
        (
            [("A", "X", 1, 1), ("B", "Y", 1, 1)],
            "Table 1 at 2027-05-20 09:00 (slot 1) holds 2 meetings: A – X; B – Y.",
        ),
        (
            [("A", "X", 1, 1), ("A", "Y", 1, 2)],
            "A has 2 meetings at once at 2027-05-20 09:00 (slot 1); it has 1 to send.",
        ),
        (
            [("B", "Y", 1, 1), ("Y", "X", 1, 2)],
            "Y has 2 meetings at once at 2027-05-20 09:00 (slot 1); it has 1 to send.",
        ),
        ([("A", "X", 1, 1), ("A", "X", 2, 1)], "A – X meet 2 times."),
        ([("B", "A", 1, 1)], "B – A is not among the plan's candidate pairs."),
    ],
)
def test_time_place_and_bodies(held, said):
    assert sentence(the_plan(held)) == said


PEOPLE = [{"owner": name} for name in "ABXY"]


def people(**changes):
    return [{**item, **changes.get(item["owner"], {})} for item in PEOPLE]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"participants": PEOPLE[:1] + PEOPLE[2:]},
            "B does not take part in the event but has a meeting.",
        ),
        (
            {"participants": people(X={"sides": "demand"})},
            "X does not take part on the supply side (A – X).",
        ),
        (
            {"participants": people(A={"unavailable": "1,3-5"})},
            "A is not there at 2027-05-20 09:00 (slot 1) but is to meet (A – X).",
        ),
        (
            {"participants": people(B={"available": "2-3"})},
            "B is not there at 2027-05-20 09:00 (slot 1) but is to meet (B – Y).",
        ),
        (
            {"participants": people(A={"most_meetings": 1})},
            "A has 2 meetings and may have at most 1.",
        ),
        (
            {"participants": people(B={"least_meetings": 2})},
            "B has 1 meetings and must have at least 2.",
        ),
        ({"met": [{"one": "Y", "other": "A"}]}, "A – Y have met before."),
        (
            {"wishes": [{"from": "X", "to": "A", "degree": "veto"}]},
            "A – X meet although X vetoed it.",
        ),
        (
            {"rules": [{"kind": "forbid", "party": "Y", "others": ["A"], "label": "rivals"}]},
            "A – Y meet against the rule “rivals”.",
        ),
        (
            {"rules": [{"kind": "conflict", "together": [["B", "Y"]], "label": "one lab"}]},
            "B – Y meet against the rule “one lab”.",
        ),
        (
            {"fixed": [{"demand": "B", "supply": "X"}]},
            "The fixed meeting B – X is not in the plan.",
        ),
        (
            {"fixed": [{"demand": "A", "supply": "X", "slot": 3}]},
            "The fixed meeting A – X belongs at slot 3, table –; the plan says slot 1, table 1.",
        ),
        (
            {"most_in_a_row": 1, "participants": people(Y={"people": 2})},
            "A meets more than 1 slots in a row from 2027-05-20 09:00 (slot 1).",
        ),
        (
            {
                "interpreters": 0,
                "participants": people(B={"languages": ["vi"]}, Y={"languages": ["en"]}),
            },
            "At 2027-05-20 09:00 (slot 1) 1 meetings need an interpreter; there are 0.",
        ),
        (
            {"tables": [{"name": "1"}, {"name": "2", "unavailable": "1"}]},
            "B – Y: table 2 cannot be used at 2027-05-20 09:00 (slot 1).",
        ),
    ],
)
def test_limits_wishes_and_rules(fields, said):
    assert sentence(the_plan(**fields)) == said


def test_a_booth_is_its_owners_only():
    tables = [{"name": "1"}, {"name": "Gian X", "owner": "X"}]
    said = {violation.message.en for violation in check(the_plan(tables=tables))}
    assert said == {
        "X has its own booth but meets at table 1 at 2027-05-20 09:00 (slot 1).",
        "B – Y at 2027-05-20 09:00 (slot 1): table Gian X is the booth of X.",
    }


WALK = {
    "tables": [{"name": "1", "room": "Sen"}, {"name": "2", "room": "Cúc"}],
    "rooms": [{"name": "Sen", "walk": {"Cúc": 10}}],
}
FAR = (("B", "Y", 1, 2), ("A", "Y", 2, 1))


def test_walking_takes_its_time_unless_online_or_with_enough_people():
    assert sentence(the_plan(FAR, **WALK)) == (
        "Y cannot walk from table 2 to table 1 in time for 2027-05-20 09:20 (slot 2)."
    )
    assert broken(the_plan(FAR, **WALK, participants=people(Y={"people": 2}))) == []
    assert broken(the_plan(FAR, **WALK, participants=people(Y={"online": True}))) == []
    later = (("B", "Y", 1, 2), ("A", "Y", 3, 1))
    assert broken(the_plan(later, **WALK)) == []


def test_time_is_real_time_where_clocks_are_put_back():
    # Clocks go back at 03:00 on 31 October 2027 in Berlin: 25 minutes pass between the slots.
    slots = [
        {"starts": "2027-10-31 02:40", "minutes": 55},
        {"starts": "2027-10-31 03:00", "minutes": 20},
    ]
    fields = {"slots": slots, "timezone": "Europe/Berlin", **WALK}
    held = (("B", "Y", 1, 2), ("A", "Y", 2, 1))
    assert broken(the_plan(held, **fields)) == []
    assert broken(the_plan(held, **{**fields, "rooms": [{"name": "Sen", "walk": {"Cúc": 26}}]}))


def test_a_break_interrupts_a_row():
    held = (("A", "X", 3, 1), ("A", "Y", 5, 1))
    assert broken(the_plan(held, most_in_a_row=1)) == []


def test_records_named_in_a_rule_count_by_the_records_behind_the_meeting():
    rules = [{"kind": "forbid", "party": "N-1", "others": ["S-1"]}]
    plan = the_plan(rules=rules)
    assert broken(plan) == []
    first, *rest = plan.meetings
    named = first.model_copy(update={"demand": "N-1", "supply": "S-1"})
    assert broken(plan.model_copy(update={"meetings": (named, *rest)})) == ["records", "forbid"]
    pairs = tuple(
        pair.model_copy(update={"demand": "N-1", "supply": "S-1"})
        if (pair.demand_owner, pair.supply_owner) == ("A", "X")
        else pair
        for pair in plan.pairs
    )
    known = plan.model_copy(update={"meetings": (named, *rest), "pairs": pairs})
    assert broken(known) == ["forbid"]


@pytest.mark.parametrize(
    "changes", [{"objective": 9.0}, {"bound": 1.0, "gap": -1.3}, {"gap": 0.2}, {"per_party": {}}]
)
def test_the_certificate_must_add_up(changes):
    plan = the_plan()
    told = plan.certificate.model_copy(update=changes)
    found = broken(plan.model_copy(update={"certificate": told}))
    assert set(found) == {"certificate"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alternates": {"A": ("Ghost",)}}, "Ghost, an alternate of A, is no candidate pair"),
        ({"alternates": {"A": ("A",)}}, "A, an alternate of A, is no candidate pair"),
        (
            {"unplaced": (Pair(demand_owner="A", supply_owner="Ghost", score=0.5),)},
            "A – Ghost is said to have found no place but is no candidate pair.",
        ),
        (
            {"unplaced": (Pair(demand_owner="A", supply_owner="X", score=0.9),)},
            "A – X is said to have found no place but meets.",
        ),
    ],
)
def test_who_waits_is_a_candidate(changes, said):
    assert sentence(the_plan().model_copy(update=changes)).startswith(said)


def test_who_waits_for_a_candidate_is_fine():
    told = {
        "alternates": {"A": (), "B": ("X",), "X": ("B",)},
        "unplaced": (Pair(demand_owner="B", supply_owner="X", score=0.5),),
    }
    assert broken(the_plan().model_copy(update=told)) == []


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("certificate", "bound"), float("inf")),
        (("certificate", "objective"), float("nan")),
        (("certificate", "seconds"), -1.0),
        (("certificate", "per_party", "A", "best"), float("nan")),
        (("meetings", 0, "score"), float("nan")),
        (("event", "wish_weight"), float("nan")),
        (("settings", "replans"), "x"),
    ],
)
def test_figures_that_are_none_are_refused_by_name(at, value):
    content = json.loads(the_plan().to_json())
    inner = content
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    for read in (lambda: Plan.from_json(json.dumps(content)), lambda: check(content)):
        with pytest.raises(RequestError) as caught:
            read()
        assert "replans" in str(caught.value) or ".".join(map(str, at)) in str(caught.value)


def test_a_row_goes_on_over_midnight_and_ends_with_a_pause():
    def of(*starts):
        slots = [{"starts": f"2027-05-{one}"} for one in starts]
        held = [("A", "X", 1, 1), ("A", "Y", 2, 1)]
        return the_plan(held, slots=slots, most_in_a_row=1)

    late = of("20 23:40", "21 00:00")
    assert broken(late) == ["in-a-row"]
    assert late.event.rows() == ((1, 2),)
    paused = of("20 23:40", "21 00:20")
    assert broken(paused) == []
    assert paused.event.rows() == ((1,), (2,))


def test_policies_and_wishes_are_counted_again():
    fields = {
        "wishes": [{"from": "A", "to": "X", "degree": "very high"}],
        "policies": [{"label": "small firms", "weight": 2, "group": "SME"}],
        "participants": people(B={"groups": ["SME"]}, Y={"groups": ["SME"], "people": 2}),
    }
    plan = the_plan(**fields)
    assert plan.certificate.objective == pytest.approx(0.9 + 0.125 + 2 * 0.8 + 2 * 0.6)
    assert check(plan) == []


def test_a_share_too_large():
    assert broken(the_plan(most_share=0.67)) == []
    assert broken(the_plan(most_share=0.6)) == ["most-share", "most-share"]


SOLVERS = {"pairing", "timetable", "planner", "replan", "board", "seating", "bookings"}
METHODS = {
    name for name in vars(Event) if callable(getattr(Event, name)) and not name.startswith("_")
}


@pytest.mark.parametrize("name", ["check", "checkrules", "checkbook"])
def test_the_judge_shares_no_code_with_the_solver(name):
    tree = ast.parse((Path(__file__).parents[3] / f"matcher/planning/{name}.py").read_text("utf-8"))
    imported = {
        node.module.removeprefix("matcher.planning.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert not imported & SOLVERS
    own = {m for m in METHODS if m in vars(Event) and m not in vars(Event.__mro__[1])}
    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and "event" in ast.unparse(node.func.value)
    }
    assert not called & own
