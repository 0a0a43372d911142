"""The event file and the file of changes in docs/events.md are ones that are read."""

import re
from pathlib import Path

from matcher.planning.changes import read_changes
from matcher.planning.event import Event
from matcher.planning.eventfile import read_event

PAGE = (Path(__file__).parents[3] / "docs/events.md").read_text("utf-8")


def test_what_the_page_shows_is_read(tmp_path):
    event, changes = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    (tmp_path / "event.toml").write_text(event, encoding="utf-8")
    (tmp_path / "changes.toml").write_text(changes, encoding="utf-8")
    found = read_event(tmp_path / "event.toml")
    assert (len(found.slots), len(found.participants), found.tables) == (3, 2, 24)
    (yaml,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    (tmp_path / "event.yaml").write_text(yaml, encoding="utf-8")
    said = read_event(tmp_path / "event.yaml")
    assert said.slots[1].starts == "2027-05-20 09:00"
    assert (said.participants[0].sides, said.wishes[0].degree) == ("supply", "very high")
    assert read_changes(tmp_path / "changes.toml").now == 2


def test_the_page_names_every_key():
    elsewhere = {"rules", "timezone", "most_probability"}
    for name in Event.model_fields.keys() - elsewhere:
        assert re.search(rf"\b{name}\b", PAGE), name
