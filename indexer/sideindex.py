"""One side of the index: the ids of its records, their vectors and their terms."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from indexer.arrays import Body, read_array, read_lines, write_array, write_lines
from indexer.digests import Digests
from indexer.filtering.fieldtable import FieldTable
from indexer.records import Side
from indexer.vectors.storage import Mask
from indexer.vectors.vectors import RowArray, Vectors
from indexer.words.lexical import LexicalIndex
from indexer.words.tokentable import TokenTable

_WAYS: tuple[Literal["left", "right"], ...] = ("left", "right")


class SideIndex:
    """n records of one side by ascending id; row i of everything is record `ids[i]`.

    `names` (n,) are the digests of the texts the rows were made from, see `indexer.digests`.
    """

    def __init__(
        self,
        ids: Sequence[str],
        names: Digests,
        vectors: Vectors,
        lexical: LexicalIndex,
        fields: FieldTable,
    ) -> None:
        self.ids = tuple(ids)
        self.names = names
        self.vectors = vectors
        self.lexical = lexical
        self.fields = fields

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def alive(self) -> Mask | None:
        """Which rows are there, shape (n,); None for all of them, as in every index of a folder."""
        return None

    def present(self) -> Iterator[str]:
        """The ids of the rows that are there, ascending."""
        return iter(self.ids)

    @property
    def digests(self) -> Sequence[str]:
        """The digests of the rows, as `digest` gives them."""
        return _Decoded(self.names)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        return _Rows(self.ids)

    def said(self, name: str) -> list[str]:
        """The ids of the records whose text has the digest `name`."""
        order = self._order
        first, last = (
            np.searchsorted(self.names, name.encode(), way, sorter=order) for way in _WAYS
        )
        return [self.ids[row] for row in order[first:last].tolist()]

    def rows_said(self, digests: Digests) -> RowArray:
        """A row whose text has each of these digests, -1 where there is none, (n,)."""
        rows = np.full(len(digests), -1, dtype=np.int64)
        if len(self):
            places = np.searchsorted(self.names, digests, sorter=self._order)
            found = self._order[np.minimum(places, len(self) - 1)]
            same = self.names[found] == digests
            rows[same] = found[same]
        return rows

    @cached_property
    def _order(self) -> npt.NDArray[np.int32]:
        """The rows by their digests, equal ones ascending."""
        return np.argsort(self.names, kind="stable").astype(np.int32)

    def save(self, folder: Path, side: Side) -> tuple[str, ...]:
        """Writes the side into an existing folder; returns the names of its files."""
        prefix = f"{side}."
        write_lines(folder / f"{prefix}ids.txt", self.ids)
        write_array(folder / f"{prefix}digests.npy", self.names.view(np.uint8).reshape(-1, 32))
        write_array(folder / f"{prefix}order.npy", self._order)
        own = tuple(prefix + name for name in ("ids.txt", "digests.npy", "order.npy"))
        parts = (self.vectors, self.lexical, self.fields)
        return (*own, *(name for part in parts for name in part.save(folder, prefix)))

    @classmethod
    def load(cls, files: Mapping[str, Body], side: Side, dimension: int, count: int) -> "SideIndex":
        """The side saved in these files. Raises KeyError or ValueError where they disagree."""
        prefix = f"{side}."
        ids = read_lines(files[f"{prefix}ids.txt"])
        digests, order = (read_array(files[prefix + n]) for n in ("digests.npy", "order.npy"))
        if len(ids) != count or digests.shape != (count, 32) or order.shape != (count,):
            raise ValueError(f"{prefix}ids.txt: {len(ids)} ids instead of {count}")
        vectors = Vectors.load(files, prefix, dimension, count)
        lexical = LexicalIndex.load(files, prefix, count)
        names = digests.reshape(-1).view("S32")
        side_index = cls(ids, names, vectors, lexical, FieldTable.load(files, prefix, count))
        side_index.__dict__["_order"] = order
        return side_index


class _Decoded(Sequence[str]):
    """Digests as text, one at a time: few are ever looked at."""

    def __init__(self, names: Digests) -> None:
        self._names = names

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> "_Decoded": ...
    def __getitem__(self, row: int | slice) -> "str | _Decoded":
        return _Decoded(self._names[row]) if isinstance(row, slice) else self._names[row].decode()

    def __len__(self) -> int:
        return len(self._names)


class _Rows(Mapping[str, int]):
    """The place of each id in an ascending list of them."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        self._ids = ids

    def __getitem__(self, record_id: str) -> int:
        row = bisect_left(self._ids, record_id)
        if row < len(self._ids) and self._ids[row] == record_id:
            return row
        raise KeyError(record_id)

    def get(self, record_id: str, default: Any = None) -> Any:  # noqa: ANN401 - as of every mapping
        row = bisect_left(self._ids, record_id)
        there = row < len(self._ids) and self._ids[row] == record_id
        return row if there else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def empty_side(dimension: int) -> tuple[SideIndex, TokenTable]:
    """A side without records."""
    table = TokenTable.of(())
    vectors = Vectors(np.zeros((0, dimension), dtype=np.float32))
    names: Digests = np.zeros(0, dtype="S32")
    side = SideIndex((), names, vectors, LexicalIndex.build(table), FieldTable.of(0))
    return side, table
