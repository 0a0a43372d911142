"""A question asked again is answered from memory while nothing changed, and only then."""

import pytest

from indexer.catalog import Catalog
from indexer.conditions import parse_condition
from indexer.index import Index
from indexer.records import Record
from indexer.settings import Settings
from indexer.updating import update_index
from matcher import Matcher


def offer(record_id, title, **more):
    return Record(id=record_id, side="supply", type="technology", title=title, **more)


@pytest.fixture
def office(tmp_path):
    with Catalog.open(tmp_path / "catalog.sqlite3") as catalog:
        catalog.apply(
            [
                offer("a", "Máy sấy lúa tầng sôi", place="Hà Nội"),
                offer("b", "Máy sấy lúa tháp", place="Huế"),
            ]
        )
        update_index(catalog, tmp_path / "index", encoder_name="static")
        yield catalog, Index.open(tmp_path / "index")


def ids(hits):
    return [hit.record.id for hit in hits]


def test_it_is_the_answer_of_a_search_and_made_once(office, monkeypatch):
    catalog, index = office
    first = Matcher(index, catalog, Settings()).answer("máy sấy lúa")
    assert first == Matcher(index, catalog, Settings()).search("máy sấy lúa")
    asked = []
    search = Matcher.search
    monkeypatch.setattr(Matcher, "search", lambda *a, **k: asked.append(a[1]) or search(*a, **k))
    matcher = Matcher(index, catalog, Settings(), Matcher(index, catalog, Settings())._model)
    assert matcher.answer("máy sấy lúa") == first
    assert not asked
    assert matcher.answer("máy sấy lúa", k=1) == first[:1]
    assert ids(matcher.answer("máy sấy lúa", where=[parse_condition("place=Huế")])) == ["b"]
    assert len(asked) == 2


def test_a_change_of_the_catalog_or_the_settings_asks_again(office):
    catalog, index = office
    matcher = Matcher(index, catalog, Settings())
    assert sorted(ids(matcher.answer("máy sấy lúa"))) == ["a", "b"]
    assert Matcher(index, catalog, Settings(floor=1.0)).answer("máy sấy lúa") == []
    catalog.delete(["a"])
    assert ids(matcher.answer("máy sấy lúa")) == ["b"]


def test_the_caller_may_change_the_list(office):
    catalog, index = office
    matcher = Matcher(index, catalog, Settings())
    matcher.answer("máy sấy lúa").clear()
    assert len(matcher.answer("máy sấy lúa")) == 2
