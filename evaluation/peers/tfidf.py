"""Cosine of TF-IDF weights, by scikit-learn with its defaults."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from evaluation.parts import Part, Parts, System
from evaluation.peers.library import library
from evaluation.runs import Scores

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class Weighted(NamedTuple):
    """The fitted vectorizer and the documents' rows of unit length, (n_documents, words)."""

    vectorizer: Any
    rows: "csr_matrix"


def system(_: str) -> System:
    """Words of two letters and more, smooth idf, rows of unit length."""
    library("tfidf", "sklearn.feature_extraction.text")
    return System((TFIDF,), score)


def _build(parts: Parts, _: str) -> Weighted | None:
    """None where no document holds a word."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    vectorizer = TfidfVectorizer(dtype=np.float32)
    reads = vectorizer.build_analyzer()
    if not any(reads(text) for text in parts.documents):
        return None
    return Weighted(vectorizer, vectorizer.fit_transform(parts.documents))


TFIDF = Part("tfidf", _build, stage="terms")


def score(parts: Parts, queries: Sequence[str]) -> Scores:
    """As `System.score`."""
    weighted = parts[TFIDF]
    if weighted is None:
        return np.zeros((len(queries), len(parts.documents)), dtype=np.float32)
    asked = weighted.vectorizer.transform(queries)
    return np.asarray((asked @ weighted.rows.T).todense(), dtype=np.float32)
