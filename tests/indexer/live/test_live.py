"""A live index answers as the index of all its records would."""

from itertools import pairwise

import numpy as np
import pytest

import indexer.live.following
import indexer.updating
import indexer.vectors.vectors
from indexer.catalog import Catalog
from indexer.conditions import parse_condition
from indexer.digests import digest
from indexer.encoders.loading import load_encoder
from indexer.index import Index
from indexer.keeping.access import ANONYMOUS
from indexer.live.base import Base
from indexer.live.following import encode_some, take_in
from indexer.live.live import LiveIndex
from indexer.records import DEFAULT_TYPE, Record, Side, TrlRange
from indexer.settings import Settings
from indexer.updating import update_index
from matcher import Matcher
from matcher.filters import allowed_rows

THINGS = ["máy sấy", "màng lọc", "cảm biến", "giống lúa", "phần mềm", "wastewater plant", "robot"]
PLACES = ["lúa", "nước thải", "ao tôm", "bệnh viện", "rice mill", "trại heo", "kho lạnh"]
QUERIES = [
    "máy sấy lúa và màng lọc nước thải",
    "cam bien cho ao tom",
    "wastewater treatment plant for a pig farm",
    "phần mềm kho lạnh kiểu 7",
    "robot",
]


def record(number, side=Side.SUPPLY, about="", **more):
    kind = number * 7919 % 97
    title = f"{THINGS[kind % 7]} cho {PLACES[number % 7]} kiểu {number % 11} {about}".strip()
    return Record(
        id=f"{side.value[0]}{number:04}",
        side=side,
        type=DEFAULT_TYPE[side],
        title=title,
        summary=f"Dùng {THINGS[number % 5]} loại {kind} tại {PLACES[kind % 7]}.",
        trl=TrlRange(low=number % 9 + 1, high=number % 9 + 1),
        **{"owner": f"Đơn vị {number % 40}", **more},
    )


def both(start, stop):
    needs = (record(n, Side.DEMAND) for n in range(start, stop) if n % 4 == 0)
    return [*(record(n) for n in range(start, stop)), *needs]


@pytest.fixture
def catalog(tmp_path):
    with Catalog.open(tmp_path / "c.sqlite3") as opened:
        yield opened


def live_of(catalog, folder):
    index = Index.open(folder)
    return LiveIndex.over(Base.of(index, catalog))


def newest(live, catalog):
    for found in take_in(live, catalog):
        live = found
    return encode_some(live, live.encoder, 10_000)


def change(catalog):
    """Adds, changes, moves and deletes."""
    moved = record(8).model_copy(update={"side": Side.DEMAND, "type": DEFAULT_TYPE[Side.DEMAND]})
    catalog.apply(
        [
            *both(600, 640),
            record(3, about="bằng năng lượng mặt trời"),
            record(5, owner="Đơn vị khác"),
            moved,
        ],
        deleted_ids=["s0010", "s0011", "d0012"],
    )


@pytest.mark.parametrize("encoder", ["static", "contextual"])
def test_it_answers_as_the_index_of_all_records_does(catalog, tmp_path, encoder):
    catalog.apply(both(0, 600))
    update_index(catalog, tmp_path / "live", encoder_name=encoder)
    change(catalog)
    live = newest(live_of(catalog, tmp_path / "live"), catalog)
    update_index(catalog, tmp_path / "all", encoder_name=encoder)
    rebuilt = Index.open(tmp_path / "all")
    assert live.catalog_version == rebuilt.catalog_version == 2
    for side in Side:
        assert list(live.side(side).present()) == list(rebuilt.side(side).ids)
    before, after = (Matcher(i, catalog, Settings(floor=0)) for i in (live, rebuilt))
    for query in QUERIES:
        for want in Side:
            one, two = (m.search(query, want=want, k=20) for m in (before, after))
            found, wanted = ({h.record.id: h.match.score for h in hits} for hits in (one, two))
            shared = found.keys() & wanted.keys()
            assert len(shared) >= 18  # the last of a list may tie with the next
            assert max(abs(found[i] - wanted[i]) for i in shared) < 0.003
            in_order = [wanted[i] for i in found if i in shared]
            assert all(b < a + 0.003 for a, b in pairwise(in_order))


