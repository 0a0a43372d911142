"""Stores side by side: `python -m evaluation.benchmarks.stores --collection DIR … --out FILE.json`.

The documents of a collection are put into the embedded store and into Milvus Lite (or the Milvus
at `--milvus`, which is emptied first), its queries are asked of both, and the lists compared:
overlap of the first ten, Kendall's tau of the ranks of what both lists hold, and the largest
difference of a similarity. A search is timed from the text to the list, the encoding of the query
with it.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from evaluation.benchmarks.machine import describe
from evaluation.benchmarks.output import emit, say
from evaluation.collections import Collection
from evaluation.loading import load_collections
from indexer.catalog import Catalog
from indexer.encoders.loading import load_encoder
from indexer.records import DEFAULT_TYPE, Record, Side
from indexer.stores.connection import Address, Connection
from indexer.stores.embedded import EmbeddedStore
from indexer.stores.milvus import MilvusStore
from indexer.stores.store import Found, Store

_K = 10
_ASKED = ("by_terms", "hybrid")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", type=Path, action="append", required=True)
    parser.add_argument("--encoder", default="static")
    parser.add_argument("--queries", type=int, default=100, help="asked at most, the first ones")
    parser.add_argument("--milvus", default="x.milvus.db", help="as the setting store")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    found = [
        measure(collection, given.encoder, given.queries, given.milvus)
        for path in given.collection
        for collection in load_collections(path)
    ]
    versions = {name: version(name) for name in ("pymilvus", "milvus-lite")}
    document = {
        "benchmark": "stores",
        "machine": describe(),
        "versions": versions,
        "collections": found,
    }
    emit({"encoder": given.encoder, "k": _K, **document}, given.out)


def measure(collection: Collection, encoder: str, most: int, milvus: str) -> dict[str, Any]:
    """Both stores on one collection."""
    records = [
        Record(
            id=document_id,
            side=Side.SUPPLY,
            type=DEFAULT_TYPE[Side.SUPPLY],
            description=text,
        )
        for document_id, text in zip(collection.document_ids, collection.documents, strict=True)
        if text.strip()
    ]
    queries = [text for text in collection.queries if text.strip()][:most]
    with TemporaryDirectory() as folder, Catalog.open(Path(folder) / "c.sqlite3") as catalog:
        address = Address.read(milvus, Path(folder))
        lists, figures = {}, {}
        embedded = EmbeddedStore(catalog, Path(folder) / "index", encoder)
        connection = Connection(address)
        MilvusStore.emptied(connection)
        for name, store in (
            ("embedded", embedded),
            ("milvus", MilvusStore(connection, load_encoder(encoder))),
        ):
            say(f"{collection.name}: {name}")
            lists[name], figures[name] = _asked(store, records, queries)
            store.close()
    agreement = {asked: agree(lists["embedded"][asked], lists["milvus"][asked]) for asked in _ASKED}
    return {
        "collection": collection.name,
        "documents": len(records),
        "queries": len(queries),
        "stores": figures,
        "agreement": agreement,
    }


def _asked(
    store: Store, records: Sequence[Record], queries: Sequence[str]
) -> tuple[dict[str, list[list[Found]]], dict[str, Any]]:
    """(the lists of every way to ask, figures)"""
    wall, own = time.perf_counter(), time.process_time()
    store.add(records)
    figures: dict[str, Any] = {
        "index_s": round(time.perf_counter() - wall, 2),
        "index_cpu_s": round(time.process_time() - own, 2),
    }
    lists: dict[str, list[list[Found]]] = {}
    for name in _ASKED:
        ask: Callable[..., list[Found]] = getattr(store, name)
        ask(queries[0], Side.SUPPLY, _K)  # what is made at the first search
        lists[name], took = [], []
        for text in queries:
            began = time.perf_counter()
            lists[name].append(ask(text, Side.SUPPLY, _K))
            took.append(1000 * (time.perf_counter() - began))
        figures[name] = {
            "median_ms": round(float(np.median(took)), 1),
            "p99_ms": round(float(np.percentile(took, 99)), 1),
        }
    return lists, figures


def agree(one: Sequence[Sequence[Found]], other: Sequence[Sequence[Found]]) -> dict[str, float]:
    """Mean overlap and Kendall's tau of lists of one length, and the largest difference."""
    overlaps, taus, differences = [], [], [0.0]
    for first, second in zip(one, other, strict=True):
        mine = {found.id: found for found in first}
        both = [(mine[found.id], found) for found in second if found.id in mine]
        longest = max(len(first), len(second))
        overlaps.append(len(both) / longest if longest else 1.0)
        taus.append(_tau([(left.rank, right.rank) for left, right in both]))
        differences += [abs(left.similarity - right.similarity) for left, right in both]
    return {
        "overlap@10": round(float(np.mean(overlaps)), 4),
        "kendall_tau": round(float(np.mean(taus)), 4),
        "largest_difference": round(max(differences), 6),
    }


def _tau(ranks: Sequence[tuple[int, int]]) -> float:
    """Kendall's tau of pairs of ranks without ties, 1 for fewer than two."""
    signs = [
        np.sign((one[0] - two[0]) * (one[1] - two[1]))
        for place, one in enumerate(ranks)
        for two in ranks[:place]
    ]
    return float(np.mean(signs)) if signs else 1.0


if __name__ == "__main__":
    main()
