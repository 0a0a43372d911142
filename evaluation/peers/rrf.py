"""Reciprocal rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009) of our two halves."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from evaluation.parts import DECIMALS, Parts, System
from evaluation.runs import Scores, best
from evaluation.systems import LEXICAL, named

_K = 60  # the paper's
_DEPTH = 1_000  # of either list, as deep as runs customarily are


def system(encoder: str) -> System:
    """`bm25` and `dense` fused by their ranks, where `hybrid` fuses by their similarities."""
    dense = named(f"dense:{encoder}" if encoder else "dense")
    return System((LEXICAL, *dense.needs), partial(_score, halves=(named("bm25"), dense)))


def _score(parts: Parts, queries: Sequence[str], *, halves: Sequence[System]) -> Scores:
    """Of each document the sum of 1 / (60 + rank), scaled so that twice the first place is 1.

    What has no similarity is in no list; equals stand in the order of the documents.
    """
    fused = np.zeros((len(queries), len(parts.documents)), dtype=np.float32)
    places = (_K + 1) / (_K + 1 + np.arange(_DEPTH, dtype=np.float32)) / len(halves)
    for half in halves:
        scores = np.round(half.score(parts, queries), DECIMALS)
        for row, sums in zip(scores, fused, strict=True):
            listed = best(row, _DEPTH)
            listed = listed[row[listed] > 0]
            sums[listed] += places[: len(listed)]
    return fused
