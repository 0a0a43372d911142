"""Vectors as half-precision floats, wherever they lie: half the bytes, read in place."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

# The stubs describe the C++ signatures, not the Python ones.
_faiss: Any = faiss

FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]
RowArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_BLOCK = 8192  # vectors made float32 at a time: 8 MB of dimension 256
# Passing over one vector takes a twentieth of taking one out and comparing it.
_SCANNED_PER_TAKEN = 20


class Storage:
    """Vectors at places 0, 1, 2 …, and exact inner products with them.

    Half precision, because measured (docs/performance.md) it keeps .999 of the ten nearest,
    and an exact search, which waits for memory, takes about half the time; 8-bit codes lose
    one neighbour in a hundred and are hardly faster. `codes` are what is stored, shape
    (n, dimension), read-only; `index` is FAISS's over them. Nothing is copied: codes in a
    memory-mapped file take memory as they are read.
    """

    def __init__(self, codes: HalfArray) -> None:
        """`codes` must not be changed afterwards."""
        self.codes = np.ascontiguousarray(codes).view()
        self.codes.flags.writeable = False
        self.dimension = int(codes.shape[1])
        self.index = _faiss.IndexScalarQuantizer(
            self.dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        if len(codes):
            _look_at(self.index.codes, self.codes.view(np.uint8).reshape(-1))
            self.index.ntotal = len(codes)

    def __len__(self) -> int:
        return len(self.codes)

    def taken(self, places: RowArray | slice) -> FloatArray:
        """The vectors at these places, shape (len(places), dimension)."""
        return self.codes[places].astype(np.float32)

    def blocks(self) -> Iterator[tuple[int, FloatArray]]:
        """All vectors, some thousands at a time, each block with its start."""
        for start in range(0, len(self), _BLOCK):
            yield start, self.codes[start : start + _BLOCK].astype(np.float32)

    def search(
        self, queries: FloatArray, k: int, allowed: Mask | None = None
    ) -> tuple[FloatArray, RowArray]:
        """The k best places of each query, exactly: (similarities, places), (n_queries, k).

        At least k places must be allowed. Of equals at the end of the list those of lower
        place are in it.
        """
        if allowed is None:
            return found(self.index, queries, k)
        if _SCANNED_PER_TAKEN * np.count_nonzero(allowed) < len(self):
            there = np.flatnonzero(allowed)
            similarities, places = Storage(self.codes[there]).search(queries, k)
            return similarities, there[places]
        only = _faiss.SearchParameters(sel=selector(allowed))
        return found(self.index, queries, k, only)


def half(matrix: npt.NDArray[np.floating]) -> HalfArray:
    """Vectors as they are stored. Raises ValueError for what half precision cannot hold."""
    with np.errstate(over="ignore"):
        codes = np.ascontiguousarray(matrix, dtype=np.float16)
    for start in range(0, len(codes), _BLOCK):
        if not np.isfinite(codes[start : start + _BLOCK]).all():
            raise ValueError("vectors must be finite and below 65,504")
    return codes


def found(
    index: Any,  # noqa: ANN401 - faiss has no types
    queries: FloatArray,
    k: int,
    params: Any = None,  # noqa: ANN401
) -> tuple[FloatArray, RowArray]:
    """What an index of FAISS finds, for one query by one thread.

    FAISS shares out queries, so that more have nothing to do but wait for each other: on a busy
    machine for tens of milliseconds.
    """
    with one_thread() if len(queries) == 1 else nullcontext():
        similarities, places = index.search(queries, k, params=params)
    return similarities, places


@contextmanager
def one_thread() -> Iterator[None]:
    """What FAISS does for this thread meanwhile, it does in it alone."""
    many = _faiss.omp_get_max_threads()
    _faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        _faiss.omp_set_num_threads(many)


def selector(allowed: Mask) -> Any:  # noqa: ANN401 - faiss has no types
    """FAISS's way to say which places may be found."""
    return _faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _look_at(vector: Any, values: npt.NDArray[np.uint8]) -> None:  # noqa: ANN401
    """Makes these bytes, which are not copied, what a vector of FAISS holds: its `create_view`,
    which asks for an owner that Python cannot make."""
    pointer = _faiss.swig_ptr(values)
    vector.is_owned = False
    vector.view_data = vector.c_ptr = pointer
    vector.view_size = vector.c_size = len(values)
