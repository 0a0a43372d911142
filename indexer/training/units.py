"""Vietnamese units: which neighbouring syllables of the training text are one word.

Pairs of tokens are joined by how much more often they stand together than apart (normalised
pointwise mutual information, Bouma 2009), twice, so that units have up to four syllables. What
a dictionary lists as one entry needs less proof.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.words.tokentable import TokenTable, folded

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_ROUNDS = 2
_LEAST_COUNT = 5
_LEAST_TIE = 0.25  # of 1; a lower bar joins "của các", a higher one loses "nước thải"
_LISTED_TIE = 0.3  # what being an entry of a dictionary is worth
_DOUBT = 2.0  # a pair seen n times has n / (n + 2) of its tie
_SHIFT = 1 << 21


@dataclass(frozen=True)
class Units:
    """Texts as units: `ids[i]` points into `names` and stands in text `text[i]`.

    `ties` tells how firmly each unit of several syllables holds together, 0 for single ones.
    """

    names: tuple[str, ...]
    ties: FloatArray
    ids: IntArray
    text: IntArray


def learn_units(table: TokenTable, listed: Collection[str]) -> Units:
    """The texts of the table with their units joined; `listed` are units known beforehand."""
    names = list(table.words)
    ties = np.zeros(len(names))
    ids, text = table.ids.astype(np.int64), table.text_of.astype(np.int64)
    for _ in range(_ROUNDS):
        pairs, tie = _candidates(names, ids, text, listed)
        number = {name: i for i, name in enumerate(names)}
        joined = np.zeros(len(pairs), dtype=np.int64)
        for i, (left, right) in enumerate(zip(*np.divmod(pairs, _SHIFT), strict=True)):
            name = f"{names[left]} {names[right]}"
            joined[i] = number.setdefault(name, len(number))
        names = list(number)
        ties = np.concatenate([ties, np.zeros(len(names) - len(ties))])
        np.maximum.at(ties, joined, tie)
        ids, text = _join(ids, text, pairs, ties[joined], joined)
    return Units(tuple(names), ties, ids, text)


def _candidates(
    names: list[str], ids: IntArray, text: IntArray, listed: Collection[str]
) -> tuple[IntArray, FloatArray]:
    """(pairs as left * _SHIFT + right, ascending; their ties)."""
    near = (ids[:-1] * _SHIFT + ids[1:])[text[1:] == text[:-1]]
    pairs, count = np.unique(near, return_counts=True)
    left, right = np.divmod(pairs, _SHIFT)
    single = np.bincount(ids, minlength=len(names)).astype(np.float64)
    total = max(len(ids), 1)
    mutual = np.log(count * total / (single[left] * single[right]))
    tie = mutual / np.maximum(np.log(total / count), 1e-9) * count / (count + _DOUBT)
    spelled = [f"{names[a]} {names[b]}" for a, b in zip(left, right, strict=True)]
    entry = np.array([name in listed for name in spelled], dtype=np.bool_)
    words = np.array([name.replace(" ", "").isalpha() for name in names], dtype=np.bool_)
    accented = np.array([_is_accented(name) for name in names], dtype=np.bool_)
    vietnamese = words[left] & words[right] & (accented[left] | accented[right])
    kept = vietnamese & (((count >= _LEAST_COUNT) & (tie >= _LEAST_TIE)) | entry)
    return pairs[kept], (tie + _LISTED_TIE * entry)[kept]


def _is_accented(name: str) -> bool:
    return any(folded(syllable) != syllable for syllable in name.split(" "))


def _join(
    ids: IntArray, text: IntArray, pairs: IntArray, ties: FloatArray, joined: IntArray
) -> tuple[IntArray, IntArray]:
    """(ids, text) with the firmest pairs joined first, of equals the leftmost."""
    if len(ids) < 2 or not len(pairs):
        return ids, text
    near = ids[:-1] * _SHIFT + ids[1:]
    place = np.minimum(np.searchsorted(pairs, near), len(pairs) - 1)
    wanted = (pairs[place] == near) & (text[1:] == text[:-1])
    firmness = np.where(wanted, ties[place], -np.inf)
    taken = np.zeros(len(ids), dtype=np.bool_)
    dropped = np.zeros(len(ids), dtype=np.bool_)
    ids = ids.copy()
    while True:
        free = np.where(taken[:-1] | taken[1:], -np.inf, firmness)
        before = np.concatenate([[-np.inf], free[:-1]])
        after = np.concatenate([free[1:], [-np.inf]])
        (chosen,) = np.nonzero((free > before) & (free >= after) & np.isfinite(free))
        if not len(chosen):
            return ids[~dropped], text[~dropped]
        taken[chosen] = taken[chosen + 1] = dropped[chosen + 1] = True
        ids[chosen] = joined[place[chosen]]
