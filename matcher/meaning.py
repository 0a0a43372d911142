"""What records mean, sentence by sentence, and what is left of that without some sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from matcher.pairgrid import Grid, numbered, spread
from matcher.similarity import FloatArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Meaning:
    """The sentences of a record by meaning: unit `rows` (n, dimension), zeros for those that are
    not compared, their words `sizes` (n,), and the products of the rows weighed by them, (n, n)."""

    rows: FloatArray
    sizes: Numbers
    products: Numbers

    @classmethod
    def of(cls, rows: FloatArray, sizes: Numbers) -> "Meaning":
        weighed = rows * sizes[:, None]
        return cls(rows, sizes, weighed @ weighed.T)


class Meant:
    """What the two records of each pair of a grid mean: the `cosines` (cells,) of their sentences.
    `rows` and `columns` are the words of each sentence."""

    def __init__(self, grid: Grid, meanings: Sequence[tuple[Meaning, Meaning]]) -> None:
        self.grid = grid
        self.cosines = _cosines(grid, meanings)
        asked, offered = ([two[side] for two in meanings] for side in (0, 1))
        self.asked = _Side(asked, grid.row_starts, grid.row_pair)
        self.offered = _Side(offered, grid.column_starts, grid.column_pair)
        self.rows, self.columns = self.asked.sizes, self.offered.sizes
        self.products = self.cosines * self.rows[grid.row] * self.columns[grid.column]


class Left:
    """What is left of the records of each pair when some of their sentences are dropped: `rows`
    and `columns` are 1 for each sentence that is, else 0."""

    def __init__(self, meant: Meant) -> None:
        self._meant = meant
        self._asked, self._offered = _Rest(meant.asked), _Rest(meant.offered)
        self.rows, self.columns = self._asked.left, self._offered.left

    def drop(self, rows: Places, columns: Places) -> None:
        """Leaves these sentences out from now on, of a pair one of either side."""
        self._asked.drop(rows)
        self._offered.drop(columns)

    def cosines(self) -> tuple[Numbers, Numbers]:
        """The cosine of what is left of either record, now (n,) and without each pair of
        sentences (cells,)."""
        grid = self._meant.grid
        products = self._meant.products * self.rows[grid.row] * self.columns[grid.column]
        rows = np.bincount(grid.row, products, len(self.rows))
        columns = np.bincount(grid.column, products, len(self.columns))
        total = np.add.reduceat(rows, grid.row_starts)
        (one, ones), (other, others) = self._asked.lengths(), self._offered.lengths()
        rest = total[grid.pair] - rows[grid.row] - columns[grid.column] + products
        lengths = np.maximum(ones[grid.row] * others[grid.column], 1e-6)
        return total / np.maximum(one * other, 1e-6), np.asarray(rest / lengths)


class _Side:
    """The sentences of one record of each pair, laid end to end: their words `sizes`, their
    products with all of the record and with themselves."""

    def __init__(self, meanings: Sequence[Meaning], starts: Places, pair: Places) -> None:
        self.starts, self.pair = starts, pair
        each = {id(one): one for one in meanings}
        place = {name: at for at, name in enumerate(each)}
        of = np.array([place[id(one)] for one in meanings], dtype=np.int64)
        counts = np.array([len(one.sizes) for one in each.values()], dtype=np.int64)
        begins, _ = numbered(counts)
        mine = spread(begins[of], counts[of])  # where each sentence stands in its record
        self.sizes = np.concatenate([one.sizes for one in each.values()])[mine]
        whole = np.concatenate([one.products.sum(axis=1) for one in each.values()])
        same = np.concatenate([one.products.diagonal() for one in each.values()])
        self.along, self.own = whole[mine], same[mine]
        self._products = np.concatenate([one.products.ravel() for one in each.values()])
        squares, _ = numbered(counts * counts)
        self._squares, self.counts = squares[of], counts[of]

    def products(self, places: Places) -> Numbers:
        """The products of these sentences, each with all of its record, end to end."""
        pairs = self.pair[places]
        counts = self.counts[pairs]
        begins = self._squares[pairs] + (places - self.starts[pairs]) * counts
        return self._products[spread(begins, counts)]


class _Rest:
    """The sentences of a side that are `left`, 1 or 0 each."""

    def __init__(self, side: _Side) -> None:
        self._side = side
        self._along = side.along.copy()
        self.left = np.ones(len(side.own))

    def drop(self, gone: Places) -> None:
        side = self._side
        pairs = side.pair[gone]
        self._along[spread(side.starts[pairs], side.counts[pairs])] -= side.products(gone)
        self.left[gone] = 0.0

    def lengths(self) -> tuple[Numbers, Numbers]:
        """The length of the sum of the sentences left, (n,), and without each of them."""
        weighed = self.left * self._along
        whole = np.add.reduceat(weighed, self._side.starts)
        rest = whole[self._side.pair] - (2.0 * weighed - self.left * self._side.own)
        return np.sqrt(np.maximum(whole, 0.0)), np.sqrt(np.maximum(rest, 0.0))


def _cosines(grid: Grid, meanings: Sequence[tuple[Meaning, Meaning]]) -> Numbers:
    # In double precision: what is rounded and compared must not depend on which other pairs stand
    # in the same product.
    found = np.zeros(len(grid.pair), dtype=np.float64)
    start = 0
    for _, group in groupby(meanings, key=_first):
        two = list(group)
        stop = start + len(two)
        own = two[0][0].rows.astype(np.float64)
        near = own @ np.concatenate([other.rows for _, other in two], dtype=np.float64).T
        first = grid.starts[start]
        last = grid.starts[stop] if stop < len(grid) else len(grid.pair)
        pair = grid.pair[first:last]
        down = grid.row[first:last] - grid.row_starts[pair]
        along = grid.column[first:last] - grid.column_starts[start]
        found[first:last] = near[down, along]
        start = stop
    return found


def _first(two: tuple[Meaning, Meaning]) -> int:
    return id(two[0])
