"""Repair on the day: what can stay stays, and the repaired plan passes the judge."""

import random

import pytest

from indexer.errors import RequestError
from matcher.planning.bookings import Bookings
from matcher.planning.changes import Changes, read_changes
from matcher.planning.check import check
from matcher.planning.event import Event
from matcher.planning.plan import Certificate, Pair, Plan, Standing
from matcher.planning.planner import plan as make
from matcher.planning.replan import compare, replan


def the_plan(pairs, held=None, **fields):
    """A plan of (demand, supply, score) pairs; without `held` ((d, s, slot, table)) greedy."""
    slots = [{"starts": f"2027-05-20 {9 + n // 3:02d}:{n % 3 * 20:02d}"} for n in range(4)]
    event = Event.model_validate({"name": "Hội chợ", "tables": 2, "slots": slots, **fields})
    pairs = tuple(Pair(demand_owner=d, supply_owner=s, score=score) for d, s, score in pairs)
    scores = {(p.demand_owner, p.supply_owner): p for p in pairs}
    bookings = Bookings(event)
    if held is None:
        for pair in sorted(pairs, key=lambda p: (-p.score, p.demand_owner, p.supply_owner)):
            for meeting in bookings.openings(pair):
                bookings.add(meeting)
                break
    else:
        for d, s, slot, table in held:
            options = [m for m in bookings.openings(scores[d, s]) if m.slot == slot]
            bookings.add(options[0].model_copy(update={"table": table}))
    meetings = tuple(bookings.meetings())
    worth = {m: event.worth(m.demand_owner, m.supply_owner, m.score) for m in meetings}
    total = sum(worth.values())
    names = {n for p in pairs for n in (p.demand_owner, p.supply_owner)}
    names = sorted(names | {item.owner for item in event.participants})
    standing = {}
    for name in names:
        own = [w for m, w in worth.items() if name in (m.demand_owner, m.supply_owner)]
        standing[name] = Standing(got=len(own), value=sum(own), best=sum(own))
    bound = sum(p.score for p in pairs) * 10
    return Plan(
        event=event,
        meetings=meetings,
        pairs=pairs,
        alternates=dict.fromkeys(names, ()),
        certificate=Certificate(
            objective=total,
            bound=bound,
            gap=(bound - total) / bound,
            seconds=0,
            per_party=standing,
        ),
    )


def places(plan):
    return {(m.demand_owner, m.supply_owner): (m.slot, m.table) for m in plan.meetings}


PAIRS = [("A", "X", 0.9), ("A", "Y", 0.6), ("B", "X", 0.5), ("B", "Y", 0.8), ("B", "Z", 0.7)]
HELD = [("A", "X", 1, 1), ("B", "Y", 1, 2), ("A", "Y", 2, 1)]


@pytest.fixture()
def plan():
    made = the_plan(PAIRS, HELD)
    assert check(made) == []
    return made


def test_nothing_changed_nothing_moves(plan):
    after = replan(plan, Changes())
    assert after.meetings == plan.meetings
    assert compare(plan, after).owners == ()
    assert check(after) == []


@pytest.mark.parametrize("fields", [{}, {"least_meetings": 1}, {"fixed": [
    {"demand": "B", "supply": "Z"}]}])  # fmt: skip
def test_an_untouched_optimal_plan_stays_optimal(fields):
    slots = [{"starts": f"2027-05-20 09:{n * 20:02d}"} for n in range(2)]
    event = Event.model_validate({"name": "Chợ", "tables": 1, "slots": slots, **fields})
    pairs = [Pair(demand_owner=d, supply_owner=s, score=score) for d, s, score in PAIRS[:4]]
    pairs.append(Pair(demand_owner="B", supply_owner="Z", score=0.01))
    if "least_meetings" in fields:
        pairs = [pair for pair in pairs if {"A", "X"} & {pair.demand_owner, pair.supply_owner}]
        event = event.model_copy(update={"tables": 2})
    before = make(event, pairs)
    assert before.certificate.gap == 0
    after = replan(before, Changes())
    assert (after.certificate.bound, after.certificate.gap) == (before.certificate.bound, 0)
    # Without Y nobody can do better than what is left, and the bound of the changed event says so.
    changed = replan(before, Changes.model_validate({"no_shows": [{"owner": "Y"}]}))
    proof = changed.certificate
    assert check(changed) == []
    best = make(changed.event, pairs).certificate.objective
    assert best <= proof.bound + 1e-9 <= before.certificate.bound + 1e-9


