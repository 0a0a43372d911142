"""What people build by hand: bm25s, all-MiniLM in FAISS, fused by rank."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.peers.engines.engine import LOOK, Filter, Given, fused, satisfies
from evaluation.peers.library import library
from indexer.records import Record

_EXACT = 50_000  # vectors searched one by one; beyond, through HNSW


class ByHand:
    """bm25s cannot add: with more records its index is made anew."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._words = library("bm25s", "bm25s")
        self._faiss = library("faiss", "faiss")
        self._records: list[Record] = []
        self._bm25: Any = None
        self._vectors: Any = None

    def index(self, records: Sequence[Record]) -> None:
        self.add(records)

    def add(self, records: Sequence[Record]) -> None:
        self._records.extend(records)
        rows = self._given.documents([record.text() for record in records])
        if self._vectors is None:
            self._vectors = self._empty(len(records), rows.shape[1])
        self._vectors.add(rows)
        self._bm25 = self._words.BM25()
        texts = [record.text() for record in self._records]
        self._bm25.index(self._tokens(texts), show_progress=False)

    def ask(self, text: str, k: int, where: Filter | None = None) -> list[str]:
        mask = self._mask(where)
        return self._answers([text], k, mask)[0]

    def batch(self, texts: Sequence[str], k: int) -> list[list[str]]:
        return self._answers(texts, k, None)

    def _answers(
        self, texts: Sequence[str], k: int, mask: npt.NDArray[np.bool_] | None
    ) -> list[list[str]]:
        many = len(self._records) if mask is None else int(mask.sum())
        look = min(LOOK, many)
        if look == 0:
            return [[] for _ in texts]
        parameters = None
        if mask is not None:
            chosen = self._faiss.IDSelectorBatch(np.flatnonzero(mask))
            kind = "SearchParametersHNSW" if self._linked else "SearchParameters"
            parameters = getattr(self._faiss, kind)(sel=chosen)
        near = self._vectors.search(self._given.questions(texts), look, params=parameters)[1]
        said, weights = self._bm25.retrieve(
            self._tokens(texts),
            k=look,
            weight_mask=None if mask is None else mask.astype(np.float32),
            show_progress=False,
        )
        return [
            [self._records[row].id for row in fused([a[a >= 0].tolist(), b[w > 0].tolist()], k)]
            for a, b, w in zip(near, said, weights, strict=True)
        ]

    @property
    def _linked(self) -> bool:
        return isinstance(self._vectors, self._faiss.IndexHNSWFlat)

    def _empty(self, count: int, dimension: int) -> Any:  # noqa: ANN401 - FAISS has no types
        if count <= _EXACT:
            return self._faiss.IndexFlatIP(dimension)
        return self._faiss.IndexHNSWFlat(dimension, 32, self._faiss.METRIC_INNER_PRODUCT)

    def _mask(self, where: Filter | None) -> npt.NDArray[np.bool_] | None:
        if where is None:
            return None
        return np.array([satisfies(record, where) for record in self._records])

    def _tokens(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - bm25s has no types
        return self._words.tokenize(list(texts), show_progress=False)


def engine(given: Given, _: Path, __: str) -> ByHand:
    return ByHand(given)
