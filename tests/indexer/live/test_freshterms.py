"""The terms of a segment that changed are those found in all of its texts at once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.live.freshterms import FreshTerms
from indexer.words.lexical import LexicalIndex
from indexer.words.tokentable import TokenTable

TEXTS = [
    "Máy sấy nông sản, máy sấy",
    "May say nong san o mien nui, cac tinh phia bac can gap",
    "Xử lý nước thải chăn nuôi bằng bể lọc sinh học",
    "Xu ly nuoc thai chan nuoi bang be loc sinh hoc",
    "Wastewater treatment for pig farms",
    "ao tôm và ao cá",
    "ao tom va ao ca o mien nui, cac tinh phia bac can gap",
    "tôm",
    "🎉",
    "",
]
SOME = st.lists(st.sampled_from(TEXTS), max_size=5)
BASE = TEXTS[:3] * 3


def counted(base, terms):
    """How often each term stands in each text, by its name."""
    names = {column: name for name, column in base.column.items()}
    names |= dict(enumerate(terms.names, len(base.idf)))
    assert len(names) == len(base.idf) + len(terms.names)
    found = {}
    for column, text in zip(terms.columns.tolist(), terms.texts.tolist(), strict=True):
        key = names[column], text
        found[key] = found.get(key, 0) + 1
    return found


@given(st.sampled_from([[], BASE]), SOME, st.lists(st.tuples(SOME, st.sets(st.integers(0, 8)))))
@settings(max_examples=150, deadline=None)
def test_changes_are_found_as_all_texts_are(there, texts, steps):
    base = LexicalIndex.build(TokenTable.of(there))
    terms = FreshTerms.of(base, TokenTable.of(texts))
    for added, gone in steps:
        new = FreshTerms.of(base, TokenTable.of(added))
        kept = [row for row in range(len(texts)) if row not in gone]
        rows = np.array([*range(len(texts), len(texts) + len(added)), *kept], dtype=np.int64)
        texts = [(texts + added)[row] for row in rows.tolist()]
        table = terms.table.merged(new.table, rows)
        terms = terms.changed(base, new, rows, table)
        whole = FreshTerms.of(base, TokenTable.of(texts))
        assert counted(base, terms) == counted(base, whole)
        assert sorted(terms.names) == sorted(whole.names)
        np.testing.assert_array_equal(terms.languages, whole.languages)


def test_few_that_come_are_all_that_is_looked_at(monkeypatch):
    base = LexicalIndex.build(TokenTable.of(BASE))
    terms = FreshTerms.of(base, TokenTable.of([TEXTS[0], TEXTS[4]] * 4))
    new = FreshTerms.of(base, TokenTable.of([TEXTS[2], "robot"]))
    rows = np.arange(10)
    table = terms.table.merged(new.table, rows)
    monkeypatch.setattr(FreshTerms, "of", None)  # what is known already is not found again
    assert len(terms.changed(base, new, rows, table).table) == 10
