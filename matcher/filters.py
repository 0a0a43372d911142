"""Which rows of the index a search may find: those whose records satisfy its conditions."""

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from indexer.catalog import Catalog
from indexer.conditions import Condition
from indexer.index import Index
from indexer.live.live import LiveIndex
from indexer.live.segment import Segment
from indexer.records import Side
from indexer.remembered import Remembered

Mask = NDArray[np.bool_]
Where = tuple[Condition, ...]
_Key = tuple[object, Side, Where]

_KEPT = 32  # masks of one index; of 100,000 rows each is 100 kB

_masks: WeakKeyDictionary[Index | Segment, Remembered[_Key, Mask]] = WeakKeyDictionary()
_lock = Lock()


def allowed_rows(
    index: Index, catalog: Catalog, side: Side, where: Sequence[Condition]
) -> Mask | None:
    """The rows of that side whose records satisfy every condition, shape (rows,); None for all.

    The catalog answers once for each of its versions: asking it for 100,000 ids takes longer
    than all the rest of a search. Without conditions it is not asked at all; a record that is
    gone since is found out when it is fetched.
    """
    own = index.side(side)
    if not where:
        return own.alive
    if isinstance(index, LiveIndex):
        return _live(index, catalog, side, tuple(where))
    key = ((catalog.identity, catalog.version), side, tuple(where))

    def asked() -> Mask:
        return _mask(len(own), own.row_of, catalog.ids(side, where))

    return _remembered(index).get(key, asked)


def _live(index: LiveIndex, catalog: Catalog, side: Side, where: Where) -> Mask:
    """Of the base the catalog is asked once: a row whose record changed since is not alive."""
    own, version = index.sides[side], index.base.index.catalog_version
    key = (catalog.identity, side, where)

    def asked_base() -> Mask:
        return _mask(len(own.base.side), own.base.side.row_of, catalog.ids(side, where))

    def asked_segment() -> Mask:
        changed = catalog.ids(side, where, since=version)
        return _mask(len(own.segment), own.segment.row_of, changed)

    found = np.append(
        _remembered(index.base.index).get(key, asked_base),
        _remembered(own.segment).get(key, asked_segment),
    )
    return found if own.alive is None else found & own.alive


def _remembered(part: Index | Segment) -> Remembered[_Key, Mask]:
    with _lock:
        return _masks.setdefault(part, Remembered(_KEPT))


def _mask(count: int, row_of: Mapping[str, int], ids: Iterable[str]) -> Mask:
    rows = (-1 if row is None else row for row in map(row_of.get, ids))
    found = np.fromiter(rows, dtype=np.int64)
    mask = np.zeros(count, dtype=bool)
    mask[found[found >= 0]] = True
    mask.flags.writeable = False  # it is shared
    return mask
