"""Inverted lists of short codes over stored vectors: the nearest of many without looking at all.

Every vector is on the list of the nearest of some thousand centres, as a code: 4 bits for each two
numbers of its difference from the centre (product quantisation: Jégou, Douze, Schmid 2011; scanned
in registers: André, Kermarrec, Le Scouarnec 2015), by FAISS. A search scans the codes of the
nearest lists and compares the best of them with the vectors themselves. The figures below are from
the tables of `python -m evaluation.benchmarks.vectors` and `manyvectors`, see docs/performance.md.
"""

import math
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from indexer.arrays import Body
from indexer.checked import CheckedRows
from indexer.progress import Progress, silent
from indexer.vectors.centres import made, nearest
from indexer.vectors.storage import (
    FloatArray,
    HalfArray,
    Mask,
    RowArray,
    Storage,
    found,
    one_thread,
    selector,
)

_faiss: Any = faiss

LISTS_FILE = "lists.faiss"

MOST_LISTS = 4096  # at 10 million, twice as many take twice as long to build and find no more
LOOK = 1000  # vectors a search compares, at least
LOOK_EACH = 10  # and at least so many for each result asked for
VISITED = 256  # lists a search scans, at least
_BITS = 4
_TRAINED_ON = 16_384  # vectors the codes are made for; FAISS takes no more
_BLOCK = 65_536  # vectors put on their lists between two reports of progress


