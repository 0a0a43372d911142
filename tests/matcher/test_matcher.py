"""Search and the match list over a real catalog and a real index."""

import sys
from datetime import date
from types import ModuleType

import pytest

import matcher.explain
from indexer.catalog import Catalog
from indexer.conditions import parse_condition
from indexer.index import Index
from indexer.records import Record, RecordType, Side, TrlRange
from indexer.settings import Settings
from indexer.updating import update_index
from matcher import Event, Matcher

TODAY = date(2027, 5, 20)
OFFERS = [
    ("o1", "Bể điện hoá khử màu nước thải dệt nhuộm", "Viện Nước", 7),
    ("o2", "Máy sấy lúa tầng sôi cho hợp tác xã", "Xưởng Cơ Khí", 8),
    ("o3", "Battery swap station for electric motorbikes", "GreenSwap", 9),
    ("o4", "Phần mềm xếp thời khoá biểu trường học", "Trúc Xanh", 9),
    ("o5", "Hệ thống lọc nước thải chăn nuôi heo bằng biogas", "Viện Nước", 5),
    ("o6", "Kit phát hiện dịch tả lợn châu Phi tại trại", "Thú Y", 6),
]
NEEDS = [
    ("n1", "Nước thải nhuộm còn màu, bị phạt", "Công ty Dệt", 6),
    ("n2", "Lúa ướt gặp mưa cần sấy nhanh", "Hợp tác xã", None),
    ("n3", "Trại heo hôi, nước thải chăn nuôi quá tải hầm biogas", "Trại Heo", 7),
    ("n4", "Quantum annealer", "Lab Q", None),
]


def record(side, row):
    identifier, title, owner, level = row
    return Record(
        id=identifier,
        side=side,
        type=RecordType.TECHNOLOGY if side is Side.SUPPLY else RecordType.NEED,
        title=title,
        owner=owner,
        trl=TrlRange(low=level, high=level) if level else None,
    )


@pytest.fixture
def matcher_of(tmp_path):
    opened = []

    def make(offers=OFFERS, needs=NEEDS, **settings):
        catalog = Catalog.open(tmp_path / f"{len(opened)}.sqlite3")
        opened.append(catalog)
        rows = [record(Side.SUPPLY, row) for row in offers]
        catalog.apply([*rows, *(record(Side.DEMAND, row) for row in needs)])
        folder = tmp_path / f"index-{len(opened)}"
        update_index(catalog, folder)
        return Matcher(Index.open(folder), catalog, Settings(**settings))

    yield make
    for catalog in opened:
        catalog.close()


def test_the_best_of_both_sides(matcher_of):
    result = matcher_of().match(k=2, today=TODAY)
    best = {demand: matches[0].supply for demand, matches in result.by_demand.items()}
    assert {key: best[key] for key in ("n1", "n2", "n3")} == {"n1": "o1", "n2": "o2", "n3": "o5"}
    assert result.by_supply["o2"][0].demand == "n2"
    assert all(len(matches) <= 2 for matches in result.by_demand.values())


def test_a_pair_has_one_score_on_the_lists_of_both_its_sides(matcher_of):
    result = matcher_of(floor=0).match(k=10, today=TODAY)
    ahead = {(m.demand, m.supply): m.score for ms in result.by_demand.values() for m in ms}
    back = {(m.demand, m.supply): m.score for ms in result.by_supply.values() for m in ms}
    shared = ahead.keys() & back.keys()
    assert shared
    assert {key: ahead[key] for key in shared} == {key: back[key] for key in shared}


def test_whoever_has_nothing_above_the_floor_is_unmatched_with_the_nearest(matcher_of):
    result = matcher_of(floor=0.9999).match(today=TODAY)
    assert set(result.unmatched_demands) == {"n1", "n2", "n3", "n4"}
    assert result.nearest["n1"].supply == "o1"
    assert result.by_demand == {}


def test_ranks_count_from_one_and_scores_fall(matcher_of):
    for matches in matcher_of(floor=0).match(today=TODAY).by_demand.values():
        assert [match.rank for match in matches] == list(range(1, len(matches) + 1))
        assert [m.score for m in matches] == sorted((m.score for m in matches), reverse=True)


def test_an_event_narrows_to_its_participants(matcher_of):
    event = Event.model_validate(
        {"name": "Chợ", "participants": [{"owner": "viện  nước"}, {"owner": "Công ty Dệt"}]}
    )
    result = matcher_of().match(event=event, today=TODAY)
    assert set(result.records) == {"o1", "o5", "n1"}
    assert result.settings["event"] == "Chợ"
    opened = event.model_copy(update={"everybody": True})
    everyone = matcher_of().match(today=TODAY)
    assert set(matcher_of().match(event=opened, today=TODAY).records) == set(everyone.records)


def test_two_processes_explain_as_one_does(matcher_of, monkeypatch):
    searching = matcher_of(floor=0)
    alone = searching.match(today=TODAY)
    monkeypatch.setattr(matcher.explain, "_WORTH_A_PROCESS", 1)
    assert searching.match(today=TODAY) == alone


