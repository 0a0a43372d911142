"""What conditions, and who may read, ask of one side of an index: row i is of its record i."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from indexer.checked import CheckedRows, IndexFiles
from indexer.filtering.columns import Ranges, Texts, nothing
from indexer.filtering.packed import read_packed, write_packed
from indexer.filtering.sortedtexts import Array, IntArray
from indexer.sql.schema import FOLDED

FIELD_FILE = "fields.bin"

# The names are those of columns of `indexer.sql.schema.records`.
_TEXTS = (
    "side",
    "type",
    "currency",
    "language",
    "visibility",
    "centre",
    "organisation",
    *(f"{name}_key" for name in FOLDED),
)
RANGES = {
    "trl": ("trl_low", "trl_high"),
    "money": ("money_low", "money_high"),
    "version": ("version",),
    "starts": ("starts",),
    "ends": ("ends",),
    "expires": ("expires",),
}
_KINDS = {"trl": np.int8, "money": np.float64}  # all others, days counted from year 1, are int32
_LIMIT = float(np.finfo(np.float64).max)  # what is more than this is still less than no limit

# What a row given to `FieldTable.of` holds, in this order.
COLUMNS = (*_TEXTS, *(column for columns in RANGES.values() for column in columns))

Row = Sequence[Any]
_Field = TypeVar("_Field")


class FieldTable:
    """n records: their `texts` and `ranges` by field, as `indexer.conditions` and
    `indexer.keeping.access` ask for them.

    A row of which nothing is known states no value and has no text.
    """

    def __init__(
        self, count: int, texts: Mapping[str, Texts], ranges: Mapping[str, Ranges]
    ) -> None:
        self._count = count
        self.texts = texts
        self.ranges = ranges

    def __len__(self) -> int:
        return self._count

    @classmethod
    def of(
        cls, count: int, parts: Iterable[tuple[Sequence[int], Sequence[Row]]] = ()
    ) -> "FieldTable":
        """The table of `count` rows from parts: the numbers of rows, and what they hold, each as
        `COLUMNS` has it. Rows in no part are of records of which nothing is known."""
        known: dict[str, dict[str, int]] = {name: {"": 0} for name in _TEXTS}
        codes = {name: np.zeros(count, dtype=np.int64) for name in _TEXTS}
        ends = {
            column: np.full(count, nothing(kind), dtype=kind)
            for name, columns in RANGES.items()
            for kind in [np.dtype(_KINDS.get(name, np.int32))]
            for column in columns
        }
        for rows, held in parts:
            for column, values in zip(COLUMNS, zip(*held, strict=True), strict=bool(held)):
                if column in known:
                    texts = known[column]
                    codes[column][rows] = [texts.setdefault(text, len(texts)) for text in values]
                else:
                    ends[column][rows] = _numbers(values, ends[column].dtype)
        return cls(
            count,
            {name: Texts.of(known[name], codes[name]) for name in _TEXTS},
            {name: Ranges.of(ends[own[0]], ends[own[-1]]) for name, own in RANGES.items()},
        )

    def merged(self, new: "FieldTable", sources: IntArray) -> "FieldTable":
        """The table whose row i is row `sources[i]` of this one's and then the new one's."""
        if not len(self) and np.array_equal(sources, np.arange(len(new))):
            return new
        return FieldTable(
            len(sources),
            {name: own.merged(new.texts[name], sources) for name, own in self.texts.items()},
            {name: own.merged(new.ranges[name], sources) for name, own in self.ranges.items()},
        )

    def save(self, folder: Path, prefix: str) -> tuple[str, ...]:
        """Writes the table into an existing folder; returns the names of its files."""
        arrays: dict[str, Array] = {}
        for name, texts in self.texts.items():
            arrays |= texts.arrays(name)
        for name, ranges in self.ranges.items():
            arrays |= ranges.arrays(name)
        write_packed(folder / f"{prefix}{FIELD_FILE}", arrays)
        return (f"{prefix}{FIELD_FILE}",)

    @classmethod
    def load(cls, files: Mapping[str, bytes | memoryview], prefix: str, count: int) -> "FieldTable":
        """The table of `count` rows saved in these files; its arrays lie in them.

        Raises KeyError or ValueError where they disagree; asking for a field raises DamagedError
        where it is not what was written.
        """
        file = f"{prefix}{FIELD_FILE}"
        found, opened = read_packed(files[file]), IndexFiles.of(files)
        checks: dict[str, list[CheckedRows]] = {}
        for name, array in found.items():
            own = CheckedRows(opened, file, array)
            checks.setdefault(name.partition(".")[0], []).append(own)
            own.inside(max(len(array) - 1, 0), len(array))  # what `of_arrays` looks at
        return cls(
            count,
            _Checked({name: Texts.of_arrays(found, name, count) for name in _TEXTS}, checks),
            _Checked({name: Ranges.of_arrays(found, name, count) for name in RANGES}, checks),
        )


class _Checked(Mapping[str, _Field]):
    """Fields whose arrays are checked before they are given."""

    def __init__(
        self, fields: Mapping[str, _Field], checks: Mapping[str, Sequence[CheckedRows]]
    ) -> None:
        self._fields = fields
        self._checks = checks

    def __getitem__(self, name: str) -> _Field:
        found, arrays = self._fields[name], self._checks[name]
        arrays[0].unchanged()
        for array in arrays:
            array.all()
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def _numbers(values: Sequence[Any], dtype: np.dtype[Any]) -> Array:
    """The values of a column of the catalog, None for those not stated, as a range holds them."""
    if any(isinstance(value, date) for value in values):
        values = [value and value.toordinal() for value in values]
    read = np.array(values, dtype=np.float64)  # None is NaN
    return np.where(np.isnan(read), nothing(dtype), np.minimum(read, _LIMIT)).astype(dtype)


def as_number(value: int | float | date) -> float:
    """A value as a range holds it: a day by its number, an amount as no more than the largest."""
    if isinstance(value, date):
        return value.toordinal()
    return min(value, _LIMIT)
