"""Evidence: the sentence of the need and the sentence of the offer that face each other.

Two sentences face each other when the words they share are many and rare, or across languages
the words that translate each other. Where a pair shares no telling word, the encoder picks the
closest sentences and says so.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Protocol

import numpy as np

from indexer.bilingual import Bilingual
from indexer.lexicon import Lexicon, shipped_lexicon
from indexer.records import Record
from indexer.text import fold, is_function_word
from matcher.match import Evidence
from matcher.reading import Reading, Sentence, fold_reading, read
from matcher.rendering import Place, Rendering, render
from matcher.runs import common_runs
from matcher.similarity import FloatArray

_MOST_TERMS = 6
_LENGTH_PRIOR = 10.0  # sentences shorter than about this many words are not favoured
# A shared word explains nothing when it is this much less rare than a word nobody else uses.
_WEAK_RARITY = 0.15
# Beside a rare phrase, what weighs less than this share of it only distracts.
_TELLING_SHARE = 0.2
_UNHEARD = ""  # no token


class _Encoder(Protocol):
    def encode(self, texts: Sequence[str], *, query: bool = False) -> FloatArray: ...


class EvidenceFinder:
    """Finds evidence for pairs; remembers the sentences of the records it has read.

    `rarity` gives the idf of a token over the catalog: shared rare words explain a match.
    `lexicon` is asked for when two records are first found to be in different languages.
    """

    def __init__(
        self,
        rarity: Callable[[str], float],
        encoder: _Encoder,
        lexicon: Callable[[], Lexicon] = shipped_lexicon,
    ) -> None:
        weak = _WEAK_RARITY * rarity(_UNHEARD)

        @lru_cache(maxsize=400_000)
        def worth(token: str, unaccented: bool = False) -> float:
            if len(token) == 1 or is_function_word(token, unaccented=unaccented):
                return 0.0
            value = rarity(token)
            return value if value > weak else 0.0

        self._worth = worth
        self._bare_worth = partial(worth, unaccented=True)
        self._encoder = encoder
        self._lexicon = lexicon
        self._rendered: dict[str, Rendering] = {}
        self._readings: dict[str, Reading] = {}
        self._folded: dict[str, Reading] = {}
        self._encoded: dict[str, FloatArray] = {}

    def find(self, demand: Record, supply: Record) -> tuple[Evidence, ...]:
        """The best-facing pair of sentences; empty when nothing faces anything."""
        across = self._across(demand, supply)
        asked, offered = self._read(demand), self._read(supply)
        if asked.unaccented or offered.unaccented:
            asked, offered = self._fold(demand.id, asked), self._fold(supply.id, offered)
        alike = _facing(asked, offered)
        if across and (not alike or across[0] > alike.value):
            return across[1]
        if alike:
            return _evidence(asked, offered, alike.asked, alike.offered)
        return self._by_meaning(demand, supply)

    def _across(self, demand: Record, supply: Record) -> tuple[float, tuple[Evidence, ...]] | None:
        """(value, evidence) through the lexicon, of records in different languages."""
        if demand.language == supply.language:
            return None
        if supply.language == "en" or demand.language == "vi":
            rendering, offered = self._render(demand), self._read(supply)
            found = _facing(rendering.reading, offered)
            if found is None:
                return None
            terms = _translated(rendering, found.asked, offered.sentences[found.offered])
            spans = rendering.reading.sentences[found.asked], offered.sentences[found.offered]
        else:
            rendering, asked = self._render(supply), self._read(demand)
            found = _facing(asked, rendering.reading)
            if found is None:
                return None
            turned = _translated(rendering, found.offered, asked.sentences[found.asked])
            terms = tuple((english, vietnamese) for vietnamese, english in turned)
            spans = asked.sentences[found.asked], rendering.reading.sentences[found.offered]
        return found.value, (Evidence(spans[0].span, spans[1].span, terms, _why(terms)),)

    def _render(self, record: Record) -> Rendering:
        rendering = self._rendered.get(record.id)
        if rendering is None:
            rendering = render(self._read(record), self._lexicon(), self._worth)
            self._rendered[record.id] = rendering
        return rendering

    def _read(self, record: Record) -> Reading:
        reading = self._readings.get(record.id)
        if reading is None:
            reading = self._readings[record.id] = read(record, self._worth, self._bare_worth)
        return reading

    def _fold(self, record_id: str, reading: Reading) -> Reading:
        folded = self._folded.get(record_id)
        if folded is None:
            folded = self._folded[record_id] = fold_reading(reading, self._bare_worth)
        return folded

    def _by_meaning(self, demand: Record, supply: Record) -> tuple[Evidence, ...]:
        asked, offered = self._read(demand).sentences, self._read(supply).sentences
        if not asked or not offered:
            return ()
        similarity = self._vectors(demand, query=True) @ self._vectors(supply, query=False).T
        row, column = np.unravel_index(int(np.argmax(similarity)), similarity.shape)
        closest = float(similarity[row, column])
        if closest <= 0.0:
            return ()
        why = Bilingual(
            vi=f"Gần nghĩa ({closest:.2f}".replace(".", ",") + "), không có từ chung hiếm",
            en=f"Close in meaning ({closest:.2f}), no rare word in common",
        )
        return (Evidence(asked[int(row)].span, offered[int(column)].span, (), why),)

    def _vectors(self, record: Record, *, query: bool) -> FloatArray:
        """The vectors of a record's sentences, shape (sentences, dimension)."""
        if record.id not in self._encoded:
            texts = [item.span.text for item in self._read(record).sentences]
            self._encoded[record.id] = self._encoder.encode(texts, query=query)
        return self._encoded[record.id]


