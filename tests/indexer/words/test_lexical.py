"""BM25 terms: what finds what, in which order, and the scores themselves."""

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text import fold, tokens
from indexer.words.lexical import LexicalIndex
from indexer.words.queryterms import FOLDED_WEIGHT
from indexer.words.tokentable import TokenTable

DOCUMENTS = [
    "Xử lý nước thải chăn nuôi bằng bể lọc sinh học",
    "Xu ly nuoc thai chan nuoi bang be loc sinh hoc",
    "Máy sấy nông sản dùng năng lượng mặt trời",
    "Wastewater treatment for pig farms with membrane filters",
    "Nuôi chó nghiệp vụ",
    "Cây chò chỉ trồng rừng",
    "Giống lúa chịu mặn cho vùng ven biển",
]
VIETNAMESE = [*DOCUMENTS[:3], *DOCUMENTS[4:]]


def index(texts=DOCUMENTS):
    return LexicalIndex.build(TokenTable.of(texts))


def ranking(lexical, query):
    scores = lexical.scores(lexical.queries([query]))[0]
    return [i for i in np.argsort(-scores, kind="stable").tolist() if scores[i] > 0]


def test_an_accented_query_ranks_the_accented_text_above_the_unaccented_one():
    assert ranking(index(VIETNAMESE), "xử lý nước thải")[:2] == [0, 1]


def test_a_query_without_accents_finds_both_and_the_one_typed_alike_first():
    assert ranking(index(VIETNAMESE), "xu ly nuoc thai")[:2] == [1, 0]


@pytest.mark.parametrize("query", ["xử lý nước thải chăn nuôi", "xu ly nuoc thai chan nuoi"])
def test_a_vietnamese_query_finds_english(query):
    assert set(ranking(index(), query)) >= {0, 1, 3}


def test_an_english_query_finds_vietnamese():
    assert set(ranking(index(), "wastewater treatment on farms")[:3]) == {0, 1, 3}
    assert ranking(index(), "rice varieties that tolerate salt")[0] == 6


@pytest.mark.parametrize("query", ["xử lý nước thải", "máy sấy", "xu ly nuoc thai", "robot hàn"])
def test_in_one_language_translation_changes_nothing(query):
    lexical = index(VIETNAMESE)
    plain = lexical.scores(lexical.queries([query], translate=False))
    np.testing.assert_array_equal(lexical.scores(lexical.queries([query])), plain)


def test_counts_are_what_stands_in_the_documents():
    texts = ["pump pump valve " + "steel " * 40, "pump", "máy máy bơm", ""]
    lexical = index(texts)
    terms = ["pump", "steel", "máy", "bơm"]
    columns = np.array([lexical.column[term] for term in terms])
    counts = lexical.counts(columns).toarray()
    assert counts.tolist() == [[text.split().count(term) for text in texts] for term in terms]


def test_unaccented_hit_is_worth_less_than_an_accented_one():
    lexical = index([*DOCUMENTS[:1], *DOCUMENTS[2:]])
    accented, plain = lexical.queries(["xử lý nước thải", "xu ly nuoc thai"])
    high, low = lexical.scores(accented)[0, 0], lexical.scores(plain)[0, 0]
    assert low == pytest.approx(FOLDED_WEIGHT * high, rel=1e-5)


@pytest.mark.parametrize(("query", "found"), [("chó", [4]), ("chò", [5]), ("chờ", [])])
def test_an_accented_query_is_not_flattened(query, found):
    assert ranking(index(), query) == found


def test_one_word_without_accents_finds_every_accent():
    texts = ["Nhà cao tầng ven sông", "Cào cỏ bằng tay", "Nuôi cáo lấy lông", "Cỏ voi"]
    assert ranking(index(texts), "cao")[0] == 0  # as typed
    assert sorted(ranking(index(texts), "cao")) == [0, 1, 2]


def test_english_words_are_not_taken_for_unaccented_vietnamese():
    lexical = index()
    scores = lexical.scores(lexical.queries(["treatment of waste from farms"], translate=False))
    assert np.flatnonzero(scores).tolist() == [3]


