"""Event files: what they may say, and the words for what they may not."""

from pathlib import Path

import openpyxl
import pytest
from pydantic import ValidationError

from indexer.errors import RequestError
from matcher.planning.changes import Changes
from matcher.planning.check import check
from matcher.planning.event import Event
from matcher.planning.eventfile import read_event
from matcher.planning.plan import Pair
from matcher.planning.planner import plan
from matcher.planning.ranges import numbers
from matcher.planning.replan import replan

WHOLE = """
name = "Chợ"
tables = [{name = "1", room = "A"}, {name = "2", room = "B", owner = "Viện X", unavailable = "2"}]
interpreters = 1
most_in_a_row = 2
least_meetings = 1
fairness = "guarantee"

[[slots]]
starts = "2027-05-20 09:00"
[[slots]]
starts = "2027-05-20 09:25"
minutes = 15
break = true
[[slots]]
starts = "2027-05-20 09:40"

[[rooms]]
name = "A"
walk = { B = 7 }

[[participants]]
owner = "Công ty TNHH Sao Mai"
available = "1-2"
languages = ["vi"]
groups = ["SME"]
[[participants]]
owner = "Viện X"
people = 2
most_meetings = 9
languages = ["en"]

[[wishes]]
from = "Sao Mai"
to = "Viện X"
degree = "high"

[[policies]]
label = "Doanh nghiệp nhỏ"
group = "SME"
weight = 2
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "event.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_an_event_says(tmp_path: Path) -> None:
    event = read_event(written(tmp_path, WHOLE))
    assert event.meeting_slots() == (1, 3)
    assert event.rows() == ((1,), (3,))
    assert event.free_slots("Sao Mai") == {1}
    assert event.limits("Viện X") == (1, 4)
    assert event.walk("B", "A") == 7
    assert event.needs_interpreter("Sao Mai", "Viện X")
    assert event.pause(1, 3) == 20
    # (0.5 + 0.25 x (0.5 + 0) / 2) x 2
    assert event.worth("Sao Mai", "Viện X", 0.5) == pytest.approx(1.125)
    assert Event.model_validate_json(event.model_dump_json(by_alias=True)) == event


def test_an_old_event_file_stays_valid() -> None:
    event = read_event(Path(__file__).parents[3] / "datasets/techmart-demo/event.toml")
    assert len(event.slots) == 10
    assert len(event.places()) == 24
    assert event.limits("Ai cũng được") == (0, 10)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('name = "x"\ntabels = 3', "entry tabels (line 2): “3” is not accepted. Accepted: name"),
        ('name = "x"\ntables = 0', "entry tables.*(line 2).*“0”.*tables = 24"),
        (
            'name = "x"\n\n[[slots]]\nstarts = "2027-05-20 09:00"\n[[slots]]\nstart = "9:00"',
            "slots.1.starts is missing (line 5)",
        ),
        (
            'name = "x"\n[[participants]]\nowner = "A"\nleast_meetings = 3\nmost_meetings = 2',
            "entry participants.0 (line 2): A: least_meetings 3 > most_meetings 2",
        ),
        ('name = "x"\n[[participants]]\nowner = "A"\navailable = "1-x"', "'1-x' is no range"),
        ('name = "x"\n[[wishes]]\nfrom = "A"\nto = "B"\ndegree = "so-so"', "“so-so”.*very high"),
        (
            'name = "x"\n[[participants]]\nowner = "Cty A"\n[[participants]]\nowner = "A"',
            "participants name 'A' twice",
        ),
        (
            'name = "x"\n[[rules]]\nkind = "forbidden"',
            'event.toml, entry rules.0.kind.*kind = "require", "forbid", "same-owner"',
        ),
        (
            'name = "x"\n[[rules]]\nkind = "prefer"\nwhere = "trl>=6"\nweight = 50',
            "event.toml, entry rules.0.weight.*Accepted: weight = -5 … 5.",
        ),
        ('name = "x"\n[[rules]]\nkind = "pin"', "event.toml: Rule pin.*others is missing"),
        ('name = "x"\ntimezone = "Mars"', "'Mars' is no time zone"),
        ("name = ", "is not valid TOML"),
        ("", "name is missing.*Accepted: name ="),
        (
            'name = "x"\n[[tables]]\nname = "A"\n[[tables]]\nname = "A"',
            "tables name 'A' twice",
        ),
        (
            'name = "x"\n[[fixed]]\ndemand = "A"\nsupply = "B"\nslot = 1\n'
            '[[fixed]]\ndemand = "A"\nsupply = "B"\nslot = 2',
            "fixed says both A – B (slot 1) and A – B (slot 2)",
        ),
        (
            'name = "x"\n[[fixed]]\ndemand = "A"\nsupply = "B"\n'
            '[[fixed]]\ndemand = "B"\nsupply = "A"',
            "fixed says both A – B and B – A",
        ),
        ('name = "x"\n[[slots]]\nstarts = "9999-12-31 23:50"', "slots.0.starts.*2000 to 2199"),
        ('name = "x"\n[[slots]]\nstarts = "0001-01-01 00:00"', "slots.0.starts.*2000 to 2199"),
        (f'name = "x"\nleast_meetings = {10**23}', "entry least_meetings (line 2).*10000"),
        ('name = "x"\ninterpreters = 10001', "entry interpreters (line 2): “10001”"),
        ('name = "x"\nmost_in_a_row = 10001', "entry most_in_a_row (line 2): “10001”"),
        ('name = "x"\nguarantee = 10001', "entry guarantee (line 2).*10000"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_event(written(tmp_path, text))
    here = str(caught.value)
    assert all(part.replace("\\", "") in here for part in named.split(".*")), here
    assert "Tệp sự kiện" in caught.value.message.vi


def test_slots_are_in_order_across_midnight_and_the_change_of_clocks() -> None:
    late = {"starts": "2027-05-20 23:50", "minutes": 30}
    with pytest.raises(ValidationError, match=r"slot 2 .* begins before slot 1 ends"):
        Event.model_validate({"name": "x", "slots": [late, {"starts": "2027-05-21 00:10"}]})
    event = Event.model_validate({"name": "x", "slots": [late, {"starts": "2027-05-21 00:20"}]})
    assert event.times(1)[1] == event.times(2)[0]
    assert event.rows() == ((1, 2),)
    with pytest.raises(ValidationError, match="the clock skips this time"):
        Event.model_validate(
            {
                "name": "x",
                "timezone": "Europe/Berlin",
                "slots": [{"starts": "2027-03-28 02:30"}],
            }
        )
    autumn = Event.model_validate(
        {
            "name": "x",
            "timezone": "Europe/Berlin",
            "slots": [{"starts": "2027-10-31 01:30"}, {"starts": "2027-10-31 03:10"}],
        }
    )
    assert autumn.pause(1, 2) == 140  # the hour from two to three comes twice


def test_ranges() -> None:
    assert numbers("1-3, 8;5–6") == {1, 2, 3, 5, 6, 8}
    assert numbers(" ") == frozenset()
    for text in ("0", "3-1", "a", "1--2"):
        with pytest.raises(ValueError, match="is no range"):
            numbers(text)


def test_a_workbook_says_the_same(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "Sự kiện"
    for row in (["name", "Chợ"], ["interpreters", 1], ["fairness", "guarantee"]):
        first.append(row)
    for title, rows in {
        "Lượt gặp": [
            ["Bắt đầu", "Số phút", "Nghỉ"],
            ["2027-05-20 09:00", 20, ""],
            ["2027-05-20 09:25", 15, "x"],
        ],
        "tables": [["name", "room"], [1, "A"], [2, "B"]],
        "rooms": [["name", "to", "minutes"], ["A", "B", 7]],
        "participants": [["owner", "available", "languages"], ["Sao Mai", 1, "vi; en"]],
        "wishes": [["from", "to", "degree"], ["Sao Mai", "Viện X", "veto"]],
    }.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "event.xlsx"
    book.save(path)
    event = read_event(path)
    assert event.meeting_slots() == (1,)
    assert event.participants[0].languages == ("vi", "en")
    assert event.free_slots("Sao Mai") == {1}
    assert event.walk("A", "B") == 7
    assert event.forbids("Viện X", "Sao Mai")
    book["wishes"].append(["Sao Mai", "Viện X", "maybe"])
    book.save(path)
    with pytest.raises(RequestError, match=r"wishes.1.*line 3.*maybe"):
        read_event(path)
    book.create_sheet("Linh tinh")
    book.save(path)
    with pytest.raises(RequestError, match="Linh tinh"):
        read_event(path)
    with pytest.raises(RequestError, match="cannot be opened"):
        read_event(tmp_path / "none.xlsx")


def test_who_is_asked_for_meets_whatever_the_score(tmp_path):
    event = read_event(written(tmp_path, WHOLE))
    assert event.asks_for("Viện X", "Sao Mai")
    assert event.asks_for("Công ty TNHH Sao Mai", "Viện X")
    assert not event.asks_for("Viện X", "Viện Y")
    vetoed = read_event(written(tmp_path, WHOLE.replace('"high"', '"veto"')))
    assert not vetoed.asks_for("Viện X", "Sao Mai")


def test_participants_may_be_conditions_alone(tmp_path):
    said = [meet("A", "X", 0.9), meet("B", "Y", 0.8), meet("A", "Y", 0.7)]
    text = 'name = "x"\ntables = 2\n%s[[slots]]\nstarts = "2027-05-20 09:00"\n'
    text += '[[participants]]\nowner = "A"\nsides = "demand"\n'
    closed = read_event(written(tmp_path, text % ""))
    opened = read_event(written(tmp_path, text % "everybody = true\n"))
    assert (closed.is_open, opened.is_open) == (False, True)
    assert len(plan(closed, said).meetings) == 0
    found = plan(opened, said)
    assert {(m.demand_owner, m.supply_owner) for m in found.meetings} == {("A", "X"), ("B", "Y")}
    assert check(found) == []
    assert [v.rule for v in check(found.model_copy(update={"event": closed}))].count(
        "not-invited"
    ) == 3
    assert plan(opened, [meet("B", "A", 0.9)]).meetings == ()  # A asks, and offers nothing
    away = Changes.model_validate({"no_shows": [{"owner": "B"}]})
    assert [m.demand_owner for m in replan(found, away).meetings] == ["A"]
    late = opened.model_copy(update={"most_meetings": 0})
    rules = [v.rule for v in check(found.model_copy(update={"event": late}))]
    assert rules.count("most-meetings") == 4  # of everybody, listed or not


def meet(demand, supply, score):
    return Pair(demand_owner=demand, supply_owner=supply, score=score)
