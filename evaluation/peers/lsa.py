"""Latent semantic analysis (Deerwester et al. 1990): TF-IDF reduced to 256 dimensions."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from evaluation.parts import Part, Parts, System
from evaluation.peers import tfidf
from evaluation.peers.library import library
from evaluation.runs import Scores
from indexer.encoder import FloatArray, unit_rows

_DIMENSION = 256
_SEED = 20261122


class Reduced(NamedTuple):
    """The fitted decomposition and the documents in it, unit rows (n_documents, dimension)."""

    decomposition: Any
    rows: FloatArray


def system(_: str) -> System:
    """Cosine after scikit-learn's TruncatedSVD of what `tfidf` has."""
    library("lsa", "sklearn.decomposition")
    return System((tfidf.TFIDF, _LSA), _score)


def _build(parts: Parts, _: str) -> Reduced | None:
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415

    weighted = parts[tfidf.TFIDF]
    if weighted is None or weighted.rows.shape[1] < 2:
        return None  # nothing to reduce
    kept = min(_DIMENSION, *weighted.rows.shape)
    decomposition = TruncatedSVD(kept, random_state=_SEED)
    with np.errstate(invalid="ignore"):  # of texts that are all alike, a variance it divides by
        rows = decomposition.fit_transform(weighted.rows)
    return Reduced(decomposition, unit_rows(rows))


_LSA = Part("lsa", _build, stage="fit")


def _score(parts: Parts, queries: Sequence[str]) -> Scores:
    weighted, reduced = parts[tfidf.TFIDF], parts[_LSA]
    if weighted is None or reduced is None:
        return tfidf.score(parts, queries)
    asked = reduced.decomposition.transform(weighted.vectorizer.transform(queries))
    return np.asarray(unit_rows(asked) @ reduced.rows.T, dtype=np.float32)
