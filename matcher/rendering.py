"""A Vietnamese record as an English one would read it: its words through the lexicon."""

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.words.lexicon import Lexicon
from matcher.reading import Reading, Worth, key_of
from matcher.terms import Terms

Place = tuple[int, int]  # first and last word of a unit in its sentence

# Translations rarer than this explain nothing; from a half on one is as good as the word itself.
_LEAST_SHARE = 0.08
_SURE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Rendering:
    """`reading` has English stems for terms; `places[i]` tells for each stem of sentence i
    which words it stands for."""

    reading: Reading
    places: tuple[Mapping[str, Place], ...]


def render(reading: Reading, lexicon: Lexicon, worth: Worth) -> Rendering:
    """The reading in English; `worth` of a stem is 0 where meeting it tells nothing.

    A stem is worth the less, the less likely the translation is.
    """
    terms: dict[str, list[int]] = {}
    worths: dict[str, float] = {}
    places: list[dict[str, Place]] = []
    bare = reading.unaccented
    for number, sentence in enumerate(reading.sentences):
        firmest: dict[str, tuple[float, Place]] = {}
        start = 0
        for unit in lexicon.units(sentence.tokens, bare=bare):
            place = start, start + unit.count(" ")
            start = place[1] + 1
            for stem, share in lexicon.to_english(unit, bare=bare):
                if share >= max(_LEAST_SHARE, firmest.get(stem, (0.0,))[0]) and worth(stem):
                    firmest[stem] = share, place
        for stem, (share, _) in firmest.items():
            terms.setdefault(stem, []).append(number)
            value = worth(stem) * min(1.0, share / _SURE_SHARE)
            worths[stem] = max(value, worths.get(stem, 0.0))
        places.append({stem: place for stem, (_, place) in firmest.items()})
    found = Terms.of(list(map(key_of, terms)), [worths[stem] for stem in terms], [*terms.values()])
    return Rendering(Reading(reading.sentences, found, worths, False), tuple(places))
