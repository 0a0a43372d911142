"""Vectors as half-precision floats, in FAISS's own memory: half the bytes, read in place."""

from collections.abc import Iterator
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


class Storage:
    """Vectors at places 0, 1, 2 …, and exact inner products with them.

    Half precision, because measured (docs/performance.md) it keeps .999 of the ten nearest,
    and an exact search, which waits for memory, takes about half the time; 8-bit codes lose
    one neighbour in a hundred and are hardly faster. `index` is the FAISS index, which a graph
    over these vectors may add to; `codes` are what is stored, shape (n, dimension).
    """

    def __init__(self, codes: HalfArray) -> None:
        self.dimension = int(codes.shape[1])
        self.index = _faiss.IndexScalarQuantizer(
            self.dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        if len(codes):
            self.index.add_sa_codes(np.ascontiguousarray(codes).view(np.uint8))

    def __len__(self) -> int:
        return int(self.index.ntotal)

    @property
    def codes(self) -> HalfArray:
        """What is stored, without a copy: read-only, and valid while the storage is."""
        if not len(self):
            return np.zeros((0, self.dimension), dtype=np.float16)
        size = 2 * self.dimension * len(self)
        flat = _faiss.rev_swig_ptr(self.index.codes.data(), size)
        flat.flags.writeable = False
        view: HalfArray = flat.view(np.float16).reshape(len(self), self.dimension)
        return view

    def taken(self, places: RowArray) -> FloatArray:
        """The vectors at these places, shape (len(places), dimension)."""
        return self.codes[places].astype(np.float32)

    def blocks(self, places: RowArray) -> Iterator[tuple[int, FloatArray]]:
        """The vectors at these places, some thousands at a time, each block with its start."""
        for start in range(0, len(places), _BLOCK):
            yield start, self.taken(places[start : start + _BLOCK])

    def search(
        self, queries: FloatArray, k: int, allowed: Mask | None = None
    ) -> tuple[FloatArray, RowArray]:
        """The k best places of each query, exactly: (similarities, places), (n_queries, k).

        At least k places must be allowed. Of equals at the end of the list those of lower
        place are in it.
        """
        similarities, places = self.index.search(queries, k, params=selection(allowed))
        return similarities, places


def half(matrix: npt.NDArray[np.floating]) -> HalfArray:
    """Vectors as they are stored. Raises ValueError for what half precision cannot hold."""
    with np.errstate(over="ignore"):
        codes = np.ascontiguousarray(matrix, dtype=np.float16)
    if not np.isfinite(codes).all():
        raise ValueError("vectors must be finite and below 65,504")
    return codes


def selection(allowed: Mask | None, **options: int) -> Any:  # noqa: ANN401 - faiss has no types
    """FAISS's way to say which places may be found; with `options`, those of a graph search."""
    chosen = {}
    if allowed is not None:
        chosen["sel"] = _faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
    if options:
        return _faiss.SearchParametersHNSW(**chosen, **options)
    return _faiss.SearchParameters(**chosen) if chosen else None
