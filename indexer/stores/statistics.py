"""What a store knows of all its texts: in how many each term stands, and how long they are.

A term is a number here, a hash of it: no vocabulary has to be kept, shared or grown. Of a million
terms about a hundred pairs share one, and each of these two then counts as the other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from indexer.words.languages import ENGLISH, VIETNAMESE
from indexer.words.lexical import K1, B, FloatArray
from indexer.words.tokentable import IntArray

Hashes = npt.NDArray[np.uint32]

_BITS = (VIETNAMESE, ENGLISH)
_LANGUAGES = 4  # the values of `indexer.words.languages`
# The largest number Milvus takes as a dimension of a sparse vector is 2^32 - 2.
_DIMENSIONS = 2**32 - 1


@lru_cache(maxsize=500_000)
def hashed(term: str) -> int:
    """The number of a term, in 0 … 2^32 - 2."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest()) % _DIMENSIONS


@dataclass(frozen=True)
class Statistics:
    """Of the texts of one side: `hashes` (n,) ascending, in how many texts each stands, `held`
    (n,), and in how many that hold each language, `spread` (2, n).

    `mean` is the mean length in tokens when the store was filled: weights in the store were
    made with it, and it stays until the store is filled anew. `spoken` counts the texts of each
    value of `indexer.words.languages`.
    """

    hashes: Hashes = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))
    held: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    spread: IntArray = field(default_factory=lambda: np.zeros((2, 0), dtype=np.int64))
    documents: int = 0
    mean: float = 0.0
    spoken: tuple[int, ...] = (0,) * _LANGUAGES

    def changed(self, more: "Statistics", less: "Statistics") -> "Statistics":
        """These, with the texts of `more` and without those of `less`."""
        hashes = np.concatenate([self.hashes, more.hashes, less.hashes])
        held = np.concatenate([self.held, more.held, -less.held])
        spread = np.concatenate([self.spread, more.spread, -less.spread], axis=1)
        distinct, place = np.unique(hashes, return_inverse=True)
        total, *of = (_sums(place, one, len(distinct)) for one in (held, *spread))
        kept = total > 0
        counts = zip(self.spoken, more.spoken, less.spoken, strict=True)
        return replace(
            self,
            hashes=distinct[kept],
            held=total[kept],
            spread=np.maximum(np.stack(of)[:, kept], 0),
            documents=max(self.documents + more.documents - less.documents, 0),
            spoken=tuple(max(one + new - gone, 0) for one, new, gone in counts),
        )

    @classmethod
    def of(cls, vectors: Iterable[Iterable[int]], languages: Iterable[int]) -> "Statistics":
        """Those of texts with these terms (hashed, each once) and languages."""
        rows = [np.fromiter(terms, dtype=np.int64) for terms in vectors]
        terms = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
        spoken = np.fromiter(languages, dtype=np.int64)
        hashes, place = np.unique(terms.astype(np.uint32), return_inverse=True)
        said = np.repeat(spoken, [len(row) for row in rows])
        held, *of = (
            _sums(place, one, len(hashes))
            for one in (np.ones(len(said)), *((said & bit) > 0 for bit in _BITS))
        )
        counts = np.bincount(spoken, minlength=_LANGUAGES)
        return cls(hashes, held, np.stack(of), len(rows), 0.0, tuple(counts.tolist()))

    def damp(self, lengths: IntArray) -> FloatArray:
        """The count at which a term of a text of that length is half saturated, (n,)."""
        length = lengths / max(self.mean, 1e-9)
        return (K1 * (1 - B + B * length)).astype(np.float32)

    @cached_property
    def idf(self) -> FloatArray:
        """Of every term, (n,), as BM25 has it."""
        rare = self.documents - self.held + 0.5
        weights: FloatArray = np.log1p(np.maximum(rare, 0.5) / (self.held + 0.5)).astype(np.float32)
        return weights

    @cached_property
    def column(self) -> "TermColumns":
        return TermColumns(self.hashes)


class TermColumns(Mapping[str, int]):
    """The place of each term among the hashes. Its keys cannot be listed: only hashes are known."""

    def __init__(self, hashes: Hashes) -> None:
        self._hashes = hashes

    def __getitem__(self, term: str) -> int:
        number = hashed(term)
        place = int(np.searchsorted(self._hashes, np.uint32(number)))
        if place == len(self._hashes) or int(self._hashes[place]) != number:
            raise KeyError(term)
        return place

    def __iter__(self) -> Iterator[str]:
        raise TypeError("the terms of a store are known by their hashes only")

    def __len__(self) -> int:
        return len(self._hashes)


def _sums(place: IntArray, values: npt.ArrayLike, length: int) -> IntArray:
    """The sum of the values at each place, (length,)."""
    return np.bincount(place, np.asarray(values), minlength=length).astype(np.int64)