def test_the_bound_after_a_change_counts_meetings_the_repair_left_alone(plan):
    """The repair leaves B alone; the bound is of all plans, those that do not leave it too."""
    after = replan(plan, Changes.model_validate({"no_shows": [{"owner": "X"}]}))
    best = make(after.event, plan.pairs)
    assert best.certificate.objective == pytest.approx(0.8 + 0.6 + 0.7)
    assert after.certificate.bound == pytest.approx(0.8 + 0.6 + 0.7)


def test_a_no_show_goes_and_its_partners_get_the_best_that_is_free(plan):
    after = replan(plan, Changes.model_validate({"no_shows": [{"owner": "X"}]}))
    found = compare(plan, after)
    assert [(m.demand_owner, m.supply_owner) for m in found.dropped] == [("A", "X")]
    # A has met everybody else; B lost nothing, so B is left alone although Z is free.
    assert found.added == ()
    assert found.owners == ("A", "X")
    assert check(after) == []
    after = replan(plan, Changes.model_validate({"no_shows": [{"owner": "Y"}]}))
    found = compare(plan, after)
    assert [(m.demand_owner, m.supply_owner) for m in found.added] == [("B", "Z"), ("B", "X")]
    assert check(after) == []


def test_what_was_held_stays_although_its_owner_left(plan):
    changes = Changes.model_validate({"now": 2, "no_shows": [{"owner": "Y"}]})
    after = replan(plan, changes)
    assert places(after)["B", "Y"] == (1, 2)
    assert ("A", "Y") not in places(after)
    assert all(m.slot >= 2 for m in compare(plan, after).added)
    assert check(after) == []


def test_who_comes_late_meets_later(plan):
    after = replan(plan, Changes.model_validate({"late": [{"owner": "X", "arrives": 3}]}))
    found = compare(plan, after)
    assert [new.slot for _, new in found.moved] == [3]
    assert len(found.kept) == 2
    assert found.lines(plan, after)[0].en == (
        "Moved: A – X, 2027-05-20 09:00 [1] → 2027-05-20 09:40 [1]"
    )
    assert check(after) == []


def test_a_lost_table_moves_its_meetings_and_no_others(plan):
    after = replan(plan, Changes.model_validate({"lost_tables": [{"table": "2"}]}))
    found = compare(plan, after)
    ((old, new),) = found.moved
    assert (old.demand_owner, old.supply_owner, new.table) == ("B", "Y", 1)
    assert len(found.kept) == 2
    assert check(after) == []


def test_a_slot_moved_past_others_takes_its_meetings_along(plan):
    changes = {"moved_slots": [{"slot": 1, "starts": "2027-05-20 15:00"}]}
    after = replan(plan, Changes.model_validate(changes))
    assert places(after) == {("A", "X"): (4, 1), ("B", "Y"): (4, 2), ("A", "Y"): (1, 1)}
    assert after.event.slots[3].starts == "2027-05-20 15:00"
    assert check(after) == []


def test_an_added_participant_gets_meetings_in_what_is_free(plan):
    changes = {
        "added": [{"owner": "C", "sides": "demand", "most_meetings": 2}],
        "pairs": [
            {"demand_owner": "C", "supply_owner": name, "score": score}
            for name, score in (("X", 0.2), ("Y", 0.4), ("Z", 0.3))
        ],
    }
    after = replan(plan, Changes.model_validate(changes))
    found = compare(plan, after)
    assert len(found.kept) == 3
    assert {m.supply_owner for m in found.added} == {"Y", "Z"}
    assert check(after) == []


def test_availability_moves_with_its_slot():
    made = the_plan(PAIRS, HELD, participants=[
        {"owner": name, "available": "1-2"} for name in "ABXYZ"
    ])  # fmt: skip
    changes = {"moved_slots": [{"slot": 1, "starts": "2027-05-20 15:00"}]}
    after = replan(made, Changes.model_validate(changes))
    assert after.event.free_slots("A") == {1, 4}
    assert check(after) == []


def test_a_minimum_out_of_reach_is_lowered_and_a_dead_fixed_meeting_lifted():
    made = the_plan(PAIRS, HELD, fixed=[{"demand": "A", "supply": "X"}], participants=[
        {"owner": name, "least_meetings": 2 if name == "A" else 0} for name in "ABXYZ"
    ])  # fmt: skip
    after = replan(made, Changes.model_validate({"no_shows": [{"owner": "X"}]}))
    assert after.event.fixed == ()
    assert after.event.limits("A")[0] == 1
    assert check(after) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"no_shows": [{"owner": "Q"}]}, "there is no “Q”. Accepted: A, B, X, Y, Z."),
        ({"lost_tables": [{"table": "9"}]}, "there is no “9”. Accepted: 1, 2."),
        ({"moved_slots": [{"slot": 9, "starts": "2027-05-20 15:00"}]}, "there is no “9”"),
        ({"moved_slots": [{"slot": 1, "starts": "2027-05-20 09:30"}]}, "does not hold"),
        ({"added": [{"owner": "A"}]}, "A takes part already"),
    ],
)
def test_changes_that_name_what_is_not_there(plan, changes, said):
    with pytest.raises(RequestError, match=said):
        replan(plan, Changes.model_validate(changes))


