"""What is looked up is what stands in the catalog, however often it was read before."""

import pytest

from indexer.catalog import Catalog
from indexer.conditions import parse_condition
from indexer.keeping.access import ANONYMOUS
from indexer.records import Contact, Record
from indexer.sql import lookup


def offer(record_id, title, **more):
    return Record(id=record_id, side="supply", type="technology", title=title, **more)


@pytest.fixture
def catalog(tmp_path):
    with Catalog.open(tmp_path / "catalog.sqlite3") as opened:
        yield opened


def test_changes_and_deletions_are_seen_at_once(catalog):
    catalog.apply([offer("a", "máy sấy"), offer("b", "máy bơm")])
    assert {i: r.title for i, r in catalog.look_up(["b", "a", "x"]).items()} == {
        "b": "máy bơm",
        "a": "máy sấy",
    }
    catalog.apply([offer("a", "máy sấy lúa")], deleted_ids=["b"])
    assert [record.title for record in catalog.look_up(["a", "b"]).values()] == ["máy sấy lúa"]


def test_an_unchanged_record_is_not_read_again(catalog):
    catalog.apply([offer("a", "máy sấy")])
    first = catalog.look_up(["a"])["a"]
    catalog.apply([offer("b", "khác")])
    assert catalog.look_up(["a"])["a"] is first


def test_conditions_and_readers_hold_for_what_was_read_before(catalog):
    catalog.apply([offer("a", "máy", place="Hà Nội"), offer("b", "máy", visibility="private")])
    assert set(catalog.look_up(["a", "b"])) == {"a", "b"}
    assert set(catalog.look_up(["a", "b"], [parse_condition("place=Hà Nội")])) == {"a"}
    assert set(catalog.readable(ANONYMOUS).look_up(["a", "b"])) == {"a"}


def test_contacts_are_not_looked_up(catalog):
    catalog.apply([offer("a", "máy", contact=Contact(person="Trần Văn A"))])
    assert catalog.look_up(["a"])["a"].contact == Contact()


def test_what_was_read_longest_ago_goes(catalog, monkeypatch):
    monkeypatch.setattr(lookup, "_KEPT", 2)
    catalog.apply([offer(name, f"máy {name}") for name in "abc"])
    assert set(catalog.look_up("abc")) == set("abc")
    assert len(lookup._known) == 2
