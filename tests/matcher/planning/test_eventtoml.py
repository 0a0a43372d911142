"""An event written as TOML is read back equal."""

import string
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.planning.event import Event
from matcher.planning.eventfile import event_of_text, read_event
from matcher.planning.eventtoml import to_toml

NAMES = st.text(min_size=1, max_size=12).filter(lambda text: text.strip())
ANY = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


def again(event: Event) -> Event:
    return event_of_text(to_toml(event), Path("event.toml"))


def test_everything_an_event_may_say():
    event = Event.model_validate(
        {
            "name": 'Chợ "A"\n\\ \x7f \u0001',
            "place": "Nhà triển lãm",
            "tables": [{"name": "A1", "room": "A", "owner": "X"}, {"name": "B 1", "room": "B"}],
            "rooms": [{"name": "A", "walk": {"B": 5, "phòng C.1": 0}}],
            "slots": [
                {"starts": "2027-05-20 08:30", "minutes": 15},
                {"starts": "2027-05-20 09:00", "minutes": 30, "break": True},
            ],
            "participants": [
                {"owner": "X", "available": "1-2", "languages": ["vi", "en"], "online": True}
            ],
            "wishes": [{"from": "X", "to": "Y", "degree": "rất cao"}],
            "fixed": [{"demand": "X", "supply": "Y", "slot": 1}],
            "met": [{"one": "X", "other": "Z"}],
            "policies": [{"label": "vừa và nhỏ", "weight": 1.25, "group": "SME"}],
            "rules": [
                {"kind": "require", "where": ["trl>=6", "place=Hà Nội"], "unstated": "allow"},
                {"kind": "conflict", "by": ["together"], "together": [["X", "Y"], ["Y", "Z"]]},
            ],
            "wish_weight": 0.5,
            "most_share": 1e-05,
            "everybody": True,
        }
    )
    assert again(event) == event


@settings(max_examples=60, deadline=None)
@given(ANY, ANY, st.lists(ANY, max_size=3, unique=True), st.floats(0, 1))
def test_any_text_comes_back(name: str, owner: str, groups: list[str], weight: float):
    said = {
        "name": name,
        "wish_weight": weight,
        "participants": [{"owner": owner, "groups": groups}],
    }
    event = Event.model_validate(said)
    assert again(event) == event


def test_the_sample_event_comes_back():
    demo = Path(__file__).parents[3] / "datasets" / "techmart-demo" / "event.toml"
    event = read_event(demo)
    assert again(event) == event
    assert set(to_toml(event)) & set(string.ascii_letters)
