"""The best of many: by similarity, those of equal similarity by lot, as in every list.

Similarities that differ by less than a millionth are equal (`matcher.ranking`). That makes the
order one of whole numbers, then of lots: the best of a part are the best of the whole that are in
that part, whatever the parts are, so that lists made in shards are those made at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.similarity import FloatArray

Numbers = NDArray[np.int32]
# The place of a pair among its equals, by the row of the table and the number of the other.
Lot = Callable[[int, int], bytes]

NOBODY = -1
UNUSED = -2_000_000_000  # the worth of an unused place: less than any
_STEPS = 1_000_000  # of similarities that are told apart
_SPARE = 78  # entries a column waits for before it is cut again: half the time is in cutting


def steps(similarities: FloatArray | np.float32) -> Numbers:
    """Similarities in whole steps: equal numbers, equal similarities."""
    return np.asarray(np.rint(np.float64(similarities) * _STEPS), dtype=np.int32)


def similarities(worth: Numbers) -> FloatArray:
    """Of so many steps."""
    return np.asarray(worth / _STEPS, dtype=np.float32)


@dataclass(frozen=True)
class Scale:
    """How the numbers of a table tell what they are worth in steps, and which number everything
    of so much worth exceeds."""

    worth: Callable[[FloatArray], Numbers]
    bar: Callable[[Numbers], FloatArray]


def cut(others: Numbers, worth: Numbers, each: int, lot: Lot | None) -> NDArray[np.int64]:
    """Which `each` of every row to keep, (n, each), best first; equals by their number.

    Both tables have shape (n, m), m >= each; `worth` counts in `steps` and is `UNUSED`
    where `others` is `NOBODY`. Only where the last place is contested are lots drawn, and without
    `lot` not even there.
    """
    if worth.shape[1] > each:
        order = np.argpartition(-worth, (each - 1, each), axis=1)
        if lot is not None:
            ranked = np.take_along_axis(worth, order[:, each - 1 : each + 1], axis=1)
            tied = (ranked[:, 0] == ranked[:, 1]) & (ranked[:, 0] != UNUSED)
            for row in np.flatnonzero(tied).tolist():
                order[row] = _drawn(worth[row], others[row], each, row, lot)
        order = order[:, :each]
    else:
        order = np.broadcast_to(np.arange(each), (len(worth), each))
    # By worth, then by number: one key of 64 bits.
    key = -np.take_along_axis(worth, order, axis=1).astype(np.int64) << 32
    key += np.take_along_axis(others, order, axis=1)
    return np.take_along_axis(order, np.argsort(key, axis=1), axis=1)


def _drawn(worth: Numbers, others: Numbers, each: int, row: int, lot: Lot) -> NDArray[np.int64]:
    """The order of one row in which the last places fall to those with the first lots."""
    edge = np.partition(worth, len(worth) - each)[len(worth) - each]
    above, tied = np.flatnonzero(worth > edge), np.flatnonzero(worth == edge)
    drawn = sorted(tied.tolist(), key=lambda place: lot(row, int(others[place])))
    below = np.flatnonzero(worth < edge)
    return np.concatenate([above, np.asarray(drawn, dtype=np.int64), below])


class Columns:
    """The best `each` rows of every column of a table that is seen row by row."""

    def __init__(self, each: int, bars: Numbers, scale: Scale, lot: Lot | None = None) -> None:
        """`bars` (n_columns,), in `steps`: what is worth less is not looked at. `lot` takes the
        column and the number of a row; without it the last place is anybody's among equals."""
        self._each, self._scale, self._lot = each, scale, lot
        shape = (len(bars), each + _SPARE)
        self._rows = np.full(shape, NOBODY, dtype=np.int32)
        self._worth = np.full(shape, UNUSED, dtype=np.int32)
        self._held = np.zeros(len(bars), dtype=np.int64)
        self._bars = scale.bar(bars)

    def add(self, row: int, values: FloatArray) -> None:
        """Looks at a row by its number; `values` (n_columns,) are on the scale."""
        columns = np.flatnonzero(values > self._bars)
        places = self._held[columns]
        self._rows[columns, places] = row
        self._worth[columns, places] = self._scale.worth(values[columns])
        self._held[columns] = places + 1
        full = columns[places + 1 == self._rows.shape[1]]
        if len(full):
            self._cut(full)

    def found(self) -> tuple[Numbers, Numbers]:
        """(rows, worth), both (n_columns, each), best first; `NOBODY` and `UNUSED`
        where fewer are."""
        self._cut(np.arange(len(self._held)))
        return self._rows[:, : self._each], self._worth[:, : self._each]

    def _cut(self, columns: NDArray[np.int64]) -> None:
        each = self._each
        rows, worth = self._rows[columns], self._worth[columns]
        lot = self._lot
        drawn = None if lot is None else lambda at, row: lot(int(columns[at]), row)
        order = cut(rows, worth, each, drawn)
        last = np.take_along_axis(worth, order, axis=1)
        self._rows[columns, :each] = np.take_along_axis(rows, order, axis=1)
        self._worth[columns, :each] = last
        self._rows[columns, each:] = NOBODY
        self._worth[columns, each:] = UNUSED
        self._held[columns] = (last != UNUSED).sum(axis=1)
        self._bars[columns] = np.maximum(self._scale.bar(last[:, -1]), self._bars[columns])


def best_of(cubes: FloatArray, each: int, bar: int, row: int, lot: Lot) -> NDArray[np.int64]:
    """The best `each` of one row, (m,) with m <= each, best first; fewer where not more reach
    `bar`, in `steps`. `cubes` (n,) are of similarities."""
    sample = cubes[:: max(1, len(cubes) // (40 * each))]
    if len(sample) > each:  # the last of the best of some is no better than that of all
        edge = np.partition(sample, len(sample) - each)[len(sample) - each]
        bar = max(bar, int(steps(np.cbrt(edge))))
    seen = np.flatnonzero(cubes > _cubed(np.int32(bar)))
    worth = steps(np.cbrt(cubes[seen]))
    if len(seen) <= each:
        return seen[np.argsort(-worth, kind="stable")]
    numbers = seen.astype(np.int32)
    order = cut(numbers[None], worth[None], each, lambda _, other: lot(row, other))
    best: NDArray[np.int64] = seen[order[0]]
    return best


def _cubed(bars: Numbers | np.int32) -> FloatArray:
    """The cube of a similarity that everything worth so many steps exceeds."""
    return np.asarray(np.maximum((bars - 0.6) / _STEPS, 0.0) ** 3, dtype=np.float32)


def _just_under(bars: Numbers) -> FloatArray:
    return np.asarray((bars - 0.6) / _STEPS, dtype=np.float32)


COSINES = Scale(steps, _just_under)
CUBES = Scale(lambda cubes: steps(np.cbrt(cubes)), _cubed)  # of similarities
