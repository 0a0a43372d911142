"""The tokens of many texts as numbers: what the lexical index and the LSA encoder count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.arrays import Body, read_array, read_lines, write_array, write_lines
from indexer.text import (
    fold,
    is_unaccented_vietnamese,
    normalise,
    spelled_words,
    token_of,
    tokens,
)

_SIGN = "\0"  # before what is no word; no text has it left after `normalise`
_STEP = 2**14  # texts copied at once
_TOKENS = 2**22  # looked at at once
TOKEN_FILES = ("words.txt", "tokens.npy", "starts.npy", "bare.npy")

IntArray = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]  # of tokens, terms, texts: there are many, and fewer than 2^31


@dataclass(frozen=True)
class Pairs:
    """Neighbouring tokens: distinct pair j is the words `left[j]` and `right[j]`.

    Every occurrence i is the distinct pair `number[i]` in `text[i]`.
    """

    left: IntArray
    right: IntArray
    number: Numbers
    text: Numbers


@dataclass(frozen=True)
class TokenTable:
    """Token sequences of n texts over one sorted vocabulary.

    `ids` (int32, one per token, the texts one after another) point into `words`; text i is
    `ids[starts[i]:starts[i + 1]]`. `bare[i]` tells that text i is Vietnamese typed without
    accents. Equal texts give equal tables, in whatever steps they were put together.
    """

    words: tuple[str, ...]
    ids: Numbers
    starts: IntArray
    bare: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.bare)

    @cached_property
    def lengths(self) -> IntArray:
        return np.diff(self.starts)

    @cached_property
    def text_of(self) -> Numbers:
        """The text each token stands in, shape (tokens,)."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.lengths)

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The words without accents, as somebody types them who has none."""
        return tuple(folded(word) for word in self.words)

    @cached_property
    def pairs(self) -> "Pairs":
        """Every two neighbours within a text."""
        inside = self.text_of[1:] == self.text_of[:-1]
        left = self.ids[:-1][inside].astype(np.int64)
        keys = left * len(self.words) + self.ids[1:][inside]
        distinct, number = np.unique(keys, return_inverse=True)
        left, right = np.divmod(distinct, max(len(self.words), 1))
        return Pairs(left, right, number.astype(np.int32), self.text_of[1:][inside])

    def spelled(self, forms: Sequence[str]) -> list[str]:
        """Each distinct pair as text, of these forms of the words."""
        both = zip(self.pairs.left.tolist(), self.pairs.right.tolist(), strict=True)
        return [f"{forms[a]} {forms[b]}" for a, b in both]

    def save(self, folder: Path, prefix: str) -> tuple[str, ...]:
        """Writes the table into an existing folder; returns the names of its files."""
        write_lines(folder / f"{prefix}words.txt", self.words)
        write_array(folder / f"{prefix}tokens.npy", self.ids)
        write_array(folder / f"{prefix}starts.npy", self.starts)
        write_array(folder / f"{prefix}bare.npy", self.bare)
        return tuple(prefix + name for name in TOKEN_FILES)

    @classmethod
    def load(cls, files: Mapping[str, Body], prefix: str) -> "TokenTable":
        """The table saved in these files (by name). Raises KeyError or ValueError."""
        lines, *arrays = (files[prefix + name] for name in TOKEN_FILES)
        return cls(read_lines(lines), *map(read_array, arrays))

    @classmethod
    def of(cls, texts: Iterable[str]) -> "TokenTable":
        """The table of the texts: tokens, or where there is none (only emoji) other signs."""
        numbers = _Numbers()
        ids: list[int] = []
        starts, bare = [0], []
        for text in texts:
            found = spelled_words(text)
            # Signs are marked, for they stand for themselves.
            ids.extend(
                map(numbers.__getitem__, found or map(_SIGN.__add__, normalise(text).split()))
            )
            starts.append(len(ids))
            bare.append(_is_bare(text, found))
        return _canonical(
            numbers.tokens,
            np.asarray(ids, dtype=np.int64),
            np.asarray(starts, dtype=np.int64),
            np.asarray(bare, dtype=np.bool_),
        )

    @classmethod
    def joined(cls, parts: Sequence["TokenTable"]) -> "TokenTable":
        """The table of the texts of all parts, one part after another."""
        words = tuple(sorted(set().union(*(part.words for part in parts))))
        place = {word: i for i, word in enumerate(words)}
        ids = np.empty(sum(len(part.ids) for part in parts), dtype=np.int32)
        starts, filled = [np.zeros(1, dtype=np.int64)], 0
        for part in parts:
            number = np.fromiter((place[word] for word in part.words), np.int32, len(part.words))
            ids[filled : filled + len(part.ids)] = number[part.ids]
            starts.append(part.starts[1:] + filled)
            filled += len(part.ids)
        bare = np.concatenate([np.zeros(0, dtype=np.bool_), *(part.bare for part in parts)])
        return cls(words, ids, np.concatenate(starts), bare)

    def merged(self, new: "TokenTable", picks: IntArray) -> "TokenTable":
        """The table of the texts picked, in order: i is text i of these and then those of `new`."""
        if not len(self) and np.array_equal(picks, np.arange(len(new))):
            return new  # as at first, when a copy of all would be the most that is held
        words = tuple(sorted(set(self.words).union(new.words)))
        place = {word: i for i, word in enumerate(words)}
        bare = np.concatenate([self.bare, new.bare])[picks]
        return _picked(words, [_Part(self, place), _Part(new, place)], picks, bare)

    def taken(self, rows: Sequence[int] | IntArray) -> "TokenTable":
        """The table of these of its texts, in this order."""
        picked = np.asarray(rows, dtype=np.int64)
        return _picked(self.words, [_Part(self)], picked, self.bare[picked])


class _Part:
    """The texts of a table, its words under the numbers they have in another vocabulary."""

    def __init__(self, table: TokenTable, place: Mapping[str, int] | None = None) -> None:
        """`place` are those numbers, None for its own."""
        self.table = table
        self._number: Numbers | None = None
        if place is not None:
            numbers = (place[word] for word in table.words)
            self._number = np.fromiter(numbers, np.int32, len(table.words))

    def tokens(self, rows: IntArray) -> Numbers:
        """The tokens of these texts, one after another."""
        table, lengths = self.table, self.table.lengths[rows]
        ahead = np.cumsum(lengths) - lengths
        places = np.arange(lengths.sum()) + np.repeat(table.starts[rows] - ahead, lengths)
        found = np.asarray(table.ids[places])
        return found if self._number is None else np.asarray(self._number[found])


def _picked(
    words: Sequence[str], parts: Sequence[_Part], picks: IntArray, bare: npt.NDArray[np.bool_]
) -> TokenTable:
    """The table of these texts of all parts, one part after another, over the words they use.

    They are copied some at a time: nothing as large as the table is held beside it.
    """
    firsts = np.cumsum([0, *(len(part.table) for part in parts)])
    lengths = np.concatenate([part.table.lengths for part in parts])[picks]
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    ids = np.empty(starts[-1], dtype=np.int32)
    for first in range(0, len(picks), _STEP):
        some = picks[first : first + _STEP]
        into = ids[starts[first] : starts[first + len(some)]]
        sizes = lengths[first : first + len(some)]
        for part, low, high in zip(parts, firsts[:-1], firsts[1:], strict=True):
            here = (some >= low) & (some < high)
            if here.all():
                into[:] = part.tokens(some - low)
            elif here.any():
                into[np.repeat(here, sizes)] = part.tokens(some[here] - low)
    return _canonical(words, ids, starts, bare)


@lru_cache(maxsize=100_000)
def folded(word: str) -> str:
    """The token somebody types who has no accents for this one."""
    if word.isascii():
        return word
    found = tokens(fold(word))
    return found[0] if len(found) == 1 else word


class _Numbers(dict[str, int]):
    """The number of each word's token; `tokens[number]` is the token."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self._number: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        token = word[1:] if word.startswith(_SIGN) else token_of(word)
        number = self._number.setdefault(token, len(self._number))
        if number == len(self.tokens):
            self.tokens.append(token)
        self[word] = number
        return number


