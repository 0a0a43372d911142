"""Evidence: the sentences of the need and the sentences of the offer that face each other.

Two sentences face each other when the words they share are many and rare, or across languages
the words that translate each other, and when they are close in meaning. A common word alone does
not outweigh a sentence that says the same in other words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Protocol

import numpy as np

from indexer.bilingual import Bilingual
from indexer.lexicon import Lexicon, shipped_lexicon
from indexer.records import Record
from indexer.text import fold, is_function_word
from matcher.facing import FacingPair, facings, shared_terms
from matcher.match import Evidence, Span
from matcher.passages import sentence_encoder
from matcher.reading import Reading, Sentence, fold_reading, read
from matcher.rendering import Place, Rendering, render
from matcher.runs import common_runs
from matcher.similarity import FloatArray

_MOST_TERMS = 6
# A shared word explains nothing when it is this much less rare than a word nobody else uses.
_WEAK_RARITY = 0.15
# Beside a rare phrase, what weighs less than this share of it only distracts.
_TELLING_SHARE = 0.2
_UNHEARD = ""  # no token
# An offer whose closest sentence is nearer than this speaks of a sentence of the need.
_SPOKEN = 0.45
_TOLD = frozenset({"summary", "description", "requirements"})
_TELLING_WORDS = 5
_SHORTEST = 3  # words; of "Giá: 5 triệu" the meaning faces every price


class _Encoder(Protocol):
    def encode(self, texts: Sequence[str]) -> FloatArray: ...


class EvidenceFinder:
    """Finds evidence for pairs; remembers the sentences of the records it has read.

    `rarity` gives the idf of a token over the catalog: shared rare words explain a match.
    `lexicon` is asked for when two records are first found to be in different languages.
    `encoder` tells which sentences are close: the small one of the package, whatever the index
    is made of, since thousands of sentences have to be read for one list.
    """

    def __init__(
        self,
        rarity: Callable[[str], float],
        encoder: _Encoder | None = None,
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
        self._encoder = encoder or sentence_encoder()
        self._lexicon = lexicon
        self._rendered: dict[str, Rendering] = {}
        self._readings: dict[str, Reading] = {}
        self._folded: dict[str, Reading] = {}
        self._encoded: dict[str, FloatArray] = {}

    def find(self, demand: Record, supply: Record) -> tuple[Evidence, ...]:
        """The facing pairs of sentences, best first; empty when nothing faces anything."""
        cosines = self._cosines(demand, supply)
        alike, across = self._alike(demand, supply), self._across(demand, supply)
        ranked = [
            (facings(shared_terms(one.asked, one.offered), one.asked, one.offered, cosines), one)
            for one in (alike, across)
            if one
        ]
        found, faced = max(ranked, key=lambda item: item[0][0].value if item[0] else 0.0)
        return tuple(
            Evidence(
                self._read(demand).sentences[pair.asked].span,
                self._read(supply).sentences[pair.offered].span,
                terms := faced.terms(pair) if pair.words else (),
                _why(terms, pair, float(cosines[pair.asked, pair.offered])),
            )
            for pair in found
        )

    def unspoken(self, demand: Record, supply: Record) -> Span | None:
        """The sentence of the need that the offer speaks of least, None where it has a word on
        all of them; titles, keywords and names of fields are no sentences here."""
        cosines = self._cosines(demand, supply)
        if not cosines.size:
            return None
        nearest = cosines.max(axis=1)
        open_ones = [
            (float(nearest[i]), i)
            for i, item in enumerate(self._read(demand).sentences)
            if item.span.field in _TOLD and len(item.tokens) >= _TELLING_WORDS
        ]
        value, place = min(open_ones, default=(1.0, 0))
        return self._read(demand).sentences[place].span if value < _SPOKEN else None

    def _alike(self, demand: Record, supply: Record) -> "_Faced":
        asked, offered = self._read(demand), self._read(supply)
        if asked.unaccented or offered.unaccented:
            asked, offered = self._fold(demand.id, asked), self._fold(supply.id, offered)
        return _Faced(asked, offered, lambda pair: _shared(asked, offered, pair))

    def _across(self, demand: Record, supply: Record) -> "_Faced | None":
        """Through the lexicon, of records in different languages."""
        if demand.language == supply.language:
            return None
        if supply.language == "en" or demand.language == "vi":
            rendering, offered = self._render(demand), self._read(supply)
            return _Faced(
                rendering.reading,
                offered,
                lambda pair: _translated(rendering, pair.asked, offered.sentences[pair.offered]),
            )
        rendering, asked = self._render(supply), self._read(demand)
        return _Faced(
            asked,
            rendering.reading,
            lambda pair: tuple(
                (english, vietnamese)
                for vietnamese, english in _translated(
                    rendering, pair.offered, asked.sentences[pair.asked]
                )
            ),
        )

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

    def _cosines(self, demand: Record, supply: Record) -> FloatArray:
        """How close the sentences are, shape (sentences of the need, sentences of the offer)."""
        return self._vectors(demand) @ self._vectors(supply).T

    def _vectors(self, record: Record) -> FloatArray:
        """Unit rows, one a sentence; short sentences have none, all zeros."""
        found = self._encoded.get(record.id)
        if found is None:
            sentences = self._read(record).sentences
            long = [i for i, item in enumerate(sentences) if len(item.tokens) >= _SHORTEST]
            rows = self._encoder.encode([sentences[i].span.text for i in long])
            found = np.zeros((len(sentences), rows.shape[1]), dtype=np.float32)
            found[long] = rows
            self._encoded[record.id] = found
        return found


@dataclass(frozen=True, slots=True)
class _Faced:
    """Two readings in one language, and what names the terms a pair of sentences shares."""

    asked: Reading
    offered: Reading
    terms: Callable[[FacingPair], tuple[tuple[str, str], ...]]


def _shared(asked: Reading, offered: Reading, pair: FacingPair) -> tuple[tuple[str, str], ...]:
    demand, supply = asked.sentences[pair.asked], offered.sentences[pair.offered]
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
    return _telling(ranked)


def _telling(ranked: list[tuple[float, tuple[str, str]]]) -> tuple[tuple[str, str], ...]:
    """Of (worth, words that face each other) those worth naming, best first, each word once."""
    ranked.sort(key=lambda item: (-item[0], item[1]))
    told = {
        word.casefold(): (word, facing)
        for value, (word, facing) in reversed(ranked)
        if value >= _TELLING_SHARE * ranked[0][0]
    }
    return tuple(reversed(told.values()))[:_MOST_TERMS]


def _why(terms: Sequence[tuple[str, str]], pair: FacingPair, cosine: float) -> Bilingual:
    named = {
        facing.casefold(): facing if fold(word) == fold(facing) else f"{word} – {facing}"
        for word, facing in terms
    }
    listed = ", ".join(named.values())
    if pair.words >= pair.meaning and named:
        return Bilingual(vi=f"Cùng nói về: {listed}", en=f"Both speak of: {listed}")
    near = Bilingual(
        vi=f"Gần nghĩa ({cosine:.2f}".replace(".", ",") + ")",
        en=f"Close in meaning ({cosine:.2f})",
    )
    if not named:
        return Bilingual(f"{near.vi}, không có từ chung hiếm", f"{near.en}, no rare word in common")
    return Bilingual(f"{near.vi}; cùng nói về: {listed}", f"{near.en}; both speak of: {listed}")


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
