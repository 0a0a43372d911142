"""Vectors that lie as those of texts do: drawn from a seed, or made of real texts."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.encoders.lsa import fit_lsa
from indexer.vectors.storage import FloatArray

_TREE = (300, 6_000, 60_000)  # fields, subjects, matters: each the child of one above
_PARTS = (0.45, 0.45, 0.45, 0.6)  # what each of the three and a text's own part weigh
_COMMON = 0.23  # and what all texts share
_DECAY = 0.35  # the spread along direction i falls as i ** -_DECAY
_FIT, _FEWEST_WORDS, _BLOCK = 20_000, 6, 4096


def drawn(count: int, dimension: int, seed: int) -> FloatArray:
    """`count` unit vectors from a mixture of Gaussians nested three deep.

    A text's vector is the sum of its field, its subject, its matter and what is its own. The
    figures are set so that cosines of neighbours and of strangers, and the spectrum, are near
    those of LSA vectors of 242,158 real sentences (nearest .66 of them .75, tenth .50 of .61,
    strangers .05 ± .10 of .05 ± .08), and the neighbours of a query rather harder to find.
    """
    vectors = np.empty((count, dimension), dtype=np.float32)
    for start, block in drawn_blocks(count, dimension, seed):
        vectors[start : start + len(block)] = block
    return vectors


def drawn_blocks(count: int, dimension: int, seed: int) -> Iterator[tuple[int, FloatArray]]:
    """The vectors of `drawn`, some thousands at a time, each block with its start."""
    random = np.random.default_rng([seed, dimension])
    spread = np.arange(1, dimension + 1, dtype=np.float32) ** -_DECAY
    sizes = np.cumsum(random.lognormal(0, 1.2, _TREE[-1]))
    matters = np.searchsorted(sizes, random.random(count) * sizes[-1], side="right")
    common = _COMMON * _directions(random, 1, spread)
    levels = [
        part * _directions(random, level, spread)
        for level, part in zip(_TREE, _PARTS, strict=False)
    ]
    for start in range(0, count, _BLOCK):
        matter = matters[start : start + _BLOCK]
        vectors = np.tile(common, (len(matter), 1))
        for level, directions in zip(_TREE, levels, strict=True):
            vectors += directions[matter * level // _TREE[-1]]
        vectors += _PARTS[-1] * _directions(random, len(matter), spread)
        yield start, _units(vectors)


def of_pairs(folder: Path, seed: int) -> FloatArray:
    """LSA vectors (256) of the sentences in a folder of pairs (*.tsv.gz), shuffled.

    Each sentence of at least six words once; the encoder is fitted on 20,000 of them. Raises
    ValueError where there are none.
    """
    texts = sorted(set(_sentences(folder)))
    if not texts:
        raise ValueError(f"{folder} has no pairs (*.tsv.gz)")
    np.random.default_rng(seed).shuffle(texts)
    encoder = fit_lsa(texts[:_FIT])
    blocks = [
        encoder.encode(texts[start : start + _BLOCK]) for start in range(0, len(texts), _BLOCK)
    ]
    vectors: FloatArray = np.concatenate(blocks)
    known: FloatArray = vectors[np.linalg.norm(vectors, axis=1) > 0.5]
    return known


def _sentences(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                for text in line.rstrip("\n").split("\t")[:2]:
                    if len(text.split()) >= _FEWEST_WORDS:
                        yield text


def _directions(
    random: np.random.Generator, count: int, spread: npt.NDArray[np.float32]
) -> FloatArray:
    drawn = random.standard_normal((count, len(spread)), dtype=np.float32)
    return _units(drawn * spread)


def _units(vectors: FloatArray) -> FloatArray:
    units: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units
