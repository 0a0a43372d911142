"""From engine scores to one similarity in 0..1: normalise each kind, then a convex combination.

Convex combination of normalised scores beats reciprocal-rank fusion in and out of domain
(Bruch, Gai, Ingber: An Analysis of Fusion Functions for Hybrid Retrieval, arXiv 2210.11934).
Both normalisations are absolute: they do not depend on which other records are in the list, so
a hopeless need gets low scores instead of a stretched list of equals.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


def lexical_similarity(scores: FloatArray, ceilings: FloatArray) -> FloatArray:
    """BM25 scores (n_queries, n) over the best any document could reach (n_queries,), in 0..1.

    The square root spreads the low end: a good offer answers a long need by a fraction of its
    words. It is monotone, so it never reorders a lexical list.
    """
    share = scores / np.maximum(ceilings, 1e-9)[:, None]
    return np.asarray(np.sqrt(np.clip(share, 0.0, 1.0)), dtype=np.float32)


def dense_similarity(cosines: FloatArray, background: float) -> FloatArray:
    """Cosines above what unrelated pairs show (`background`, < 1), stretched to 0..1."""
    span = max(1.0 - background, 1e-6)
    return np.asarray(np.clip((cosines - background) / span, 0.0, 1.0), dtype=np.float32)


def fuse(lexical: FloatArray, dense: FloatArray, weight: float) -> FloatArray:
    """`weight` of the lexical and the rest of the dense similarity; same shape as its inputs."""
    return np.asarray(weight * lexical + (1.0 - weight) * dense, dtype=np.float32)
