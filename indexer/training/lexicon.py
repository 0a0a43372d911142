"""Making the lexicon: from pairs of texts to the table that ships with the package."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from indexer.progress import Progress, silent
from indexer.text import is_function_word
from indexer.training.alignment import Counts, Texts, align
from indexer.training.pairs import Pairs
from indexer.training.units import learn_units
from indexer.words.lexicon import Lexicon, Translations
from indexer.words.tokentable import TokenTable

_LEAST_COUNT = 0.2  # of alignments, for a word to be in the table
_LEAST_SHARE = 0.01  # of a word's alignments, for a translation to be in the table
_SAME = 0.7  # of a word's alignments with itself in the other language, to be no word of either
_MOST = 20  # translations of one word
_LONGEST_LISTED = 3  # syllables of a dictionary entry that counts as one unit

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def train_lexicon(pairs: Pairs, progress: Progress = silent) -> Lexicon:
    """The lexicon of these pairs. Deterministic: equal pairs give an equal lexicon."""
    progress("tokens", 0, 2)
    english = TokenTable.of(pairs.english)
    progress("tokens", 1, 2)
    vietnamese = TokenTable.of(pairs.vietnamese)
    progress("tokens", 2, 2)
    units = learn_units(vietnamese, _listed(vietnamese, pairs.terms))
    counts = align(
        Texts(units.ids, units.text, len(units.names)),
        Texts(english.ids.astype(np.int64), english.text_of.astype(np.int64), len(english.words)),
        pairs.weights,
        progress,
    )
    return _table(units.names, units.ties, english.words, counts)


def _listed(table: TokenTable, terms: npt.NDArray[np.bool_]) -> frozenset[str]:
    """The Vietnamese sides of dictionary entries that are one unit of several syllables."""
    found = set()
    fit = terms & (table.lengths >= 2) & (table.lengths <= _LONGEST_LISTED)
    for row in np.flatnonzero(fit).tolist():
        ids = table.ids[table.starts[row] : table.starts[row + 1]].tolist()
        found.add(" ".join(table.words[i] for i in ids))
    return frozenset(found)


def _table(names: Sequence[str], ties: FloatArray, words: Sequence[str], counts: Counts) -> Lexicon:
    """The table of these counts, without words that only hold sentences together."""
    seen = np.bincount(counts.left, weights=counts.count, minlength=len(names))
    used = np.bincount(counts.right, weights=counts.count, minlength=len(words))
    telling = [not all(map(is_function_word, name.split(" "))) for name in names]
    left = np.asarray(telling, dtype=np.bool_) & (seen >= _LEAST_COUNT)
    right = np.array([not is_function_word(word) for word in words], dtype=np.bool_)
    right &= used >= _LEAST_COUNT
    for one, other in _names(names, words, counts, seen, used):
        left[one] = right[other] = False
    # Firm units first: the order of the table tells which of two overlapping units to take.
    order = np.array(sorted(np.flatnonzero(left).tolist(), key=lambda i: (-ties[i], names[i])))
    place = np.full(len(names), -1)
    place[order] = np.arange(len(order))
    kept_words = np.flatnonzero(right)
    word_place = np.full(len(words), -1)
    word_place[kept_words] = np.arange(len(kept_words))
    inside = left[counts.left] & right[counts.right]
    rows, columns = place[counts.left[inside]], word_place[counts.right[inside]]
    count = counts.count[inside]
    shape = (len(order), len(kept_words))
    forward = csr_matrix((count / seen[order][rows], (rows, columns)), shape)
    back = csr_matrix((count / used[kept_words][columns], (rows, columns)), shape)
    vietnamese = [names[i] for i in order.tolist()]
    return Lexicon(
        vietnamese,
        [words[i] for i in kept_words.tolist()],
        seen[order].astype(np.float32),
        _pruned(forward),
        _pruned((_searched(vietnamese) @ back).T.tocsr()),
    )


def _names(
    names: Sequence[str],
    words: Sequence[str],
    counts: Counts,
    seen: npt.NDArray[Any],
    used: npt.NDArray[Any],
) -> Iterator[tuple[int, int]]:
    """(left, right) of what translates itself, as a lexicon takes every unknown word to do."""
    share = counts.count / np.maximum(seen[counts.left], used[counts.right])
    for i in np.flatnonzero(share >= _SAME).tolist():
        one, other = int(counts.left[i]), int(counts.right[i])
        if names[one] == words[other]:
            yield one, other


def _searched(units: Sequence[str]) -> csr_matrix:
    """From units to those of them that documents are indexed under: at most two syllables.

    A longer one counts by its neighbouring pairs, as far as they are units themselves.
    """
    number = {unit: i for i, unit in enumerate(units)}
    rows, columns, shares = [], [], []
    for i, unit in enumerate(units):
        syllables = unit.split(" ")
        long = len(syllables) > 2
        parts = [f"{a} {b}" for a, b in pairwise(syllables)] if long else [unit]
        for part in parts:
            if part in number:
                rows.append(number[part])
                columns.append(i)
                shares.append(1 / len(parts))
    return csr_matrix((shares, (rows, columns)), (len(units), len(units)))


def _pruned(table: csr_matrix) -> Translations:
    """The likeliest translations of every row, likeliest first."""
    table.sum_duplicates()
    rows = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    order = np.lexsort((table.indices, -table.data, rows))
    order = order[table.data[order] >= _LEAST_SHARE]
    starts = np.searchsorted(rows[order], np.arange(table.shape[0] + 1))
    order = order[np.arange(len(order)) - starts[rows[order]] < _MOST]
    starts = np.searchsorted(rows[order], np.arange(table.shape[0] + 1))
    return Translations(
        starts.astype(np.int64),
        table.indices[order].astype(np.int32),
        table.data[order].astype(np.float32),
    )
