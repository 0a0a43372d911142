"""How a Milvus store follows the catalog: incrementally, and never the wrong one."""

import time
from collections.abc import Sequence

from indexer.catalog import Catalog
from indexer.encoder import FloatArray
from indexer.errors import RequestError
from indexer.progress import Progress, silent
from indexer.records import Record, Side
from indexer.stores.milvus import MilvusStore
from indexer.updating import IndexReport


def follow(
    store: MilvusStore, catalog: Catalog, name: str, progress: Progress = silent
) -> IndexReport:
    """Brings the store up to the catalog: what changed since the version it stands for is put in or
    taken out. `name` is that of the store, for messages.

    Cut off anywhere, the next call does the rest. Raises RequestError where the store holds the
    records of another catalog, and as `Store` does.
    """
    started = time.perf_counter()
    pairing = store.pairing()
    if pairing is not None and pairing.catalog not in ("", catalog.identity):
        raise foreign(name)
    before = pairing.version if pairing and pairing.catalog else 0
    if before > catalog.version:
        raise foreign(name)
    changes = catalog.changes_since(before)
    if pairing and pairing.whole and pairing.catalog and changes.version == before:
        counted = sum(store.count(side) for side in Side)
        return IndexReport(before, 0, counted, 0, time.perf_counter() - started)
    if pairing is None:
        store.begin(catalog.identity)
    done = 0

    def encode(records: Sequence[Record], side: Side) -> FloatArray:
        nonlocal done
        found = store.encode(records, side)
        done += len(records)
        progress("encode", done, len(changes.upserted))
        return found

    put_in = store.apply(
        catalog.records(ids=changes.upserted),
        changes.deleted,
        made_of=(catalog.identity, changes.version),
        encode=encode,
    )
    there = sum(store.count(side) for side in Side)
    return IndexReport(
        version=changes.version,
        encoded=put_in,
        reused=there - put_in,
        removed=len(changes.deleted),
        seconds=time.perf_counter() - started,
    )


def foreign(name: str) -> RequestError:
    """What is said of a store that was filled from another catalog."""
    return RequestError(
        vi=f"Kho {name} chứa hồ sơ của một danh mục khác, hoặc của danh mục này trước khi khôi "
        "phục. Hãy sửa thiết lập store, hoặc thay toàn bộ kho: cungcau index --full",
        en=f"The store {name} holds the records of another catalog, or of this one before a "
        "restore. Change the setting store, or replace all of the store: cungcau index --full",
    )
