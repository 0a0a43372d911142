"""One suite over all stores: the same records, the same questions, the same answers."""

from threading import Event, Thread

import numpy as np
import pytest

from indexer.conditions import parse_condition
from indexer.errors import RequestError
from indexer.records import Side

QUESTIONS = [
    "nước thải nhuộm còn màu",
    "rice drying with little energy",
    "phan mem benh vien",
    "cảm biến độ mặn",
    "vật liệu từ vỏ trấu cách nhiệt",
]
WHERE = [
    "trl>=5",
    "trl!=5",
    "place~ha",
    "place=Hà Nội",
    'place=Nơi "lạ" 100%_\\ ok',
    "place~100%_\\",
    "place~1__%",
    "place!=Huế",
    "price<=2000 VND",
    "price>3000 VND",
    "expires>2027-01-20",
    "expires!=2027-01-02",
    "owner=Đơn vị 3",
    "type=technology",
    "type!=technology",
    "side=supply",
    "side=demand",
    "currency=VND",
    "language=vi",
]


def ids(found):
    return [item.id for item in found]


@pytest.mark.parametrize("text", QUESTIONS)
def test_answers_are_those_of_the_embedded_store(filled, embedded, encoder, text):
    for name in ("by_terms", "hybrid"):
        found = getattr(filled, name)(text, Side.SUPPLY, 10)
        expected = getattr(embedded, name)(text, Side.SUPPLY, 10)
        assert found
        assert [item.similarity for item in found] == pytest.approx(
            [item.similarity for item in expected], abs=2e-3
        )
        assert [item.rank for item in found] == list(range(1, len(found) + 1))
        least = found[-1].similarity + 4e-3  # those that tie at the end may differ
        assert {i.id for i in found if i.similarity > least} <= set(ids(expected))
    vector = encoder.encode([text], query=True)[0]
    near = filled.by_vector(vector, Side.SUPPLY, 10)
    expected = embedded.by_vector(vector, Side.SUPPLY, 10)
    assert [i.similarity for i in near] == pytest.approx([i.similarity for i in expected], abs=2e-3)


def test_similarities_are_cosines_and_shares(filled, encoder, sample):
    record = sample.supply[13]
    vector = encoder.encode([record.text()])[0]
    near = filled.by_vector(vector, Side.SUPPLY, 60)
    assert near[0].id == record.id
    assert near[0].similarity == pytest.approx(1.0, abs=2e-3)
    exact = encoder.encode([sample.supply[20].text()])[0] @ vector
    assert {i.id: i.similarity for i in near}[sample.supply[20].id] == pytest.approx(
        exact, abs=2e-3
    )
    said = filled.by_terms(record.text(), Side.SUPPLY, 5)
    assert said[0].id == record.id
    assert all(0.0 < item.similarity <= 1.0 for item in said)
    assert [i.similarity for i in said] == sorted((i.similarity for i in said), reverse=True)


def test_languages_are_crossed(filled, sample):
    found = ids(filled.by_terms("textile wastewater", Side.SUPPLY, 60))
    vietnamese = {r.id for r in sample.supply if r.title.startswith("Xử lý nước thải")}
    assert vietnamese <= set(found)


def test_a_text_that_no_record_meets_finds_nothing_by_terms(filled):
    assert filled.by_terms("zzxq", Side.SUPPLY, 5) == []
    assert filled.by_terms("", Side.SUPPLY, 5) == []
    assert filled.hybrid("nước", Side.SUPPLY, 0) == []


@pytest.mark.parametrize("where", WHERE)
def test_filters_are_those_of_the_catalog(filled, embedded, where):
    conditions = [parse_condition(where)]
    for side in Side:
        assert filled.filter(side, conditions) == embedded.filter(side, conditions)


def test_several_conditions_hold_together(filled, embedded, sample):
    conditions = [parse_condition(item) for item in ("trl>=3", "place!=Huế", "price<9000 VND")]
    assert filled.filter(Side.SUPPLY, conditions) == embedded.filter(Side.SUPPLY, conditions)
    assert 0 < len(filled.filter(Side.SUPPLY, conditions)) < len(sample.supply)


