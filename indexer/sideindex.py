"""One side of the index: the ids of its records, their vectors and their terms."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import numpy.typing as npt

from indexer.arrays import Body, read_array, read_lines, write_array, write_lines
from indexer.filtering.fieldtable import FieldTable
from indexer.progress import Progress, silent
from indexer.records import Side
from indexer.vectors.storage import HalfArray, Mask
from indexer.vectors.vectors import RowArray, Vectors
from indexer.words.lexical import LexicalIndex
from indexer.words.tokentable import TokenTable

if TYPE_CHECKING:
    from indexer.gathering import Gathered

Digests = npt.NDArray[np.bytes_]

_WAYS: tuple[Literal["left", "right"], ...] = ("left", "right")


class SideIndex:
    """n records of one side by ascending id; row i of everything is record `ids[i]`.

    `names` (n,) are the digests of the texts the rows were made from, see `digest`, as 32 bytes.
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


def digest(text: str) -> str:
    """A short name of a text: equal names, equal texts."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def merge(
    old: SideIndex,
    old_table: TokenTable,
    dropped: frozenset[str],
    new: "Gathered",
    vectors: HalfArray,
    fields: FieldTable,
    folder: Path,
    progress: Progress = silent,
) -> tuple[SideIndex, TokenTable]:
    """The side without the ids `dropped` and with the records `new`.

    `vectors` and `fields` are those of `new` in its order. The result is the one a rebuild of all
    texts would give: rows by id, terms and weights from all of them. Only lists of vectors are
    added to instead, see `Vectors.merged`. Postings are written into `folder`.
    """
    fresh = frozenset(new.ids)
    kept = [row for row, i in enumerate(old.ids) if i not in dropped and i not in fresh]
    both = (*old.ids, *new.ids)
    rows = (*kept, *range(len(old), len(both)))
    picks = np.array(sorted(rows, key=both.__getitem__), dtype=np.int64)
    table = old_table.merged(new.table, picks)
    names = np.concatenate([old.names, new.names])[picks]
    # The vector of a text that did not change is with the old ones.
    before = np.array([old.row_of.get(i, -1) for i in new.ids], dtype=np.int64)
    same = before >= 0
    same[same] = old.names[before[same]] == new.names[same]
    places = np.arange(len(both))
    places[len(old) :][same] = before[same]
    merged = old.vectors.merged(vectors, places[picks], progress)
    progress("terms", 0, 0)
    side = SideIndex(
        [both[row] for row in picks.tolist()],
        names,
        merged,
        LexicalIndex.build(table, folder, f"{new.side}."),
        old.fields.merged(fields, picks),
    )
    return side, table


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