@dataclass(frozen=True, slots=True)
class _Facing:
    """Which two sentences face each other best, and how well."""

    value: float
    asked: int
    offered: int


def _facing(asked: Reading, offered: Reading) -> _Facing | None:
    values: defaultdict[tuple[int, int], float] = defaultdict(float)
    for term in asked.terms.keys() & offered.terms.keys():
        # Where the two sides weigh a word differently (one has no accents), the lower holds.
        worth = min(asked.worth[term], offered.worth[term])
        for one in asked.terms[term]:
            for other in offered.terms[term]:
                values[one, other] += worth
    if not values:
        return None
    lengths = [(_LENGTH_PRIOR + len(item.tokens)) ** 0.5 for item in offered.sentences]
    # Of equals the earliest sentences: what comes first is what the record is about.
    value, one, other = min((-value / lengths[j], i, j) for (i, j), value in values.items())
    return _Facing(-value, one, other)


def _evidence(asked: Reading, offered: Reading, one: int, other: int) -> tuple[Evidence, ...]:
    demand, supply = asked.sentences[one], offered.sentences[other]
    places, supply_places = demand.places(), supply.places()
    ranked: list[tuple[float, tuple[str, str]]] = []
    for (first, end), (supply_first, _) in common_runs(demand.tokens, supply.tokens):
        worths = [
            min(asked.worth.get(token, 0.0), offered.worth.get(token, 0.0))
            for token in demand.tokens[first:end]
        ]
        telling = [i for i, value in enumerate(worths) if value]
        if telling:  # words that tell nothing do not begin or end a phrase
            start, stop = telling[0], telling[-1]
            word = _surface(demand, places, first + start, first + stop)
            facing = _surface(supply, supply_places, supply_first + start, supply_first + stop)
            ranked.append((sum(worths), (word, facing)))
    terms = _telling(ranked)
    return (Evidence(demand.span, supply.span, terms, _why(terms)),)


def _telling(ranked: list[tuple[float, tuple[str, str]]]) -> tuple[tuple[str, str], ...]:
    """Of (worth, words that face each other) those worth naming, best first, each word once."""
    ranked.sort(key=lambda item: (-item[0], item[1]))
    told = {
        word.casefold(): (word, facing)
        for value, (word, facing) in reversed(ranked)
        if value >= _TELLING_SHARE * ranked[0][0]
    }
    return tuple(reversed(told.values()))[:_MOST_TERMS]


def _why(terms: Sequence[tuple[str, str]]) -> Bilingual:
    named = {
        facing.casefold(): facing if fold(word) == fold(facing) else f"{word} – {facing}"
        for word, facing in terms
    }
    listed = ", ".join(named.values())
    return Bilingual(vi=f"Cùng nói về: {listed}", en=f"Both speak of: {listed}")


def _translated(
    rendering: Rendering, number: int, english: Sentence
) -> tuple[tuple[str, str], ...]:
    """(Vietnamese, English) words of the two sentences that translate each other."""
    vietnamese = rendering.reading.sentences[number]
    met: dict[Place, dict[int, float]] = {}  # where in the English sentence each unit is met
    for position, stem in enumerate(english.tokens):
        place = rendering.places[number].get(stem)
        if place is not None:
            met.setdefault(place, {}).setdefault(position, rendering.reading.worth[stem])
    own, other = vietnamese.places(), english.places()
    ranked: list[tuple[float, tuple[str, str]]] = []
    for (first, last), positions in met.items():
        start = max(positions, key=lambda at: (positions[at], -at))
        stop = start
        while stop + 1 in positions:
            stop += 1
        while start - 1 in positions:
            start -= 1
        word = _surface(vietnamese, own, first, last)
        worth = max(positions.values())
        ranked.append((worth, (word, _surface(english, other, start, stop))))
    return _telling(ranked)


def _surface(sentence: Sentence, places: Sequence[tuple[int, int]], start: int, last: int) -> str:
    return sentence.span.text[places[start][0] : places[last][1]]
