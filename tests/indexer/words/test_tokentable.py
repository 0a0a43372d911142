"""Token tables: equal texts, equal tables, however they were put together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexer.words.languages
from indexer.words import tokentable
from indexer.words.compounds import compound_mask
from indexer.words.languages import languages
from indexer.words.tokentable import TOKEN_FILES, TokenTable, folded

WORDS = ["nước", "thải", "nuoc", "xử", "lý", "plasma", "🎉", "bơm", "máy"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), max_size=6)


def same(one, other):
    return (
        one.words == other.words
        and np.array_equal(one.ids, other.ids)
        and np.array_equal(one.starts, other.starts)
        and np.array_equal(one.bare, other.bare)
    )


def test_tokens_stand_in_their_texts():
    table = TokenTable.of(["máy bơm", "", "bơm nước bơm"])
    assert table.words == ("bơm", "máy", "nước")
    assert [table.words[i] for i in table.ids] == ["máy", "bơm", "bơm", "nước", "bơm"]
    assert table.lengths.tolist() == [2, 0, 3]
    assert table.text_of.tolist() == [0, 0, 2, 2, 2]


def test_pairs_do_not_cross_texts():
    table = TokenTable.of(["máy bơm", "nước bơm nước"])
    assert sorted(table.spelled(table.words)) == ["bơm nước", "máy bơm", "nước bơm"]
    assert table.pairs.text.tolist() == [0, 1, 1]


@given(TEXTS, TEXTS)
@settings(max_examples=60, deadline=None)
def test_merging_equals_reading_all_at_once(old, new):
    merged = TokenTable.of(old).merged(
        TokenTable.of(new),
        np.array([*range(0, len(old), 2), *range(len(old), len(old) + len(new))], dtype=int),
    )
    assert same(merged, TokenTable.of(old[::2] + new))


@pytest.mark.parametrize("texts", [1, 2, 3])
def test_the_steps_of_merging_do_not_matter(texts, monkeypatch):
    old = TokenTable.of(["máy bơm nước", "", "xử lý", "🎉"])
    new = TokenTable.of(["plasma", "bơm bơm"])
    picks = np.array([4, 2, 0, 5, 1])
    whole = old.merged(new, picks)
    assert whole.words == ("bơm", "lý", "máy", "nước", "plasma", "xử")
    spoken = languages(whole)
    monkeypatch.setattr(tokentable, "_STEP", texts)
    monkeypatch.setattr(tokentable, "_TOKENS", texts)
    monkeypatch.setattr(indexer.words.languages, "_TEXTS", texts)
    assert same(old.merged(new, picks), whole)
    assert same(whole.taken([4, 0]), TokenTable.of(["", "plasma"]))
    np.testing.assert_array_equal(languages(whole), spoken)


def test_a_saved_table_is_the_same(tmp_path):
    table = TokenTable.of(["xử lý nước thải", "xu ly nuoc thai", "🎉🎉", ""])
    names = table.save(tmp_path, "x.")
    assert names == tuple(f"x.{name}" for name in TOKEN_FILES)
    files = {name: (tmp_path / name).read_bytes() for name in names}
    assert same(TokenTable.load(files, "x."), table)


def test_texts_without_accents_are_known():
    table = TokenTable.of(["xu ly nuoc thai", "xử lý nước thải", "water treatment plant", "🎉"])
    assert table.bare.tolist() == [True, False, False, False]


def test_signs_are_tokens_only_where_there_is_no_word():
    assert TokenTable.of(["🎉 🎈", "tiệc 🎉"]).words == ("tiệc", "🎈", "🎉")


def test_folded_is_what_is_typed_without_accents():
    assert [folded(word) for word in ("nước", "đá", "bơm", "pump", "水")] == [
        "nuoc",
        "da",
        "bom",
        "pump",
        "水",
    ]


def test_compounds_are_frequent_pairs_that_belong_together():
    texts = ["nước thải đen", "bể nước thải", "nước thải và rác", "đen và rác"]
    table = TokenTable.of(texts)
    named = dict(zip(table.spelled(table.words), compound_mask(table).tolist(), strict=True))
    assert named["nước thải"]
    assert named["và rác"]
    assert not named["thải đen"]  # once is no habit
