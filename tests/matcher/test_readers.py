"""What a reader may not read is not there: not found, not met, not named."""

import pytest
import sqlalchemy as sa

from indexer.catalog import Catalog
from indexer.conditions import parse_condition
from indexer.index import Index
from indexer.keeping.access import ANONYMOUS, LOCAL, Reader
from indexer.live.base import Base
from indexer.live.following import encode_some, take_in
from indexer.live.live import LiveIndex
from indexer.records import DEFAULT_TYPE, Record, Side, TrlRange, Visibility
from indexer.settings import Settings
from indexer.sql.schema import meta, records
from indexer.sql.serviceschema import grants
from indexer.updating import update_index
from matcher import Matcher

STAFF = Reader(centre="a", signed_in=True, staff=True)
KEEPER = Reader(centre="a", signed_in=True, staff=True, keeper=True)
OWNER = Reader(centre="a", organisation="o1", signed_in=True)
GRANTED = Reader(centre="b", organisation="o2", signed_in=True)
STRANGER = Reader(centre="b", organisation="o3", signed_in=True, staff=True, keeper=True)
READERS = {
    "anonymous": ANONYMOUS,
    "staff": STAFF,
    "keeper": KEEPER,
    "owner": OWNER,
    "granted": GRANTED,
    "stranger": STRANGER,
    "local": LOCAL,
}
# (visibility, organisation), all of centre a
TIERS = {
    "public": (Visibility.PUBLIC, "o1"),
    "restricted": (Visibility.RESTRICTED, "o1"),
    "private": (Visibility.PRIVATE, "o1"),
    "confidential": (Visibility.CONFIDENTIAL, "o1"),
    "ours": (Visibility.CONFIDENTIAL, ""),
}
READABLE = {
    "anonymous": {"public"},
    "staff": {"public", "restricted", "private"},
    "keeper": {"public", "restricted", "private", "ours"},
    "owner": {"public", "restricted", "private", "confidential"},
    "granted": {"public", "restricted", "confidential"},
    "stranger": {"public", "restricted"},
    "local": set(TIERS),
}
THINGS = {
    "public": "máy sấy lúa tầng sôi",
    "restricted": "máy sấy nông sản",
    "private": "máy sấy cà phê",
    "confidential": "máy sấy lạnh bí truyền",
    "ours": "máy sấy chân không",
}


def record(tier, side):
    return Record(
        id=f"{tier}-{side}",
        side=side,
        type=DEFAULT_TYPE[side],
        title=THINGS[tier] if side is Side.SUPPLY else f"Tìm mua {THINGS[tier]}",
        owner=f"{side} {tier}",
        visibility=TIERS[tier][0],
        trl=TrlRange(low=5, high=7),
    )


def put(catalog, tiers=tuple(TIERS)):
    catalog.apply([record(tier, side) for tier in tiers for side in Side])
    with catalog.writing() as connection:
        version = connection.scalar(sa.select(meta.c.version)) + 1
        connection.execute(sa.update(meta).values(version=version))
        for tier in tiers:
            connection.execute(
                sa.update(records)
                .where(records.c.id.startswith(tier))
                .values(centre="a", organisation=TIERS[tier][1], version=version)
            )
        rows = [{"record_id": f"confidential-{side}", "organisation": "o2"} for side in Side]
        if "confidential" in tiers:
            connection.execute(sa.insert(grants), rows)


@pytest.fixture
def catalog(tmp_path):
    with Catalog.open(tmp_path / "c.sqlite3") as opened:
        yield opened


@pytest.fixture(params=["plain", "base", "fresh"])
def searching(catalog, tmp_path, request):
    """A matcher over an index of all records, or one to which they came later."""
    if request.param != "fresh":
        put(catalog)
    update_index(catalog, tmp_path / "index", encoder_name="static")
    index = Index.open(tmp_path / "index")
    if request.param != "plain":
        index = LiveIndex.over(Base.of(index, catalog))
    if request.param == "fresh":
        put(catalog)
        *_, index = take_in(index, catalog)
        index = encode_some(index, index.encoder, 100)
    return Matcher(index, catalog, Settings(floor=0))


def found(hits):
    return {hit.record.id.split("-")[0] for hit in hits}


@pytest.mark.parametrize("name", READERS)
def test_a_search_finds_what_its_reader_may_read(searching, catalog, name):
    reader = READERS[name]
    for want in Side:
        hits = searching.search("máy sấy", want=want, reader=reader)
        assert found(hits) == READABLE[name]
        where = [parse_condition("trl>=6")]
        assert (
            found(searching.search("máy sấy", want=want, where=where, reader=reader))
            == (READABLE[name])
        )
    assert catalog.readable(reader).ids(Side.SUPPLY) == {f"{t}-supply" for t in READABLE[name]}


@pytest.mark.parametrize("name", READERS)
def test_a_match_list_names_what_its_reader_may_read(searching, name):
    result = searching.match(reader=READERS[name])
    assert {i.split("-")[0] for i in result.records} == READABLE[name]
    listed = {m.supply for matches in result.by_demand.values() for m in matches}
    assert {i.split("-")[0] for i in listed} == READABLE[name]
    pairs = searching.owner_pairs(reader=READERS[name])
    for side in Side:
        owners = {getattr(pair, f"{side}_owner") for pair in pairs}
        assert owners == {f"{side} {tier}" for tier in READABLE[name]}


@pytest.mark.parametrize("name", ["anonymous", "staff", "granted"])
def test_other_records_change_nothing_but_how_rare_words_are(searching, tmp_path, name):
    with Catalog.open(tmp_path / "other.sqlite3") as smaller:
        put(smaller, sorted(READABLE[name]))
        update_index(smaller, tmp_path / "other", encoder_name="static")
        alone = Matcher(Index.open(tmp_path / "other"), smaller, Settings(floor=0))
        for text in ("máy sấy lúa", record("confidential", Side.DEMAND).text()):
            one = searching.search(text, reader=READERS[name])
            two = alone.search(text)
            assert {h.record.id for h in one} == {h.record.id for h in two}


def test_the_need_whose_text_is_typed_counts_only_for_those_who_may_read_it(searching):
    text = record("confidential", Side.DEMAND).text()
    matcher = searching.readable(ANONYMOUS)
    assert matcher._stated_need(text, Side.DEMAND) is None
    stated = searching.readable(OWNER)._stated_need(text, Side.DEMAND)
    assert stated is not None
    assert stated.id == "confidential-demand"


def test_what_became_unreadable_since_is_not_shown(searching, catalog):
    before = searching.search("máy sấy", reader=ANONYMOUS)
    assert found(before) == {"public"}
    hidden = record("public", Side.SUPPLY).model_copy(
        update={"visibility": Visibility.CONFIDENTIAL}
    )
    catalog.apply([hidden])
    assert found(searching.search("máy sấy", reader=ANONYMOUS)) == set()


def test_a_grant_counts_at_once_and_until_it_is_taken_back(searching, catalog):
    with catalog.writing() as connection:
        connection.execute(sa.insert(grants), [{"record_id": "ours-supply", "organisation": "o2"}])
    assert "ours" in found(searching.search("máy sấy", reader=GRANTED))
    with catalog.writing() as connection:
        connection.execute(sa.delete(grants))
    assert found(searching.search("máy sấy", reader=GRANTED)) == {"public", "restricted"}
