"""Postings made in steps are those of counting every occurrence at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.words import building
from indexer.words.lexical import LexicalIndex
from indexer.words.lexicon import shipped_lexicon
from indexer.words.names import Names
from indexer.words.namespaces import occurrences
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import TokenTable

TEXTS = [
    "Xử lý nước thải chăn nuôi bằng bể lọc sinh học",
    "Xu ly nuoc thai chan nuoi bang be loc sinh hoc",
    "Máy sấy nông sản, máy sấy nông sản",
    "Wastewater treatment for pig farms, wastewater treatment",
    "",
    "🎉 🎈",
    "may say may say may say",
    "nước thải nước thải",
    "Máy sấy dùng nuoc thai",
]
FILES = ("idf", "documents", "weights", "bounds", "peaks", "spread")


def assert_counted(index, table):
    found = occurrences(table, shipped_lexicon().pairs)
    ones = np.ones(len(found.term), dtype=np.float32)
    counts = csr_matrix((ones, (found.term, found.text)), (len(found.names), len(table)))
    assert sorted(found.names) == sorted(index.column)
    columns = np.array([index.column[name] for name in found.names], dtype=np.int64)
    np.testing.assert_array_equal(index.counts(columns).toarray(), counts.toarray())
    for language in (1, 2):
        spoken = (index.languages & language) > 0
        held = np.asarray((counts[:, spoken] > 0).sum(axis=1)).ravel()
        np.testing.assert_array_equal(index.spread(columns, language), held)
    most = index.weights[:-1].max(axis=1).toarray().ravel() if len(table) else []
    np.testing.assert_array_equal(index.postings.peaks, most)


@given(st.lists(st.sampled_from(TEXTS), max_size=12))
@settings(max_examples=30, deadline=None)
def test_all_that_stands_in_the_texts_is_counted(texts):
    table = TokenTable.of(texts)
    assert_counted(LexicalIndex.build(table), table)


@pytest.mark.parametrize(("texts", "postings"), [(2, 3), (5, 100), (1, 1)])
def test_the_steps_do_not_matter(texts, postings, tmp_path, monkeypatch):
    table = TokenTable.of(TEXTS * 3)
    whole = LexicalIndex.build(table)
    monkeypatch.setattr(building, "_TEXTS", texts)
    monkeypatch.setattr(building, "_POSTINGS", postings)
    stepped = LexicalIndex.build(table, tmp_path, "a.")
    assert_counted(stepped, table)
    (tmp_path / "whole").mkdir()
    names = whole.save(tmp_path / "whole", "a.")
    assert stepped.save(tmp_path, "a.") == names
    for name in names:
        assert (tmp_path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@given(st.sets(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=5)))
@settings(max_examples=60, deadline=None)
def test_every_name_is_found_and_no_other(names):
    ordered = sorted(names)
    found, numbers = Names.of(ordered)
    assert [found[name] for name in ordered] == numbers.tolist()
    some = [*ordered[::2], "no name", *ordered, "no name"]
    assert found.places(some).tolist() == [found.get(name, -1) for name in some]
    assert sorted(found) == ordered
    assert len(found) == len(ordered)
    assert found.get("no name") is None
    assert "no name" not in found


def test_names_of_one_code_are_told_apart():
    names = ["plumless", "buckeroo"]  # of one CRC-32
    found, _ = Names.of(names)
    assert sorted(found[name] for name in names) == [0, 1]
    assert len(set(Names.of(names[:1])[0])) == 1
    assert found.get("plumles") is None


def test_names_that_do_not_fit_their_places_are_refused():
    found, _ = Names.of(["a", "b", "c"])
    with pytest.raises(ValueError, match="places"):
        Names(bytes(found.text)[:-1], found.ends, found.buckets)
    with pytest.raises(ValueError, match="buckets"):
        Names(found.text, found.ends, found.buckets[:-1])
