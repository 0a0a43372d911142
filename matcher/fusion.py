"""How much of a score is words, by the languages of the two texts; the rest is meaning."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.words.languages import ENGLISH, UNACCENTED, VIETNAMESE
from matcher.similarity import FloatArray

Shares = NDArray[np.float32]
Languages = NDArray[np.uint8]

BY_DIRECTION: Literal["auto"] = "auto"
WordShare = float | Literal["auto"]

# (asked, offered): the share of words. Found on the even queries of the development
# collections, see docs/matching.md; a text in both languages is read in that of the other.
_VI_VI, _EN_EN, _VI_EN, _EN_VI = 0.9, 0.9, 0.9, 0.9
_BARE_VI, _BARE_EN = 0.95, 0.9


def word_shares(asked: Languages, offered: Languages, setting: WordShare) -> float | Shares:
    """The share of words in the score of every pair, shape (n_asked, n_offered), or one for all.

    `asked` and `offered` are languages as bits, see `indexer.words.languages`. `setting` is the
    share a workspace asks for, "auto" for the one of each direction.
    """
    if setting != BY_DIRECTION:
        return float(setting)
    return _TABLE[asked[:, None], offered[None, :]]


def bounds(shares: float | FloatArray) -> tuple[float, float]:
    """The (lowest, highest) share among these."""
    return (
        (shares, shares)
        if isinstance(shares, float)
        else (float(shares.min()), float(shares.max()))
    )


def _share(asked: int, offered: int) -> float:
    both = VIETNAMESE | ENGLISH
    shared = asked & offered & both
    if shared == ENGLISH:
        return _EN_EN
    if shared:
        return _BARE_VI if asked & UNACCENTED else _VI_VI
    if asked & VIETNAMESE:
        return _BARE_EN if asked & UNACCENTED else _VI_EN
    return _EN_VI


_TABLE: Shares = np.array(
    [[_share(asked, offered) for offered in range(8)] for asked in range(8)], dtype=np.float32
)
