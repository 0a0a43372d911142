"""Distinct texts, found by any piece of them in a time that follows how many hold it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from indexer.filtering.sortedtexts import Array, IntArray, SortedTexts

_PART = 50_000  # texts cut into words at once
_LOW = 32  # bits of the number of a text, below that of a word: both are sorted as one
_MASK = (1 << _LOW) - 1

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Dictionary:
    """n distinct texts in order, and an inverted file of their words, which are what stands between
    blanks: word i is in the texts `members[starts[i] : starts[i + 1]]`.

    A piece of a text is a piece of a word, or the end of one, whole words, and the beginning of
    another. There are far fewer words than texts, so it is words that are looked through.
    """

    texts: SortedTexts
    words: SortedTexts
    starts: IntArray
    members: npt.NDArray[np.int32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Dictionary":
        """The dictionary of these, which are distinct and in order.

        Raises UnicodeEncodeError for a text that no database holds.
        """
        known: dict[str, int] = {}
        uses = np.concatenate([np.zeros(0, dtype=np.int64), *_uses(texts, known)])
        words = sorted(known)
        numbers = np.zeros(len(words), dtype=np.int64)
        numbers[[known[word] for word in words]] = np.arange(len(words))
        uses = _pairs(numbers[uses >> _LOW], uses & _MASK)
        uses.sort()
        return cls._with_uses(SortedTexts.of(texts), SortedTexts.of(words), uses)

    def merged(self, kept: Mask, added: Sequence[str]) -> tuple["Dictionary", IntArray]:
        """As `SortedTexts.merged`: what `of` would make of those texts, with less work where few
        are added."""
        texts, numbers = self.texts.merged(kept, [text.encode() for text in added])
        stay = kept[self.members]
        word = np.repeat(np.arange(len(self.words)), np.diff(self.starts))[stay]
        known: dict[str, int] = {}
        fresh = np.concatenate([np.zeros(0, dtype=np.int64), *_uses(added, known)])
        places = {text: self.words.place(text.encode()) for text in known}
        new = sorted(text for text, place in places.items() if place < 0)
        used = np.bincount(word, minlength=len(self.words)) > 0
        used[[place for place in places.values() if place >= 0]] = True
        words, moved = self.words.merged(used, [text.encode() for text in new])
        number = {text: len(self.words) + place for place, text in enumerate(new)}
        where = np.array([number.get(text, place) for text, place in places.items()], np.int64)
        uses = _pairs(moved[word], numbers[self.members[stay]])  # as sorted as they were
        more = _pairs(moved[where[fresh >> _LOW]], numbers[len(self) + (fresh & _MASK)])
        more.sort()
        uses = np.insert(uses, np.searchsorted(uses, more), more)
        return self._with_uses(texts, words, uses), numbers

    @classmethod
    def _with_uses(cls, texts: SortedTexts, words: SortedTexts, uses: IntArray) -> "Dictionary":
        counts = np.bincount(uses >> _LOW, minlength=len(words))
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        return cls(texts, words, starts, (uses & _MASK).astype(np.int32))

    def __len__(self) -> int:
        return len(self.texts)

    def place(self, text: str) -> int:
        """Where `text` is, -1 where it is not."""
        return self.texts.place(_coded(text))

    def containing(self, piece: str) -> Mask:
        """Which texts hold `piece`, shape (n,)."""
        first, *rest = (_coded(part) for part in piece.split(" "))
        if not rest:
            return self._with(self.words.holding(first)) if first else np.ones(len(self), bool)
        *whole, last = rest
        found = (
            self._with(self.words.holding(first, last=True)) if first else np.ones(len(self), bool)
        )
        for word in whole:
            place = self.words.place(word)
            found &= self._with(np.arange(place, place + 1) if place >= 0 else np.arange(0))
        if last:
            found &= self._with(self.words.holding(last, first=True))
        return self._checked(found, _coded(piece))

    def _with(self, words: IntArray) -> Mask:
        """Which texts have one of these words, shape (n,)."""
        found = np.zeros(len(self), dtype=bool)
        starts = self.starts[words]
        counts = self.starts[words + 1] - starts
        skipped = starts - np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)[:-1]])
        found[self.members[np.repeat(skipped, counts) + np.arange(counts.sum())]] = True
        return found

    def _checked(self, likely: Mask, piece: bytes) -> Mask:
        """Those of the likely texts that hold `piece`, shape (n,): its words are in them, but
        perhaps apart."""
        places = np.flatnonzero(likely)
        starts = np.where(places > 0, self.texts.ends[places - 1], 0).tolist()
        ends, body = self.texts.ends[places].tolist(), self.texts.blob.data
        spans = zip(starts, ends, strict=True)
        likely[places] = [piece in bytes(body[start:end]) for start, end in spans]
        return likely

    def arrays(self, name: str) -> dict[str, Array]:
        """What `of_arrays` takes, each under `name` and its own."""
        return {
            **self.texts.arrays(name),
            **self.words.arrays(f"{name}.words"),
            f"{name}.starts": self.starts,
            f"{name}.members": self.members,
        }

    @classmethod
    def of_arrays(cls, found: Mapping[str, Array], name: str) -> "Dictionary":
        """The one whose `arrays` these are. Raises KeyError or ValueError where they disagree."""
        texts = SortedTexts.of_arrays(found, name)
        words = SortedTexts.of_arrays(found, f"{name}.words")
        made = cls(texts, words, found[f"{name}.starts"], found[f"{name}.members"])
        if len(made.starts) != len(words) + 1 or made.starts[-1] != len(made.members):
            raise ValueError(f"{name}: {len(words)} words")
        return made


def _uses(texts: Sequence[str], known: dict[str, int]) -> Iterator[IntArray]:
    """Every word of every text, as the pair of its number in `known`, which it adds to, and that of
    the text."""
    for first in range(0, len(texts), _PART):
        cut = [text.split(" ") for text in texts[first : first + _PART]]
        words = [known.setdefault(word, len(known)) for word in chain.from_iterable(cut)]
        counts = np.fromiter(map(len, cut), np.int64, len(cut))
        owners = np.repeat(np.arange(first, first + len(cut)), counts)
        yield _pairs(np.asarray(words, dtype=np.int64), owners)


def _pairs(words: IntArray, texts: IntArray) -> IntArray:
    return words << _LOW | texts


def _coded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
