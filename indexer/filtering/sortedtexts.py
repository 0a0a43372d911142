"""Distinct texts in order, in one array of bytes: opened without being read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
IntArray = npt.NDArray[np.int64]

_BLOCK = 1 << 17  # bytes looked at once: they stay in the processor's cache


@dataclass(frozen=True, eq=False)
class SortedTexts:
    """n distinct texts in the order of their code points; they lie in `blob` as UTF-8, text i from
    `ends[i - 1]` to `ends[i]`."""

    blob: npt.NDArray[np.uint8]
    ends: IntArray

    @classmethod
    def of(cls, texts: Sequence[str]) -> "SortedTexts":
        """These, which are distinct and in order.

        Raises UnicodeEncodeError for a text that no database holds.
        """
        coded = [text.encode() for text in texts]
        ends = np.cumsum(np.fromiter(map(len, coded), np.int64, len(coded)))
        return cls(np.frombuffer(b"".join(coded), dtype=np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> bytes:
        """The text at `place`, 0 or more, as UTF-8."""
        start = self.ends[place - 1] if place else 0
        return self.blob[start : self.ends[place]].tobytes()

    def all(self) -> list[str]:
        """All of them."""
        body, start, found = self.blob.tobytes(), 0, []
        for end in self.ends.tolist():
            found.append(body[start:end].decode())
            start = end
        return found

    def place(self, text: bytes) -> int:
        """Where `text` is, -1 where it is not."""
        place = self.before(text)
        return place if place < len(self) and self[place] == text else -1

    def before(self, text: bytes) -> int:
        """How many of them come before `text`."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self[middle] < text:
                low = middle + 1
            else:
                high = middle
        return low

    def merged(
        self, kept: npt.NDArray[np.bool_], added: Sequence[bytes]
    ) -> tuple["SortedTexts", IntArray]:
        """(those `kept` (n,) and a few `added`, which are not among them and in order; where each
        of all n is then, and behind them where each of the added is).

        What is not kept is nowhere; its number means nothing.
        """
        lengths = np.diff(self.ends, prepend=0)
        blob = self.blob if kept.all() else self.blob[np.repeat(kept, lengths)]
        ahead = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(kept)])
        bytes_ahead = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths * kept)])
        at = np.array([self.before(text) for text in added], dtype=np.int64)
        moved = ahead[:-1] + np.searchsorted(at, np.arange(len(self)), side="right")
        numbers = np.concatenate([moved, ahead[at] + np.arange(len(added))])
        sizes = np.zeros(ahead[-1] + len(added), dtype=np.int64)
        sizes[numbers[: len(self)][kept]] = lengths[kept]
        sizes[numbers[len(self) :]] = [len(text) for text in added]
        parts = np.split(blob, bytes_ahead[at])
        woven = [parts[0]]
        for text, part in zip(added, parts[1:], strict=True):
            woven += [np.frombuffer(text, dtype=np.uint8), part]
        return SortedTexts(np.concatenate(woven), np.cumsum(sizes)), numbers

    def holding(self, piece: bytes, first: bool = False, last: bool = False) -> IntArray:
        """The places of the texts that hold `piece`, which is not empty, `first` at their
        beginning, `last` at their end; ascending. Every byte of all texts is looked at."""
        at = self._met(piece)
        texts = np.searchsorted(self.ends, at, side="right")
        starts, ends = np.where(texts > 0, self.ends[texts - 1], 0), self.ends[texts]
        after = at + len(piece)
        # A piece that begins in one text and ends in the next is in neither.
        there = (after == ends) if last else (after <= ends)
        return np.unique(texts[there & (at == starts) if first else there])

    def _met(self, piece: bytes) -> IntArray:
        """Where in the blob `piece` begins."""
        stop = max(0, len(self.blob) - len(piece) + 1)
        found = [np.zeros(0, dtype=np.int64)]
        for begin in range(0, stop, _BLOCK):
            end = min(begin + _BLOCK, stop)
            there = self.blob[begin:end] == piece[0]
            for offset, byte in enumerate(piece[1:], start=1):
                there &= self.blob[begin + offset : end + offset] == byte
            found.append(np.flatnonzero(there) + begin)
        return np.concatenate(found)

    def arrays(self, name: str) -> dict[str, Array]:
        """What `of_arrays` takes, each under `name` and its own."""
        return {f"{name}.blob": self.blob, f"{name}.ends": self.ends}

    @classmethod
    def of_arrays(cls, found: Mapping[str, Array], name: str) -> "SortedTexts":
        """The texts whose `arrays` these are. Raises KeyError or ValueError where they disagree."""
        made = cls(found[f"{name}.blob"], found[f"{name}.ends"])
        if (int(made.ends[-1]) if len(made) else 0) != len(made.blob):
            raise ValueError(f"{name}: {len(made.blob)} bytes")
        return made
