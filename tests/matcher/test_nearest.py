"""What is closest to a text, however far it is."""

import pytest

from indexer.catalog import Catalog
from indexer.conditions import parse_condition
from indexer.index import Index
from indexer.keeping.access import ANONYMOUS
from indexer.records import Record, RecordType, Side, Visibility
from indexer.settings import Settings
from indexer.updating import update_index
from matcher import Matcher


def _offer(id_, title, **values):
    kind = values.pop("type", RecordType.TECHNOLOGY)
    return Record(id=id_, side=Side.SUPPLY, type=kind, title=title, **values)


OFFERS = [
    _offer("o1", "Bể điện hoá khử màu nước thải dệt nhuộm"),
    _offer("o2", "Bể lọc nước thải dệt nhuộm bằng than", same_as="o1"),
    _offer("o3", "Hệ thống lọc nước thải chăn nuôi heo bằng biogas"),
    _offer("o4", "Chuyên gia xử lý nước thải", type=RecordType.EXPERT),
    _offer("o5", "Bí quyết xử lý nước thải dệt nhuộm", visibility=Visibility.PRIVATE),
    _offer("o6", "Phần mềm xếp thời khoá biểu trường học"),
]


@pytest.fixture
def matcher(tmp_path):
    catalog = Catalog.open(tmp_path / "catalog.sqlite3")
    catalog.apply(OFFERS)
    update_index(catalog, tmp_path / "index")
    yield Matcher(Index.open(tmp_path / "index"), catalog, Settings(floor=1.0))
    catalog.close()


def _ids(records):
    return [record.id for record in records]


def test_below_every_floor_and_without_repeats(matcher):
    text = "nước thải dệt nhuộm"
    assert matcher.search(text) == []
    found = _ids(matcher.nearest(text, want=Side.SUPPLY))
    assert set(found) >= {"o3", "o5"} and len(set(found) & {"o1", "o2"}) == 1
    assert "o6" not in found[:4]
    assert len(matcher.nearest(text, want=Side.SUPPLY, k=1)) == 1


def test_a_record_is_not_near_itself_nor_its_repeats(matcher):
    found = _ids(matcher.nearest(OFFERS[0], want=Side.SUPPLY))
    assert found and not {"o1", "o2"} & set(found)


def test_conditions_and_readers_hold(matcher):
    text = "nước thải dệt nhuộm"
    experts = (parse_condition("type=expert"),)
    assert _ids(matcher.nearest(text, want=Side.SUPPLY, where=experts)) == ["o4"]
    assert "o5" not in _ids(matcher.nearest(text, want=Side.SUPPLY, reader=ANONYMOUS))


def test_nothing_asked_or_nothing_there(matcher):
    assert matcher.nearest("  ", want=Side.SUPPLY) == []
    assert matcher.nearest("nước thải", want=Side.SUPPLY, k=0) == []
    nothing = (parse_condition("type=dataset"),)
    assert matcher.nearest("nước thải", want=Side.SUPPLY, where=nothing) == []
