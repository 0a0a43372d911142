"""The vectors of an index and of the few records that changed since, searched as one."""

import numpy as np
import numpy.typing as npt

from indexer.vectors.storage import Mask
from indexer.vectors.vectors import FloatArray, RowArray, Vectors


class LiveVectors(Vectors):
    """Rows 0 … n-1 are those of `base`, the rest those of `fresh`, which is searched exactly.

    Rows that are not `alive` (n_rows,) are never found; None is all of them. What saves or
    changes an index works on the base: a snapshot is never written.
    """

    def __init__(self, base: Vectors, fresh: Vectors, alive: Mask | None) -> None:
        self._base = base
        self._fresh = fresh
        self._alive = alive

    def __len__(self) -> int:
        return len(self._base) + len(self._fresh)

    @property
    def dimension(self) -> int:
        return self._base.dimension

    @property
    def exact(self) -> bool:
        return self._base.exact

    def search(
        self, queries: FloatArray, k: int, allowed: Mask | None = None, *, exact: bool = False
    ) -> tuple[FloatArray, RowArray]:
        """As `Vectors.search`, of the rows that are alive."""
        if allowed is not None and allowed.shape != (len(self),):
            raise ValueError(f"a mask of shape {allowed.shape} for {len(self)} vectors")
        if self._alive is not None:
            allowed = self._alive if allowed is None else self._alive & allowed
        edge = len(self._base)
        old, new = (None, None) if allowed is None else (allowed[:edge], allowed[edge:])
        first = self._base.search(queries, k, old, exact=exact)
        second = self._fresh.search(queries, k, new)
        if not second[1].size:
            return first
        similarities = np.concatenate([first[0], second[0]], axis=1)
        rows = np.concatenate([first[1], second[1] + edge], axis=1)
        order = np.lexsort((rows, -similarities), axis=1)[:, :k]
        return (
            np.take_along_axis(similarities, order, axis=1),
            np.take_along_axis(rows, order, axis=1),
        )

    def similarities(self, queries: FloatArray) -> FloatArray:
        """As `Vectors.similarities`, of all rows, alive or not."""
        parts = [part.similarities(queries) for part in (self._base, self._fresh)]
        return np.concatenate(parts, axis=1)

    def rows(self, rows: npt.ArrayLike | slice) -> FloatArray:
        """As `Vectors.rows`."""
        picked = np.arange(len(self))[rows] if isinstance(rows, slice) else np.asarray(rows)
        edge = len(self._base)
        new = picked >= edge
        if not new.any():
            return self._base.rows(picked)
        found = np.empty((len(picked), self.dimension), dtype=np.float32)
        found[~new] = self._base.rows(picked[~new])
        found[new] = self._fresh.rows(picked[new] - edge)
        return found
