"""A live index: an index, and the records that changed since it was made, searched as one."""

from collections.abc import Collection, Mapping

import numpy as np

from indexer.background import background_cosine
from indexer.index import Index
from indexer.keeping.access import Reader
from indexer.live.base import Base
from indexer.live.segment import Segment
from indexer.live.side import LiveSide
from indexer.records import Side
from indexer.remembered import Remembered

_MOST_READERS = 64  # whose views are remembered by one snapshot


class LiveIndex(Index):
    """A snapshot: it never changes, and what follows the catalog makes new ones.

    It is an `Index` to whoever searches. What saves or updates an index works on its base.
    `catalog_version` is the version up to which all changes are wholly in it, `seen` the one up to
    which their words are; some of later ones may be, too.
    """

    def __init__(
        self, base: Base, sides: Mapping[Side, LiveSide], seen: int, background: float
    ) -> None:
        """See `LiveIndex.over` and `LiveIndex.changed`."""
        under = base.index
        super().__init__(under.generation, under.manifest, dict(sides), under.encoder, under.files)
        self.base = base
        self.sides = sides
        self.seen = seen
        self._background = background
        self._views: Remembered[tuple[Reader, frozenset[str]], LiveIndex] = Remembered(
            _MOST_READERS
        )

    @classmethod
    def over(cls, base: Base) -> "LiveIndex":
        """The snapshot of an index to which nothing has been added."""
        dimension = base.index.encoder.dimension
        sides = {side: LiveSide.over(own, dimension) for side, own in base.sides.items()}
        return cls(base, sides, base.index.catalog_version, base.index.background)

    @property
    def catalog_version(self) -> int:
        waiting = [
            own.segment.versions[row]
            for own in self.sides.values()
            for row in own.segment.waiting[:1]
        ]
        return min([self.seen, *(version - 1 for version in waiting)])

    @property
    def dimension(self) -> int:
        return self.encoder.dimension

    @property
    def waiting(self) -> int:
        """How many texts are found by their words alone."""
        return sum(len(own.segment.waiting) for own in self.sides.values())

    @property
    def background(self) -> float:
        return self._background

    @property
    def fresh(self) -> int:
        """How much the base lacks: records added, changed and gone."""
        return sum(
            max(len(own.segment), int(np.count_nonzero(own.dead))) for own in self.sides.values()
        )

    def changed(
        self, dropped: Collection[str], new: Mapping[Side, Segment], seen: int
    ) -> "LiveIndex":
        """The snapshot without the ids `dropped` and with `new`, which are among them."""
        sides = {side: own.changed(dropped, new[side]) for side, own in self.sides.items()}
        return LiveIndex(self.base, sides, seen, _background(self.base, sides))

    def encoded(self, segments: Mapping[Side, Segment]) -> "LiveIndex":
        """The snapshot with these segments, which differ from its own in their vectors only."""
        sides = {side: own.encoded(segments[side]) for side, own in self.sides.items()}
        return LiveIndex(self.base, sides, self.seen, _background(self.base, sides))

    def readable(self, reader: Reader, granted: frozenset[str]) -> "LiveIndex":
        """What `reader` may read of it: nothing else is found, met or counted in it, but for how
        rare a word is. `granted` are the ids granted to the reader's organisation."""
        if reader.everything:
            return self
        return self._views.get((reader, granted), lambda: self._view(reader, granted))

    def _view(self, reader: Reader, granted: frozenset[str]) -> "LiveIndex":
        sides = {side: own.readable(reader, granted) for side, own in self.sides.items()}
        view = LiveIndex(self.base, sides, self.seen, self._background)
        view._rarity = self._rarity  # the same words are as rare
        view.answers = self.answers  # whose keys name the view
        return view


def _background(base: Base, sides: Mapping[Side, LiveSide]) -> float:
    """That of the base, unless most records came since it was made."""
    old = sum(len(own.side) for own in base.sides.values())
    new = sum(len(own.segment) for own in sides.values())
    if new <= old:
        return base.index.background
    vectors = [
        np.concatenate([own.base.side.vectors.matrix, own.segment.matrix[own.segment.encoded]])
        for own in sides.values()
    ]
    return background_cosine(*vectors)
