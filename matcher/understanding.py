"""Records as evidence reads them: made once each, and remembered by what they say."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache, partial
from threading import Lock
from typing import Protocol
from weakref import WeakKeyDictionary, WeakMethod

import numpy as np

from indexer.index import Index
from indexer.records import Record, Said
from indexer.text import is_function_word
from indexer.words.lexicon import Lexicon, shipped_lexicon
from matcher.meaning import Meaning
from matcher.passages import sentence_encoder
from matcher.reading import Reading, fold_reading, read
from matcher.rendering import Rendering, render
from matcher.similarity import FloatArray

# A shared word explains nothing when it is this much less rare than a word nobody else uses.
_WEAK_RARITY = 0.15
_UNHEARD = ""  # no token
_SHORTEST = 3  # words; of "Giá: 5 triệu" the meaning faces every price
_SHARED = 2_000  # records that searches of one index share, of some 30 kB each
_EVERY = 10**9

_Key = tuple[Said, str]


class SentenceEncoder(Protocol):
    def encode(self, texts: Sequence[str]) -> FloatArray: ...


class Understood:
    """One record: its `reading` and `meaning`, and what has been made of the first so far."""

    __slots__ = ("folded", "meaning", "reading", "rendering")

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.folded: Reading | None = None
        self.rendering: Rendering | None = None
        self.meaning: Meaning

    def compared(self) -> list[int]:
        """The sentences that are compared by meaning: the short ones where there are no others."""
        sizes = [len(item.tokens) for item in self.reading.sentences]
        least = min(_SHORTEST, max(sizes, default=0))
        return [i for i, size in enumerate(sizes) if size >= max(least, 1)]


class Understanding:
    """Reads records for evidence, and remembers the `most` read last; threads may share one.

    `rarity`, `encoder` and `lexicon` are described at `matcher.evidence.EvidenceFinder`.
    """

    def __init__(
        self,
        rarity: Callable[[str], float],
        encoder: SentenceEncoder | None = None,
        lexicon: Callable[[], Lexicon] = shipped_lexicon,
        most: int = _EVERY,
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
        self._most = most
        self._known: OrderedDict[_Key, Understood] = OrderedDict()
        self._lock = Lock()

    def of(self, records: Sequence[Record]) -> list[Understood]:
        """The records, read; their sentences are encoded together, which takes a fraction of the
        time."""
        keys: list[_Key] = [(record.said(), record.language) for record in records]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
            for key in found:
                self._known.move_to_end(key)
        new: dict[_Key, Record] = {
            key: r for key, r in zip(keys, records, strict=True) if key not in found
        }
        if new:
            made = read(list(new.values()), self._worth, self._bare_worth)
            fresh: dict[_Key, Understood] = {
                key: Understood(own) for key, own in zip(new, made, strict=True)
            }
            self._mean(fresh.values())
            found |= fresh
            with self._lock:
                self._known.update(fresh)
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
        return [found[key] for key in keys]

    def folded(self, own: Understood) -> Reading:
        """The reading without accents."""
        if own.folded is None:
            own.folded = fold_reading(own.reading, self._bare_worth)
        return own.folded

    def rendering(self, own: Understood) -> Rendering:
        """The reading of a Vietnamese record in English."""
        if own.rendering is None:
            own.rendering = render(own.reading, self._lexicon(), self._worth)
        return own.rendering

    def _mean(self, new: Collection[Understood]) -> None:
        compared = [own.compared() for own in new]
        rows = self._encoder.encode(
            [
                own.reading.sentences[i].span.text
                for own, places in zip(new, compared, strict=True)
                for i in places
            ]
        )
        start = 0
        for own, places in zip(new, compared, strict=True):
            found = np.zeros((len(own.reading.sentences), rows.shape[1]), dtype=np.float32)
            found[places] = rows[start : start + len(places)]
            own.meaning = Meaning.of(found, own.reading.lengths)
            start += len(places)


_shared: WeakKeyDictionary[Index, Understanding] = WeakKeyDictionary()
_sharing = Lock()


def shared_understanding(index: Index) -> Understanding:
    """The one that all searches of an index share."""
    with _sharing:
        found = _shared.get(index)
        if found is None:
            rarity = WeakMethod(index.rarity)  # else the index would never be let go

            def rare(token: str) -> float:
                of = rarity()
                assert of is not None  # who searches holds the index
                return of(token)

            found = _shared[index] = Understanding(rare, most=_SHARED)
        return found
