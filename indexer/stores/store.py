"""The `Store` protocol: records in, ids out, one meaning of every figure over all engines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from indexer.conditions import Condition
from indexer.encoder import FloatArray
from indexer.index import Index
from indexer.records import Record, Side

WORDS = 0.9  # the share of words in a hybrid similarity, as `matcher.fusion` has it
LOOK = 100  # the best by words and the best by meaning that a hybrid search fuses, each


@dataclass(frozen=True, slots=True)
class Found:
    """A record that a search found: its place in the list, from 1, and its similarity.

    By terms it is the share of the text's weight that the record meets, 0..1; by vector the cosine,
    -1..1; hybrid a mean of both, 0..1. It depends on the text and the record, not on what else is
    in the list, and is higher for what is closer, whatever the engine's own figure means.
    """

    id: str
    rank: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Pairing:
    """What a store was filled from: which catalog, at which version, encoded by what.

    `whole` is false while a write is under way, and after one that was cut off.
    """

    catalog: str
    version: int
    encoder: str
    fingerprint: str
    dimension: int
    whole: bool = True


class Store(Protocol):
    """Records of both sides, searched by terms, by vector, and by both.

    Consistency, of every store: a write that has returned is seen by every search that starts
    later, of whoever has the store open. A search during a write sees each record as it was or as
    it is, never half; of many records written together it may see some. Statistics (how rare a word
    is) may be those before the last write for as long as it runs: similarities by terms then differ
    by as much as these records are among all. Reads never wait for a write; one process
    writes at a time. A write that was cut off leaves a store that says so (`Pairing.whole`); the
    next `add`, `update` or `delete` of any records mends it.

    Conditions hold before the best are taken: a search gives k records wherever so many satisfy
    them. Of equal similarities the smaller id comes first. A record in which a search by terms
    meets nothing is not in its list.

    All methods raise RequestError where the engine cannot be reached or refuses, naming its address
    and what to do; what had been written by then is mended as above.
    """

    def pairing(self) -> Pairing | None:
        """What the store was filled from; None where it is empty and nobody said."""
        ...

    def count(self, side: Side) -> int:
        """How many records of that side are there."""
        ...

    def add(self, records: Iterable[Record]) -> None:
        """Puts new records in. Raises RequestError where an id is there already, or twice in
        `records`; then none of them is in."""
        ...

    def update(self, records: Iterable[Record]) -> None:
        """Replaces records by those of the same ids, whatever their side was. Raises RequestError
        where an id is not there; then none is replaced."""
        ...

    def delete(self, ids: Iterable[str]) -> int:
        """Takes records out; returns how many were there. The others are passed over."""
        ...

    def filter(self, side: Side, where: Sequence[Condition] = ()) -> frozenset[str]:
        """The ids of the records that satisfy every condition."""
        ...

    def by_vector(
        self, vector: FloatArray, side: Side, k: int, where: Sequence[Condition] = ()
    ) -> list[Found]:
        """The `k` records nearest to a vector (dimension,), by cosine. Raises RequestError for a
        vector of another dimension."""
        ...

    def by_terms(
        self, text: str, side: Side, k: int, where: Sequence[Condition] = ()
    ) -> list[Found]:
        """The `k` records of `side` that meet most of the words of a text, in either language."""
        ...

    def hybrid(
        self,
        text: str,
        side: Side,
        k: int,
        where: Sequence[Condition] = (),
        words: float = WORDS,
    ) -> list[Found]:
        """The `k` best of those that `by_terms` and `by_vector` find, by `words` of the one
        similarity and the rest of the other."""
        ...

    def excerpt(
        self, text: str, side: Side, look: int = LOOK, where: Sequence[Condition] = ()
    ) -> Index:
        """An index that holds at least the `look` best of `side` by terms and by vector for a text,
        and weighs words and lengths as the whole store does: what a matcher rates and explains."""
        ...

    def close(self) -> None: ...