def test_conditions_hold_before_the_best_are_taken(filled, encoder):
    """The few that satisfy them are far down every list."""
    text = "nước thải dệt nhuộm keo tụ"
    conditions = [parse_condition("title~rice dryer")]
    allowed = filled.filter(Side.SUPPLY, conditions)
    assert len(allowed) == 6
    near = filled.by_vector(encoder.encode([text], query=True)[0], Side.SUPPLY, 6, conditions)
    assert set(ids(near)) == allowed
    assert set(ids(filled.hybrid(text, Side.SUPPLY, 6, conditions))) == allowed
    met = filled.by_terms("máy sấy lúa", Side.SUPPLY, 4, conditions)
    assert len(met) == 4
    assert set(ids(met)) <= allowed


def test_sides_are_apart(filled, sample):
    assert filled.count(Side.SUPPLY) == len(sample.supply)
    assert filled.count(Side.DEMAND) == len(sample.demand)
    found = ids(filled.hybrid("máy sấy lúa", Side.DEMAND, 12))
    assert set(found) == {record.id for record in sample.demand}


def test_a_vector_of_another_dimension_is_refused(filled):
    with pytest.raises(RequestError, match="256"):
        filled.by_vector(np.zeros(3, dtype=np.float32), Side.SUPPLY, 3)


def test_an_empty_store_answers(fresh, encoder, sample):
    store, again = fresh
    assert store.count(Side.SUPPLY) == 0
    assert store.filter(Side.SUPPLY) == frozenset()
    assert store.by_terms("nước", Side.SUPPLY, 3) == []
    assert store.hybrid("nước", Side.SUPPLY, 3) == []
    assert store.by_vector(encoder.encode(["nước"])[0], Side.SUPPLY, 3) == []
    assert store.delete(["x"]) == 0
    store.add([])
    store.add(sample.supply[:1])
    assert again().count(Side.SUPPLY) == 1


def test_what_is_written_is_found_and_what_is_deleted_is_not(fresh, sample):
    store, again = fresh
    store.add([*sample.supply[:30], *sample.demand])
    with pytest.raises(RequestError, match="already"):
        store.add([sample.supply[31], sample.supply[3]])
    with pytest.raises(RequestError, match="twice"):
        store.add([sample.supply[31], sample.supply[31]])
    with pytest.raises(RequestError, match="not in"):
        store.update([sample.supply[3], sample.supply[31]])
    assert store.count(Side.SUPPLY) == 30

    store.add(sample.supply[30:40])
    assert ids(store.by_terms(sample.supply[33].text(), Side.SUPPLY, 1)) == [sample.supply[33].id]

    changed = sample.make(33, title="Kính thiên văn", description="Gương parabol", trl=None)
    store.update([changed])
    assert ids(store.by_terms("kính thiên văn parabol", Side.SUPPLY, 5)) == [changed.id]
    assert sample.supply[33].id not in ids(store.by_terms("mẫu thứ 33", Side.SUPPLY, 1))
    assert changed.id not in store.filter(Side.SUPPLY, [parse_condition("trl>=1")])

    moved = sample.make(5, Side.DEMAND, id=sample.supply[5].id)
    store.update([moved])
    assert store.count(Side.SUPPLY) == 39
    assert moved.id in ids(store.hybrid(moved.text(), Side.DEMAND, 20))

    gone = [record.id for record in sample.supply[10:20]]
    assert store.delete([*gone, "nobody"]) == 10
    for found in (
        store.by_terms(sample.supply[12].text(), Side.SUPPLY, 40),
        store.hybrid(sample.supply[12].text(), Side.SUPPLY, 40),
    ):
        assert not set(gone) & set(ids(found))
    assert not set(gone) & store.filter(Side.SUPPLY)

    before = store.hybrid("máy sấy lúa", Side.SUPPLY, 10)
    store = again()
    assert store.hybrid("máy sấy lúa", Side.SUPPLY, 10) == before
    assert (store.count(Side.SUPPLY), store.count(Side.DEMAND)) == (29, 13)


def test_readers_go_on_while_records_are_written(fresh, sample):
    store, _ = fresh
    store.add(sample.supply[:20])
    done, wrong, rounds = Event(), [], []

    def read():
        while not done.is_set():
            found = ids(store.hybrid(sample.supply[7].text(), Side.SUPPLY, 30))
            rounds.append(len(found))
            if found[:1] != [sample.supply[7].id] or len(set(found)) != len(found):
                wrong.append(found)

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for start in range(20, 40, 10):
            store.add(sample.supply[start : start + 10])
        store.delete([record.id for record in sample.supply[10:15]])
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    assert rounds
    assert len(store.hybrid(sample.supply[7].text(), Side.SUPPLY, 60)) == 35
