"""One side of a live index: the rows of its base, and behind them those that changed since."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from indexer.keeping.access import Reader, readable_rows
from indexer.live.base import BaseSide
from indexer.live.segment import Segment
from indexer.live.terms import LiveTerms
from indexer.live.vectors import LiveVectors
from indexer.sideindex import SideIndex
from indexer.vectors.storage import Mask
from indexer.words.lexical import LexicalIndex


class LiveSide(SideIndex):
    """Rows 0 … n-1 are those of the base; of these `dead` (n,) are gone or stand in the segment,
    whose rows follow."""

    def __init__(
        self,
        base: BaseSide,
        segment: Segment,
        dead: Mask,
        lexical: LexicalIndex,
        alive: Mask | None,
    ) -> None:
        """`alive` (n_rows,) are the rows that can be found, None for all; see `LiveSide.of`."""
        old = base.side
        self.base = base
        self.segment = segment
        self.dead = dead
        self.ids = old.ids + segment.ids if segment.ids else old.ids
        self.lexical = lexical
        self.vectors = (
            old.vectors if alive is None else LiveVectors(old.vectors, segment.vectors, alive)
        )
        self._alive = alive

    @classmethod
    def of(cls, base: BaseSide, segment: Segment, dead: Mask) -> "LiveSide":
        """The side with these changes."""
        old = base.side
        if not segment.ids and not dead.any():
            return cls(base, segment, dead, old.lexical, None)
        terms = LiveTerms(old.lexical, base.lengths, segment.table, dead)
        alive = np.append(~dead, np.ones(len(segment), dtype=bool))
        return cls(base, segment, dead, terms, alive)

    def encoded(self, segment: Segment) -> "LiveSide":
        """This side with a segment that differs from its own in its vectors only."""
        if segment is self.segment:
            return self
        return LiveSide(self.base, segment, self.dead, self.lexical, self._alive)

    def readable(self, reader: Reader, granted: frozenset[str]) -> "LiveSide":
        """This side, in which only the rows that `reader` may read can be found.

        `granted` are ids granted to the reader's organisation. How rare a word is stays that of
        all rows.
        """
        mine = readable_rows(self.segment.fields, reader)
        allowed = np.append(self.base.mask(reader), mine)
        allowed[[self.row_of[i] for i in granted if i in self.row_of]] = True
        if self._alive is not None:
            allowed &= self._alive
        return LiveSide(self.base, self.segment, self.dead, self.lexical, allowed)

    @cached_property
    def digests(self) -> Sequence[str]:
        """As `SideIndex.digests`."""
        old = self.base.side.digests
        return (*old, *self.segment.digests) if self.segment.ids else old

    @property
    def alive(self) -> Mask | None:
        return self._alive

    def present(self) -> Iterator[str]:
        """As `SideIndex.present`."""
        if self._alive is None:
            return iter(self.ids)
        return iter(sorted(self.ids[row] for row in np.flatnonzero(self._alive).tolist()))

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        old = self.base.side.row_of
        return old if self._alive is None else _Rows(old, self.segment.row_of, self._alive)

    def said(self, name: str) -> list[str]:
        """As `SideIndex.said`."""
        before = (i for i in self.base.side.said(name) if i not in self.segment.row_of)
        since = (self.segment.ids[row] for row in self.segment.saying.get(name, ()))
        return [record_id for record_id in (*before, *since) if record_id in self.row_of]


class _Rows(Mapping[str, int]):
    """The rows of the ids that can be found."""

    def __init__(self, old: Mapping[str, int], new: Mapping[str, int], alive: Mask) -> None:
        self._old = old
        self._new = new
        self._alive = alive

    def __getitem__(self, record_id: str) -> int:
        row = self._new.get(record_id)
        row = self._old[record_id] if row is None else row + len(self._old)
        if not self._alive[row]:
            raise KeyError(record_id)
        return row

    def __iter__(self) -> Iterator[str]:
        return (i for i in {**self._old, **self._new} if i in self)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._alive))
