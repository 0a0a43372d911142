"""Which rows of the index a search may find: those whose records satisfy its conditions.

The index knows what its records state, and answers in a few milliseconds over a million; the
catalog is asked only about what changed since. A condition that no longer holds when a record is
fetched is found out then.
"""

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from indexer.catalog import Catalog
from indexer.conditions import Condition, meeting
from indexer.index import Index
from indexer.live.live import LiveIndex
from indexer.live.segment import Segment
from indexer.live.side import LiveSide
from indexer.records import Side
from indexer.remembered import Remembered

Mask = NDArray[np.bool_]
Where = tuple[Condition, ...]
_State = tuple[str, int] | None  # a catalog and its version
_Key = tuple[_State, Side, Where]

_KEPT = 32  # masks of one index; of 1,000,000 rows each is 1 MB

_masks: WeakKeyDictionary[Index | Segment, Remembered[_Key, Mask]] = WeakKeyDictionary()
_lock = Lock()


def allowed_rows(
    index: Index, catalog: Catalog, side: Side, where: Sequence[Condition]
) -> Mask | None:
    """The rows of that side whose records satisfy every condition, shape (rows,); None for all.

    A live index answers as of what it has seen, any other as of now; each remembers its last
    answers.
    """
    own = index.side(side)
    if not where:
        return own.alive
    if isinstance(index, LiveIndex):
        return _live(index.base.index, index.sides[side], side, tuple(where))
    state = catalog.identity, catalog.version
    key = state, side, tuple(where)
    return _remembered(index).get(key, lambda: _now(index, catalog, state, side, where))


def _live(base: Index, own: LiveSide, side: Side, where: Where) -> Mask:
    """A row of the base whose record changed since is not alive; the segment has it."""
    key = None, side, where
    found = np.append(
        _remembered(base).get(key, lambda: _shared(meeting(own.base.side.fields, where))),
        _remembered(own.segment).get(key, lambda: _shared(meeting(own.segment.fields, where))),
    )
    return found if own.alive is None else found & own.alive


def _now(
    index: Index, catalog: Catalog, state: tuple[str, int], side: Side, where: Sequence[Condition]
) -> Mask:
    own, made_at = index.side(side), index.catalog_version
    identity, version = state
    if identity != index.manifest.catalog or version < made_at:
        # What was restored since has other records under the versions that the index has seen.
        found = np.zeros(len(own), dtype=bool)
        found[_rows(own.row_of, catalog.ids(side, where))] = True
        return _shared(found)
    found = meeting(own.fields, where)
    if version > made_at:
        changes = catalog.changes_since(made_at)
        found[_rows(own.row_of, (*changes.upserted, *changes.deleted))] = False
        found[_rows(own.row_of, catalog.ids(side, where, since=made_at))] = True
    return _shared(found)


def _remembered(part: Index | Segment) -> Remembered[_Key, Mask]:
    with _lock:
        return _masks.setdefault(part, Remembered(_KEPT))


def _rows(row_of: Mapping[str, int], ids: Iterable[str]) -> NDArray[np.int64]:
    """The rows of those of these ids that have one."""
    rows = (row for row in map(row_of.get, ids) if row is not None)
    return np.fromiter(rows, dtype=np.int64)


def _shared(mask: Mask) -> Mask:
    mask.flags.writeable = False  # it is remembered
    return mask
