"""Ids that stay."""

from indexer.importing.identity import apart
from indexer.records import Record, RecordType, Side


def need(identifier, same_as=""):
    return Record(
        id=identifier, side=Side.DEMAND, type=RecordType.NEED, title="cần", same_as=same_as
    )


def test_a_code_of_the_other_side_gets_its_side_in_front():
    taken = {Side.DEMAND: {"A1"}, Side.SUPPLY: set()}
    kept, renamed = apart([need("A1"), need("A2", same_as="A1")], taken)
    assert [(record.id, record.same_as) for record in kept] == [
        ("demand-A1", ""),
        ("A2", "demand-A1"),
    ]
    assert renamed == [("A1", "demand-A1")]


def test_nothing_taken_nothing_renamed():
    rows = (need("A1"),)
    assert apart(rows, {Side.DEMAND: set(), Side.SUPPLY: {"A1"}}) == (rows, [])
