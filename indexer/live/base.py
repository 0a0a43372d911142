"""What a live index stands on: an index as it was opened, and who may read its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from indexer.arrays import read_array
from indexer.catalog import Catalog
from indexer.encoder import Encoder
from indexer.filtering.dictionary import Mask
from indexer.filtering.fieldtable import FieldTable
from indexer.filtering.reading import read_fields
from indexer.index import Index
from indexer.keeping.access import Reader, readable_rows
from indexer.manifest import EncoderEntry, Manifest, damaged, read_files
from indexer.records import Side
from indexer.remembered import Remembered
from indexer.sideindex import SideIndex, empty_side
from indexer.words.tokentable import IntArray

_MOST_READERS = 64  # whose rows are remembered; of 1,000,000 rows each is 1 MB


@dataclass(frozen=True)
class BaseSide:
    """One side of the index, with the lengths (n,) of its texts in tokens.

    What changed since the index was made is the rows `changed`, and now is as `now` says.
    """

    side: SideIndex
    lengths: IntArray
    changed: IntArray
    now: FieldTable
    _masks: Remembered[Reader, Mask] = field(default_factory=lambda: Remembered(_MOST_READERS))

    def mask(self, reader: Reader) -> Mask:
        """The rows (n,) that `reader` may read without grants, as of when the index was opened."""
        return self._masks.get(reader, lambda: self._mask(reader))

    def _mask(self, reader: Reader) -> Mask:
        found = readable_rows(self.side.fields, reader)
        found[self.changed] = readable_rows(self.now, reader)
        return found


@dataclass(frozen=True)
class Base:
    """An index, and by side what a live index needs to know beside it."""

    index: Index
    sides: Mapping[Side, BaseSide]

    @classmethod
    def of(cls, index: Index, catalog: Catalog) -> "Base":
        """What `index` is the base of; its files must still be there.

        Raises FileNotFoundError where they are gone, what `Catalog.reading` raises, DamagedError.
        """
        sides = {}
        for side in Side:
            own = index.side(side)
            lengths = _lengths(index, side)
            sides[side] = BaseSide(own, lengths, *_changed(index, catalog, side))
        return cls(index, sides)

    @classmethod
    def empty(cls, folder: Path, catalog: Catalog, encoder: Encoder) -> "Base":
        """The base of a catalog that has no index in `folder` yet."""
        entry = EncoderEntry(
            name=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension
        )
        manifest = Manifest(
            catalog=catalog.identity,
            catalog_version=0,
            encoder=entry,
            background=0.0,
            counts={side.value: 0 for side in Side},
            files={},
        )
        nothing = {side: empty_side(encoder.dimension)[0] for side in Side}
        index = Index(folder / "none", manifest, nothing, encoder)
        none = np.zeros(0, dtype=np.int64)
        return cls(index, {s: BaseSide(nothing[s], none, none, FieldTable.of(0)) for s in Side})


def _changed(index: Index, catalog: Catalog, side: Side) -> tuple[IntArray, FieldTable]:
    """The rows of the side whose records changed since the index was made, ascending, and what is
    known of them now: nothing of those that are gone, which nobody may read."""
    own, made_at = index.side(side), index.catalog_version
    if index.manifest.catalog != catalog.identity or catalog.version < made_at:
        # What was restored since has other records under the versions that the index has seen.
        return np.arange(len(own)), read_fields(catalog, side, own.ids)
    changes = catalog.changes_since(made_at)
    if not changes.upserted and not changes.deleted:
        return np.zeros(0, dtype=np.int64), FieldTable.of(0)
    ids = (*changes.upserted, *changes.deleted)
    rows = sorted(row for row in map(own.row_of.get, ids) if row is not None)
    now = read_fields(catalog, side, [own.ids[row] for row in rows], made_at)
    return np.array(rows, dtype=np.int64), now


def _lengths(index: Index, side: Side) -> IntArray:
    name = f"{side}.starts.npy"
    files = read_files(index.generation, {name: index.manifest.files[name]})
    try:
        found = np.diff(read_array(files[name]))
        if len(found) != len(index.side(side)):
            raise ValueError(f"{len(found)} texts")
    except ValueError as error:
        raise damaged(
            index.generation / name,
            vi=f"không khớp với các tệp của chỉ mục ({error})",
            en=f"does not match the files of the index ({error})",
        ) from error
    return found
