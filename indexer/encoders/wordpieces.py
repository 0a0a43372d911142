"""From texts to the word pieces an encoder of ours knows, and to something for the rest."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from threading import Lock

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from indexer.text import fold, normalise

FloatArray = npt.NDArray[np.float32]

UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"

_MAKING = Lock()
_LONGEST = 400_000  # signs of a text that are read: about 100,000 words
_WORDS_KEPT, _LONGEST_KEPT = 100_000, 100  # words, and the signs of one: some 20 MB
_GRAM = 3
_GRAMS = 2_000  # runs of signs looked at in a text nothing is known of


class WordPieces:
    """The tokenizer of an encoder: known pieces only, no start, no end."""

    def __init__(self, body: bytes) -> None:
        """`body` is a `tokenizer.json`. Raises ValueError where it is none of ours."""
        with _MAKING:  # two threads that want the same one make it once
            self._tokenizer = _tokenizer(body)
        marks = (self._tokenizer.token_to_id(sign) for sign in (UNKNOWN, START, END))
        known = [mark for mark in marks if mark is not None]
        if len(known) < 3:
            raise ValueError(f"tokenizer.json: no {UNKNOWN}, {START} or {END}")
        self.unknown, self.start, self.end = known
        self.size = self._tokenizer.get_vocab_size()
        self._words: dict[str, tuple[int, ...]] = {}

    def __call__(self, texts: Sequence[str]) -> list[npt.NDArray[np.int64]]:
        """The pieces of each text, shape (pieces,); empty where none is known."""
        ids, counts = self.joined(texts)
        return np.split(ids, np.cumsum(counts)[:-1]) if len(counts) else []

    def joined(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The pieces of all texts, one after another, and how many each text has."""
        parts = [normalise(text[:_LONGEST]).split() for text in texts]
        known = self._known()
        # No piece goes over a blank, so that words are looked at once, not once a text.
        new = list(set(chain.from_iterable(parts)).difference(known))
        pieces: Mapping[str, tuple[int, ...]] = known
        if new:
            fresh = self._cut(new)
            known.update(item for item in fresh.items() if len(item[0]) <= _LONGEST_KEPT)
            if any(len(part) > _LONGEST_KEPT for part in new):
                pieces = {
                    part: fresh[part] if part in fresh else known[part]
                    for own in parts
                    for part in own
                }
        found = list(map(pieces.__getitem__, chain.from_iterable(parts)))
        ids = np.fromiter(chain.from_iterable(found), dtype=np.int64)
        of_words = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
        ends = np.cumsum(np.fromiter(map(len, parts), dtype=np.int64, count=len(parts)))
        until = np.concatenate([[0], np.cumsum(of_words)])[np.concatenate([[0], ends])]
        return ids, np.diff(until)

    def _cut(self, words: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """The pieces of words, all cut as one text: one by one they take half as long again."""
        found: list[list[int]] = [[] for _ in words]
        cut = self._tokenizer.encode(words, is_pretokenized=True, add_special_tokens=False)
        for piece, word in zip(cut.ids, cut.word_ids, strict=True):
            if word is not None and piece != self.unknown:
                found[word].append(piece)
        return dict(zip(words, map(tuple, found), strict=True))

    def _known(self) -> dict[str, tuple[int, ...]]:
        """The pieces of words by word; who holds an old one when it is full goes on with it."""
        if len(self._words) > _WORDS_KEPT:
            self._words = {}
        return self._words


@lru_cache(maxsize=2)
def _tokenizer(body: bytes) -> Tokenizer:
    """Made once for the encoders that share it, as those of the package do."""
    try:
        found = Tokenizer.from_str(body.decode("utf-8"))
    except Exception as error:  # the library raises plain Exception
        raise ValueError(f"tokenizer.json: {error}") from error
    found.no_truncation()
    found.no_padding()
    return found


def unknown_row(text: str, dimension: int) -> FloatArray:
    """A unit vector for a text without any known piece, from the signs it is written with.

    Every run of three signs votes with a direction drawn from its own hash: texts that share
    signs are similar, all others are nearly at right angles, and to known texts too. All zero
    for a text without a sign. Shape (dimension,).
    """
    signs = "".join(fold(normalise(text[:_LONGEST])).split())
    row = np.zeros(dimension, dtype=np.float64)
    for start in range(min(max(len(signs) - _GRAM + 1, min(len(signs), 1)), _GRAMS)):
        name = hashlib.sha256(signs[start : start + _GRAM].encode("utf-8", "replace")).digest()
        row += np.random.default_rng(int.from_bytes(name[:8], "little")).standard_normal(dimension)
    length = float(np.linalg.norm(row))
    return (row / length if length else row).astype(np.float32)
