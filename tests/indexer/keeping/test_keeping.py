from pathlib import Path

import pytest

from indexer.catalog import Catalog
from indexer.errors import BadValue, RequestError
from indexer.keeping.access import ANONYMOUS, LOCAL, Reader
from indexer.keeping.keeper import Kept, qualified
from indexer.keeping.records import find, find_all, following, stream
from indexer.records import Record, RecordType, Side, Visibility
from indexer.sql.changes import distinct, entrust, write


def offer(record_id: str, title: str = "Máy sấy", **more) -> Record:
    return Record(id=record_id, side=Side.SUPPLY, type=RecordType.TECHNOLOGY, title=title, **more)


@pytest.mark.parametrize(
    ("centre", "id", "found"),
    [
        ("", "CB-1", "CB-1"),
        ("hn", "CB-1", "hn/CB-1"),
        ("hn", "hn/CB-1", "hn/CB-1"),  # as an export writes it
        ("hn", "sg/CB-1", "hn/sg/CB-1"),
        ("hn", "CB/05 đặc biệt", "hn/CB/05 đặc biệt"),
        ("hn", "x" * 197, "hn/" + "x" * 197),
    ],
)
def test_ids_of_a_centre_are_its_own(centre: str, id: str, found: str):
    assert qualified(centre, id) == found
    assert qualified(centre, found) == found


@pytest.mark.parametrize("id", ["", "  ", "x" * 198, "a\x00b", "a\nb", "\u202e"])
def test_ids_that_cannot_be_kept(id: str):
    with pytest.raises(BadValue):
        qualified("hn", id)


def test_who_keeps_a_record_stays_when_it_is_changed(tmp_path: Path):
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        with catalog.writing() as connection:
            incoming, _ = distinct([offer("hn/1")], ())
            write(connection, incoming, [], Kept("hn", "o1"))
        catalog.apply([offer("hn/1", "Máy sấy mới")])
        with catalog.writing() as connection:
            found = find(connection, LOCAL, "hn/1")
            assert found is not None and found.kept == Kept("hn", "o1")
            assert (found.record.title, found.version) == ("Máy sấy mới", 2)
            assert entrust(connection, "hn/1", "o2") == 3
            found = find(connection, LOCAL, "hn/1")
            assert found is not None and (found.kept, found.version) == (Kept("hn", "o2"), 3)
        assert catalog.changes_since(2).upserted == ("hn/1",)


def test_another_centre_changes_nothing(tmp_path: Path):
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        catalog.apply([offer("1")])
        incoming, _ = distinct([offer("1", "Khác"), offer("2")], ())
        with pytest.raises(RequestError, match="another centre"), catalog.writing() as connection:
            write(connection, incoming, [], Kept("hn"))
        with pytest.raises(RequestError, match="another centre"), catalog.writing() as connection:
            write(connection, {}, ["1"], Kept("hn"))
        assert catalog.version == 1 and catalog.ids() == {"1"}


def test_what_may_not_be_read_is_not_there(tmp_path: Path):
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        records = [offer(tier.value, visibility=tier) for tier in Visibility]
        with catalog.writing() as connection:
            incoming, _ = distinct(records, ())
            write(connection, incoming, [], Kept("hn", "o1"))
        names = sorted(tier.value for tier in Visibility)
        owner = Reader("hn", "o1", signed_in=True)
        with catalog.reading() as connection:
            assert find(connection, ANONYMOUS, "private") is None
            for reader, seen in ((ANONYMOUS, ["public"]), (owner, names), (LOCAL, names)):
                ways = (
                    find_all(connection, reader, names),
                    stream(connection, reader, ()),
                    following(connection, reader, (), "", 10),
                )
                for way in ways:
                    assert [one.record.id for one in way] == seen
            assert following(connection, LOCAL, (), "private", 1)[0].record.id == "public"
