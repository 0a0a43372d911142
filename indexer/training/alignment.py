"""Word alignment: which word of a text its translation's words come from.

IBM model 1 (Brown et al. 1993), then with the prior of `fast_align` that words stand in like
places (Dyer, Chahuneau, Smith 2013), in both directions at once: what is counted is the product
of either direction's posterior (Liang, Taskar, Klein, Alignment by Agreement, 2006). A rare
word that one direction aligns with everything is thereby kept to what the other confirms.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.progress import Progress, silent

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

_ROUNDS = 4  # of model 1
_PLACED_ROUNDS = 4  # with places
_STEEPNESS = 3.0  # of the prior of places
_NOTHING = 0.05  # how likely a word comes from no word of the other text
_LONGEST = 84  # units; longer texts are too loosely parallel to teach words
_SHIFT = 1 << 24


@dataclass(frozen=True)
class Texts:
    """One side: unit `ids[i]`, of `size` many, stands in text `text[i]`, ascending."""

    ids: IntArray
    text: IntArray
    size: int


@dataclass(frozen=True)
class Counts:
    """How often each pair of words was aligned: `left[i]` with `right[i]`, `count[i]` times."""

    left: IntArray
    right: IntArray
    count: DoubleArray


@dataclass(frozen=True)
class _Block:
    """All pairs of texts of one shape: `cells[start:stop]` as (texts, left, right)."""

    texts: IntArray
    shape: tuple[int, int, int]
    start: int
    stop: int


def align(left: Texts, right: Texts, weights: FloatArray, progress: Progress = silent) -> Counts:
    """The alignment of n pairs of texts, each counted by its weight, shape (n,)."""
    blocks, keys, cells = _cells(left, right, len(weights))
    pairs = _Pairs(keys // _SHIFT, keys % _SHIFT, left.size, right.size)
    steps = _ROUNDS + _PLACED_ROUNDS
    posterior = np.empty(len(cells), dtype=np.float32)
    for block in blocks:  # at first every word may come from every other
        cell = weights[block.texts] / (block.shape[1] * block.shape[2])
        posterior[block.start : block.stop] = np.repeat(cell, block.shape[1] * block.shape[2])
    count = pairs.counted(cells, posterior)
    nothing = tuple(_NOTHING * share for share in pairs.shares(count))
    for step in range(steps):
        tables = pairs.conditional(count)
        placed = step >= _ROUNDS
        for block in blocks:
            inside = cells[block.start : block.stop].reshape(block.shape)
            found = _posterior(inside, tables, nothing, block.shape, placed)
            # At first there is nothing to agree on.
            agreed = found[0] * found[1] if step else (found[0] + found[1]) / 2
            agreed *= weights[block.texts][:, None, None]
            posterior[block.start : block.stop] = agreed.ravel()
        count = pairs.counted(cells, posterior)
        progress("align", step + 1, steps)
    return Counts(pairs.left, pairs.right, count)


@dataclass(frozen=True)
class _Pairs:
    """The distinct pairs of words that stand in some pair of texts."""

    left: IntArray
    right: IntArray
    left_size: int
    right_size: int

    def counted(self, cells: npt.NDArray[np.int32], posterior: FloatArray) -> DoubleArray:
        return _sums(cells, posterior, len(self.left))

    def totals(self, count: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
        """The sum of each pair's left word, and of its right word."""
        left = _sums(self.left, count, self.left_size)
        right = _sums(self.right, count, self.right_size)
        return left[self.left], right[self.right]

    def conditional(self, count: DoubleArray) -> tuple[FloatArray, FloatArray]:
        """(p(right | left), p(left | right)) of each pair."""
        left, right = self.totals(count)
        return (
            (count / np.maximum(left, 1e-9)).astype(np.float32),
            (count / np.maximum(right, 1e-9)).astype(np.float32),
        )

    def shares(self, count: DoubleArray) -> tuple[FloatArray, FloatArray]:
        """How common each pair's right and left word is: where a word of nothing comes from."""
        left, right = self.totals(count)
        total = count.sum()
        return (right / total).astype(np.float32), (left / total).astype(np.float32)


def _sums(
    number: npt.NDArray[np.integer[Any]], weights: FloatArray | DoubleArray, size: int
) -> DoubleArray:
    return np.bincount(number, weights, minlength=size).astype(np.float64, copy=False)


def _cells(
    left: Texts, right: Texts, texts: int
) -> tuple[list[_Block], IntArray, npt.NDArray[np.int32]]:
    """(blocks, keys of the distinct pairs, the pair of every cell)."""
    sizes = [np.bincount(side.text, minlength=texts) for side in (left, right)]
    starts = [np.concatenate([[0], np.cumsum(size)]) for size in sizes]
    fit = (np.minimum(*sizes) > 0) & (np.maximum(*sizes) <= _LONGEST)
    (rows,) = np.nonzero(fit)
    order = rows[np.lexsort((sizes[1][rows], sizes[0][rows]))]
    shape = sizes[0][order] * (_LONGEST + 1) + sizes[1][order]
    blocks: list[_Block] = []
    keys: list[IntArray] = [np.zeros(0, dtype=np.int64)]
    stop = 0
    for group in np.split(order, np.flatnonzero(np.diff(shape)) + 1):
        if not len(group):
            continue
        ids = [
            side.ids[start[group][:, None] + np.arange(size[group[0]])]
            for side, start, size in zip((left, right), starts, sizes, strict=True)
        ]
        both = ids[0][:, :, None] * _SHIFT + ids[1][:, None, :]
        keys.append(both.ravel())
        blocks.append(_Block(group, both.shape, stop, stop + both.size))
        stop += both.size
    distinct, cells = np.unique(np.concatenate(keys), return_inverse=True)
    return blocks, distinct, cells.astype(np.int32)


def _posterior(
    cells: npt.NDArray[np.int32],
    tables: tuple[FloatArray, FloatArray],
    nothing: tuple[FloatArray, ...],
    shape: tuple[int, int, int],
    placed: bool,
) -> tuple[FloatArray, FloatArray]:
    """How likely each right word comes from each left one, and the other way round."""
    near = _places(shape[1], shape[2]) if placed else np.ones(shape[1:], dtype=np.float32)
    found = []
    for axis, table, none in ((1, tables[0], nothing[0]), (2, tables[1], nothing[1])):
        prior = near / near.sum(axis=axis - 1, keepdims=True)
        likely = table[cells] * prior
        found.append(likely / (likely.sum(axis=axis, keepdims=True) + none[cells]))
    return found[0], found[1]


def _places(left: int, right: int) -> FloatArray:
    apart = (np.arange(left)[:, None] + 0.5) / left - (np.arange(right) + 0.5) / right
    return np.exp(-_STEEPNESS * np.abs(apart)).astype(np.float32)
