"""The pieces of a text are those of its words, each looked at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.encoders.bundled import MODELS
from indexer.encoders.wordpieces import WordPieces
from indexer.text import normalise

PIECES = WordPieces((MODELS / "contextual/tokenizer.json").read_bytes())
ODD = "aàắ ̣̀中文 ,.-đĐİß\u00a0\u2028\u0300\u1e9e\x1c\x85\u200b\n\t\rﬁΣσ①한ᄒ"


def whole(text):
    """The pieces as the tokenizer gives them of the whole text at once."""
    (found,) = PIECES._tokenizer.encode_batch_fast([normalise(text)], add_special_tokens=False)
    return [piece for piece in found.ids if piece != PIECES.unknown]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=40), st.text(ODD, max_size=40)), max_size=4))
def test_word_by_word_gives_the_pieces_of_the_whole_text(texts):
    assert [own.tolist() for own in PIECES(texts)] == [whole(text) for text in texts]


@pytest.mark.parametrize(
    "text", ["", " ", "a" * 500, "nước-" * 80 + " thải", "xử lý, (nước) thải."]
)
def test_also_of_nothing_and_of_words_too_long_to_be_kept(text):
    for _ in range(2):
        assert PIECES([text, "nước"])[0].tolist() == whole(text)


def test_words_are_forgotten_when_they_are_too_many(monkeypatch):
    monkeypatch.setattr("indexer.encoders.wordpieces._WORDS_KEPT", 3)
    texts = ["một hai ba bốn", "năm sáu bảy tám", "một hai"]
    for text in texts:
        assert PIECES([text])[0].tolist() == whole(text)
    assert len(PIECES._words) <= 6
