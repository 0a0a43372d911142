"""BM25 by the library bm25s (Lù 2024, arXiv 2407.03618), with its own tokenizer and defaults."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation.parts import Part, Parts, System
from evaluation.peers.library import library
from evaluation.runs import Scores


def system(_: str) -> System:
    """Lucene's BM25 of words of two letters and more, without English stop words, unstemmed."""
    library("bm25s", "bm25s")
    return System((_INDEX,), _score)


def _build(parts: Parts, _: str) -> Any:  # noqa: ANN401 - bm25s has no types
    import bm25s  # noqa: PLC0415

    words = bm25s.tokenize(list(parts.documents), show_progress=False)
    if not any(words.ids):
        return None
    index = bm25s.BM25()
    index.index(words, show_progress=False)
    return index


_INDEX = Part("bm25s", _build, stage="terms")


def _score(parts: Parts, queries: Sequence[str]) -> Scores:
    import bm25s  # noqa: PLC0415

    index = parts[_INDEX]
    asked = bm25s.tokenize(list(queries), return_ids=False, show_progress=False)
    scores = np.zeros((len(queries), len(parts.documents)), dtype=np.float32)
    for row, words in zip(scores, asked, strict=True):
        if index is not None and words:
            row[:] = index.get_scores(words)
    return scores