class Lists:
    """Lists of the places of a storage, each place on one.

    Built twice from the same vectors they are the same. They are never changed: `followed` makes
    new ones.
    """

    def __init__(
        self,
        storage: Storage,
        index: Any,  # noqa: ANN401 - faiss has no types
        body: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        """`index` is FAISS's, of the vectors in `storage`; `body` is the file it reads its centres
        from, in place."""
        self.storage = storage
        self._index = index
        self._body = body
        self._refined = _faiss.IndexRefine(index, storage.index)

    @property
    def count(self) -> int:
        """How many lists there are."""
        return int(self._index.nlist)

    @property
    def nbytes(self) -> int:
        """The memory of codes, places and centres."""
        each = int(self._index.code_size) + 8
        return each * int(self._index.ntotal) + 4 * self.count * self.storage.dimension

    @classmethod
    def build(cls, codes: HalfArray, progress: Progress = silent) -> "Lists":
        """Lists of these vectors; stages "centres" and "vectors" of the progress."""
        centres, sample = made(codes, lists_for(len(codes)), progress)
        dimension = codes.shape[1]
        coarse = _faiss.IndexFlatIP(dimension)
        coarse.add(centres)
        index = _faiss.IndexIVFPQ(
            coarse, dimension, len(centres), _parts(dimension), _BITS, _faiss.METRIC_INNER_PRODUCT
        )
        index.pq.cp.min_points_per_centroid = 1  # or it warns on stderr of few
        few = max(min(len(sample), _TRAINED_ON), 2**_BITS)  # fewer are repeated
        with one_thread():  # many small steps, between which several threads would wait
            index.train(np.resize(sample[:few], (few, dimension)))
        for start in range(0, len(codes), _BLOCK):
            block = codes[start : start + _BLOCK].astype(np.float32)
            lists = nearest(block, centres)
            index.add_core(len(block), _faiss.swig_ptr(block), None, _faiss.swig_ptr(lists))
            progress("vectors", start + len(block), len(codes))
        packed = _faiss.IndexIVFPQFastScan(index)
        packed.orig_invlists = None
        index.reset()
        return cls(Storage(codes), packed)

    def followed(
        self, storage: Storage, moved: RowArray, added: RowArray, progress: Progress = silent
    ) -> "Lists":
        """The lists of `storage`, in which place i of this one is at `moved[i]`, or gone where
        that is -1, and the places `added` are new. These lists stay as they are."""
        index = _faiss.clone_index(self._index)
        if (moved < 0).any():
            index.remove_ids(selector(moved < 0))
            _clear_ends(index)
        for places in _places(index):
            places[:] = moved[places]
        for start in range(0, len(added), _BLOCK):
            block = added[start : start + _BLOCK]
            index.add_with_ids(storage.taken(block), block)
            progress("vectors", start + len(block), len(added))
        return Lists(storage, index, self._body)

    def search(
        self, queries: FloatArray, k: int, allowed: Mask | None, look: int, visited: int
    ) -> tuple[FloatArray, RowArray]:
        """About the k best places of each query: (similarities, places), (n_queries, k).

        The codes of `visited` lists are scanned and `look` vectors compared. Where fewer than k
        are found, the rest of the places is -1. Raises DamagedError.
        """
        scan = {"nprobe": min(visited, self.count)}
        if allowed is not None:
            scan["sel"] = selector(allowed)
        scanned = _faiss.IVFSearchParameters(**scan)
        share = max(look, k) / k
        if len(queries) == 1 and not self.storage.checked_all:
            return self._compared(queries, k, int(np.float32(k) * np.float32(share)), scanned)
        self.storage.check()
        compared = _faiss.IndexRefineSearchParameters(k_factor=share, base_index_params=scanned)
        return found(self._refined, queries, k, compared)

    def _compared(
        self,
        query: FloatArray,
        k: int,
        look: int,
        scanned: Any,  # noqa: ANN401 - faiss has no types
    ) -> tuple[FloatArray, RowArray]:
        """What FAISS does in one step, with the vectors checked before they are compared."""
        places = found(self._index, query, look, scanned)[1][0]
        places = places[places >= 0]
        similarities = self.storage.each(query, places)
        with one_thread():
            best = _faiss.ResultHeap(1, k, keep_max=True)  # of equals it keeps the same
            best.add_result(similarities[None], places[None])
            best.finalize()
        return best.D, best.I

    def save(self, folder: Path, prefix: str) -> tuple[str, ...]:
        """Writes the lists, not the vectors, into an existing folder; returns the file names."""
        with (folder / f"{prefix}{LISTS_FILE}").open("wb") as file:
            # Given the path, FAISS takes no notice of a full disk.
            _faiss.write_index(self._index, _faiss.PyCallbackIOWriter(file.write))
        return (f"{prefix}{LISTS_FILE}",)

    @classmethod
    def load(
        cls,
        files: Mapping[str, Body],
        prefix: str,
        codes: HalfArray,
        checked: CheckedRows | None = None,
    ) -> "Lists":
        """The lists of these vectors saved in these files; `checked` see `Storage`.

        Raises KeyError or ValueError where they do not fit together.
        """
        name = f"{prefix}{LISTS_FILE}"
        body = np.frombuffer(files[name], dtype=np.uint8)
        try:
            reader = _faiss.ZeroCopyIOReader(_faiss.swig_ptr(body), len(body))
            index = _faiss.read_index(reader)
        except RuntimeError as error:
            raise ValueError(f"{name}: not lists") from error
        if not isinstance(index, _faiss.IndexIVFPQFastScan) or index.d != codes.shape[1]:
            raise ValueError(f"{name}: not lists of dimension {codes.shape[1]}")
        if index.quantizer.ntotal != index.nlist or _parts(index.d) != index.pq.M:
            raise ValueError(f"{name}: lists without their centres")
        listed = np.concatenate([*_places(index), np.zeros(0, dtype=np.int64)])
        n = len(codes)
        if not n or not len(listed) == index.ntotal == n or listed.min() < 0 or listed.max() >= n:
            raise ValueError(f"{name}: not the lists of {n} vectors")
        if (np.bincount(listed, minlength=n) != 1).any():
            raise ValueError(f"{name}: a vector that is not on one list")
        _let_go(files[name])
        return cls(Storage(codes, checked), index, body)


def lists_for(count: int) -> int:
    """How many lists so many vectors are put on: a power of two near twice the root."""
    return min(MOST_LISTS, 1 << round(math.log2(2 * max(count, 1) ** 0.5)))


def look_for(k: int) -> int:
    """How many vectors a search for k compares: the rule of the measured table."""
    return max(LOOK, LOOK_EACH * k)


def visited_for(share: float) -> int:
    """How many lists are scanned where this share of the vectors may be found."""
    return round(VISITED / math.sqrt(share))


def _let_go(body: Body) -> None:
    """Frees the memory of a mapped file of which FAISS now has a copy; what is read again, such
    as the centres, comes back."""
    file = body.obj if isinstance(body, memoryview) else None
    if isinstance(file, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        file.madvise(mmap.MADV_DONTNEED)


def _parts(dimension: int) -> int:
    """Of how many parts a code is: of two numbers each, or as near to that as divides them."""
    return max(parts for parts in range(1, max(dimension, 2) // 2 + 1) if dimension % parts == 0)


def _clear_ends(index: Any) -> None:  # noqa: ANN401
    """Makes what is behind the last code of each list zero, as adding expects it to be.

    FAISS 1.15.1 leaves there what was removed, and codes added later were a mixture of both.
    """
    packer, lists = index.get_CodePacker(), index.invlists
    nothing = np.zeros(packer.code_size, dtype=np.uint8)
    for number in range(index.nlist):
        whole, beyond = divmod(lists.list_size(number), packer.nvec)
        if beyond:
            size = packer.block_size
            codes = _faiss.rev_swig_ptr(lists.get_codes(number), (whole + 1) * size)
            for place in range(beyond, packer.nvec):
                packer.pack_1(nothing, place, codes[-size:].reshape(1, size))


def _places(index: Any) -> list[RowArray]:  # noqa: ANN401 - faiss has no types
    """The places on each list, to be read and written."""
    lists = index.invlists
    sizes = [int(lists.list_size(number)) for number in range(index.nlist)]
    return [
        _faiss.rev_swig_ptr(lists.get_ids(number), size)
        for number, size in enumerate(sizes)
        if size
    ]
