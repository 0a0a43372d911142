"""BM25 over an index and the few texts that changed since: one score, from statistics of both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from indexer.live.freshterms import FreshTerms
from indexer.vectors.storage import Mask
from indexer.words.lexical import K1, B, FloatArray, LexicalIndex, Rows
from indexer.words.products import product
from indexer.words.search import Piece, saturated_counts
from indexer.words.sparse import csr_matrix, hstack
from indexer.words.tokentable import IntArray

# Beyond one dead document in so many, those that are gone no longer count in document frequencies.
_FEW_DEAD = 200
_TERMS = 2**14  # of a million and more looked at at once: they stay in the processor's cache
_STEP = 2_000_000  # postings looked at before other threads have a turn


class LiveTerms(LexicalIndex):
    """The documents of `base`, then those few that changed since.

    How rare a word is and how long a text usually is are those of all documents that are there,
    so that scores are those of an index of all of them, but for what only a whole catalog tells:
    new compounds, and how long a text of the base is beside new ones.
    """

    def __init__(
        self, base: LexicalIndex, lengths: IntArray, terms: FreshTerms, dead: Mask
    ) -> None:
        """`lengths` (n,) are those of the texts of `base`, in tokens; `dead` (n,) tells which of
        them are gone."""
        self._base = base
        self._checked = base._checked
        fresh, names = terms.table, terms.names
        alive, many = ~dead, len(lengths) + len(fresh) - int(np.count_nonzero(dead))
        self._old = len(base.idf)
        self.column = _Columns(base.column, {n: i for i, n in enumerate(names, self._old)})
        counts = _counts(terms.columns, terms.texts, self._old + len(names), len(fresh))
        frequency = np.diff(counts.indptr)[:-1].astype(np.int64)
        frequency[: self._old] += _frequency(base, dead)
        self._frequency = np.minimum(frequency, many)
        self.idf = _rarity(self._frequency, many)
        self.documents = many
        self.unknown_idf = float(np.log1p((many + 0.5) / 0.5))
        self._worth = self.idf[: self._old] / base.idf
        total = int(lengths[alive].sum() + fresh.lengths.sum())
        length = fresh.lengths / max(total / max(many, 1), 1e-9)
        damp = (K1 * (1 - B + B * length)).astype(np.float32)
        idf = np.append(self.idf, np.float32(0.0))
        rare = np.repeat(idf, np.diff(counts.indptr))
        counts.data = rare * (counts.data / (counts.data + damp[counts.indices]))
        self.weights = counts
        self._damp = damp
        self.damp = np.concatenate([base.damp, damp])
        # What is gone is in no language: nothing of it is met in translation.
        spoken = np.where(dead, np.uint8(0), base.languages)
        self.languages = np.concatenate([spoken, terms.languages])
        self._dead = dead if _FEW_DEAD * np.count_nonzero(dead) > len(dead) else None

    def frequency(self, token: str) -> int:
        """As `LexicalIndex.frequency`."""
        column = self.column.get(token)
        return 0 if column is None else int(self._frequency[column])

    def counts(self, columns: npt.NDArray[np.int64]) -> csr_matrix:
        """As `LexicalIndex.counts`, of all documents, those that are gone among them."""
        old = self._base.counts(columns[columns < self._old])
        if old.shape[0] < len(columns):
            held: npt.NDArray[np.int64] = np.zeros(len(columns), dtype=np.int64)
            held[columns < self._old] = np.diff(old.indptr)
            bounds = np.concatenate([[0], np.cumsum(held)])
            old = csr_matrix((old.data, old.indices, bounds), (len(columns), old.shape[1]))
        rows = self.weights[columns]
        share = rows.data / np.repeat(self.idf[columns], np.diff(rows.indptr))
        rows.data = np.rint(share * self._damp[rows.indices] / (1 - share))
        return hstack([old, rows], format="csr")

    def spread(self, columns: Rows, language: int) -> Rows:
        """As `LexicalIndex.spread`; of few that are gone as if they were there."""
        found: Rows = np.zeros(len(columns), dtype=np.int64)
        known = columns < self._old
        found[known] = self._base.spread(columns[known], language)
        if self._dead is not None:
            for i in np.flatnonzero(known).tolist():
                (piece,) = self._base.pieces(int(columns[i]))
                there = self.languages[piece.documents] & language
                found[i] = np.count_nonzero(there)
        rows = self.weights[columns]
        spoken = (self.languages[len(self._base.damp) :] & language) > 0
        lengths = np.diff(rows.indptr)
        which = np.repeat(np.arange(len(columns)), lengths)[spoken[rows.indices]]
        return found + np.bincount(which, minlength=len(columns))

    def pieces(self, column: int) -> Sequence[Piece]:
        """As `LexicalIndex.pieces`."""
        idf = float(self.idf[column])
        start, stop = self.weights.indptr[column : column + 2].tolist()
        found = []
        if column < self._old:
            worth = float(self._worth[column])
            found = [replace(piece, worth=worth) for piece in self._base.pieces(column)]
        if start < stop:
            inside = slice(start, stop)
            documents, weights = self.weights.indices[inside], self.weights.data[inside]
            found.append(Piece(len(self._base.damp), documents, weights, idf))
        return found

    def peaks(self, columns: Rows) -> tuple[FloatArray, FloatArray]:
        """As `LexicalIndex.peaks`."""
        rows = self.weights[columns]
        most = np.zeros(len(columns), dtype=np.float32)
        if rows.nnz:
            most = np.asarray(rows.max(axis=1).todense(), dtype=np.float32).ravel()
        counts = saturated_counts(most, self.idf[columns])
        known = columns < self._old
        old, old_counts = self._base.peaks(columns[known])
        most[known] = np.maximum(most[known], old * self._worth[columns[known]])
        counts[known] = np.maximum(counts[known], old_counts)
        return most, counts

    def _met(self, direct: csr_matrix) -> FloatArray:
        new = product(direct, self.weights)
        known = direct.indices < self._old
        columns = direct.indices[known]
        bounds = np.concatenate([[0], np.cumsum(known)])[direct.indptr]
        worth = (direct.data[known] * self._worth[columns]).astype(np.float32)
        shape = (direct.shape[0], self._old + 1)
        old = self._base._met(csr_matrix((worth, columns, bounds), shape))
        return np.concatenate([old, new], axis=1)


class _Columns(Mapping[str, int]):
    """The columns of all terms: those of the base, and behind them the new ones."""

    def __init__(self, base: Mapping[str, int], new: Mapping[str, int]) -> None:
        self._base = base
        self._new = new

    def __getitem__(self, name: str) -> int:
        found = self._base.get(name)
        return self._new[name] if found is None else found

    def __iter__(self) -> Iterator[str]:
        yield from self._base
        yield from self._new

    def __len__(self) -> int:
        return len(self._base) + len(self._new)


def _rarity(frequency: IntArray, many: int) -> FloatArray:
    """The idf of terms that stand in so many of `many` documents, (terms,)."""
    found = np.empty(len(frequency), dtype=np.float32)
    for start in range(0, len(frequency), _TERMS):
        own = frequency[start : start + _TERMS]
        found[start : start + _TERMS] = np.log1p((many - own + 0.5) / (own + 0.5))
    return found


def _counts(
    columns: npt.NDArray[np.int64], texts: npt.NDArray[np.int32], terms: int, documents: int
) -> csr_matrix:
    """How often every term stands in every document, shape (terms + 1, documents)."""
    ones = np.ones(len(columns), dtype=np.float32)
    counts = csr_matrix((ones, (columns, texts)), (terms + 1, documents))
    counts.sum_duplicates()
    return counts


def _frequency(base: LexicalIndex, dead: Mask) -> npt.NDArray[np.int64]:
    """In how many documents of the base each of its terms stands, (terms,)."""
    bounds = base.postings.bounds
    found: npt.NDArray[np.int64] = np.diff(bounds)[:-1].astype(np.int64)
    if _FEW_DEAD * np.count_nonzero(dead) > len(dead):
        for start in range(0, len(base.weights.indices), _STEP):
            gone = np.flatnonzero(dead[base.weights.indices[start : start + _STEP]]) + start
            found -= np.bincount(
                np.searchsorted(bounds, gone, side="right") - 1, minlength=len(found) + 1
            )[: len(found)]
    return found
