"""The names of many terms and their numbers, without an object for each."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

_LINE = b"\n"


class Names(Mapping[str, int]):
    """n different names without line breaks; name i is `list(names)[i]`, and `names[name]` is i.

    They are ordered by the CRC-32 of their UTF-8 bytes, then by the bytes: a name is then looked
    up in one small bucket of neighbours, with no table of Python strings, which of millions of
    names would take a gigabyte and seconds to fill. `text` are the names, each with a line break,
    `ends` (n,) where each ends in it, its line break included, `buckets` (2^b + 1,) the number of
    the first name whose CRC-32 begins with these b bits.
    """

    def __init__(
        self,
        text: bytes | memoryview,
        ends: npt.NDArray[np.int64],
        buckets: npt.NDArray[np.int32],
    ) -> None:
        """Raises ValueError where the three do not agree."""
        self.text, self.ends, self.buckets = memoryview(text), ends, buckets
        bits = (len(buckets) - 1).bit_length() - 1
        if len(buckets) != 2**bits + 1 or buckets[0] != 0 or buckets[-1] != len(ends):
            raise ValueError("terms and their buckets do not agree")
        if (int(ends[-1]) if len(ends) else 0) != len(self.text):
            raise ValueError("terms and their places do not agree")
        self._shift = 32 - bits
        # Reading one number of a memoryview takes a fraction of what it takes of an array.
        self._ends, self._buckets = ends.data, buckets.data

    @classmethod
    def of(cls, names: Iterable[str]) -> tuple["Names", npt.NDArray[np.int64]]:
        """These different names, and the number of each in the order given."""
        bodies = [name.encode() for name in names]
        codes = np.fromiter(map(zlib.crc32, bodies), dtype=np.uint32, count=len(bodies))
        order = _ordered(codes, bodies)
        bits = min(max(len(bodies).bit_length() - 1, 0), 30)
        firsts = (codes[order].astype(np.int64)) >> (32 - bits)
        buckets = np.searchsorted(firsts, np.arange(2**bits + 1)).astype(np.int32)
        lengths = np.fromiter(map(len, bodies), dtype=np.int64, count=len(bodies)) + 1
        ends = np.cumsum(lengths[order])
        text = b"".join(bodies[i] + _LINE for i in order.tolist())
        numbers = np.empty(len(bodies), dtype=np.int64)
        numbers[order] = np.arange(len(bodies))
        return cls(text, ends, buckets), numbers

    def __getitem__(self, name: str) -> int:
        body = name.encode("utf-8", "replace")
        bucket = zlib.crc32(body) >> self._shift
        for number in range(self._buckets[bucket], self._buckets[bucket + 1]):
            start = self._ends[number - 1] if number else 0
            stop = self._ends[number] - 1
            # Most neighbours are of another length, which is told sooner.
            if stop - start == len(body) and self.text[start:stop] == body:
                return number
        raise KeyError(name)

    def places(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        """The number of each of these, -1 where it is none, (len(names),): a third of the time of
        asking for one after another."""
        bodies = [name.encode("utf-8", "replace") for name in names]
        codes = np.fromiter(map(zlib.crc32, bodies), np.uint32, len(bodies))
        lengths = np.fromiter(map(len, bodies), np.int64, len(bodies))
        buckets = codes.astype(np.int64) >> self._shift
        number, last = self.buckets[buckets].astype(np.int64), self.buckets[buckets + 1]
        found: npt.NDArray[np.int64] = np.full(len(bodies), -1, dtype=np.int64)
        left = np.flatnonzero(number < last)
        while len(left):
            now = number[left]
            stops = self.ends[now] - 1
            starts = np.where(now > 0, self.ends[now - 1], 0)
            alike = np.flatnonzero(stops - starts == lengths[left])
            spots = (left[alike].tolist(), starts[alike].tolist(), stops[alike].tolist())
            rows = zip(*spots, strict=True)
            same = [row for row, start, stop in rows if self.text[start:stop] == bodies[row]]
            found[same] = number[same]
            number[left] += 1
            left = left[(found[left] < 0) & (number[left] < last[left])]
        return found

    def get(self, name: str, default: int | None = None) -> int | None:  # type: ignore[override]
        try:
            return self[name]
        except KeyError:
            return default

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[str]:
        return iter(bytes(self.text).decode().split("\n")[:-1])


def _ordered(codes: npt.NDArray[np.uint32], bodies: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """The names by code, those few of one code by their bytes."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    for first in np.unique(ordered[same]).tolist():
        start, stop = np.searchsorted(ordered, first), np.searchsorted(ordered, first, "right")
        order[start:stop] = sorted(order[start:stop].tolist(), key=bodies.__getitem__)
    return order
