"""Which rows of the index a search may find: those whose records satisfy its conditions."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from indexer.catalog import Catalog
from indexer.conditions import Condition
from indexer.index import Index
from indexer.records import Side

Mask = NDArray[np.bool_]
_Key = tuple[str, int, Side, tuple[Condition, ...]]

_KEPT = 32  # masks of one index; of 100,000 rows each is 100 kB

_masks: WeakKeyDictionary[Index, OrderedDict[_Key, Mask]] = WeakKeyDictionary()
_lock = Lock()


def allowed_rows(
    index: Index, catalog: Catalog, side: Side, where: Sequence[Condition]
) -> Mask | None:
    """The rows of that side whose records satisfy every condition, shape (rows,); None for all.

    The catalog answers once for each of its versions: asking it for 100,000 ids takes longer
    than all the rest of a search. Without conditions it is not asked at all; a record that is
    gone since is found out when it is fetched.
    """
    if not where:
        return None
    key = (catalog.identity, catalog.version, side, tuple(where))
    with _lock:
        known = _masks.setdefault(index, OrderedDict())
        if key in known:
            known.move_to_end(key)
            return known[key]
    rows = map(index.side(side).row_of.get, catalog.ids(side, where))
    found = np.fromiter((-1 if row is None else row for row in rows), dtype=np.int64)
    mask = np.zeros(len(index.side(side)), dtype=bool)
    mask[found[found >= 0]] = True
    mask.flags.writeable = False  # it is shared
    with _lock:
        known[key] = mask
        while len(known) > _KEPT:
            known.popitem(last=False)
    return mask
