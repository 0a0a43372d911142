"""One side of a live index: the rows of its base, and behind them those that changed since."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property

import numpy as np

from indexer.keeping.access import Reader, readable_rows
from indexer.live.base import BaseSide
from indexer.live.freshterms import FreshTerms
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
        terms: FreshTerms,
        dead: Mask,
        lexical: LexicalIndex,
        alive: Mask | None,
    ) -> None:
        """`terms` are those of the segment; `alive` (n_rows,) are the rows that can be found, None
        for all; see `LiveSide.over`."""
        old = base.side
        self.base = base
        self.segment = segment
        self.dead = dead
        self.ids = old.ids + segment.ids if segment.ids else old.ids
        self.lexical = lexical
        self.vectors = old.vectors
        if segment.ids or alive is not None:
            self.vectors = LiveVectors(old.vectors, segment.vectors, alive)
        self._terms = terms
        self._alive = alive

    @classmethod
    def over(cls, base: BaseSide, dimension: int) -> "LiveSide":
        """The side of which nothing changed."""
        nothing = Segment.of((), dimension)
        terms = FreshTerms.of(base.side.lexical, nothing.table)
        dead = np.zeros(len(base.side), dtype=bool)
        return cls(base, nothing, terms, dead, base.side.lexical, None)

    def changed(self, dropped: Collection[str], new: Segment) -> "LiveSide":
        """The side without the ids `dropped` and with `new`, which are among them."""
        old = self.base.side
        rows = [row for i in dropped if (row := old.row_of.get(i)) is not None]
        order = self.segment.order(dropped, new)
        if order is None and not rows:
            return self
        dead = self.dead
        if rows:
            dead = dead.copy()
            dead[rows] = True
        segment, terms = self.segment, self._terms
        if order is not None:
            segment = segment.taken(new, order)
            added = FreshTerms.of(old.lexical, new.table)
            terms = terms.changed(old.lexical, added, order, segment.table)
        gone = bool(dead.any())
        alive = np.append(~dead, np.ones(len(segment), dtype=bool)) if gone else None
        lexical = old.lexical
        if segment.ids or gone:
            lexical = LiveTerms(old.lexical, self.base.lengths, terms, dead)
        return LiveSide(self.base, segment, terms, dead, lexical, alive)

    def encoded(self, segment: Segment) -> "LiveSide":
        """This side with a segment that differs from its own in its vectors only."""
        if segment is self.segment:
            return self
        found = copy(self)  # whose ids, a million and more, are the same
        found.segment = segment
        found.vectors = LiveVectors(self.base.side.vectors, segment.vectors, self._alive)
        return found

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
        return LiveSide(self.base, self.segment, self._terms, self.dead, self.lexical, allowed)

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
            return iter(sorted(self.ids) if self.segment.ids else self.ids)
        return iter(sorted(self.ids[row] for row in np.flatnonzero(self._alive).tolist()))

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        old = self.base.side.row_of
        if self._alive is None and not self.segment.ids:
            return old
        return _Rows(old, self.segment.row_of, self._alive)

    def said(self, name: str) -> list[str]:
        """As `SideIndex.said`."""
        before = (i for i in self.base.side.said(name) if i not in self.segment.row_of)
        since = (self.segment.ids[row] for row in self.segment.saying.get(name, ()))
        return [record_id for record_id in (*before, *since) if record_id in self.row_of]


class _Rows(Mapping[str, int]):
    """The rows of the ids that can be found, those that are `alive`, None for all."""

    def __init__(self, old: Mapping[str, int], new: Mapping[str, int], alive: Mask | None) -> None:
        self._old = old
        self._new = new
        self._alive = alive

    def __getitem__(self, record_id: str) -> int:
        row = self._new.get(record_id)
        row = self._old[record_id] if row is None else row + len(self._old)
        if self._alive is not None and not self._alive[row]:
            raise KeyError(record_id)
        return row

    def __iter__(self) -> Iterator[str]:
        return (i for i in {**self._old, **self._new} if i in self)

    def __len__(self) -> int:
        if self._alive is None:
            return len(self._old) + len(self._new)
        return int(np.count_nonzero(self._alive))