def _is_bare(text: str, found: Sequence[str]) -> bool:
    """A cheap look at the words first: the full rule is slow on long accented texts."""
    first = found[:400]
    accented = len(first) - sum(map(str.isascii, first))
    return accented < 0.3 * len(first) and is_unaccented_vietnamese(text)


def occurring(ids: IntArray | Numbers, words: int) -> IntArray:
    """How often each of so many words stands among these tokens, (words,)."""
    found: IntArray = np.zeros(words, dtype=np.int64)
    for first in range(0, len(ids), _TOKENS):  # numpy copies what it counts
        found += np.bincount(ids[first : first + _TOKENS], minlength=words)
    return found


def _canonical(
    words: Sequence[str], ids: IntArray | Numbers, starts: IntArray, bare: npt.NDArray[np.bool_]
) -> TokenTable:
    """Vocabulary sorted, each word once, none unused. Numbers of 32 bits are changed in place."""
    used = np.flatnonzero(occurring(ids, len(words))).tolist()
    ordered = sorted({words[i] for i in used})
    place = {word: i for i, word in enumerate(ordered)}
    renumber = np.zeros(len(words), dtype=np.int32)
    for i in used:
        renumber[i] = place[words[i]]
    found = ids.astype(np.int32, copy=False)
    if not np.array_equal(renumber, np.arange(len(words))):
        for first in range(0, len(found), _TOKENS):
            some = found[first : first + _TOKENS]
            some[:] = renumber[some]
    return TokenTable(tuple(ordered), found, starts, bare)