def test_changes_are_read_from_a_file_that_says_what_it_accepts(tmp_path):
    path = tmp_path / "changes.toml"
    path.write_text('now = 2\n[[no_shows]]\nowner = "X"\n', "utf-8")
    assert read_changes(path).no_shows[0].owner == "X"
    path.write_text("noshows = 3\n", "utf-8")
    with pytest.raises(RequestError, match=r"noshows.*Accepted: now, no_shows"):
        read_changes(path)
    for text, said in [
        ('no_shows = ["Trường"]', r'no_shows.0: “Trường”.*Accepted: \[\[no_shows\]\] owner = "…"'),
        ("lost_tables = [2]", r'lost_tables.0: “2”.*Accepted: \[\[lost_tables\]\] table = "12"'),
        ('[[late]]\nowner = "A"\narrives = "09:25"', r"late.0.arrives: “09:25”.*arrives = 6"),
    ]:
        path.write_text(text, "utf-8")
        with pytest.raises(RequestError, match=said):
            read_changes(path)
    path.write_text("now = [", "utf-8")
    with pytest.raises(RequestError, match="not valid TOML"):
        read_changes(path)
    with pytest.raises(RequestError, match="cannot be opened"):
        read_changes(tmp_path / "none.toml")


def random_plan(seed):
    chance = random.Random(seed)
    demands, supplies = [f"D{i}" for i in range(6)], [f"S{i}" for i in range(7)]
    both = demands + supplies
    pairs = [(d, s, chance.random()) for d in demands for s in supplies if chance.random() < 0.6]
    fields = {
        "participants": [
            {
                "owner": name,
                "people": chance.choice([1, 1, 2]),
                "unavailable": chance.choice(["", "", "1", "2-3"]),
                "most_meetings": chance.choice([None, 2]),
                "languages": chance.choice([[], ["vi"], ["en"]]),
                "online": chance.random() < 0.2,
            }
            for name in both
        ],
        "interpreters": chance.choice([None, 1]),
        "most_in_a_row": chance.choice([None, 2]),
        "tables": [
            {"name": str(n), "room": "AB"[n % 2], "owner": "S0" if n == 3 else ""}
            for n in range(1, 5)
        ],
        "rooms": [{"name": "A", "walk": {"B": chance.choice([0, 5])}}],
    }
    return the_plan(pairs, **fields), chance, both


@pytest.mark.parametrize("seed", range(60))
def test_any_repair_passes_the_judge_and_leaves_the_others_alone(seed):
    plan, chance, names = random_plan(seed)
    assert check(plan) == []
    now = chance.choice([1, 1, 2, 3])
    away = chance.sample(names, 2)
    content = {"now": now, "no_shows": [{"owner": away[0]}]}
    if chance.random() < 0.5:
        content["late"] = [{"owner": away[1], "arrives": now + 1}]
    if chance.random() < 0.5:
        content["lost_tables"] = [{"table": "2"}]
    changes = Changes.model_validate(content)
    after = replan(plan, changes)
    assert check(after) == []
    assert replan(plan, changes).meetings == after.meetings
    kept = {(m.demand_owner, m.supply_owner, m.slot, m.table) for m in after.meetings}
    for meeting in plan.meetings:
        untouched = not {meeting.demand_owner, meeting.supply_owner} & set(away)
        if meeting.slot < now or (untouched and meeting.table != 2):
            here = (meeting.demand_owner, meeting.supply_owner, meeting.slot, meeting.table)
            assert here in kept


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"now": 5, "no_shows": [{"owner": "Y"}]}, "Change now: there is no “5”"),
        (
            {"now": 3, "moved_slots": [{"slot": 4, "starts": "2027-05-20 08:00"}]},
            "slot 4: 2027-05-20 08:00 is before slots that have been held",
        ),
    ],
)
def test_what_has_been_held_cannot_be_overtaken(plan, content, said):
    with pytest.raises(RequestError, match=said):
        replan(plan, Changes.model_validate(content))


def test_pairs_of_owners_who_did_not_come_are_in_the_certificate(plan):
    pair = {"demand_owner": "Q", "supply_owner": "X", "score": 0.9}
    after = replan(plan, Changes.model_validate({"pairs": [pair]}))
    assert after.certificate.per_party["Q"].got == 0
    assert check(after) == []
