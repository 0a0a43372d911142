"""From pairs of texts to a lexicon that translates."""

import numpy as np
import pytest

from indexer.training.lexicon import train_lexicon
from indexer.training.pairs import Pairs, Source
from indexer.words.lexicon import Lexicon

SOURCES = {
    "dictionary": Source(licence="ours", openness="permissive", kind="terms"),
    "texts": Source(licence="ours", openness="permissive"),
}
TERMS = [("wastewater", "nước thải"), ("water", "nước"), ("textile dyeing", "dệt nhuộm")]
TEXTS = [
    ("We treat wastewater of the village", "Chúng tôi xử lý nước thải của làng"),
    ("The village drinks water", "Làng uống nước"),
    ("Treating water with filters", "Xử lý nước bằng màng lọc"),
    ("Filters for wastewater", "Màng lọc cho nước thải"),
    ("The village sells filters", "Làng bán màng lọc"),
    ("The village uses Zigbee", "Làng dùng Zigbee"),
    ("Zigbee filters", "Màng lọc Zigbee"),
]


def pairs():
    english, vietnamese = zip(*TERMS, *TEXTS, strict=True)
    source = np.array([0] * len(TERMS) + [1] * len(TEXTS), dtype=np.int16)
    return Pairs(english, vietnamese, source, ("dictionary", "texts"), SOURCES)


@pytest.fixture(scope="module")
def lexicon():
    return train_lexicon(pairs())


def test_words_and_units_are_translated_both_ways(lexicon):
    assert lexicon.to_english("nước thải")[0][0] == "wastewat"
    assert lexicon.to_english("nước")[0][0] == "water"
    assert lexicon.to_vietnamese("wastewat")[0][0] == "nước thải"
    assert lexicon.to_vietnamese("villag")[0][0] == "làng"


def test_a_unit_is_not_taken_for_the_syllables_it_holds(lexicon):
    assert "water" not in dict(lexicon.to_english("nước thải"))
    assert "nước thải" not in dict(lexicon.to_vietnamese("water"))


def test_words_that_hold_sentences_together_are_left_out(lexicon):
    assert not lexicon.holds("của")
    assert "the" not in lexicon.english


def test_names_are_left_out_and_stay_what_they_are(lexicon):
    assert not lexicon.holds("zigbe")
    assert lexicon.to_english("zigbe") == lexicon.to_vietnamese("zigbe") == (("zigbe", 1.0),)


def test_documents_are_searched_for_at_most_two_syllables(lexicon):
    names = {lexicon.vietnamese[i] for i in lexicon.back.targets.tolist()}
    assert max(name.count(" ") for name in names) == 1


def test_the_same_pairs_give_the_same_file(lexicon, tmp_path):
    lexicon.save(tmp_path / "one.npz")
    train_lexicon(pairs()).save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert Lexicon.load(tmp_path / "one.npz").vietnamese == lexicon.vietnamese


def test_progress_is_told_to_its_end():
    told = []
    train_lexicon(pairs(), lambda *step: told.append(step))
    assert [stage for stage, done, total in told if done == total] == ["tokens", "align"]
