"""The order of a list."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.records import Record, RecordType, Side
from matcher.ranking import ListRules, best

ASKER = Record(id="need", side=Side.DEMAND, type=RecordType.NEED, title="cần")


def offer(number: int, owner: str = "", same_as: str = "") -> Record:
    return Record(
        id=f"offer-{number}",
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title="máy",
        owner=owner,
        same_as=same_as,
    )


def ranked(scores, records, **rules):
    return best(
        np.array(scores, dtype=np.float32),
        records,
        ASKER,
        ListRules(**({"k": 10, "floor": 0.0, "owner_cap": 0} | rules)),
    )


def test_best_first_and_nothing_below_the_floor():
    offers = [offer(i) for i in range(4)]
    assert ranked([0.1, 0.9, 0.5, 0.3], offers, floor=0.3) == [1, 2, 3]


def test_list_is_cut_at_k():
    assert ranked([0.1, 0.9, 0.5], [offer(i) for i in range(3)], k=2) == [1, 2]


def test_ties_do_not_follow_the_row_order():
    offers = [offer(i) for i in range(200)]
    forward = [offers[i].id for i in ranked([0.5] * 200, offers, k=20)]
    backward = [offers[::-1][i].id for i in ranked([0.5] * 200, offers[::-1], k=20)]
    assert forward == backward
    assert forward != [f"offer-{i}" for i in range(20)]


def test_an_owner_keeps_to_its_share_and_the_list_is_still_full():
    flood = [offer(i, owner="Viện Sông Vân") for i in range(500)]
    others = [offer(500 + i, owner=f"Đơn vị {i}") for i in range(7)]
    scores = [0.9] * 500 + [0.1] * 7
    chosen = ranked(scores, flood + others, k=10, owner_cap=3)
    assert len(chosen) == 10
    assert sum(1 for i in chosen if i < 500) == 3


def test_spelling_does_not_make_another_owner():
    offers = [offer(1, owner="Viện  Hoà Bình"), offer(2, owner="VIEN HOA BINH")]
    assert len(ranked([0.9, 0.8], offers, owner_cap=1)) == 1


def test_records_without_owner_are_not_capped():
    assert len(ranked([0.9] * 5, [offer(i) for i in range(5)], owner_cap=1)) == 5


def test_of_records_that_repeat_each_other_the_best_stands_for_all():
    offers = [offer(1), offer(2, same_as="offer-1"), offer(3, same_as="offer-1")]
    assert ranked([0.5, 0.9, 0.7], offers) == [1]


def test_nothing_to_rank():
    assert ranked([], []) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["", "A", "B", "C"])), min_size=1, max_size=60
    ),
    st.integers(1, 12),
    st.integers(1, 3),
)
def test_equals_sorting_everything(rows, k, cap):
    offers = [offer(i, owner=owner) for i, (_, owner) in enumerate(rows)]
    scores = [score / 4 for score, _ in rows]
    chosen = ranked(scores, offers, k=k, owner_cap=cap, floor=0.25)
    everything = ranked(scores, offers, k=len(rows), owner_cap=cap, floor=0.25)
    assert chosen == everything[:k]
    assert all(scores[i] >= 0.25 for i in chosen)
    assert [scores[i] for i in chosen] == sorted((scores[i] for i in chosen), reverse=True)


def told(number, text, owner):
    return offer(number, owner).model_copy(update={"description": text})


def test_one_text_of_many_owners_takes_two_places():
    text = "Bể lọc màng giữ bùn, giảm COD trong nước thải của nhà máy chế biến thủy sản"
    flood = [told(i, f"{text} {i}", f"Công ty {i}") for i in range(30)]
    words = [
        "Máy sấy chè xanh bằng hơi nước bão hòa",
        "Giống lúa chịu mặn cho đất ven biển phía nam",
    ]
    others = [told(30 + i, text, f"Viện {i}") for i, text in enumerate(words)]
    assert ranked([0.9] * 30 + [0.3, 0.2], flood + others)[2:] == [30, 31]


def test_short_texts_that_are_alike_all_stay():
    offers = [told(i, "Máy sấy lúa", f"Công ty {i}") for i in range(5)]
    assert len(ranked([0.5] * 5, offers)) == 5
