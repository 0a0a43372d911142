"""txtai's hybrid search (NeuML): its BM25 and its vectors, each worth a half."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation.parts import Part, Parts, System
from evaluation.peers.library import library
from evaluation.peers.minilm import folder
from evaluation.runs import Scores

_MODULE = "txtai.embeddings"
_DEPTH = 1_000  # documents of one query; the rest of a row is 0


def system(_: str) -> System:
    """As its users get it with hybrid=True, with the model it takes by default.

    Its vectors are searched approximately where there are more than 5,000.
    """
    library("txtai", _MODULE)
    folder("txtai")
    return System((_INDEX,), _score)


def _load(parts: Parts, _: str) -> Any:  # noqa: ANN401 - txtai has no types
    embeddings = library("txtai", _MODULE).Embeddings
    return embeddings(path=str(folder("txtai")), hybrid=True, content=False, gpu=False)


def _build(parts: Parts, _: str) -> Any:  # noqa: ANN401
    index = parts[_LOADED]  # apart, as our encoders are: loading is not the time of an index
    index.index(_clean(parts.documents))
    return index


_LOADED = Part("txtai, loaded", _load)
_INDEX = Part("txtai", _build, stage="encode")


def _clean(texts: Sequence[str]) -> list[str]:
    """Without halves of surrogate pairs, which its tokenizer refuses."""
    return [text.encode(errors="replace").decode() for text in texts]


def _score(parts: Parts, queries: Sequence[str]) -> Scores:
    scores = np.zeros((len(queries), len(parts.documents)), dtype=np.float32)
    lists = parts[_INDEX].batchsearch(_clean(queries), _DEPTH)
    for row, found in zip(scores, lists, strict=True):
        for document, score in found:
            row[document] = score
    return scores
