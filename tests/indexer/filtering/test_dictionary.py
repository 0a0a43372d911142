"""Texts are found by any piece of them, as a plain look into each would find them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.filtering import sortedtexts
from indexer.filtering.dictionary import Dictionary

TEXTS = sorted(
    {
        "",
        "a",
        "may say lua",
        "may say lua may say",
        "say may",
        "bay say mat",
        "lua",
        "100% tu_dong",
        "机器 学习",
        "x🧪 y",
        " blank at both ends ",
        "two  blanks",
    }
)
PIECES = [
    *("a", "ay", "say", "may say", "y s", "ay say l", "say may", "may say lua may", "lua"),
    *("%", "_", "tu_", "机", "器 学", "🧪", "🧪 y", "zzz", "may zzz", "zzz may", "may say zz"),
    *(" ", "  ", " a", "a ", "two ", " blank", "ends ", "y\x00"),
]


def held(made: Dictionary) -> list[str]:
    return made.texts.all()


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("block", [3, 1 << 17])
def test_a_piece_is_found_wherever_it_stands(monkeypatch, piece, block):
    monkeypatch.setattr(sortedtexts, "_BLOCK", block)
    found = Dictionary.of(TEXTS).containing(piece)
    assert [text for text, there in zip(TEXTS, found, strict=True) if there] == [
        text for text in TEXTS if piece in text
    ]


WORDS = st.text(st.sampled_from("ab é机"), max_size=9)


@given(st.sets(WORDS, max_size=12), WORDS.filter(len))
def test_any_piece_is_found_in_any_texts(texts, piece):
    made = Dictionary.of(sorted(texts))
    assert held(made) == sorted(texts)
    expected = [piece in text for text in sorted(texts)]
    assert made.containing(piece).tolist() == expected
    assert made.place(piece) == (sorted(texts).index(piece) if piece in texts else -1)


def test_no_texts_hold_nothing():
    made = Dictionary.of([])
    assert made.containing("a").tolist() == [] and made.place("") == -1


def test_a_dictionary_of_other_arrays_is_refused():
    arrays = Dictionary.of(TEXTS).arrays("place")
    assert held(Dictionary.of_arrays(arrays, "place")) == TEXTS
    for name in ("place.ends", "place.starts", "place.words.blob"):
        with pytest.raises(ValueError, match="place"):
            Dictionary.of_arrays(arrays | {name: arrays[name][:-1]}, "place")
    with pytest.raises(KeyError):
        Dictionary.of_arrays({"place.blob": np.zeros(0, dtype=np.uint8)}, "place")


@given(
    st.sets(WORDS, max_size=12), st.sets(WORDS, max_size=4), st.lists(st.booleans(), min_size=12)
)
def test_texts_put_between_those_there_are_as_if_they_had_always_been_there(old, new, stay):
    before, added = sorted(old), sorted(new - old)
    kept = np.array(stay[: len(before)], dtype=bool)
    made, numbers = Dictionary.of(before).merged(kept, added)
    left = [text for text, there in zip(before, kept, strict=True) if there]
    expected = Dictionary.of(sorted(left + added)).arrays("x")
    for name, array in made.arrays("x").items():
        np.testing.assert_array_equal(array, expected[name])
        assert array.dtype == expected[name].dtype
    all_kept = [*kept, *np.ones(len(added), dtype=bool)]
    for text, number, there in zip([*before, *added], numbers, all_kept, strict=True):
        assert not there or made.place(text) == number