def test_how_rare_a_word_is_counts_what_is_there(catalog, tmp_path):
    catalog.apply(both(0, 80))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    change(catalog)
    live = newest(live_of(catalog, tmp_path / "live"), catalog)
    update_index(catalog, tmp_path / "live")
    rebuilt = Index.open(tmp_path / "live")
    for token in ["kiểu", "robot", "mặt", "lúa", "wastewater", "chưa"]:
        assert live.rarity(token) == pytest.approx(rebuilt.rarity(token))
        for side in Side:
            terms = live.side(side).lexical, rebuilt.side(side).lexical
            assert terms[0].frequency(token) == terms[1].frequency(token)


def test_vectors_are_those_of_the_rebuilt_index(catalog, tmp_path):
    catalog.apply(both(0, 80))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    change(catalog)
    live = newest(live_of(catalog, tmp_path / "live"), catalog)
    update_index(catalog, tmp_path / "live")
    rebuilt = Index.open(tmp_path / "live")
    queries = live.encode(QUERIES, Side.DEMAND)
    own, other = live.supply, rebuilt.supply
    rows = [own.row_of[i] for i in other.ids]
    np.testing.assert_array_equal(own.vectors.rows(rows), other.vectors.rows(slice(None)))
    every = own.vectors.similarities(queries)[:, rows]
    np.testing.assert_allclose(every, other.vectors.similarities(queries), atol=1e-6)
    np.testing.assert_array_equal(own.vectors.matrix[rows], other.vectors.matrix)
    for k in (1, 7, 500):
        near, found = own.vectors.search(queries, k)
        expected, theirs = other.vectors.search(queries, k)
        np.testing.assert_allclose(near, expected, atol=1e-6)
        assert set(map(own.ids.__getitem__, found[0])) == set(map(other.ids.__getitem__, theirs[0]))
    with pytest.raises(ValueError, match="mask"):
        own.vectors.search(queries, 1, np.ones(3, dtype=bool))


def test_lists_stand_beneath_as_well(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 0)
    monkeypatch.setattr(indexer.vectors.vectors, "MOST_LOOKED_AT", np.inf)
    catalog.apply(both(0, 200))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    change(catalog)
    live = newest(live_of(catalog, tmp_path / "live"), catalog)
    assert not live.supply.vectors.exact
    query = live.encode(["máy sấy"], Side.DEMAND)
    near, rows = live.supply.vectors.search(query, 30)
    exactly, _ = live.supply.vectors.search(query, 30, exact=True)
    assert live.supply.alive[rows[0]].all()
    np.testing.assert_allclose(near, exactly, atol=1e-6)


def test_what_is_gone_changed_or_moved_stands_nowhere_twice(catalog, tmp_path):
    catalog.apply(both(0, 40))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    live = live_of(catalog, tmp_path / "live")
    old = record(3).text()
    change(catalog)
    live = newest(live, catalog)
    assert "s0010" not in live.supply.row_of
    assert "s0008" not in live.supply.row_of
    assert "s0008" in live.demand.row_of
    assert len(live.supply.row_of) == len(list(live.supply.row_of)) == 40 + 40 - 3
    assert live.supply.said(digest(old)) == []
    assert live.supply.said(digest(record(600).text())) == ["s0600"]
    catalog.apply(deleted_ids=["s0600", "s0003"])
    live = newest(live, catalog)
    assert "s0600" not in live.supply.row_of
    assert "s0003" not in live.supply.row_of
    assert live.supply.said(digest(record(600).text())) == []


