"""Records are fetched from the best down, and the list is the one of all of them."""

import numpy as np
import pytest

from indexer.records import Record, RecordType, Side
from matcher.ranking import ListRules, best
from matcher.shelf import Shelf

ASKER = Record(id="query", side=Side.DEMAND, type=RecordType.NEED, title="x")


def offer(number, owner, same_as=""):
    return Record(
        id=f"o{number:03}",
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title="máy",
        owner=owner,
        same_as=same_as,
    )


class Office:
    """A catalog of these records that notes how many it was asked for."""

    def __init__(self, records):
        self.held = {record.id: record for record in records}
        self.asked = []

    def look_up(self, ids, where=()):
        self.asked.append(len(ids))
        return {i: self.held[i] for i in ids if i in self.held}


def listed(office, scores, rules, count=200):
    ids = [f"o{number:03}" for number in range(count)]
    shelf = Shelf(office, Side.SUPPLY, ids)
    hits, values = shelf.best(np.arange(len(scores)), np.float32(scores), ASKER, rules)
    return [hit.id for hit in hits], values


def test_little_more_than_the_list_is_fetched():
    office = Office([offer(i, f"Xưởng {i}") for i in range(200)])
    scores = np.linspace(1, 0.2, 200)
    found, values = listed(office, scores, ListRules(k=10, floor=0.1, owner_cap=3))
    assert found == [f"o{i:03}" for i in range(10)]
    assert values == pytest.approx(scores[:10])
    assert office.asked == [12]


@pytest.mark.parametrize("seed", range(6))
def test_the_list_is_the_one_of_all_records(seed):
    random = np.random.default_rng(seed)
    records = [
        offer(i, f"Xưởng {random.integers(0, 4)}", f"g{i % 90}" if i % 3 else "")
        for i in range(200)
    ]
    scores = np.round(random.random(200), 2).astype(np.float32)  # with many ties
    rules = ListRules(k=10, floor=0.3, owner_cap=3)
    chosen = best(scores, records, ASKER, rules)
    found, values = listed(Office(records), scores, rules)
    assert found == [records[i].id for i in chosen]
    assert values == pytest.approx(scores[chosen])


def test_what_is_gone_or_on_the_other_side_is_passed_over():
    records = [offer(i, f"Xưởng {i}") for i in range(40)]
    records[1] = records[1].model_copy(update={"side": Side.DEMAND})
    office = Office([record for record in records if record.id not in {"o000", "o003"}])
    found, _ = listed(office, np.linspace(1, 0.5, 40), ListRules(k=5, floor=0, owner_cap=3), 40)
    assert found == ["o002", "o004", "o005", "o006", "o007"]


def test_below_the_floor_nothing_is_fetched():
    office = Office([offer(0, "Xưởng")])
    assert listed(office, [0.1], ListRules(k=5, floor=0.2, owner_cap=3)) == ([], [])
    assert sum(office.asked) == 0
