"""LanceDB as its documentation builds a hybrid search: vectors, full text, fused by rank."""

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.peers.engines.engine import LOOK, RRF, Filter, Given
from evaluation.peers.library import library
from indexer.encoder import FloatArray
from indexer.records import Record

_EXACT = 100_000  # rows its documentation searches without an index of vectors
_THREADS = 2
_BLOCK = 10_000


class Lance:
    """One table in one folder."""

    def __init__(self, given: Given, folder: Path) -> None:
        self._given = given
        for name in ("LANCE_LOG", "LANCEDB_LOG"):  # it warns of its own future at every search
            os.environ.setdefault(name, "error")
        self._library = library("lancedb", "lancedb")
        self._database = self._library.connect(str(folder / "lance"))
        self._ranker = library("lancedb", "lancedb.rerankers").RRFReranker(RRF)
        self._table: Any = None

    def index(self, records: Sequence[Record]) -> None:
        vectors = self._given.documents([record.text() for record in records])
        _forget_namespace()
        self._table = self._database.create_table("records", _batches(records, vectors))
        # Without English stems and stop words: most of the texts are Vietnamese.
        self._table.create_fts_index("text", stem=False, remove_stop_words=False)
        if len(records) > _EXACT:
            self._table.create_index(metric="dot", vector_column_name="vector")

    def add(self, records: Sequence[Record]) -> None:
        vectors = self._given.documents([record.text() for record in records])
        _forget_namespace()
        self._table.add(_batches(records, vectors))
        self._table.optimize()  # what was added is else not in its indexes

    def ask(self, text: str, k: int, where: Filter | None = None) -> list[str]:
        return self._answer(text, self._given.questions([text])[0], k, where)

    def batch(self, texts: Sequence[str], k: int) -> list[list[str]]:
        vectors = self._given.questions(texts)
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(
                pool.map(lambda i: self._answer(texts[i], vectors[i], k, None), range(len(texts)))
            )

    def _answer(self, text: str, vector: FloatArray, k: int, where: Filter | None) -> list[str]:
        asked = self._table.search(query_type="hybrid").vector(vector).text(_words(text))
        asked = asked.distance_type("dot").limit(LOOK).rerank(self._ranker).select(["id"])
        if where is not None:
            asked = asked.where(_expression(where), prefilter=True)
        return [row["id"] for row in asked.to_list()][:k]


def _forget_namespace() -> None:
    """The folder datasets/ of a project, once found as a namespace, is not the library of that
    name, of which LanceDB expects more wherever it is imported."""
    found = sys.modules.get("datasets")
    if found is not None and getattr(found, "__file__", None) is None:
        del sys.modules["datasets"]


def _words(text: str) -> str:
    """The text without what its query language reads as operators."""
    return "".join(char if char.isalnum() else " " for char in text)


def _batches(records: Sequence[Record], vectors: FloatArray) -> Iterator[Any]:
    arrow = library("lancedb", "pyarrow")
    for start in range(0, len(records), _BLOCK):
        part, rows = records[start : start + _BLOCK], vectors[start : start + _BLOCK]
        flat = arrow.array(np.ascontiguousarray(rows, dtype=np.float32).ravel())
        yield arrow.RecordBatch.from_pydict(
            {
                "id": [record.id for record in part],
                "text": [record.text() for record in part],
                "vector": arrow.FixedSizeListArray.from_arrays(flat, rows.shape[1]),
                "trl": [record.trl.high if record.trl else 0 for record in part],
                "place": [record.place for record in part],
                "owner": [record.owner for record in part],
            }
        )


def _expression(where: Filter) -> str:
    name, op, value = where
    return f"{name} {op} {value}" if isinstance(value, int) else f"{name} {op} '{value}'"


def engine(given: Given, folder: Path, _: str) -> Lance:
    return Lance(given, folder)