@pytest.mark.parametrize("gone", [["s0003"], ["s0900"], ["s0003", "s0900"]])
def test_what_is_left_when_all_that_came_is_gone_again(catalog, tmp_path, gone):
    catalog.apply(both(0, 40))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    live = live_of(catalog, tmp_path / "live")
    catalog.apply([record(900, about="máy bay không người lái")])
    live = newest(live, catalog)
    assert list(live.supply.present())[-1] == "s0900"
    assert live.supply.alive is None  # a search need pass nothing over
    catalog.apply(deleted_ids=gone)
    live = newest(live, catalog)
    assert set(live.supply.present()) == catalog.ids(Side.SUPPLY)
    assert len(live.supply.row_of) == len(list(live.supply.row_of)) == len(catalog.ids(Side.SUPPLY))
    hits = Matcher(live, catalog, Settings(floor=0)).search("máy bay không người lái", k=50)
    assert {hit.record.id for hit in hits} <= catalog.ids(Side.SUPPLY)
    assert ("s0900" in {hit.record.id for hit in hits}) == ("s0900" not in gone)
    if gone == ["s0900"]:
        assert live.supply.lexical is live.base.index.supply.lexical


def test_words_are_found_before_they_are_encoded(catalog, tmp_path):
    catalog.apply(both(0, 40))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    live = live_of(catalog, tmp_path / "live")
    catalog.apply([record(900, about="máy bay không người lái")])
    catalog.apply([record(901), record(902, about="máy bay")])
    [live] = take_in(live, catalog)
    assert (live.seen, live.catalog_version, live.waiting) == (3, 1, 3)
    hits = Matcher(live, catalog, Settings(floor=0)).search("máy bay không người lái", k=2)
    assert hits[0].record.id == "s0900"
    by_words = hits[0].match.score
    live = encode_some(live, live.encoder, 1)  # the oldest first
    assert (live.catalog_version, live.waiting) == (2, 2)
    live = encode_some(live, live.encoder, 10)
    assert (live.catalog_version, live.waiting) == (3, 0)
    hits = Matcher(live, catalog, Settings(floor=0)).search("máy bay không người lái", k=2)
    assert hits[0].record.id == "s0900"
    assert hits[0].match.score == pytest.approx(by_words, abs=0.05)
    assert list(take_in(live, catalog)) == []


def test_what_was_encoded_is_not_encoded_again(catalog, tmp_path):
    catalog.apply(both(0, 20))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    live = live_of(catalog, tmp_path / "live")
    catalog.apply([record(5, owner="Chủ mới"), record(70)])
    [live] = take_in(live, catalog)
    assert live.waiting == 1  # the text of the other did not change
    live = encode_some(live, live.encoder, 10)
    catalog.apply([record(70, owner="Chủ mới")])
    [live] = take_in(live, catalog)
    assert live.waiting == 0
    # Over a base opened anew, what the one before has is taken over.
    [again] = take_in(live_of(catalog, tmp_path / "live"), catalog, live)
    assert again.waiting == 0
    np.testing.assert_array_equal(
        again.sides[Side.SUPPLY].segment.matrix[-1], live.sides[Side.SUPPLY].segment.matrix[-1]
    )


def test_a_snapshot_never_changes(catalog, tmp_path):
    catalog.apply(both(0, 40))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    first = live_of(catalog, tmp_path / "live")
    catalog.apply(both(50, 60), deleted_ids=["s0001"])
    second = newest(first, catalog)
    catalog.apply(deleted_ids=["s0050", "s0002"])
    third = newest(second, catalog)
    counts = [len(list(live.supply.present())) for live in (first, second, third)]
    assert counts == [40, 49, 47]
    assert [live.catalog_version for live in (first, second, third)] == [1, 2, 3]


def test_the_first_records_are_found_without_any_index(catalog, tmp_path):
    live = LiveIndex.over(Base.empty(tmp_path / "index", catalog, load_encoder("static")))
    assert Matcher(live, catalog, Settings(floor=0)).search("máy sấy") == []
    catalog.apply(both(0, 40))
    live = newest(live, catalog)
    update_index(catalog, tmp_path / "index", encoder_name="static")
    matchers = (
        Matcher(live, catalog, Settings()),
        Matcher(Index.open(tmp_path / "index"), catalog, Settings()),
    )
    for query in QUERIES:
        one, two = (m.search(query, k=5) for m in matchers)
        assert [h.match.score for h in one] == pytest.approx([h.match.score for h in two], abs=0.01)


