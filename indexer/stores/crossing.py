"""What a query asks of texts in the other language, where only statistics of them are at hand."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.stores.statistics import Statistics
from indexer.words.crossing import Facing, Postings, face
from indexer.words.languages import ENGLISH, VIETNAMESE
from indexer.words.lexicon import shipped_lexicon
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import IntArray, TokenTable

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Rendering:
    """n queries in the language `other` (see `indexer.words.languages`), as `face` has them."""

    other: int
    facing: Facing

    def weights(self, query: int) -> FloatArray:
        """The weight of each term of `facing.columns` for a search by one query, (m,).

        Of a unit's translations a text meets the saturated sum; here each is saturated alone and
        then summed, which an inner product can be. What is found is scored exactly afterwards.
        """
        asked = self.facing.asked[query] @ self.facing.shares
        return np.asarray(asked.todense(), dtype=np.float32).ravel()

    def of(self, documents: Postings) -> Facing:
        """The same asked of these documents."""
        inside = (documents.languages & self.other) > 0
        return Facing(self.facing.asked, self.facing.shares, self.facing.columns, inside, documents)


class _Everything:
    """All texts of a store as `face` asks of them: how many there are, not what they hold."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        values = np.arange(len(statistics.spoken), dtype=np.uint8)
        self.languages = np.repeat(values, statistics.spoken)
        self.damp: FloatArray = np.zeros(0, dtype=np.float32)

    @property
    def column(self) -> Mapping[str, int]:
        return self._statistics.column

    def counts(self, columns: npt.NDArray[np.int64]) -> csr_matrix:
        raise TypeError("the texts are in the store")

    def spread(self, columns: npt.NDArray[np.int64], language: int) -> npt.NDArray[np.int64]:
        found: IntArray = self._statistics.spread[language - 1, columns]
        return found


def rendered(table: TokenTable, statistics: Statistics) -> list[Rendering]:
    """The queries of the table in each language they are not in and some text of the store is."""
    everything = _Everything(statistics)
    found = []
    for facing in face(table, everything, shipped_lexicon()):
        english = np.array_equal(facing.inside, (everything.languages & ENGLISH) > 0)
        found.append(Rendering(ENGLISH if english else VIETNAMESE, facing))
    return found
