"""The real files the project must read, where they are at hand; small ones stand in elsewhere."""

from pathlib import Path

import pytest

from indexer.importing.files import read_records
from indexer.records import Side

REAL = Path(__file__).parents[3].parent / "shared" / "data" / "real"
needed = pytest.mark.skipif(not REAL.is_dir(), reason="the shared real data is not here")


@needed
def test_all_agency_needs():
    batch = read_records([REAL / "agency-needs.csv"])
    assert len(batch.records) == 188
    assert batch.rejects == ()
    assert {record.side for record in batch.records} == {Side.DEMAND}
    assert all(
        record.title and record.requirements and record.description for record in batch.records
    )
    assert batch.records[0].id == "AF151-087"


@needed
def test_all_funded_offers():
    batch = read_records([REAL / "funded-offers.jsonl"], side=Side.SUPPLY)
    assert len(batch.records) == 226
    assert batch.rejects == ()
    assert {record.language for record in batch.records} == {"en"}


@needed
def test_both_sheets_of_the_event_and_their_pairs():
    batch = read_records([REAL / "event-offers.xlsx"])
    vietnamese, english = batch.records[:66], batch.records[66:]
    assert len(english) == 66
    assert batch.rejects == ()
    assert (vietnamese[0].source.row, english[0].source.row) == (4, 2)
    # Read by hand: row n of one sheet is row n of the other, for all 66.
    right = sum(two.same_as == one.id for one, two in zip(vietnamese, english, strict=True))
    wrong = sum(bool(two.same_as) for two in english) - right
    assert (right, wrong) == (66, 0)
