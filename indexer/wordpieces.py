"""From texts to the word pieces an encoder of ours knows, and to something for the rest."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from indexer.text import fold, normalise

FloatArray = npt.NDArray[np.float32]

UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"

_LONGEST = 400_000  # signs of a text that are read: about 100,000 words
_GRAM = 3
_GRAMS = 2_000  # runs of signs looked at in a text nothing is known of


class WordPieces:
    """The tokenizer of an encoder: known pieces only, no start, no end."""

    def __init__(self, body: bytes) -> None:
        """`body` is a `tokenizer.json`. Raises ValueError where it is none of ours."""
        try:
            self._tokenizer = Tokenizer.from_str(body.decode("utf-8"))
        except Exception as error:  # the library raises plain Exception
            raise ValueError(f"tokenizer.json: {error}") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        pieces = self._tokenizer.get_vocab()
        if not {UNKNOWN, START, END} <= pieces.keys():
            raise ValueError(f"tokenizer.json: no {UNKNOWN}, {START} or {END}")
        self.unknown, self.start, self.end = (pieces[sign] for sign in (UNKNOWN, START, END))
        self.size = len(pieces)

    def __call__(self, texts: Sequence[str]) -> list[npt.NDArray[np.int64]]:
        """The pieces of each text, shape (pieces,); empty where none is known."""
        clean = [normalise(text[:_LONGEST]) for text in texts]
        found = self._tokenizer.encode_batch_fast(clean, add_special_tokens=False)
        ids = (np.asarray(each.ids, dtype=np.int64) for each in found)
        return [each[each != self.unknown] for each in ids]


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
