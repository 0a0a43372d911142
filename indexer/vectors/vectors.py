"""The vectors of one side, and who is near a query: exactly, or by lists where many."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.arrays import Body, read_array, write_array
from indexer.checked import CheckedRows, IndexFiles
from indexer.progress import Progress, silent
from indexer.vectors.lists import LISTS_FILE, Lists, lists_for, look_for, visited_for
from indexer.vectors.storage import FloatArray, HalfArray, Mask, RowArray, Storage, half

__all__ = ["VECTOR_FILE", "FloatArray", "RowArray", "Vectors", "has_lists"]

VECTOR_FILE = "vectors.npy"

# The rule, from docs/performance.md. An exact search of so many numbers (50,000 vectors of
# dimension 256) takes some 2 of the 10 ms a whole search may: up to here it is exact.
EXACT_NUMBERS = 12_800_000
# Lists are no faster where they compare a larger share of the vectors.
MOST_LOOKED_AT = 0.25


class Vectors:
    """n unit vectors of one dimension; similarity is their cosine, higher is better.

    They are stored in half precision, see `indexer.vectors.storage`, and every similarity
    given is that of the stored vector, computed in single precision. What looks at vectors raises
    DamagedError where they are not those that were written.
    """

    def __init__(
        self,
        matrix: npt.NDArray[np.floating],
        lists: Lists | None = None,
        checked: CheckedRows | None = None,
    ) -> None:
        """`matrix` has shape (n, dimension) and is searched exactly; `checked` see `Storage`. With
        `lists`, what these were made of is stored, and `matrix` is not."""
        self._lists = lists
        self._storage = lists.storage if lists else Storage(half(matrix), checked)

    @classmethod
    def built(cls, matrix: npt.NDArray[np.floating], progress: Progress = silent) -> "Vectors":
        """These vectors, with lists where they are more than are searched exactly."""
        if not has_lists(*matrix.shape):
            return cls(matrix)
        codes = half(matrix)
        return cls(codes, Lists.build(codes, progress))

    def __len__(self) -> int:
        return len(self._storage)

    @property
    def dimension(self) -> int:
        return self._storage.dimension

    @property
    def exact(self) -> bool:
        """Whether every search is."""
        return self._lists is None

    @property
    def matrix(self) -> FloatArray:
        """All vectors, shape (n, dimension), made anew at each call: use `rows` for some."""
        return self.rows(slice(None))

    def search(
        self, queries: FloatArray, k: int, allowed: Mask | None = None, *, exact: bool = False
    ) -> tuple[FloatArray, RowArray]:
        """The k nearest rows of each query among those allowed.

        Returns (similarities, rows), both (n_queries, m) with m = min(k, rows allowed), best
        first, equal similarities by row. `allowed` has shape (n,) and holds before the k are
        chosen. Without lists, or where `exact` asks for it, or where few are allowed, no row
        is nearer than those given; otherwise some of them may be missed (`cungcau doctor` says
        how many), and similarities are exact all the same. Raises ValueError for vectors of
        another dimension or a mask of another length.
        """
        self._storage.unchanged()
        queries = self._checked(queries)
        if allowed is not None and allowed.shape != (len(self),):
            raise ValueError(f"a mask of shape {allowed.shape} for {len(self)} vectors")
        many = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = max(min(k, many), 0)
        if k == 0 or len(queries) == 0:
            shape = (len(queries), k)
            return np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.int64)
        look = look_for(k)
        few = many <= max(EXACT_NUMBERS // self.dimension, look / MOST_LOOKED_AT)
        if self._lists is None or exact or few:
            return _ordered(*self._storage.search(queries, k, allowed))
        visited = visited_for(many / len(self))
        similarities, rows = self._lists.search(queries, k, allowed, look, visited)
        short = (rows < 0).any(axis=1)
        if short.any():  # too few of those allowed are on the lists that were scanned
            similarities[short], rows[short] = self._storage.search(queries[short], k, allowed)
        return _ordered(similarities, rows)

    def similarities(self, queries: FloatArray) -> FloatArray:
        """Every query with every row, shape (n_queries, n)."""
        self._storage.unchanged()
        queries = self._checked(queries)
        found = np.empty((len(queries), len(self)), dtype=np.float32)
        for start, block in self._storage.blocks():
            np.matmul(queries, block.T, out=found[:, start : start + len(block)])
        return found

    def pairs(self, queries: FloatArray, rows: npt.ArrayLike) -> FloatArray:
        """Query i with row rows[i], shape (n_queries,)."""
        facing = self.rows(np.asarray(rows, dtype=np.int64))
        found: FloatArray = np.einsum("ij,ij->i", self._checked(queries), facing)
        return found

    def rows(self, rows: npt.ArrayLike | slice) -> FloatArray:
        """The vectors of these rows, shape (len(rows), dimension)."""
        picked = rows if isinstance(rows, slice) else np.asarray(rows, dtype=np.int64)
        return self._storage.taken(picked)

    def merged(
        self, new: npt.NDArray[np.floating], order: RowArray, progress: Progress = silent
    ) -> "Vectors":
        """The vectors whose row i is row `order[i]` of these rows followed by `new`; each at
        most once.

        Lists lose and gain what changed; all are built anew once there are so many vectors that
        twice the lists are called for. These vectors stay as they are.
        """
        is_new = order >= len(self)
        codes: HalfArray = np.empty((len(order), self.dimension), dtype=np.float16)
        if len(self):
            self._storage.codes.take(order, axis=0, out=codes, mode="clip")
        codes[is_new] = half(new)[order[is_new] - len(self)]
        n = len(order)
        if self._lists is None or not has_lists(*codes.shape) or lists_for(n) > self._lists.count:
            return Vectors.built(codes, progress)
        moved = np.full(len(self), -1, dtype=np.int64)
        moved[order[~is_new]] = np.flatnonzero(~is_new)
        added = np.flatnonzero(is_new)
        return Vectors(codes, self._lists.followed(Storage(codes), moved, added, progress))

    def save(self, folder: Path, prefix: str) -> tuple[str, ...]:
        """Writes the vectors into an existing folder; returns the names of its files."""
        write_array(folder / f"{prefix}{VECTOR_FILE}", self._storage.codes)
        listed = self._lists.save(folder, prefix) if self._lists else ()
        return (f"{prefix}{VECTOR_FILE}", *listed)

    @classmethod
    def load(cls, files: Mapping[str, Body], prefix: str, dimension: int, count: int) -> "Vectors":
        """The `count` vectors saved in these files. Raises KeyError or ValueError."""
        name = f"{prefix}{VECTOR_FILE}"
        codes = read_array(files[name])
        if codes.dtype != np.float16 or codes.ndim != 2 or codes.shape[1] != dimension:
            raise ValueError(f"{name}: not vectors of dimension {dimension}")
        if len(codes) != count:
            raise ValueError(f"{name}: {len(codes)} vectors instead of {count}")
        checked = CheckedRows(IndexFiles.of(files), name, codes)
        if prefix + LISTS_FILE in files:
            return cls(codes, Lists.load(files, prefix, codes, checked))
        checked.all()
        return cls(codes, checked=checked)

    def _checked(self, queries: FloatArray) -> FloatArray:
        if queries.ndim != 2 or queries.shape[1] != self.dimension:
            raise ValueError(
                f"queries of shape {queries.shape} for vectors of dimension {self.dimension}"
            )
        return np.ascontiguousarray(queries, dtype=np.float32)


def has_lists(rows: int, dimension: int) -> bool:
    """Whether so many vectors are searched by lists."""
    return rows * dimension > EXACT_NUMBERS


def _ordered(similarities: FloatArray, rows: RowArray) -> tuple[FloatArray, RowArray]:
    """Each list best first, equal similarities by row."""
    order = np.lexsort((rows, -similarities), axis=1)
    return (
        np.take_along_axis(similarities, order, axis=1),
        np.take_along_axis(rows, order, axis=1),
    )