def test_a_worker_that_dies_costs_nothing(matcher_of, monkeypatch):
    searching = matcher_of(floor=0)
    alone = searching.match(today=TODAY)
    monkeypatch.setattr(matcher.explain, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(matcher.explain, "_work", dies)
    assert searching.match(today=TODAY) == alone


def test_nor_does_one_that_dies_as_it_starts(matcher_of, monkeypatch):
    offers = [(f"o{i}", f"Máy sấy lúa {i}" + " hạt" * 4_000, f"Xưởng {i}", 5) for i in range(20)]
    searching = matcher_of(offers, floor=0)  # more than a pipe holds
    alone = searching.match(today=TODAY)
    monkeypatch.setattr(matcher.explain, "_WORTH_A_PROCESS", 1)
    here = ModuleType("module_of_this_process")
    here._work = lambda _: None
    here._work.__module__, here._work.__qualname__ = here.__name__, "_work"
    monkeypatch.setitem(sys.modules, here.__name__, here)
    monkeypatch.setattr(matcher.explain, "_work", here._work)
    assert searching.match(today=TODAY) == alone


def dies(_):
    raise SystemExit(1)


def test_search_equals_ranking_every_record(matcher_of, monkeypatch):
    offers = [
        (f"x{i}", f"Máy số {i} sấy {'lúa' if i % 3 else 'cà phê'} kiểu {i % 7}", f"Xưởng {i}", 5)
        for i in range(400)
    ]
    searching = matcher_of(offers, floor=0)
    text = "máy sấy cà phê kiểu 3"
    small = [hit.record.id for hit in searching.search(text, k=10, today=TODAY)]
    monkeypatch.setattr(matcher.matcher, "_FIRST_LOOK", 400)
    assert small == [hit.record.id for hit in searching.search(text, k=10, today=TODAY)]


def test_conditions_hold_before_the_best_are_taken(matcher_of):
    searching = matcher_of(floor=0)
    free = searching.search("nước thải", k=1, today=TODAY)
    strict = searching.search("nước thải", k=1, where=[parse_condition("trl>=8")], today=TODAY)
    assert free[0].record.id in {"o1", "o5"}
    assert strict[0].record.trl.high >= 8


def test_one_owner_does_not_fill_a_list_unless_asked_for(matcher_of):
    offers = [(f"f{i}", f"Xử lý nước thải kiểu {i}", "Viện Nước", 5) for i in range(20)]
    searching = matcher_of([*offers, *OFFERS[1:5]], floor=0)
    owners = [hit.record.owner for hit in searching.search("xử lý nước thải", today=TODAY)]
    assert owners.count("Viện Nước") == 3
    asked = [parse_condition("owner=Viện Nước")]
    assert len(searching.search("xử lý nước thải", where=asked, today=TODAY)) == 10


def test_a_record_deleted_meanwhile_is_not_found(matcher_of):
    searching = matcher_of(floor=0)
    searching._catalog.delete(["o1"])
    hits = searching.search("nước thải dệt nhuộm", today=TODAY)
    assert "o1" not in [hit.record.id for hit in hits]


@pytest.mark.parametrize("text", ["", "  ", "\u200b"])
def test_nothing_asked_nothing_found(matcher_of, text):
    assert matcher_of().search(text) == []


def test_an_empty_catalog_gives_an_empty_list(matcher_of):
    result = matcher_of([], []).match(today=TODAY)
    assert (result.by_demand, result.by_supply, result.unmatched_demands) == ({}, {}, ())


COPIED = (
    "Xưởng chế biến thủy sản cần hệ thống xử lý nước thải công suất 200 m3 mỗi ngày, giảm COD và "
    "mùi hôi vào mùa cao điểm"
)


def test_a_copied_need_scores_in_a_search_as_in_the_match_list(matcher_of):
    offers = [*OFFERS, ("o7", f"Phần mềm mượn trả sách cho thư viện. {COPIED}", "Sách", 9)]
    found = matcher_of(offers, [*NEEDS, ("n5", COPIED, "Thủy sản", None)], floor=0.0)
    ranked = found.match(k=20, today=TODAY)
    listed = {match.supply: match for match in ranked.by_demand["n5"]}
    searched = {hit.record.id: hit.match for hit in found.search(COPIED, k=20, today=TODAY)}
    assert [flag.name for flag in searched["o7"].flags] == ["copied-text"]
    assert searched["o7"].score == pytest.approx(listed["o7"].score, abs=1e-4)
    assert searched["o7"].score < searched["o5"].score  # below who says it in its own words

    asked = found.search(offers[-1][1], want=Side.DEMAND, k=20, today=TODAY)
    of_offer = {hit.record.id: hit.match.score for hit in asked}
    assert of_offer["n5"] == pytest.approx(listed["o7"].score, abs=1e-4)


def test_a_need_nobody_wrote_down_lowers_its_copies_too(matcher_of):
    """Under a condition that hides everybody else as well."""
    offers = [*OFFERS, ("o7", f"Phần mềm mượn trả sách cho thư viện. {COPIED}", "Sách", 9)]
    found = matcher_of(offers, NEEDS, floor=0.0)
    every = {hit.record.id: hit.match.score for hit in found.search(COPIED, k=20, today=TODAY)}
    assert every["o7"] < every["o5"]
    (alone,) = found.search(COPIED, where=[parse_condition("owner=Sách")], today=TODAY)
    assert alone.match.score == pytest.approx(every["o7"], abs=1e-6)
