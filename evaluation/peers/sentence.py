"""Cosine of any sentence-transformers model, by its name or folder."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from evaluation.parts import Part, Parts, System, encoder_part
from evaluation.peers.library import library
from evaluation.runs import Scores
from indexer.encoder import CONTEXTUAL, LSA, STATIC, Encoder, FloatArray
from indexer.errors import RequestError


class Encoded(NamedTuple):
    """A loaded model and the documents in it, unit rows (n_documents, dimension)."""

    encoder: Encoder
    rows: FloatArray


def system(model: str, asking: str = "st") -> System:
    """The model as it is, in single precision and searched exactly.

    Raises RequestError where the library is missing or the name is that of an encoder of ours.
    """
    if model.partition("@")[0] in {CONTEXTUAL, STATIC, LSA}:
        raise RequestError(
            vi=f"“{model}” là bộ mã hoá của chính chúng tôi: hãy viết dense:{model}.",
            en=f"“{model}” is an encoder of our own: write dense:{model}.",
        )
    library(asking, "sentence_transformers")
    part = Part("sentence", _build, model)
    return System((part,), partial(_score, part=part))


def _build(parts: Parts, name: str) -> Encoded:
    encoder = parts[encoder_part(name)]
    return Encoded(encoder, parts.encoded(encoder))


def _score(parts: Parts, queries: Sequence[str], *, part: Part[Encoded]) -> Scores:
    encoder, rows = parts[part]
    found: Scores = encoder.encode(queries, query=True) @ rows.T
    return found
