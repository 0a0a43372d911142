"""Every sentence of one record with every sentence of another, for many pairs of records."""

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Numbers = NDArray[np.float64]


class Grid:
    """n pairs of records; pair p has `heights[p]` rows and `widths[p]` columns, all at least 1.

    Rows, columns and cells of all pairs are numbered through: `row_pair` (rows,), `column_pair`
    (columns,) and `pair` (cells,) tell whose each is, `row` and `column` (cells,) where a cell
    stands. A pair's begin at `row_starts[p]`, `column_starts[p]` and `starts[p]`.
    """

    def __init__(self, heights: Places, widths: Places) -> None:
        self.heights, self.widths = heights, widths
        self.row_starts, self.row_pair = numbered(heights)
        self.column_starts, self.column_pair = numbered(widths)
        self.starts, self.pair = numbered(heights * widths)
        wide = widths[self.pair]
        place = np.arange(len(self.pair)) - self.starts[self.pair]
        down = place // np.maximum(wide, 1)
        self.row = self.row_starts[self.pair] + down
        self.column = self.column_starts[self.pair] + place - down * wide

    def __len__(self) -> int:
        return len(self.heights)

    def of(self, pairs: Places) -> tuple["Grid", Places, Places, Places]:
        """The grid of these pairs alone, and which rows, columns and cells they are here."""
        heights, widths = self.heights[pairs], self.widths[pairs]
        return (
            Grid(heights, widths),
            spread(self.row_starts[pairs], heights),
            spread(self.column_starts[pairs], widths),
            spread(self.starts[pairs], heights * widths),
        )

    def cells(self, pairs: Places, rows: Places, columns: Places) -> Places:
        """The cells where these rows and columns of these pairs meet."""
        down, along = rows - self.row_starts[pairs], columns - self.column_starts[pairs]
        found: Places = self.starts[pairs] + down * self.widths[pairs] + along
        return found

    def highest(self, values: Numbers) -> Numbers:
        """The highest value (cells,) of each pair, (n,)."""
        return np.maximum.reduceat(values, self.starts) if len(self) else np.zeros(0)

    def first(self, marked: NDArray[np.bool_]) -> Places:
        """The first cell marked of each pair, (n,); every pair has one."""
        places = np.flatnonzero(marked)
        return places[np.searchsorted(places, self.starts)]


def numbered(counts: Places) -> tuple[Places, Places]:
    """Where each of so many begins when all are laid end to end, and whose each place is."""
    return np.cumsum(counts) - counts, np.repeat(np.arange(len(counts)), counts)


def spread(starts: Places, counts: Places) -> Places:
    """The places of runs laid end to end: `counts[i]` of them from `starts[i]` on."""
    begins, whose = numbered(counts)
    found: Places = np.arange(len(whose)) + (starts - begins)[whose]
    return found
