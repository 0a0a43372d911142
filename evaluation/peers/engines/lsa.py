"""scikit-learn: TF-IDF reduced to 256 dimensions, cosines with every row."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.peers.engines.engine import Filter, Given, satisfies
from evaluation.peers.library import library
from indexer.encoder import FloatArray, unit_rows
from indexer.records import Record

_DIMENSION, _SEED = 256, 20261122


class Lsa:
    """Fitted on the first records; more of them are put where the fitted words place them."""

    def __init__(self) -> None:
        text = library("lsa", "sklearn.feature_extraction.text")
        self._vectorizer: Any = text.TfidfVectorizer(dtype=np.float32)
        self._svd: Any = None
        self._records: list[Record] = []
        self._rows: FloatArray = np.zeros((0, _DIMENSION), dtype=np.float32)

    def index(self, records: Sequence[Record]) -> None:
        decomposition = library("lsa", "sklearn.decomposition")
        weighted = self._vectorizer.fit_transform([record.text() for record in records])
        self._svd = decomposition.TruncatedSVD(min(_DIMENSION, *weighted.shape), random_state=_SEED)
        self._records = list(records)
        self._rows = unit_rows(self._svd.fit_transform(weighted))

    def add(self, records: Sequence[Record]) -> None:
        self._records.extend(records)
        self._rows = np.vstack([self._rows, self._encoded([r.text() for r in records])])

    def ask(self, text: str, k: int, where: Filter | None = None) -> list[str]:
        scores = (self._encoded([text]) @ self._rows.T)[0]
        if where is not None:
            there = np.array([satisfies(record, where) for record in self._records])
            scores = np.where(there, scores, -np.inf)
        return self._best(scores, k)

    def batch(self, texts: Sequence[str], k: int) -> list[list[str]]:
        return [self._best(scores, k) for scores in self._encoded(texts) @ self._rows.T]

    def _best(self, scores: FloatArray, k: int) -> list[str]:
        k = min(k, len(scores))
        first = np.argpartition(-scores, k - 1)[:k]
        first = first[np.argsort(-scores[first], kind="stable")]
        return [self._records[row].id for row in first.tolist() if scores[row] > -np.inf]

    def _encoded(self, texts: Sequence[str]) -> FloatArray:
        return unit_rows(self._svd.transform(self._vectorizer.transform(texts)))


def engine(_: Given, __: Path, ___: str) -> Lsa:
    return Lsa()
