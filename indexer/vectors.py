"""The vectors of one side, and who is near a query: exact inner products through FAISS."""

from functools import cached_property
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

# The stubs describe the C++ signatures, not the Python ones.
_params: Any = faiss.SearchParameters
_bitmap: Any = faiss.IDSelectorBitmap

FloatArray = npt.NDArray[np.float32]
RowArray = npt.NDArray[np.int64]


class Vectors:
    """n unit vectors of one dimension; similarity is their cosine, higher is better."""

    def __init__(self, matrix: FloatArray) -> None:
        """`matrix` has shape (n, dimension)."""
        self.matrix = np.ascontiguousarray(matrix, dtype=np.float32)

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def dimension(self) -> int:
        return int(self.matrix.shape[1])

    @cached_property
    def _flat(self) -> Any:  # noqa: ANN401 - faiss has no types
        flat = faiss.IndexFlatIP(self.dimension)
        flat.add(self.matrix)
        return flat

    def search(
        self, queries: FloatArray, k: int, allowed: npt.NDArray[np.bool_] | None = None
    ) -> tuple[FloatArray, RowArray]:
        """The k nearest rows of each query among those allowed.

        Returns (similarities, rows), both (n_queries, m) with m = min(k, rows allowed), best
        first, equal similarities by row. `allowed` has shape (n,) and holds before the k are
        chosen. Raises ValueError for vectors of another dimension or a mask of another length.
        """
        queries = self._checked(queries)
        many = len(self) if allowed is None else int(np.count_nonzero(allowed))
        if allowed is not None and allowed.shape != (len(self),):
            raise ValueError(f"a mask of shape {allowed.shape} for {len(self)} vectors")
        k = max(min(k, many), 0)
        if k == 0 or len(queries) == 0:
            shape = (len(queries), k)
            return np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.int64)
        options: Any = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            options = _params(sel=_bitmap(bits))
        similarities, rows = self._flat.search(queries, k, params=options)
        order = np.lexsort((rows, -similarities), axis=1)
        return (
            np.take_along_axis(similarities, order, axis=1),
            np.take_along_axis(rows, order, axis=1),
        )

    def similarities(self, queries: FloatArray) -> FloatArray:
        """Every query with every row, shape (n_queries, n)."""
        found: FloatArray = self._checked(queries) @ self.matrix.T
        return found

    def pairs(self, queries: FloatArray, rows: npt.ArrayLike) -> FloatArray:
        """Query i with row rows[i], shape (n_queries,)."""
        facing = self.rows(rows)
        found: FloatArray = np.einsum("ij,ij->i", self._checked(queries), facing)
        return found

    def rows(self, rows: npt.ArrayLike) -> FloatArray:
        """The vectors of these rows, shape (len(rows), dimension)."""
        return self.matrix[np.asarray(rows, dtype=np.int64)]

    def _checked(self, queries: FloatArray) -> FloatArray:
        if queries.ndim != 2 or queries.shape[1] != self.dimension:
            raise ValueError(
                f"queries of shape {queries.shape} for vectors of dimension {self.dimension}"
            )
        return np.ascontiguousarray(queries, dtype=np.float32)
