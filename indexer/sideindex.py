"""One side of the index: the ids of its records, their vectors and their terms."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from indexer.arrays import read_array, read_lines, write_array, write_lines
from indexer.lexical import LexicalIndex
from indexer.records import Side
from indexer.tokentable import TokenTable
from indexer.vectors import FloatArray, Vectors


class SideIndex:
    """n records of one side by ascending id; row i of everything is record `ids[i]`.

    `digests` are those of the texts the rows were made from, see `digest`.
    """

    def __init__(
        self,
        ids: Sequence[str],
        digests: Sequence[str],
        vectors: Vectors,
        lexical: LexicalIndex,
    ) -> None:
        self.ids = tuple(ids)
        self.digests = tuple(digests)
        self.vectors = vectors
        self.lexical = lexical

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row_of(self) -> dict[str, int]:
        return {record_id: row for row, record_id in enumerate(self.ids)}

    def save(self, folder: Path, side: Side) -> tuple[str, ...]:
        """Writes the side into an existing folder; returns the names of its files."""
        prefix = f"{side}."
        write_lines(folder / f"{prefix}ids.txt", self.ids)
        write_lines(folder / f"{prefix}digests.txt", self.digests)
        write_array(folder / f"{prefix}vectors.npy", self.vectors.matrix)
        own = tuple(prefix + name for name in ("ids.txt", "digests.txt", "vectors.npy"))
        return (*own, *self.lexical.save(folder, prefix))

    @classmethod
    def load(
        cls, files: Mapping[str, bytes], side: Side, dimension: int, count: int
    ) -> "SideIndex":
        """The side saved in these files. Raises KeyError or ValueError where they disagree."""
        prefix = f"{side}."
        ids = read_lines(files[f"{prefix}ids.txt"])
        digests = read_lines(files[f"{prefix}digests.txt"])
        matrix = read_array(files[f"{prefix}vectors.npy"])
        if matrix.shape != (count, dimension):
            raise ValueError(f"{prefix}vectors.npy: {matrix.shape} is not {(count, dimension)}")
        if len(ids) != count or len(digests) != count:
            raise ValueError(f"{prefix}ids.txt: {len(ids)} ids instead of {count}")
        lexical = LexicalIndex.load(files, prefix, count)
        return cls(ids, digests, Vectors(matrix), lexical)


def digest(text: str) -> str:
    """A short name of a text: equal names, equal texts."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def merge(
    old: SideIndex,
    old_table: TokenTable,
    dropped: frozenset[str],
    new: Mapping[str, str],
    new_table: TokenTable,
    vectors: FloatArray,
) -> tuple[SideIndex, TokenTable]:
    """The side without the ids `dropped` and with the texts `new` (by id).

    `new_table` and `vectors` are those of `new` in its order. The result is the one a rebuild
    of all texts would give: rows by id, terms and weights from all of them.
    """
    kept = [(i, False, row) for row, i in enumerate(old.ids) if i not in dropped and i not in new]
    added = [(record_id, True, row) for row, record_id in enumerate(new)]
    order = sorted(kept + added)
    picks = [(is_new, row) for _, is_new, row in order]
    names = [digest(text) for text in new.values()]
    matrix = np.concatenate([old.vectors.matrix, vectors])
    places = [len(old) + row if is_new else row for is_new, row in picks]
    table = old_table.merged(new_table, picks)
    side = SideIndex(
        [record_id for record_id, _, _ in order],
        [names[row] if is_new else old.digests[row] for is_new, row in picks],
        Vectors(matrix[np.asarray(places, dtype=np.int64)]),
        LexicalIndex.build(table),
    )
    return side, table


def empty_side(dimension: int) -> tuple[SideIndex, TokenTable]:
    """A side without records."""
    table = TokenTable.of(())
    vectors = Vectors(np.zeros((0, dimension), dtype=np.float32))
    return SideIndex((), (), vectors, LexicalIndex.build(table)), table
