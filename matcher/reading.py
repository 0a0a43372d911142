"""A record as evidence reads it: sentences, and where its telling terms stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from indexer.records import Record
from indexer.text import (
    fold,
    is_syllable,
    is_unaccented_vietnamese,
    normalise,
    sentences,
    token_of,
    word_places,
    word_spans,
    written_words,
)
from matcher.match import Span
from matcher.terms import Terms

Worth = Callable[[str], float]
Numbers = NDArray[np.float64]

# Without its accents one syllable may be any of a dozen words; two in a row rarely are.
_ALONE = 0.3
# With them it still is half a word: "sáng" of "ca sáng" is not that of "chiếu sáng".
_SYLLABLE = 0.5
_MOST_SENTENCES = 60  # evidence comes from the beginning of a very long text
# Odd numbers that mix the keys of two words into that of the two in a row.
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its words in order and where it stands."""

    span: Span
    tokens: tuple[str, ...]

    def places(self) -> tuple[tuple[int, int], ...]:
        """Where each word stands in the text of the span."""
        return _places(self.span.text)


@dataclass(frozen=True)
class Reading:
    """The sentences of a record, and its telling terms: tokens, and two neighbours in a row.

    `worth` tells what sharing a token alone is worth; it may know tokens of other records too.
    """

    sentences: tuple[Sentence, ...]
    terms: Terms
    worth: Mapping[str, float]
    unaccented: bool

    @cached_property
    def lengths(self) -> Numbers:
        """Words of each sentence."""
        return np.array([len(item.tokens) for item in self.sentences], dtype=np.float64)

    @cached_property
    def most(self) -> Numbers:
        """What each sentence is worth where all of its terms are shared."""
        worth = np.repeat(self.terms.worth, np.diff(self.terms.starts))
        found = np.bincount(self.terms.sentences, worth, len(self.sentences))
        return found.astype(np.float64, copy=False)


def read(records: Sequence[Record], worth: Worth, bare_worth: Worth) -> list[Reading]:
    """The readings of records; `worth` of a token is 0 where sharing it tells nothing, and
    `bare_worth` the same for texts typed without accents. Many are read in a fraction of the time
    that each would take alone."""
    found: dict[int, Reading] = {}
    bare = [_is_unaccented(record) for record in records]
    for unaccented, of in ((False, worth), (True, bare_worth)):
        rows = [row for row, own in enumerate(bare) if own is unaccented]
        told = [_sentences(records[row]) for row in rows]
        vietnamese = [records[row].language != "en" for row in rows]
        found |= zip(rows, _indexed(told, of, unaccented, vietnamese), strict=True)
    return [found[row] for row in range(len(records))]


def fold_reading(reading: Reading, bare_worth: Worth) -> Reading:
    """The same without accents, to face a text typed without them."""
    sentences = tuple(
        Sentence(item.span, tuple(map(fold, item.tokens))) for item in reading.sentences
    )
    if reading.unaccented:
        return _indexed([sentences], bare_worth, True, [False], _ALONE)[0]
    # What a word is worth is asked as it was typed: folded, "của" would pass for a rare word.
    known = {
        fold(token): value
        for token in dict.fromkeys(chain.from_iterable(item.tokens for item in reading.sentences))
        if (value := reading.worth.get(token))
    }
    alone = _ALONE / _SYLLABLE  # what is known is a syllable's worth already
    return _indexed([sentences], lambda token: known.get(token, 0.0), False, [False], alone)[0]


@lru_cache(maxsize=50_000)  # the best sentence of a record stands in many pairs
def _places(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(word_places(text))


def _is_unaccented(record: Record) -> bool:
    """As `is_unaccented_vietnamese`, after a look that settles it for nearly every text."""
    text = record.text()
    if record.language == "en" or len(text.encode(errors="replace")) > 1.15 * len(text):
        return False
    return is_unaccented_vietnamese(text)


def _sentences(record: Record) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    for field, text in record.passages():
        plain = normalise(text) == text  # then so is every part of it
        for start, end in sentences(text):
            part = text[start:end]
            if plain or normalise(part) == part:
                words = tuple(map(token_of, written_words(part.lower())))
            else:  # they must be those that `places` finds
                words = tuple(token for _, _, token in word_spans(part))
            found.append(Sentence(Span(field, start, end, part), words))
        if len(found) >= _MOST_SENTENCES:
            break
    return tuple(found[:_MOST_SENTENCES])


class _Numbers(dict[str, int]):
    """Words by the order in which they are first met."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


@lru_cache(maxsize=400_000)
def key_of(token: str) -> int:
    """The number that stands for a token, the same in every process."""
    return int.from_bytes(blake2b(token.encode("utf-8", "replace"), digest_size=8).digest())


def _indexed(
    texts: Sequence[tuple[Sentence, ...]],
    worth: Worth,
    unaccented: bool,
    vietnamese: Sequence[bool],
    alone: float = 1.0,
) -> list[Reading]:
    """The readings of texts cut into sentences; a syllable of one that is `vietnamese` is half
    a word, and a word alone is worth `alone` at the most."""
    if not texts:
        return []
    told = [sentence.tokens for own in texts for sentence in own]
    numbers = _Numbers()
    words = np.fromiter(map(numbers.__getitem__, chain.from_iterable(told)), dtype=np.int64)
    known = list(numbers)
    value = np.array([worth(token) for token in known], dtype=np.float64)
    syllable = np.array([is_syllable(token) for token in known], dtype=np.bool_)
    names = np.fromiter(map(key_of, known), dtype=np.uint64, count=len(known))
    single = {
        kind: min(alone, 1.0) * value
        if not kind
        else value * np.where(syllable, min(alone, _SYLLABLE), min(alone, 1.0))
        for kind in set(vietnamese)
    }
    counts = np.array([len(own) for own in texts], dtype=np.int64)
    sizes = np.fromiter(map(len, told), dtype=np.int64, count=len(told))
    sentence = np.repeat(np.arange(len(told)), sizes)
    text_of = np.repeat(np.arange(len(texts)), counts)
    telling = value[words] > 0.0
    at = np.flatnonzero(telling)
    # Two neighbours found together say as much again as the rarer of them alone.
    first = np.flatnonzero(telling[:-1] & telling[1:] & (sentence[:-1] == sentence[1:]))
    left, right = words[first], words[first + 1]
    is_vietnamese = np.array(vietnamese, dtype=np.bool_)[text_of[sentence[at]]]
    none = np.zeros(len(known))
    own_worth = np.where(
        is_vietnamese, single.get(True, none)[words[at]], single.get(False, none)[words[at]]
    )
    where = np.concatenate([sentence[at], sentence[first]])
    found = Terms.sorted(
        text_of[where],
        np.concatenate([names[words[at]], names[left] * _FIRST + names[right] * _SECOND]),
        np.concatenate([own_worth, np.maximum(value[left], value[right])]),
        where - (np.cumsum(counts) - counts)[text_of[where]],
        len(texts),
    )
    worths = {kind: dict(zip(known, own.tolist(), strict=True)) for kind, own in single.items()}
    return [
        Reading(own, terms, worths[kind], unaccented)
        for own, terms, kind in zip(texts, found, vietnamese, strict=True)
    ]
