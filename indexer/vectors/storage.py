"""Vectors as half-precision floats, wherever they lie: half the bytes, read in place."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from indexer.checked import CheckedRows

# The stubs describe the C++ signatures, not the Python ones.
_faiss: Any = faiss

FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]
RowArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_BLOCK = 8192  # vectors made float32 at a time: 8 MB of dimension 256
# Passing over one vector takes a twentieth of taking one out and comparing it.
_SCANNED_PER_TAKEN = 20
_ALONE = 500_000  # queries times vectors that one thread compares before others have woken


class Storage:
    """Vectors at places 0, 1, 2 …, and exact inner products with them.

    Half precision, because measured (docs/performance.md) it keeps .999 of the ten nearest,
    and an exact search, which waits for memory, takes about half the time; 8-bit codes lose
    one neighbour in a hundred and are hardly faster. `codes` are what is stored, shape
    (n, dimension), read-only; `index` is FAISS's over them, and who asks that has what it reads
    checked before. Nothing is copied: codes in a memory-mapped file take memory as they are read.
    What looks at vectors raises DamagedError where they are not those that were written.
    """

    def __init__(self, codes: HalfArray, checked: CheckedRows | None = None) -> None:
        """`codes` must not be changed afterwards; `checked` checks them before they are used."""
        self._codes = np.ascontiguousarray(codes).view()
        self._codes.flags.writeable = False
        self._checked = checked
        self.dimension = int(codes.shape[1])
        self.index = _faiss.IndexScalarQuantizer(
            self.dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        if len(codes):
            _look_at(self.index.codes, self._codes.view(np.uint8).reshape(-1))
            self.index.ntotal = len(codes)

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def codes(self) -> HalfArray:
        """All that is stored, shape (n, dimension)."""
        self.check()
        return self._codes

    def check(self, places: RowArray | None = None) -> None:
        """Checks the vectors at these places, None for all, before FAISS looks at them."""
        if self._checked is not None:
            self._checked.all() if places is None else self._checked.some(places)

    @property
    def checked_all(self) -> bool:
        """Whether nothing is left to be checked."""
        return self._checked is None or self._checked.done

    def unchanged(self) -> None:
        """See `indexer.checked.IndexFiles.unchanged`."""
        if self._checked is not None:
            self._checked.unchanged()

    def taken(self, places: RowArray | slice) -> FloatArray:
        """The vectors at these places, shape (len(places), dimension)."""
        if isinstance(places, slice):
            first, stop, _ = places.indices(len(self))
            if self._checked is not None and first < stop:
                self._checked.inside(first, stop)
        else:
            self.check(places % max(len(self), 1))  # those from the end have their place, too
        return self._codes[places].astype(np.float32)

    def blocks(self) -> Iterator[tuple[int, FloatArray]]:
        """All vectors, some thousands at a time, each block with its start."""
        for start in range(0, len(self), _BLOCK):
            yield start, self.taken(slice(start, start + _BLOCK))

    def search(
        self, queries: FloatArray, k: int, allowed: Mask | None = None
    ) -> tuple[FloatArray, RowArray]:
        """The k best places of each query, exactly: (similarities, places), (n_queries, k).

        At least k places must be allowed. Of equals at the end of the list those of lower
        place are in it.
        """
        if allowed is None:
            self.check()
            return found(self.index, queries, k)
        if _SCANNED_PER_TAKEN * np.count_nonzero(allowed) < len(self):
            return self.among(queries, k, np.flatnonzero(allowed))
        self.check()
        only = _faiss.SearchParameters(sel=selector(allowed))
        return found(self.index, queries, k, only)

    def among(self, queries: FloatArray, k: int, places: RowArray) -> tuple[FloatArray, RowArray]:
        """As `search`, with these places allowed, of which there are at least k."""
        self.check(places)
        similarities, found_at = Storage(self._codes[places]).search(queries, k)
        return similarities, places[found_at]

    def each(self, query: FloatArray, places: RowArray) -> FloatArray:
        """The similarity of one query (1, dimension) with each of these places, (len(places),)."""
        own = np.empty(len(places), dtype=np.float32)
        if len(places):
            self.check(places)
            similarities, at = Storage(self._codes[places]).search(query, len(places))
            own[at[0]] = similarities[0]
        return own


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
    """What an index of FAISS finds, for one query, or few among few vectors, by one thread.

    FAISS shares out queries, so that more have nothing to do but wait for each other: on a busy
    machine for tens of milliseconds.
    """
    alone = len(queries) == 1 or len(queries) * index.ntotal < _ALONE
    with one_thread() if alone else nullcontext():
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
