"""Owners who could meet, from scored records."""

import numpy as np

from indexer.records import Record, RecordType, Side
from matcher.planning.ownerpairs import owner_pairs


def _records(side, *owners):
    letter, type_ = ("N", RecordType.NEED) if side is Side.DEMAND else ("O", RecordType.TECHNOLOGY)
    return [
        Record(id=f"{letter}{number}", side=side, type=type_, title="x", owner=owner)
        for number, owner in enumerate(owners)
    ]


NEEDS = _records(Side.DEMAND, "Công ty TNHH Dệt", "Cty Dệt", "Viện B", "")
OFFERS = _records(Side.SUPPLY, "Viện B", "Viện A")
SCORES = np.array([[0.5, 0.2], [0.7, 0.3], [0.9, 0.4], [0.8, 0.8]], dtype=np.float32)
FREE = np.zeros(SCORES.shape, dtype=bool)


def _pairs(scores=SCORES, barred=FREE, floor=0.1):
    found = owner_pairs(NEEDS, OFFERS, scores, barred, floor)
    return [(p.demand_owner, p.supply_owner, p.score, p.demand, p.supply) for p in found]


def test_two_owners_have_their_best_match_and_nobody_meets_itself():
    assert _pairs() == [
        ("Công ty TNHH Dệt", "Viện B", 0.7, "N1", "O0"),
        ("Viện B", "Viện A", 0.4, "N2", "O1"),
        ("Công ty TNHH Dệt", "Viện A", 0.3, "N1", "O1"),
    ]


def test_barred_matches_and_those_below_the_floor_count_for_nothing():
    barred = FREE.copy()
    barred[1] = True
    assert _pairs(barred=barred, floor=0.3) == [
        ("Công ty TNHH Dệt", "Viện B", 0.5, "N0", "O0"),
        ("Viện B", "Viện A", 0.4, "N2", "O1"),
    ]


def test_the_order_of_the_records_decides_nothing():
    scores = np.full((4, 2), 0.5, dtype=np.float32)
    turned = owner_pairs(NEEDS[::-1], OFFERS[::-1], scores, FREE, 0.1)
    assert turned == owner_pairs(NEEDS, OFFERS, scores, FREE, 0.1)
    assert {(pair.demand, pair.supply) for pair in turned} == {
        ("N0", "O0"), ("N0", "O1"), ("N2", "O1")
    }  # fmt: skip


def test_nothing_in_nothing_out():
    assert owner_pairs([], [], np.zeros((0, 0), np.float32), np.zeros((0, 0), bool), 0.1) == ()
