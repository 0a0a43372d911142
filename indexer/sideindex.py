"""One side of the index: the ids of its records, their vectors and their terms."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from indexer.arrays import read_lines, write_lines
from indexer.progress import Progress, silent
from indexer.records import Side
from indexer.vectors.storage import Mask
from indexer.vectors.vectors import FloatArray, RowArray, Vectors
from indexer.words.lexical import LexicalIndex
from indexer.words.tokentable import TokenTable

_WAYS: tuple[Literal["left", "right"], ...] = ("left", "right")


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

    @property
    def alive(self) -> Mask | None:
        """Which rows are there, shape (n,); None for all of them, as in every index of a folder."""
        return None

    def present(self) -> Iterator[str]:
        """The ids of the rows that are there, ascending."""
        return iter(self.ids)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        return {record_id: row for row, record_id in enumerate(self.ids)}

    def said(self, name: str) -> list[str]:
        """The ids of the records whose text has the digest `name`."""
        sorted_names, rows = self._by_digest
        first, last = (np.searchsorted(sorted_names, name.encode(), way) for way in _WAYS)
        return [self.ids[row] for row in rows[first:last].tolist()]

    @cached_property
    def _by_digest(self) -> tuple[npt.NDArray[np.bytes_], RowArray]:
        """The digests in order, and the row of each."""
        names = np.array([name.encode() for name in self.digests], dtype="S32")
        rows = np.argsort(names, kind="stable")
        return names[rows], rows

    def save(self, folder: Path, side: Side) -> tuple[str, ...]:
        """Writes the side into an existing folder; returns the names of its files."""
        prefix = f"{side}."
        write_lines(folder / f"{prefix}ids.txt", self.ids)
        write_lines(folder / f"{prefix}digests.txt", self.digests)
        own = tuple(prefix + name for name in ("ids.txt", "digests.txt"))
        return (*own, *self.vectors.save(folder, prefix), *self.lexical.save(folder, prefix))

    @classmethod
    def load(
        cls, files: Mapping[str, bytes], side: Side, dimension: int, count: int
    ) -> "SideIndex":
        """The side saved in these files. Raises KeyError or ValueError where they disagree."""
        prefix = f"{side}."
        ids = read_lines(files[f"{prefix}ids.txt"])
        digests = read_lines(files[f"{prefix}digests.txt"])
        if len(ids) != count or len(digests) != count:
            raise ValueError(f"{prefix}ids.txt: {len(ids)} ids instead of {count}")
        vectors = Vectors.load(files, prefix, dimension, count)
        return cls(ids, digests, vectors, LexicalIndex.load(files, prefix, count))


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
    progress: Progress = silent,
) -> tuple[SideIndex, TokenTable]:
    """The side without the ids `dropped` and with the texts `new` (by id).

    `new_table` and `vectors` are those of `new` in its order. The result is the one a rebuild
    of all texts would give: rows by id, terms and weights from all of them. Only a graph over
    the vectors is added to instead, see `Vectors.merged`.
    """
    kept = [(i, False, row) for row, i in enumerate(old.ids) if i not in dropped and i not in new]
    added = [(record_id, True, row) for row, record_id in enumerate(new)]
    order = sorted(kept + added)
    picks = [(is_new, row) for _, is_new, row in order]
    names = [digest(text) for text in new.values()]
    table = old_table.merged(new_table, picks)
    places = [_place(old, i, names, row) if is_new else row for i, is_new, row in order]
    side = SideIndex(
        [record_id for record_id, _, _ in order],
        [names[row] if is_new else old.digests[row] for is_new, row in picks],
        old.vectors.merged(vectors, np.asarray(places, dtype=np.int64), progress),
        LexicalIndex.build(table),
    )
    return side, table


def _place(old: SideIndex, record_id: str, names: Sequence[str], row: int) -> int:
    """Where the vector of new text `row` is: with the old ones, where the text did not change."""
    before = old.row_of.get(record_id)
    unchanged = before is not None and old.digests[before] == names[row]
    return before if before is not None and unchanged else len(old) + row


def empty_side(dimension: int) -> tuple[SideIndex, TokenTable]:
    """A side without records."""
    table = TokenTable.of(())
    vectors = Vectors(np.zeros((0, dimension), dtype=np.float32))
    return SideIndex((), (), vectors, LexicalIndex.build(table)), table
