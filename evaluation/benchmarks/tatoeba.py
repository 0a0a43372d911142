"""Sentences and their translations: how often the nearest neighbour is the translation."""

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from evaluation.runs import Scores


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """(English, Vietnamese) of a gzipped file of tab-separated lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        cells = (line.rstrip("\n").split("\t") for line in lines)
        return [(english, vietnamese) for english, vietnamese, *_ in cells]


def found_share(
    encode: Callable[[Sequence[str]], Scores], pairs: Sequence[tuple[str, str]]
) -> float:
    """Share of sentences whose nearest neighbour is their translation, mean of both directions."""
    english, vietnamese = (encode([pair[i] for pair in pairs]) for i in (0, 1))
    cosines, own = english @ vietnamese.T, np.arange(len(pairs))
    return float(np.mean([(cosines.argmax(axis=axis) == own).mean() for axis in (0, 1)]))
