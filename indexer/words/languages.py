"""Which languages a text holds, counted on its tokens: cheap for thousands of texts at once."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from indexer.text import is_english_word, is_syllable
from indexer.words.tokentable import TokenTable

# Bits of what `languages` gives: a bilingual text has both.
VIETNAMESE, ENGLISH = 1, 2
UNACCENTED = 4  # set with VIETNAMESE by `asked_languages`

_ACCENTED = 0.08  # of the words: fewer, and the text is English or typed without accents
_TEXTS = 2**14  # looked at in one step
_FOREIGN = 0.3  # of the words: more, and a Vietnamese text holds English too


def languages(table: TokenTable) -> npt.NDArray[np.uint8]:
    """The languages of every text of the table as bits, shape (texts,), none 0.

    The rule of `indexer.text.language_of`, on tokens: Vietnamese typed without accents is
    Vietnamese, and what shows neither language is English. A Vietnamese text with foreign terms
    holds English only where words that hold English sentences together stand in it, too.
    """
    forms = list(zip(table.words, table.plain, strict=True))
    word = np.array([form.isalpha() for form, _ in forms], dtype=np.bool_)
    accented = np.array([form != plain for form, plain in forms], dtype=np.bool_) & word
    joining = np.array([is_english_word(form) for form, _ in forms], dtype=np.bool_)
    shaped = np.array([is_syllable(plain) for _, plain in forms], dtype=np.bool_)
    foreign = (joining | ~shaped) & word & ~accented
    words, signs, strange, joints = (
        _share(table, kind) for kind in (word, accented, foreign, joining)
    )
    vietnamese = table.bare | (signs >= _ACCENTED * np.maximum(words, 1))
    english = ~vietnamese | (~table.bare & (strange > _FOREIGN * words) & (joints > 0))
    return (VIETNAMESE * vietnamese + ENGLISH * english).astype(np.uint8)


def asked_languages(table: TokenTable) -> npt.NDArray[np.uint8]:
    """As `languages`, and of Vietnamese texts whether they were typed without accents."""
    return np.asarray(languages(table) | (UNACCENTED * table.bare), dtype=np.uint8)


def _share(table: TokenTable, kind: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """How many tokens of each text are of this kind, shape (texts,)."""
    found = np.zeros(len(table), dtype=np.float64)
    for first, last in pairwise(range(0, len(table) + _TEXTS, _TEXTS)):
        starts = table.starts[first : last + 1]
        ahead = np.cumsum(kind[table.ids[starts[0] : starts[-1]]], dtype=np.int32)
        until = np.append(np.int32(0), ahead)[starts - starts[0]]
        found[first:last] = np.diff(until)
    return found