def test_both_tone_placements_find_each_other():
    lexical = index(["hoá chất thuỷ sản", "máy bơm"])
    assert ranking(lexical, "hóa chất thủy sản") == [0]


def test_a_compound_ranks_above_its_two_syllables_apart():
    texts = ["đường sắt", "sắt của con đường này", "đường sắt cao tốc", "đường sắt đô thị"]
    assert ranking(index(texts), "đường sắt")[-1] == 1


def test_signs_find_signs():
    assert ranking(index([*DOCUMENTS, "🎉 🎈"]), "🎉") == [len(DOCUMENTS)]


def test_on_words_alone_the_scores_are_those_of_bm25s():
    # Every pair of words occurs once, so that there are no compounds, and nothing has accents.
    texts = ["pump valve steel", "valve pump", "steel pump pump glass", "glass concrete", "resin"]
    queries = ["pump", "steel glass", "pump pump resin", "unknown concrete"]
    reference = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    reference.index([tokens(text) for text in texts], show_progress=False)
    expected = [reference.get_scores(tokens(query)) for query in queries]
    lexical = index(texts)
    np.testing.assert_allclose(lexical.scores(lexical.queries(queries)), expected, atol=1e-5)


def test_unknown_words_raise_the_ceiling_and_lower_the_similarity():
    lexical = index(VIETNAMESE)
    queries = lexical.queries(["máy sấy", "máy sấy zyxwv"])
    ceilings = lexical.ceiling(queries)
    assert ceilings[1] == pytest.approx(ceilings[0] + np.log1p((6 + 0.5) / 0.5), rel=1e-5)
    scores = lexical.scores(queries)
    np.testing.assert_allclose(scores[0], scores[1])


@pytest.mark.parametrize("query", ["", "  ", "!?", "\u200b"])
def test_an_empty_query_scores_nothing_under_a_ceiling_above_zero(query):
    lexical = index()
    queries = lexical.queries([query])
    assert not lexical.scores(queries).any()
    assert lexical.ceiling(queries)[0] > 0


@given(st.lists(st.sampled_from([*" ".join(DOCUMENTS).split(), "nuoc", "thai", "zz"]), max_size=12))
@settings(max_examples=80, deadline=None)
def test_no_score_passes_its_ceiling(words):
    lexical = index()
    queries = lexical.queries([" ".join(words), fold(" ".join(words))])
    scores = lexical.scores(queries)
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()
    assert (scores <= lexical.ceiling(queries)[:, None] * (1 + 1e-5)).all()


@pytest.mark.parametrize("texts", [[], ["máy"], ["", "máy bơm nước"], ["🎉"]])
def test_few_and_empty_documents(texts):
    lexical = index(texts)
    queries = lexical.queries(["máy bơm", ""])
    scores = lexical.scores(queries)
    assert scores.shape == (2, len(texts))
    assert np.isfinite(scores).all()
    assert len(lexical.queries([])) == 0


def test_frequency_counts_documents():
    lexical = index()
    assert lexical.frequency("nuôi") == 2
    assert lexical.frequency("không") == 0


def test_a_saved_index_answers_the_same(tmp_path):
    lexical = index()
    names = lexical.save(tmp_path, "side.")
    files = {name: (tmp_path / name).read_bytes() for name in names}
    loaded = LexicalIndex.load(files, "side.", len(DOCUMENTS))
    queries = ["xử lý nước thải", "xu ly nuoc", "membrane", "zz"]
    assert np.array_equal(
        loaded.scores(loaded.queries(queries)), lexical.scores(lexical.queries(queries))
    )


def test_files_of_two_indexes_are_refused(tmp_path):
    names = index().save(tmp_path, "")
    files = {name: (tmp_path / name).read_bytes() for name in names}
    files["terms.txt"] = b"one\n"
    with pytest.raises(ValueError, match="do not agree"):
        LexicalIndex.load(files, "", len(DOCUMENTS))
