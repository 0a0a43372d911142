"""A navigable graph over stored vectors: the nearest of many without looking at all.

HNSW (Malkov, Yashunin 2018) by FAISS. Its figures below are chosen from the table that
`python -m evaluation.benchmarks.vectors` measures, see docs/performance.md.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from indexer.arrays import read_array, write_array
from indexer.progress import Progress, silent
from indexer.vectors.storage import FloatArray, HalfArray, Mask, RowArray, Storage, selection

_faiss: Any = faiss

GRAPH_FILES = ("graph.json", "levels.npy", "links.npy")

LINKS = 16  # of each vector to others; twice as many on the lowest level
BUILD_LOOK = 120  # candidates among which the links of a new vector are chosen
LOOK = 256  # candidates a search keeps, at least
LOOK_EACH = 4  # and at least so many for each result asked for
_BLOCK = 20_000  # vectors linked between two reports of progress

Levels = npt.NDArray[np.int32]


class Graph:
    """The vectors of a storage, each linked to some of its neighbours.

    Built by several threads at once the links differ a little from run to run; a search of one
    graph always gives the same. Nothing is ever taken out: who searches says what is allowed.
    """

    def __init__(self, storage: Storage, links: int = LINKS) -> None:
        """A graph without links over `storage`, which it adds to."""
        self.storage = storage
        self.links = links
        self._index = _faiss.IndexHNSW(storage.index, links)
        self._index.hnsw.efConstruction = BUILD_LOOK

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def nbytes(self) -> int:
        """The memory of the links."""
        return 4 * int(self._index.hnsw.neighbors.size())

    @classmethod
    def build(cls, codes: HalfArray, progress: Progress = silent) -> "Graph":
        """The graph of these vectors; stage "graph" of the progress."""
        graph = cls(Storage(codes[:0]))
        graph.add(codes, progress)
        return graph

    def add(self, codes: HalfArray, progress: Progress = silent) -> None:
        """Stores these vectors at the end and links them to those that are near."""
        for start in range(0, len(codes), _BLOCK):
            block = codes[start : start + _BLOCK]
            self._index.add(block.astype(np.float32))
            progress("graph", start + len(block), len(codes))

    def copied(self) -> "Graph":
        """The same graph and vectors, to be added to while this one serves."""
        hnsw = self._index.hnsw
        levels, links = map(_faiss.vector_to_array, (hnsw.levels, hnsw.neighbors))
        return Graph(Storage(self.storage.codes), self.links)._linked(
            levels, links, int(hnsw.entry_point)
        )

    def search(
        self, queries: FloatArray, k: int, allowed: Mask | None, look: int
    ) -> tuple[FloatArray, RowArray]:
        """About the k best places of each query: (similarities, places), (n_queries, k).

        `look` candidates are kept on the way, see `look_for`; where fewer than k are found, the
        rest of the places is -1.
        """
        options = selection(allowed, efSearch=look)
        similarities, places = self._index.search(queries, k, params=options)
        return similarities, places

    def save(self, folder: Path, prefix: str) -> tuple[str, ...]:
        """Writes the links, not the vectors, into an existing folder; returns the file names."""
        hnsw = self._index.hnsw
        head = {"links": self.links, "entry": int(hnsw.entry_point)}
        (folder / f"{prefix}graph.json").write_bytes(json.dumps(head).encode())
        write_array(folder / f"{prefix}levels.npy", _faiss.vector_to_array(hnsw.levels))
        write_array(folder / f"{prefix}links.npy", _faiss.vector_to_array(hnsw.neighbors))
        return tuple(prefix + name for name in GRAPH_FILES)

    @classmethod
    def load(cls, files: Mapping[str, bytes], prefix: str, codes: HalfArray) -> "Graph":
        """The graph of these vectors saved in these files.

        Raises KeyError or ValueError where they do not fit together: FAISS follows links
        without looking where they lead.
        """
        head = json.loads(files[f"{prefix}graph.json"])
        levels, links = (read_array(files[prefix + name]) for name in GRAPH_FILES[1:])
        count, entry = head["links"], head["entry"]
        for array in (levels, links):
            if array.dtype != np.int32 or array.ndim != 1:
                raise ValueError(f"{prefix}links.npy: not a graph")
        if type(count) is not int or type(entry) is not int or not 2 <= count <= 1024:
            raise ValueError(f"{prefix}graph.json: {head} is not a graph")
        n = len(codes)
        if len(levels) != n or not n or levels.min() < 1 or levels.max() > 32:
            raise ValueError(f"{prefix}levels.npy: not the levels of {n} vectors")
        if len(links) != int(_bounds(levels, count)[-1]):
            raise ValueError(f"{prefix}links.npy: {len(links)} links do not fit the levels")
        if links.min() < -1 or links.max() >= n:
            raise ValueError(f"{prefix}links.npy: links to none of {n} vectors")
        if not 0 <= entry < n or levels[entry] != levels.max():
            raise ValueError(f"{prefix}graph.json: no search can begin at {entry}")
        if not _levels_fit(levels, links, count):
            raise ValueError(f"{prefix}links.npy: links to a level that is not there")
        return cls(Storage(codes), count)._linked(levels, links, entry)

    def _linked(self, levels: Levels, links: Levels, entry: int) -> "Graph":
        """Itself, with the links of another graph over the same vectors."""
        hnsw = self._index.hnsw
        for array, vector in (
            (levels, hnsw.levels),
            (_bounds(levels, self.links), hnsw.offsets),
            (links, hnsw.neighbors),
        ):
            _faiss.copy_array_to_vector(np.ascontiguousarray(array), vector)
        hnsw.entry_point, hnsw.max_level = entry, int(levels.max()) - 1
        self._index.ntotal = len(levels)
        return self


def look_for(k: int) -> int:
    """How many candidates a search for k keeps: the rule of the measured table."""
    return max(LOOK, LOOK_EACH * k)


def _bounds(levels: Levels, links: int) -> npt.NDArray[np.uint64]:
    """Where the links of each vector begin, and the end of the last, shape (n + 1,)."""
    sizes = links * (levels.astype(np.uint64) + np.uint64(1))
    return np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(sizes, dtype=np.uint64)])


def _levels_fit(levels: Levels, links: Levels, count: int) -> bool:
    """Whether every link of an upper level leads to a vector that has that level."""
    bounds = _bounds(levels, count).astype(np.int64)
    for level in range(1, int(levels.max())):
        first = bounds[:-1][levels > level] + (level + 1) * count
        led = links[first[:, None] + np.arange(count)]
        if not (levels[led[led >= 0]] > level).all():
            return False
    return True
