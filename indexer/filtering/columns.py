"""One field of many records, as arrays: texts by their number in a dictionary, and ranges."""

import math
from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexer.filtering.dictionary import Dictionary, Mask
from indexer.filtering.sortedtexts import Array, IntArray

_FEW = 0.1  # new texts, by those there were: so few are put between them
_CODES = (np.uint8, np.uint16, np.int32)  # as narrow as the dictionary allows


@dataclass(frozen=True, eq=False)
class Texts:
    """The texts of n records: that of record i is the one at `codes[i]` in the dictionary."""

    codes: Array
    dictionary: Dictionary

    @classmethod
    def of(cls, known: Iterable[str], codes: IntArray) -> "Texts":
        """Of record i the text number `codes[i]` of `known`, which are distinct; what no record
        has is left out."""
        texts = list(known)
        used = np.flatnonzero(np.bincount(codes, minlength=len(texts))).tolist()
        order = sorted(used, key=texts.__getitem__)
        numbers = np.zeros(len(texts), dtype=np.int64)
        numbers[order] = np.arange(len(order))
        return cls(_narrow(numbers[codes], order), Dictionary.of([texts[i] for i in order]))

    def equal(self, text: str) -> Mask:
        """Which are `text`, shape (n,)."""
        place = self.dictionary.place(text)
        if place < 0:
            return np.zeros(len(self.codes), dtype=bool)
        return np.asarray(self.codes == self.codes.dtype.type(place))

    def containing(self, piece: str) -> Mask:
        """Which hold `piece`, shape (n,); it is not empty."""
        return np.asarray(self.dictionary.containing(piece)[self.codes])

    def merged(self, new: "Texts", sources: IntArray) -> "Texts":
        """Record i is row `sources[i]` of this one's and then the new one's."""
        if len(new.dictionary) <= _FEW * len(self.dictionary):
            return self._with_few(new, sources)
        texts = self.dictionary.texts.all()
        number = {text: place for place, text in enumerate(texts)}
        moved = [number.setdefault(text, len(number)) for text in new.dictionary.texts.all()]
        added = np.asarray(moved, dtype=np.int64)[new.codes]
        return Texts.of(number, np.concatenate([self.codes.astype(np.int64), added])[sources])

    def _with_few(self, new: "Texts", sources: IntArray) -> "Texts":
        texts, known = new.dictionary.texts.all(), len(self.dictionary)
        places = np.array([self.dictionary.place(text) for text in texts], dtype=np.int64)
        places[places < 0] = known + np.arange(np.count_nonzero(places < 0))
        codes = np.concatenate([self.codes.astype(np.int64), places[new.codes]])[sources]
        used = np.bincount(codes, minlength=known + len(texts)) > 0
        wanted = (places >= known) & used[places]
        added = [texts[i] for i in np.flatnonzero(wanted)]
        dictionary, numbers = self.dictionary.merged(used[:known], added)
        moved = np.zeros(known + len(texts), dtype=np.int64)
        moved[:known] = numbers[:known]
        moved[places[wanted]] = numbers[known:]
        return Texts(_narrow(moved[codes], dictionary), dictionary)

    def arrays(self, name: str) -> dict[str, Array]:
        """What `of_arrays` takes, each under `name` and its own."""
        return {f"{name}.codes": self.codes, **self.dictionary.arrays(name)}

    @classmethod
    def of_arrays(cls, found: Mapping[str, Array], name: str, count: int) -> "Texts":
        """The texts of `count` records whose `arrays` these are. Raises KeyError or ValueError
        where they disagree."""
        made = cls(found[f"{name}.codes"], Dictionary.of_arrays(found, name))
        if made.codes.shape != (count,):
            raise ValueError(f"{name}: {len(made.codes)} records instead of {count}")
        return made


def _narrow(codes: IntArray, texts: Sized) -> Array:
    return codes.astype(next(kind for kind in _CODES if len(texts) <= np.iinfo(kind).max))


@dataclass(frozen=True, eq=False)
class Ranges:
    """The ranges of n records, from `low` to `high`, one array where the field has single values.

    An end that is not stated, and what has neither, are written as `nothing` and `opened` tell.
    """

    low: Array
    high: Array

    @classmethod
    def of(cls, low: Array, high: Array) -> "Ranges":
        """Of ends, each `nothing` where it is not stated."""
        if low is high:
            return cls(low, high)
        no_low, no_high = _unstated(low), _unstated(high)
        lowest, highest = opened(low.dtype)
        return cls(
            np.where(no_low & ~no_high, lowest, low).astype(low.dtype),
            np.where(no_high & ~no_low, highest, high).astype(low.dtype),
        )

    def some(self, op: str, value: float) -> Mask:
        """Which have some value that is `op` (=, >, >=, <, <=) `value`, shape (n,)."""
        if op == "=":
            return self.some(">=", value) & self.some("<=", value)
        if op in (">", ">="):
            return np.asarray(self.high > value if op == ">" else self.high >= value)
        found = self.low < value if op == "<" else self.low <= value
        return np.asarray(found & ~_unstated(self.low))

    def merged(self, new: "Ranges", sources: IntArray) -> "Ranges":
        """Record i is row `sources[i]` of this one's and then the new one's."""
        low = np.concatenate([self.low, new.low])[sources]
        single = self.low is self.high
        return Ranges(low, low if single else np.concatenate([self.high, new.high])[sources])

    def arrays(self, name: str) -> dict[str, Array]:
        """What `of_arrays` takes, each under `name` and its own."""
        high = {} if self.low is self.high else {f"{name}.high": self.high}
        return {f"{name}.low": self.low, **high}

    @classmethod
    def of_arrays(cls, found: Mapping[str, Array], name: str, count: int) -> "Ranges":
        """The ranges of `count` records whose `arrays` these are. Raises KeyError or ValueError
        where they disagree."""
        low = found[f"{name}.low"]
        made = cls(low, found.get(f"{name}.high", low))
        if made.low.shape != (count,) or made.high.shape != (count,):
            raise ValueError(f"{name}: {len(low)} records instead of {count}")
        return made


def nothing(dtype: np.dtype[Any]) -> float:
    """How an array writes an end that is not stated; no end is that low."""
    return math.nan if dtype.kind == "f" else int(np.iinfo(dtype).min)


def opened(dtype: np.dtype[Any]) -> tuple[float, float]:
    """How it writes the ends of a range that has only the other: without a limit."""
    if dtype.kind == "f":
        return -math.inf, math.inf
    return int(np.iinfo(dtype).min) + 1, int(np.iinfo(dtype).max)


def _unstated(ends: Array) -> Mask:
    return np.asarray(np.isnan(ends) if ends.dtype.kind == "f" else ends == nothing(ends.dtype))
