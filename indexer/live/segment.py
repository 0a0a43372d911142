"""What changed since an index was made: a few records of one side, ready to be searched."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from indexer.digests import digest
from indexer.filtering.fieldtable import FieldTable
from indexer.keeping.tiers import Changed
from indexer.vectors.storage import Mask
from indexer.vectors.vectors import FloatArray, Vectors
from indexer.words.tokentable import IntArray, TokenTable


@dataclass(frozen=True, eq=False)
class Segment:
    """n records by ascending id: their texts, digests and tokens, at which version of the catalog
    they changed, and what conditions and readers ask of them.

    A text that is not `encoded` (n,) yet has an all-zero row in `matrix` (n, dimension): it is
    found by its words.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    digests: tuple[str, ...]
    table: TokenTable
    versions: tuple[int, ...]
    fields: FieldTable
    matrix: FloatArray
    encoded: Mask

    @classmethod
    def of(cls, changed: Sequence[Changed], dimension: int) -> "Segment":
        """The segment of these records, none encoded."""
        own = sorted(changed, key=lambda item: item.record.id)
        texts = tuple(item.record.text() for item in own)
        return cls(
            tuple(item.record.id for item in own),
            texts,
            tuple(map(digest, texts)),
            TokenTable.of(texts),
            tuple(item.version for item in own),
            FieldTable.of(len(own), [(range(len(own)), [item.fields for item in own])]),
            np.zeros((len(own), dimension), dtype=np.float32),
            np.zeros(len(own), dtype=bool),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        return {record_id: row for row, record_id in enumerate(self.ids)}

    @cached_property
    def vectors(self) -> Vectors:
        return Vectors(self.matrix)

    @cached_property
    def saying(self) -> Mapping[str, tuple[int, ...]]:
        """The rows of each digest."""
        found: dict[str, tuple[int, ...]] = {}
        for row, name in enumerate(self.digests):
            found[name] = (*found.get(name, ()), row)
        return found

    @cached_property
    def waiting(self) -> tuple[int, ...]:
        """The rows that are not encoded, in the order in which they changed."""
        return tuple(sorted(np.flatnonzero(~self.encoded).tolist(), key=self.versions.__getitem__))

    def vector_of(self, name: str) -> FloatArray | None:
        """The vector of a text by its digest, if it is here and encoded."""
        row = next((row for row in self.saying.get(name, ()) if self.encoded[row]), None)
        return None if row is None else np.asarray(self.matrix[row])

    def given(self, rows: Sequence[int], vectors: FloatArray) -> "Segment":
        """This one with the vectors of these rows, shape (len(rows), dimension)."""
        if not len(rows):
            return self
        matrix, encoded = self.matrix.copy(), self.encoded.copy()
        picked = list(rows)
        matrix[picked], encoded[picked] = vectors, True
        found = replace(self, matrix=matrix, encoded=encoded)
        # What does not depend on vectors is not made anew for every few of them.
        for name in ("row_of", "saying"):
            if name in vars(self):
                vars(found)[name] = vars(self)[name]
        return found

    def order(self, dropped: Collection[str], new: "Segment") -> IntArray | None:
        """The rows of this one and then of `new` that are left without the ids `dropped`, which
        those of `new` replace, by ascending id; None where nothing changes."""
        kept = [(i, row) for row, i in enumerate(self.ids) if i not in dropped]
        if not new.ids and len(kept) == len(self):
            return None
        order = sorted([*kept, *((i, row) for row, i in enumerate(new.ids, len(self)))])
        return np.array([row for _, row in order], dtype=np.int64)

    def taken(self, new: "Segment", order: IntArray) -> "Segment":
        """The segment whose row i is row `order[i]` of this one and then of `new`."""
        rows = order.tolist()
        ids, texts = self.ids + new.ids, self.texts + new.texts
        digests, versions = self.digests + new.digests, self.versions + new.versions
        return Segment(
            tuple(ids[row] for row in rows),
            tuple(texts[row] for row in rows),
            tuple(digests[row] for row in rows),
            self.table.merged(new.table, order),
            tuple(versions[row] for row in rows),
            self.fields.merged(new.fields, order),
            np.concatenate([self.matrix, new.matrix])[order],
            np.concatenate([self.encoded, new.encoded])[order],
        )