def test_beyond_what_it_takes_it_waits_for_the_next_index(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(indexer.live.following, "MOST_FRESH", 300)
    catalog.apply(both(0, 40))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    live = live_of(catalog, tmp_path / "live")
    catalog.apply(both(1000, 1400), deleted_ids=["s0001"])
    *_, live = take_in(live, catalog)
    assert live.seen == 1
    assert "s0001" not in live.supply.row_of
    assert 0 < live.fresh <= 300


@pytest.mark.parametrize("where", [["trl>=7"], ["owner=Đơn vị khác"], ["trl<=3", "owner~đơn vị"]])
def test_conditions_hold_as_in_the_rebuilt_index(catalog, tmp_path, where):
    catalog.apply(both(0, 120))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    live = live_of(catalog, tmp_path / "live")
    conditions = [parse_condition(text) for text in where]

    def allowed(index):
        own = index.supply
        return {
            own.ids[row]
            for row in np.flatnonzero(allowed_rows(index, catalog, Side.SUPPLY, conditions))
        }

    assert allowed(live) == catalog.ids(Side.SUPPLY, conditions)
    change(catalog)
    live = newest(live, catalog)
    assert allowed(live) == catalog.ids(Side.SUPPLY, conditions)
    searching = Matcher(live, catalog, Settings(floor=0))
    hits = searching.search("máy sấy lúa", k=200, where=conditions)
    assert {hit.record.id for hit in hits} <= catalog.ids(Side.SUPPLY, conditions)
    # Changed since the snapshot: not an answer to what it no longer is.
    last = hits[0].record.model_copy(update={"trl": None, "owner": "Ai đó"})
    catalog.apply([last])
    hits = searching.search("máy sấy lúa", k=200, where=conditions)
    assert last.id not in {hit.record.id for hit in hits}


def test_an_update_goes_on_while_records_come(catalog, tmp_path, monkeypatch):
    catalog.apply(both(0, 40))
    update_index(catalog, tmp_path / "live", encoder_name="static")
    catalog.apply(both(40, 50))
    gather = indexer.updating.gather

    def busy(*arguments):
        found = gather(*arguments)
        monkeypatch.setattr(indexer.updating, "gather", gather)
        catalog.apply(both(50, 52), deleted_ids=["s0041"])
        return found

    monkeypatch.setattr(indexer.updating, "gather", busy)
    report = update_index(catalog, tmp_path / "live")
    assert (report.version, report.encoded) == (2, 13)  # not all of it anew
    live = newest(live_of(catalog, tmp_path / "live"), catalog)
    assert set(live.supply.present()) == catalog.ids(Side.SUPPLY)


def test_who_may_read_is_asked_as_of_when_the_index_is_opened(catalog, tmp_path):
    catalog.apply(both(0, 6))
    update_index(catalog, tmp_path / "live", encoder_name="static")

    def readable(live):
        return set(live.readable(ANONYMOUS, frozenset()).supply.present())

    before = readable(live_of(catalog, tmp_path / "live"))
    assert before == {record.id for record in catalog.records(Side.SUPPLY)}
    hidden = record(2, visibility="private")
    catalog.apply([hidden], deleted_ids=["s0003"])
    now = readable(live_of(catalog, tmp_path / "live"))
    assert now == before - {hidden.id, "s0003"} and len(now) == len(before) - 2
    # An index of another catalog: nothing it knows of who may read counts.
    with Catalog.open(tmp_path / "other.sqlite3") as other:
        other.apply([record(4), record(5, visibility="restricted")])
        assert readable(live_of(other, tmp_path / "live")) == {record(4).id}
