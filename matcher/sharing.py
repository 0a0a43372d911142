"""The telling terms that two readings share, for many pairs of readings at once."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from matcher.pairgrid import Grid, numbered, spread
from matcher.reading import Reading

Places = NDArray[np.int64]
Numbers = NDArray[np.float64]

_DAMP = 1.2  # BM25's k1: the count at which a word of the offer is half saturated


class Shared:
    """The terms that the two readings of each pair of a grid share, and where they stand.

    Shared term t is of pair `_pair[t]` and worth `_worth[t]`; every row it stands in is a number
    in `_rows` (whose term is in `_row_term`), every column one in `_columns`, every cell where it
    stands on both sides one in `_cells`.
    """

    def __init__(self, grid: Grid, readings: Sequence[tuple[Reading, Reading]]) -> None:
        self.grid = grid
        asked, offered = _Lexis([one for one, _ in readings]), _Lexis([two for _, two in readings])
        ones, others, self._pair = _met(asked, offered)
        # Where the two sides weigh a word differently (one has no accents), the lower holds.
        self._worth = np.minimum(asked.worth[ones], offered.worth[others])
        self._most = asked.most()
        counts = asked.counts[ones], offered.counts[others]
        _, self._row_term = numbered(counts[0])
        _, self._column_term = numbered(counts[1])
        self._rows = (
            asked.sentences[spread(asked.starts[ones], counts[0])]
            + grid.row_starts[self._pair[self._row_term]]
        )
        self._columns = (
            offered.sentences[spread(offered.starts[others], counts[1])]
            + grid.column_starts[self._pair[self._column_term]]
        )
        # Each row of a term with each of its columns.
        times = counts[1][self._row_term]
        begins, _ = numbered(counts[1])
        self._cell_row = np.repeat(self._rows, times)
        self._cell_column = self._columns[spread(begins[self._row_term], times)]
        self._cell_term = np.repeat(self._row_term, times)
        pairs = self._pair[self._cell_term]
        self._cells = grid.cells(pairs, self._cell_row, self._cell_column)

    def together(self) -> Numbers:
        """What the terms that stand on both sides of each cell are worth, (cells,)."""
        worth = self._worth[self._cell_term]
        found = np.bincount(self._cells, worth, len(self.grid.pair))
        return found.astype(np.float64, copy=False)

    def met(self, rows: Numbers, columns: Numbers) -> tuple[Numbers, Numbers]:
        """The share of the needs' words that is met by the rows and columns that are left (1 or 0
        each), now (n,) and without each pair of sentences (cells,)."""
        grid, worth, terms = self.grid, self._worth, len(self._worth)
        left, left_columns = rows[self._rows], columns[self._columns]
        counts = np.bincount(self._column_term, left_columns, terms)
        met = worth * counts / (counts + _DAMP)
        fewer = np.maximum(counts - 1.0, 0.0)
        single = met - worth * fewer / (fewer + _DAMP)  # what one sentence of the offer adds
        times = np.bincount(self._row_term, left, terms)
        most = self._most * rows
        reachable = np.add.reduceat(most, grid.row_starts)
        total = np.bincount(self._pair, times * met, len(grid))
        by_row = np.bincount(self._rows, met[self._row_term] * left, len(rows))
        lost = (times * single)[self._column_term] * left_columns
        by_column = np.bincount(self._columns, lost, len(columns))
        both = single[self._cell_term] * rows[self._cell_row] * columns[self._cell_column]
        by_cell = np.bincount(self._cells, both, len(grid.pair))
        gone = by_row[grid.row] + by_column[grid.column] - by_cell
        rest = np.maximum(reachable[grid.pair] - most[grid.row], 1e-9)
        return total / np.maximum(reachable, 1e-9), np.asarray((total[grid.pair] - gone) / rest)


class _Lexis:
    """The terms of one reading of each pair, those of each distinct reading once.

    Pair p has reading `of[p]`. Of the terms laid end to end there are `worth`, `counts` (of
    sentences) and `starts` (in `sentences`); pair p has `sizes[p]` of them from `begins[p]`.
    """

    def __init__(self, readings: Sequence[Reading]) -> None:
        each = {id(one): one for one in readings}
        place = {name: at for at, name in enumerate(each)}
        of = np.array([place[id(one)] for one in readings], dtype=np.int64)
        self._readings, self.of = list(each.values()), of
        terms = [one.terms for one in self._readings]
        sizes = np.array([len(one.keys) for one in terms], dtype=np.int64)
        begins, _ = numbered(sizes)
        self.begins, self.sizes = begins[of], sizes[of]
        self.keys = np.concatenate([one.keys for one in terms])
        self.worth = np.concatenate([one.worth for one in terms])
        self.counts = np.concatenate([np.diff(one.starts) for one in terms])
        self.starts, _ = numbered(self.counts)
        self.sentences = np.concatenate([one.sentences for one in terms])

    def most(self) -> Numbers:
        """What each sentence of each pair is worth where all of its terms are shared."""
        most = np.concatenate([one.most for one in self._readings])
        counts = np.array([len(one.sentences) for one in self._readings], dtype=np.int64)
        begins, _ = numbered(counts)
        found: Numbers = most[spread(begins[self.of], counts[self.of])]
        return found


def _met(asked: _Lexis, offered: _Lexis) -> tuple[Places, Places, Places]:
    """The terms of either side that are the same, and whose pair they are of."""
    known, mine = np.unique(asked.keys, return_inverse=True)
    at = np.minimum(np.searchsorted(known, offered.keys), max(len(known) - 1, 0))
    theirs = np.where(known[at] == offered.keys, at, -1) if len(known) else np.full(len(at), -1)
    place = np.full(len(known) + 1, -1, dtype=np.int64)  # the last stands for all unknown
    found: list[tuple[Places, Places, Places]] = []
    start = 0
    for _, group in groupby(asked.of.tolist()):
        stop = start + sum(1 for _ in group)
        own = slice(asked.begins[start], asked.begins[start] + asked.sizes[start])
        place[mine[own]] = np.arange(own.start, own.stop)
        sizes = offered.sizes[start:stop]
        terms = spread(offered.begins[start:stop], sizes)
        met = place[theirs[terms]]
        both = np.flatnonzero(met >= 0)
        _, whose = numbered(sizes)
        found.append((met[both], terms[both], whose[both] + start))
        place[mine[own]] = -1
        start = stop
    ones, others, pairs = (np.concatenate(part) for part in zip(*found, strict=True))
    return ones, others, pairs
