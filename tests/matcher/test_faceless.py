"""No evidence, no match: neither on a list nor in a search, unless a rule pins the pair."""

from datetime import date

import pytest

from indexer.catalog import Catalog
from indexer.index import Index
from indexer.records import Record, RecordType, Side
from indexer.settings import Settings
from indexer.updating import update_index
from matcher import Event, Matcher
from matcher.evidence import EvidenceFinder
from matcher.ruling.rules import Rule

TODAY = date(2027, 5, 20)
NEEDS = {
    "n1": "Cần xử lý nước thải dệt nhuộm có màu",
    "n2": "Máy sấy lúa cho hợp tác xã",
}
OFFERS = {
    "o1": "Bể điện hoá khử màu nước thải dệt nhuộm",
    "o2": "Màng lọc nước thải dệt nhuộm",
    "o3": "Hoá chất xử lý nước thải dệt nhuộm",
}


@pytest.fixture
def matcher(tmp_path):
    records = [
        Record(id=name, side=side, type=kind, title=text, owner=f"Công ty {name}")
        for side, kind, texts in (
            (Side.DEMAND, RecordType.NEED, NEEDS),
            (Side.SUPPLY, RecordType.TECHNOLOGY, OFFERS),
        )
        for name, text in texts.items()
    ]
    catalog = Catalog.open(tmp_path / "catalog.sqlite3")
    catalog.apply(records)
    update_index(catalog, tmp_path / "index")
    yield Matcher(Index.open(tmp_path / "index"), catalog, Settings(floor=0.0))
    catalog.close()


@pytest.fixture
def faceless(monkeypatch):
    """Ids of offers whose sentences face nobody's."""
    hidden = set()
    find = EvidenceFinder.find
    monkeypatch.setattr(
        EvidenceFinder,
        "find",
        lambda self, pairs: [
            () if offer.id in hidden else shown
            for (_, offer), shown in zip(pairs, find(self, pairs), strict=True)
        ],
    )
    return hidden


def listed(matches):
    return [(match.rank, match.supply) for match in matches]


def test_the_next_comes_into_the_list(matcher, faceless):
    (first, second, third) = [m.supply for m in matcher.match(k=3, today=TODAY).by_demand["n1"]]
    faceless.add(first)
    found = matcher.match(k=2, today=TODAY)
    assert listed(found.by_demand["n1"]) == [(1, second), (2, third)]
    assert first not in found.by_supply
    assert first in found.unmatched_supplies
    assert first not in found.nearest  # nothing faces it: nobody is near


def test_it_is_not_in_a_search_either(matcher, faceless):
    every = [hit.record.id for hit in matcher.search(NEEDS["n1"], k=3, today=TODAY)]
    assert sorted(every) == sorted(OFFERS)
    faceless.add(every[0])
    found = matcher.search(NEEDS["n1"], k=2, today=TODAY)
    assert [(hit.match.rank, hit.record.id) for hit in found] == [(1, every[1]), (2, every[2])]
    faceless |= set(OFFERS)
    assert matcher.search(NEEDS["n1"], today=TODAY) == []
    assert matcher.search("nước thải", today=TODAY) == []


def test_what_a_rule_pins_stays(matcher, faceless):
    faceless |= set(OFFERS)
    pin = Rule(kind="pin", party="Công ty n2", others=("Công ty o3",))
    found = matcher.match(event=Event(name="Chợ", rules=(pin,)), today=TODAY)
    assert {key: listed(own) for key, own in found.by_demand.items()} == {"n2": [(1, "o3")]}
    assert found.by_demand["n2"][0].evidence == ()


def test_every_match_of_a_list_shows_evidence(matcher):
    found = matcher.match(k=20, today=TODAY)
    lists = [*found.by_demand.values(), *found.by_supply.values()]
    assert lists
    assert all(match.evidence for own in lists for match in own)


def test_a_text_of_two_words_is_compared_by_meaning(matcher):
    """Nothing in it is long enough to be a sentence, and no offer has its words."""
    found = matcher.search("sewage dye", k=3, today=TODAY)
    assert found
    assert all(hit.match.evidence for hit in found)
