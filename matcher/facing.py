"""Which sentences of two readings face each other: by the words they share and by meaning."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matcher.reading import Reading
from matcher.similarity import FloatArray

_MOST = 3  # facing pairs given for one match
_LENGTH_PRIOR = 10.0  # sentences shorter than about this many words are not favoured
# A further pair says so much that is new, beside the first, or is left out.
_WORTH_ADDING = 0.5
# The cosine that two sentences taken at random often have.
_UNRELATED = 0.2
_DIGITS = 6  # values that differ by rounding alone are equal

Shared = Mapping[tuple[int, int], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class FacingPair:
    """Sentence `asked` of the need faces sentence `offered` of the offer: `value` is what the
    words of both and what their meaning make of it."""

    asked: int
    offered: int
    words: float
    meaning: float

    @property
    def value(self) -> float:
        return self.words + self.meaning


def shared_terms(asked: Reading, offered: Reading) -> Shared:
    """What the terms that stand in both sentences are worth, by pair of sentences.

    Where the two sides weigh a word differently (one has no accents), the lower holds.
    """
    found: defaultdict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    for term in asked.terms.keys() & offered.terms.keys():
        worth = min(asked.worth[term], offered.worth[term])
        for one in asked.terms[term]:
            for other in offered.terms[term]:
                found[one, other][term] = worth
    return found


def facings(
    shared: Shared, asked: Reading, offered: Reading, cosines: FloatArray
) -> list[FacingPair]:
    """At most three pairs of sentences, the best first; each adds what the ones before lack.

    `cosines` of the sentences have the shape (of the need, of the offer). Of equals the earliest
    sentences stand: what comes first is what a record is about.
    """
    if not asked.sentences or not offered.sentences:
        return []
    lengths = np.sqrt(np.outer(_lengths(asked), _lengths(offered)))
    meaning = np.square(np.clip((cosines - _UNRELATED) / (1.0 - _UNRELATED), 0.0, 1.0))
    told: set[str] = set()
    chosen: list[FacingPair] = []
    while len(chosen) < _MOST:
        words = np.zeros_like(meaning)
        for place, own in shared.items():
            words[place] = sum(sorted(own[term] for term in own.keys() - told))
        words /= lengths
        for pair in chosen:
            words[pair.asked, pair.offered] = 0.0
        values = np.round(words + meaning, _DIGITS)
        one, other = divmod(int(values.argmax()), values.shape[1])
        best = FacingPair(one, other, float(words[one, other]), float(meaning[one, other]))
        if best.value <= (_WORTH_ADDING * chosen[0].value if chosen else 0.0):
            break
        chosen.append(best)
        told.update(shared.get((one, other), ()))
        # A sentence told of already may add words, not its meaning again.
        meaning[one, :] = meaning[:, other] = 0.0
    return chosen


def _lengths(reading: Reading) -> FloatArray:
    sizes = [len(item.tokens) for item in reading.sentences]
    return np.asarray(sizes, dtype=np.float32) + np.float32(_LENGTH_PRIOR)
