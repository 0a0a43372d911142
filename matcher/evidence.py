"""Evidence: the sentences of the need and the sentences of the offer that face each other.

Two sentences face each other when the words they share are many and rare, or across languages
the words that translate each other, and when they are close in meaning. A common word alone does
not outweigh a sentence that says the same in other words.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from indexer.bilingual import Bilingual
from indexer.index import Index
from indexer.records import Record
from indexer.text import fold
from indexer.words.lexicon import Lexicon, shipped_lexicon
from matcher.facing import Facing, FacingPair
from matcher.match import Evidence, Span
from matcher.reading import Reading, Sentence
from matcher.rendering import Place, Rendering
from matcher.runs import common_runs
from matcher.understanding import (
    SentenceEncoder,
    Understanding,
    Understood,
    shared_understanding,
)

_MOST_TERMS = 6
# Beside a rare phrase, what weighs less than this share of it only distracts.
_TELLING_SHARE = 0.2
# An offer whose closest sentence is nearer than this speaks of a sentence of the need.
_SPOKEN = 0.45
_TOLD = frozenset({"summary", "description", "requirements"})
_TELLING_WORDS = 5
_NOTHING = repeat(0.0)
_CELLS = 500_000  # of two sentences each, looked at together: some 100 MB

Pair = tuple[Record, Record]


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
        encoder: SentenceEncoder | None = None,
        lexicon: Callable[[], Lexicon] = shipped_lexicon,
    ) -> None:
        self._of = Understanding(rarity, encoder, lexicon)

    @classmethod
    def shared(cls, index: Index) -> "EvidenceFinder":
        """A finder that knows the records that other searches of the index read lately."""
        found = cls.__new__(cls)
        found._of = shared_understanding(index)
        return found

    def find(self, pairs: Sequence[Pair]) -> list[tuple[Evidence, ...]]:
        """Of each (demand, supply) pair the facing pairs of sentences, best first; empty when
        nothing faces anything. Many pairs together take a fraction of the time."""
        each = {id(record): record for pair in pairs for record in pair}
        read = dict(zip(each, self._of.of(list(each.values())), strict=True))
        found: list[tuple[Evidence, ...]] = [()] * len(pairs)
        met = [
            one
            for number, (demand, supply) in enumerate(pairs)
            if (one := _Met(number, demand, supply, read[id(demand)], read[id(supply)])).cells
        ]
        place: dict[int, int] = {}
        for one in met:
            place.setdefault(id(one.asked), len(place))
        met.sort(key=lambda one: place[id(one.asked)])  # pairs of one need stand together
        for some in _batches(met):
            found_here = self._facing(some)
            for one, evidence in zip(some, found_here, strict=True):
                found[one.number] = evidence
        return found

    def _facing(self, met: "Sequence[_Met]") -> list[tuple[Evidence, ...]]:
        alike = [self._alike(one.asked, one.offered) for one in met]
        across = {
            number: faced
            for number, one in enumerate(met)
            if (faced := self._across(one)) is not None
        }
        facing = Facing(
            [(one.asked.meaning, one.offered.meaning) for one in met],
            [(faced.asked, faced.offered) for faced in alike],
            [(number, (faced.asked, faced.offered)) for number, faced in across.items()],
        )
        return [
            tuple(
                Evidence(
                    one.asked.reading.sentences[pair.asked].span,
                    one.offered.reading.sentences[pair.offered].span,
                    terms := faced.terms(pair) if pair.words else (),
                    _why(terms, pair),
                )
                for pair in own
            )
            for one, own, faced in zip(
                met,
                facing.pairs(),
                (
                    across[number] if other else alike[number]
                    for number, other in enumerate(facing.otherwise.tolist())
                ),
                strict=True,
            )
        ]

    def unspoken(self, demand: Record, supply: Record) -> Span | None:
        """The sentence of the need that the offer speaks of least, None where it has a word on
        all of them; titles, keywords and names of fields are no sentences here."""
        one, other = self._of.of([demand, supply])
        cosines = one.meaning.rows @ other.meaning.rows.T
        if not cosines.size:
            return None
        nearest = cosines.max(axis=1)
        open_ones = [
            (float(nearest[i]), i)
            for i, item in enumerate(one.reading.sentences)
            if item.span.field in _TOLD and len(item.tokens) >= _TELLING_WORDS
        ]
        value, place = min(open_ones, default=(1.0, 0))
        return one.reading.sentences[place].span if value < _SPOKEN else None

    def _alike(self, demand: Understood, supply: Understood) -> "_Faced":
        asked, offered = demand.reading, supply.reading
        if asked.unaccented or offered.unaccented:
            asked, offered = self._of.folded(demand), self._of.folded(supply)
        return _Faced(asked, offered, lambda pair: _shared(asked, offered, pair))

    def _across(self, met: "_Met") -> "_Faced | None":
        """Through the lexicon, of records in different languages."""
        spoken, answered = met.demand.language, met.supply.language
        if spoken == answered:
            return None
        one, other = met.asked, met.offered
        if answered == "en" or spoken == "vi":
            rendering, offered = self._of.rendering(one), other.reading
            return _Faced(
                rendering.reading,
                offered,
                lambda pair: _translated(rendering, pair.asked, offered.sentences[pair.offered]),
            )
        rendering, asked = self._of.rendering(other), one.reading
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


@dataclass(frozen=True, slots=True)
class _Met:
    """Pair `number` of those asked for, and its records as they are read."""

    number: int
    demand: Record
    supply: Record
    asked: Understood
    offered: Understood

    @property
    def cells(self) -> int:
        return len(self.asked.reading.sentences) * len(self.offered.reading.sentences)


def _batches(met: Sequence[_Met]) -> Iterator[Sequence[_Met]]:
    """What is looked at together, so that memory is bounded."""
    start, cells = 0, 0
    for stop, one in enumerate(met):
        if cells > _CELLS:
            yield met[start:stop]
            start, cells = stop, 0
        cells += one.cells
    if start < len(met):
        yield met[start:]


@dataclass(frozen=True, slots=True)
class _Faced:
    """Two readings in one language, and what names the terms a pair of sentences shares."""

    asked: Reading
    offered: Reading
    terms: Callable[[FacingPair], tuple[tuple[str, str], ...]]


def _shared(asked: Reading, offered: Reading, pair: FacingPair) -> tuple[tuple[str, str], ...]:
    demand, supply = asked.sentences[pair.asked], offered.sentences[pair.offered]
    places, supply_places = demand.places(), supply.places()
    one, other = asked.worth, offered.worth
    ranked: list[tuple[float, tuple[str, str]]] = []
    for (first, end), (supply_first, _) in common_runs(demand.tokens, supply.tokens):
        run = demand.tokens[first:end]
        worths = list(map(min, map(one.get, run, _NOTHING), map(other.get, run, _NOTHING)))
        telling = [i for i, value in enumerate(worths) if value]
        if telling:  # words that tell nothing do not begin or end a phrase
            start, stop = telling[0], telling[-1]
            word = _surface(demand, places, first + start, first + stop)
            facing = _surface(supply, supply_places, supply_first + start, supply_first + stop)
            ranked.append((sum(worths), (word, facing)))
    return _telling(ranked)


def _telling(ranked: list[tuple[float, tuple[str, str]]]) -> tuple[tuple[str, str], ...]:
    """Of (worth, words that face each other) those worth naming, best first, each word once."""
    if len(ranked) < 2:
        return tuple(words for _, words in ranked)
    ranked.sort(key=lambda item: (-item[0], item[1]))
    told = {
        word.casefold(): (word, facing)
        for value, (word, facing) in reversed(ranked)
        if value >= _TELLING_SHARE * ranked[0][0]
    }
    return tuple(reversed(told.values()))[:_MOST_TERMS]


def _why(terms: Sequence[tuple[str, str]], pair: FacingPair) -> Bilingual:
    named = {
        facing.casefold(): (
            facing if word == facing or fold(word) == fold(facing) else f"{word} – {facing}"
        )
        for word, facing in terms
    }
    listed = ", ".join(named.values())
    if pair.words >= pair.meaning and named:
        return Bilingual(vi=f"Cùng nói về: {listed}", en=f"Both speak of: {listed}")
    near = Bilingual(
        vi=f"Gần nghĩa ({pair.cosine:.2f}".replace(".", ",") + ")",
        en=f"Close in meaning ({pair.cosine:.2f})",
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
