"""Which syllables of a training text are one word."""

import numpy as np

from indexer.training.units import learn_units
from indexer.words.tokentable import TokenTable

FILLER = ["chúng tôi cần mua", "họ bán hàng ở chợ", "ngày mai trời mưa to", "em bé đi học về"]


def read(texts, listed=()):
    units = learn_units(TokenTable.of(texts), frozenset(listed))
    found = [[] for _ in texts]
    for i, text in zip(units.ids.tolist(), units.text.tolist(), strict=True):
        found[text].append(units.names[i])
    return found, units


def test_syllables_that_always_stand_together_are_joined():
    texts = [f"{start} nước thải {end}" for start in FILLER for end in ("nhiều", "ít", "hôi")]
    texts += FILLER
    found, units = read(texts)
    assert all("nước thải" in units_ for units_ in found[:12])
    assert units.ties[units.names.index("nước thải")] > 0
    assert units.ties[units.names.index("nhiều")] == 0


def test_a_listed_unit_needs_to_be_seen_only_once():
    texts = [*FILLER, "bể mê tan mới"]
    assert "mê tan" not in read(texts)[0][-1]
    assert "mê tan" in read(texts, ["mê tan"])[0][-1]


def test_units_grow_to_more_syllables():
    texts = [f"{start} phòng thí nghiệm mới" for start in FILLER * 3] + FILLER
    assert "phòng thí nghiệm" in read(texts, ["phòng thí nghiệm", "thí nghiệm"])[0][0]


def test_units_never_cross_texts_or_join_foreign_words():
    texts = ["mua máy", "tính tiền"] * 8 + ["machine learning"] * 8
    found, _ = read(texts, ["máy tính"])
    assert found[0] == ["mua máy"]
    assert found[-1] == ["machin", "learn"]


def test_nothing_is_lost_and_order_is_kept():
    texts = [*FILLER, "", "🎉", "nước thải nước thải nước thải nước thải nước thải"]
    found, units = read(texts, ["nước thải"])
    assert [" ".join(part) for part in found] == texts
    assert (np.diff(units.text) >= 0).all()


def test_no_texts():
    assert read([])[0] == []
