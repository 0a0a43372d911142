"""A record as evidence reads it: sentences, and where its telling terms stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from indexer.records import Record
from indexer.text import (
    fold,
    is_syllable,
    is_unaccented_vietnamese,
    normalise,
    sentences,
    tokens,
    word_spans,
)
from matcher.match import Span

Worth = Callable[[str], float]
Numbers = NDArray[np.float64]

# Without its accents one syllable may be any of a dozen words; two in a row rarely are.
_ALONE = 0.3
# With them it still is half a word: "sáng" of "ca sáng" is not that of "chiếu sáng".
_SYLLABLE = 0.5
_MOST_SENTENCES = 60  # evidence comes from the beginning of a very long text


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
    """The sentences of a record, and for each term that tells something the sentences it
    stands in and what sharing it is worth. A term is a token, or `one_two` for neighbours."""

    sentences: tuple[Sentence, ...]
    terms: Mapping[str, Sequence[int]]
    worth: Mapping[str, float]
    unaccented: bool

    @cached_property
    def lengths(self) -> Numbers:
        """Words of each sentence."""
        return np.array([len(item.tokens) for item in self.sentences], dtype=np.float64)

    @cached_property
    def most(self) -> Numbers:
        """What each sentence is worth where all of its terms are shared."""
        found = [0.0] * len(self.sentences)
        for term, places in self.terms.items():
            for place in places:
                found[place] += self.worth[term]
        return np.array(found, dtype=np.float64)


def read(record: Record, worth: Worth, bare_worth: Worth) -> Reading:
    """The reading of a record; `worth` of a token is 0 where sharing it tells nothing, and
    `bare_worth` the same for texts typed without accents."""
    unaccented = _is_unaccented(record)
    vietnamese = record.language != "en"
    return _indexed(_sentences(record), bare_worth if unaccented else worth, unaccented, vietnamese)


def fold_reading(reading: Reading, bare_worth: Worth) -> Reading:
    """The same without accents, to face a text typed without them."""
    sentences = tuple(
        Sentence(item.span, tuple(map(fold, item.tokens))) for item in reading.sentences
    )
    if reading.unaccented:
        return _indexed(sentences, bare_worth, True, False, _ALONE)
    # What a word is worth is asked as it was typed: folded, "của" would pass for a rare word.
    known = {fold(term): value for term, value in reading.worth.items()}
    alone = _ALONE / _SYLLABLE  # what is known is a syllable's worth already
    return _indexed(sentences, lambda token: known.get(token, 0.0), False, False, alone)


@lru_cache(maxsize=50_000)  # the best sentence of a record stands in many pairs
def _places(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end, _ in word_spans(text))


def _is_unaccented(record: Record) -> bool:
    """As `is_unaccented_vietnamese`, after a look that settles it for nearly every text."""
    text = record.text()
    if record.language == "en" or len(text.encode(errors="replace")) > 1.15 * len(text):
        return False
    return is_unaccented_vietnamese(text)


def _sentences(record: Record) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    for field, text in record.passages():
        for start, end in sentences(text):
            part = text[start:end]
            if normalise(part) == part:
                found.append(Sentence(Span(field, start, end, part), tuple(tokens(part))))
            else:  # words must be those that `places` finds
                spelled = tuple(token for _, _, token in word_spans(part))
                found.append(Sentence(Span(field, start, end, part), spelled))
        if len(found) >= _MOST_SENTENCES:
            break
    return tuple(found[:_MOST_SENTENCES])


def _indexed(
    found: tuple[Sentence, ...],
    worth: Worth,
    unaccented: bool,
    vietnamese: bool,
    alone: float = 1.0,
) -> Reading:
    where: dict[str, list[int]] = {}
    values: dict[str, float] = {}
    for number, sentence in enumerate(found):
        before, before_worth = "", 0.0
        for token in sentence.tokens:
            value = worth(token)
            if value:
                _add(where, token, number)
                half = vietnamese and is_syllable(token)
                values[token] = min(alone, _SYLLABLE if half else 1.0) * value
                if before_worth:
                    # Two neighbours found together say as much again as the rarer of them alone.
                    pair = f"{before}_{token}"
                    _add(where, pair, number)
                    values[pair] = before_worth if before_worth > value else value
            before, before_worth = token, value
    return Reading(found, where, values, unaccented)


def _add(where: dict[str, list[int]], term: str, number: int) -> None:
    numbers = where.get(term)
    if numbers is None:
        where[term] = [number]
    elif numbers[-1] != number:
        numbers.append(number)
