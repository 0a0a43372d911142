"""Vietnamese text as people really type it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.text import (
    disguises,
    fold,
    is_unaccented_vietnamese,
    language_of,
    normalise,
    sentences,
    tokens,
    word_spans,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [("hoà", "hòa"), ("thuỷ", "thủy"), ("khoẻ", "khỏe"), ("quý", "qúy"), ("HOÁ học", "hóa học")],
)
def test_both_tone_placements_are_one_token(one, other):
    assert tokens(one) == tokens(other)


def test_tone_placement_leaves_closed_syllables_alone():
    assert tokens("hoàn thuyền quỳnh") == ["hoàn", "thuyền", "quỳnh"]


def test_accents_make_different_tokens():
    assert tokens("chó") != tokens("chò")
    assert tokens("dong") != tokens("đong")


def test_decomposed_text_equals_composed():
    text = "Xử lý nước thải ở Đà Nẵng"
    assert tokens(unicodedata.normalize("NFD", text)) == tokens(text)


def test_unseen_characters_vanish_and_blanks_become_spaces():
    assert normalise("a\u200bb\u00a0c\u202ed\x00") == "ab cd"
    assert normalise("dòng 1\r\ndòng 2") == "dòng 1\ndòng 2"


def test_lone_surrogate_is_removed():
    assert normalise("a\ud800b") == "ab"


def test_fold_drops_accents_case_and_d_bar():
    assert fold("Đường NƯỚC thải") == "duong nuoc thai"


def test_english_is_stemmed_short_and_accented_words_are_not():
    assert tokens("matching pumps for nước") == ["match", "pump", "for", "nước"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Một việc - Hai việc – ba việc", ["Một việc -", "Hai việc – ba việc"]),
        ("Một việc • Đo độ ẩm", ["Một việc •", "Đo độ ẩm"]),
        ("Một việc. - Hai việc", ["Một việc.", "Hai việc"]),
        ("Một việc; - \nHai việc", ["Một việc;", "Hai việc"]),
        ("Máy sấy-Kho lạnh -Tủ đông", ["Máy sấy-Kho lạnh -Tủ đông"]),
        ("Một việc \t\n - Hai việc", ["Một việc", "Hai việc"]),
        ("Cái gì?!” Không...  Có", ["Cái gì?!”", "Không...", "Có"]),
    ],
)
def test_where_sentences_part(text, found):
    assert [text[start:end] for start, end in sentences(text)] == found


def test_sentences_point_into_the_original_text():
    text = "Nước thải đen. TS. Phạm An nói vậy! Giá 1.5 tỷ; cần gấp\n- Trại nuôi ở xa"
    assert [text[a:b] for a, b in sentences(text)] == [
        "Nước thải đen.",
        "TS. Phạm An nói vậy!",
        "Giá 1.5 tỷ;",
        "cần gấp",
        "Trại nuôi ở xa",
    ]


def test_a_long_sentence_is_cut_without_losing_words():
    text = "từ ngữ, " * 200
    spans = sentences(text)
    assert all(b - a <= 320 for a, b in spans)
    assert " ".join(text[a:b] for a, b in spans).split() == text.split()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Cần máy sấy nông sản công suất nhỏ cho hợp tác xã", "vi"),
        ("can may say nong san cong suat nho cho hop tac xa", "vi"),
        ("xu ly nuoc thai", "vi"),
        ("A low-cost dryer for farm cooperatives", "en"),
        ("Wastewater treatment", "en"),
        ("Nền tảng machine learning, deep learning cho computer vision và robotics", "mixed"),
        ("", "en"),
        ("🙂", "en"),
    ],
)
def test_language(text, language):
    assert language_of(text) == language


def test_unaccented_vietnamese_is_told_from_english_and_from_accented():
    assert is_unaccented_vietnamese("can tim may say lua cho trang trai")
    assert not is_unaccented_vietnamese("cần tìm máy sấy lúa")
    assert not is_unaccented_vietnamese("we need a rice dryer for the farm")


@given(st.text())
def test_normalise_settles(text):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text())
def test_text_functions_accept_anything(text):
    tokens(text)
    language_of(text)
    for start, end in sentences(text):
        assert 0 <= start < end <= len(text)
        assert text[start:end].strip()
    for start, end, _ in word_spans(text):
        assert text[start:end]


@given(st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạ 0123", max_size=60))
def test_fold_is_idempotent_and_ascii_for_vietnamese(text):
    assert fold(fold(text)) == fold(text)
    assert fold(text).isascii()


@pytest.mark.parametrize(
    "typed",
    [
        "w\u0430ter tr\u0435atment",  # Cyrillic
        "wa\u200bter treat\u00adment",
        "\u202ewater\u202c treatment\U000e0041\U000e0042",
        "water\ufe0f \u3164treatment",
        "water\u034f treat\u2060ment",
    ],
)
def test_disguised_words_are_read_as_they_look(typed):
    assert tokens(typed) == tokens("water treatment")
    assert disguises(typed)


@pytest.mark.parametrize("text", ["Привет, мир", "β-glucan 10 µm", "Δt", "nước thải", "water", ""])
def test_other_scripts_are_no_disguise(text):
    assert normalise(text) == text
    assert disguises(text) == []


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)
