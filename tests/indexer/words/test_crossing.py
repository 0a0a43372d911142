"""Queries in one language, documents in the other: probabilistic structured queries."""

import math

import numpy as np
import pytest

from indexer.words.crossing import TEMPER, face
from indexer.words.lexical import K1, B, LexicalIndex
from indexer.words.lexicon import Lexicon, Translations
from indexer.words.tokentable import TokenTable

VIETNAMESE = ["nước thải", "xử lý", "màng", "máy"]
ENGLISH = ["wastewat", "sewag", "treatment", "membran", "machin"]
DOCUMENTS = [
    "Wastewater and sewage treatment with membrane filters",
    "Sewage sludge for brick making in kilns near towns",
    "Machine tools made of hardened steel for workshops",
    "Xử lý nước thải bằng màng lọc gốm",
    "xu ly nuoc thai bang mang loc gom",
]


def lexicon():
    forward = Translations(
        np.array([0, 2, 3, 4, 5]),
        np.array([0, 1, 2, 3, 4], dtype=np.int32),
        np.array([0.6, 0.3, 0.8, 1.0, 1.0], dtype=np.float32),
    )
    back = Translations(
        np.array([0, 1, 2, 3, 4, 5]),
        np.array([0, 0, 1, 2, 3], dtype=np.int32),
        np.array([0.9, 0.5, 0.7, 1.0, 1.0], dtype=np.float32),
    )
    return Lexicon(VIETNAMESE, ENGLISH, np.ones(4, dtype=np.float32), forward, back)


def faced(query, documents=DOCUMENTS):
    index = LexicalIndex.build(TokenTable.of(documents))
    return list(face(TokenTable.of([query]), index, lexicon()))


def test_a_unit_counts_as_often_as_its_translations_stand_there():
    (facing,) = faced("xử lý nước thải")
    lengths = [7, 9, 8, 8, 8]
    share = {}
    often, seldom, treating = (share**TEMPER for share in (0.6, 0.3, 0.8))
    for row, tf in {0: often + seldom, 1: seldom}.items():
        damp = K1 * (1 - B + B * lengths[row] / np.mean(lengths))
        share[row] = tf / (tf + damp)
    treated = treating / (treating + K1 * (1 - B + B * 7 / 8))
    # Three documents hold English; the first word of "nước thải" stands in one, the other in two.
    frequencies = (often + 2 * seldom, treating)
    water, treat = (math.log1p((3 - df + 0.5) / (df + 0.5)) for df in frequencies)
    expected = np.zeros(5)
    expected[0] = (water * share[0] + treat * treated) / (water + treat)
    expected[1] = water * share[1] / (water + treat)
    np.testing.assert_allclose(facing.met()[0], expected, rtol=1e-5)


def test_english_finds_vietnamese_with_and_without_accents():
    (facing,) = faced("sewage with membranes")
    shares = facing.met()[0]
    assert shares[3] > shares[4] > 0
    assert not shares[:3].any()  # what is in the query's own language is found as written


def test_a_query_without_accents_finds_english():
    (facing,) = faced("xu ly nuoc thai")
    assert np.argmax(facing.met()[0]) == 0


def test_a_query_in_both_languages_is_rendered_into_each():
    found = faced("Xử lý nước thải dệt nhuộm. Treatment of textile sewage with membranes")
    assert [bool(facing.met()[0][:3].any()) for facing in found] == [True, False]
    assert [bool(facing.met()[0][3:].any()) for facing in found] == [False, True]


@pytest.mark.parametrize("query", ["xử lý nước thải", "sewage with membranes"])
def test_documents_in_the_language_of_the_query_are_not_translated_for(query):
    alike = DOCUMENTS[3:] if query.startswith("x") else DOCUMENTS[:3]
    assert faced(query, alike) == []


def test_function_words_ask_for_nothing():
    (facing,) = faced("của những")
    assert not facing.met().any()


def test_rows_of_many_queries_are_those_of_each_alone():
    queries = ["xử lý nước thải", "membrane machines", "xu ly nuoc thai", "", "máy"]
    index = LexicalIndex.build(TokenTable.of(DOCUMENTS))
    together = index.queries(queries)
    scores = index.scores(together)
    np.testing.assert_array_equal(index.scores(together[1:4]), scores[1:4])
    for row, query in enumerate(queries):
        np.testing.assert_allclose(index.scores(index.queries([query]))[0], scores[row], rtol=1e-5)
