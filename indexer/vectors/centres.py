"""Centres of vectors: spherical k-means of a sample, by matrix products alone.

FAISS's own takes four times as long to find the nearest of some thousand centres (30 against 120
billion operations a second on one core, measured): the products are BLAS's either way, but it
compares what comes out in small blocks.
"""

import numpy as np

from indexer.progress import Progress, silent
from indexer.vectors.storage import FloatArray, HalfArray, RowArray

TRAINED_ON = 32  # vectors for each centre
ROUNDS = 8
_SEED = 20250101
_BLOCK = 4096  # vectors that meet the centres at a time: 64 MB of products with 4,096


def made(
    codes: HalfArray, count: int, progress: Progress = silent
) -> tuple[FloatArray, FloatArray]:
    """`count` unit centres, and the sample they were made of, in random order.

    Where there are fewer vectors than centres some are several centres. Stage "centres" of the
    progress.
    """
    random = np.random.default_rng(_SEED)
    rows = random.permutation(len(codes))[: TRAINED_ON * count]
    sample = codes[np.resize(rows, max(len(rows), count))].astype(np.float32)
    centres = sample[:count].copy()
    for done in range(ROUNDS):
        lists = nearest(sample, centres)
        order = np.argsort(lists, kind="stable")
        used, starts = np.unique(lists[order], return_index=True)
        # A centre of no vector begins anew at one.
        centres = sample[random.integers(0, len(sample), count)]
        centres[used] = np.add.reduceat(sample[order], starts, axis=0)
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
        progress("centres", done + 1, ROUNDS)
    return centres, sample


def nearest(vectors: FloatArray, centres: FloatArray) -> RowArray:
    """The centre of the largest inner product with each vector, shape (len(vectors),)."""
    found = np.empty(len(vectors), dtype=np.int64)
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        found[start : start + _BLOCK] = (block @ centres.T).argmax(axis=1)
    return found
