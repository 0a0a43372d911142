"""The vectors of one side, and who is near a query: exactly, or through a graph where many."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.arrays import read_array, write_array
from indexer.progress import Progress, silent
from indexer.vectors.graph import GRAPH_FILES, Graph, look_for
from indexer.vectors.storage import FloatArray, HalfArray, Mask, RowArray, Storage, half

__all__ = ["FloatArray", "RowArray", "Vectors", "has_graph"]

# The rule, from docs/performance.md. An exact search of so many numbers (50,000 vectors of
# dimension 256) takes some 2 of the 10 ms a whole search may: up to here it is exact.
EXACT_NUMBERS = 12_800_000
# Looking at one candidate of the graph takes as long as reading so many vectors in a row.
ROWS_PER_LOOK = 60
# A graph with a larger share of vectors that are gone is built anew.
MOST_GONE = 0.25


class Vectors:
    """n unit vectors of one dimension; similarity is their cosine, higher is better.

    They are stored in half precision, see `indexer.vectors.storage`, and every similarity
    given is that of the stored vector, computed in single precision. Without a graph row i is
    vector i of the storage. With one, row i is at `places[i]`: rows of equal vectors share a
    place (hundreds of copies would link to nothing but each other), records that go leave their
    place behind (a tombstone, which no search gives), and new vectors are added at the end.
    """

    def __init__(
        self,
        matrix: npt.NDArray[np.floating],
        graph: Graph | None = None,
        places: RowArray | None = None,
    ) -> None:
        """`matrix` has shape (n, dimension) and is searched exactly. With a `graph` and the
        `places` of the rows in it, that is what is stored, and `matrix` is not."""
        self._graph = graph
        self._storage = graph.storage if graph else Storage(half(matrix))
        self._places = np.arange(len(self._storage)) if places is None else places

    @classmethod
    def built(cls, matrix: npt.NDArray[np.floating], progress: Progress = silent) -> "Vectors":
        """These vectors, with a graph where they are more than are searched exactly."""
        if not has_graph(*matrix.shape):
            return cls(matrix)
        return cls.linked(half(matrix), progress)

    @classmethod
    def linked(cls, codes: HalfArray, progress: Progress = silent) -> "Vectors":
        """These vectors with a graph, however few they are."""
        places, first = _distinct(codes, {})
        return cls(codes, Graph.build(codes[first], progress), places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def dimension(self) -> int:
        return self._storage.dimension

    @property
    def exact(self) -> bool:
        """Whether every search is."""
        return self._graph is None

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
        chosen. Without a graph, or where `exact` asks for it, or where few are allowed, no row
        is nearer than those given; otherwise some of them may be missed (`cungcau doctor` says
        how many), and similarities are exact all the same. Raises ValueError for vectors of
        another dimension or a mask of another length.
        """
        queries = self._checked(queries)
        if allowed is not None and allowed.shape != (len(self),):
            raise ValueError(f"a mask of shape {allowed.shape} for {len(self)} vectors")
        many = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = max(min(k, many), 0)
        if k == 0 or len(queries) == 0:
            shape = (len(queries), k)
            return np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.int64)
        if self._graph is None:
            return _ordered(*self._storage.search(queries, k, allowed))
        mask = self._used
        if allowed is not None:
            mask = np.zeros(len(self._storage), dtype=bool)
            mask[self._places[allowed]] = True
        found = self._near(self._graph, queries, k, mask, exact)
        return _ordered(*self._spread(*found, k, allowed))

    def _near(
        self, graph: Graph, queries: FloatArray, k: int, mask: Mask | None, exact: bool
    ) -> tuple[FloatArray, RowArray]:
        """About the k nearest places of those in the mask, or all of these if fewer."""
        stored = len(self._storage)
        many = stored if mask is None else int(np.count_nonzero(mask))
        k = min(k, many)
        # Of the candidates a graph looks at, only the share that may be found can be kept.
        look = -(-look_for(k) * stored // many)
        if exact or many <= max(EXACT_NUMBERS // self.dimension, ROWS_PER_LOOK * look):
            return self._storage.search(queries, k, mask)
        similarities, places = graph.search(queries, k, mask, look)
        short = (places < 0).any(axis=1)
        if short.any():  # parts of the graph that no link leads to
            similarities[short], places[short] = self._storage.search(queries[short], k, mask)
        return similarities, places

    def _spread(
        self, similarities: FloatArray, places: RowArray, k: int, allowed: Mask | None
    ) -> tuple[FloatArray, RowArray]:
        """From places to k of the rows that are there and allowed, best first."""
        order, starts = self._rows_at
        near = np.empty((len(places), k), dtype=np.float32)
        rows = np.empty((len(places), k), dtype=np.int64)
        for i, there in enumerate(places):
            counts = starts[there + 1] - starts[there]
            skipped = np.repeat(starts[there] - (np.cumsum(counts) - counts), counts)
            found = order[np.arange(len(skipped)) + skipped]
            worth = np.repeat(similarities[i], counts)
            if allowed is not None:
                found, worth = found[allowed[found]], worth[allowed[found]]
            near[i], rows[i] = worth[:k], found[:k]
        return near, rows

    def similarities(self, queries: FloatArray) -> FloatArray:
        """Every query with every row, shape (n_queries, n)."""
        queries = self._checked(queries)
        found = np.empty((len(queries), len(self)), dtype=np.float32)
        for start, block in self._storage.blocks(self._places):
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
        return self._storage.taken(self._places[picked])

    def merged(self, new: FloatArray, order: RowArray, progress: Progress = silent) -> "Vectors":
        """The vectors whose row i is row `order[i]` of these rows followed by `new`.

        A graph is added to, and places that no row is at any more become tombstones; where they
        would be more than a quarter, all is built anew from the rows that are left
        (compaction). These vectors stay as they are.
        """
        is_new = order >= len(self)
        old, codes = order[~is_new], half(new)[order[is_new] - len(self)]
        if self._graph is not None:
            known = {code.tobytes(): place for place, code in enumerate(self._storage.codes)}
            places = np.empty(len(order), dtype=np.int64)
            places[~is_new] = self._places[old]
            places[is_new], first = _distinct(codes, known)
            stored = len(self._storage) + len(first)
            if len(np.unique(places)) >= (1 - MOST_GONE) * stored:
                graph = self._graph.copied()
                graph.add(codes[first], progress)
                return Vectors(codes, graph, places)
        matrix: HalfArray = np.empty((len(order), self.dimension), dtype=np.float16)
        matrix[is_new] = codes
        matrix[~is_new] = self._storage.codes[self._places[old]]
        return Vectors.built(matrix, progress)

    def save(self, folder: Path, prefix: str) -> tuple[str, ...]:
        """Writes the vectors into an existing folder; returns the names of its files."""
        write_array(folder / f"{prefix}vectors.npy", self._storage.codes)
        names = (f"{prefix}vectors.npy",)
        if self._graph is None:
            return names
        write_array(folder / f"{prefix}places.npy", self._places)
        return (*names, f"{prefix}places.npy", *self._graph.save(folder, prefix))

    @classmethod
    def load(cls, files: Mapping[str, bytes], prefix: str, dimension: int, count: int) -> "Vectors":
        """The `count` vectors saved in these files. Raises KeyError or ValueError."""
        codes = read_array(files[f"{prefix}vectors.npy"])
        if codes.dtype != np.float16 or codes.ndim != 2 or codes.shape[1] != dimension:
            raise ValueError(f"{prefix}vectors.npy: not vectors of dimension {dimension}")
        graphed = [name for name in (*GRAPH_FILES, "places.npy") if prefix + name in files]
        if not graphed:
            if len(codes) != count:
                raise ValueError(f"{prefix}vectors.npy: {len(codes)} vectors instead of {count}")
            return cls(codes)
        places = read_array(files[f"{prefix}places.npy"])
        if places.dtype != np.int64 or places.shape != (count,):
            raise ValueError(f"{prefix}places.npy: not the places of {count} vectors")
        if count and not 0 <= places.min() <= places.max() < len(codes):
            raise ValueError(f"{prefix}places.npy: not places of {len(codes)} vectors")
        return cls(codes, Graph.load(files, prefix, codes), places)

    @cached_property
    def _rows_at(self) -> tuple[RowArray, RowArray]:
        """All rows by place, and where those of each place begin, shape (places + 1,)."""
        starts = np.zeros(len(self._storage) + 1, dtype=np.int64)
        np.cumsum(np.bincount(self._places, minlength=len(self._storage)), out=starts[1:])
        return np.argsort(self._places, kind="stable"), starts

    @cached_property
    def _used(self) -> Mask | None:
        """The places that rows are at; None for all of them."""
        used: Mask = np.bincount(self._places, minlength=len(self._storage)) > 0
        return None if used.all() else used

    def _checked(self, queries: FloatArray) -> FloatArray:
        if queries.ndim != 2 or queries.shape[1] != self.dimension:
            raise ValueError(
                f"queries of shape {queries.shape} for vectors of dimension {self.dimension}"
            )
        return np.ascontiguousarray(queries, dtype=np.float32)


def has_graph(rows: int, dimension: int) -> bool:
    """Whether so many vectors are searched through a graph."""
    return rows * dimension > EXACT_NUMBERS


def _distinct(codes: HalfArray, known: dict[bytes, int]) -> tuple[RowArray, RowArray]:
    """The place of each vector, and which of them are new: the first of each sort.

    `known` holds the places of those there are, and is added to.
    """
    before = len(known)
    places = np.empty(len(codes), dtype=np.int64)
    first: list[int] = []
    for i, code in enumerate(codes):
        place = places[i] = known.setdefault(code.tobytes(), before + len(first))
        if place == before + len(first):
            first.append(i)
    return places, np.asarray(first, dtype=np.int64)


def _ordered(similarities: FloatArray, rows: RowArray) -> tuple[FloatArray, RowArray]:
    """Each list best first, equal similarities by row."""
    order = np.lexsort((rows, -similarities), axis=1)
    return (
        np.take_along_axis(similarities, order, axis=1),
        np.take_along_axis(rows, order, axis=1),
    )
