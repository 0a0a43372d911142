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

    The share of the need's words that is met, squared: few words in common are mostly chance,
    many are not. It is monotone, so it never reorders a lexical list. Beside the square root of
    the share this was better on needs in the askers' own words and as good where words decide.
    """
    share = scores / np.maximum(ceilings, 1e-9)[:, None]
    return np.asarray(np.square(np.clip(share, 0.0, 1.0)), dtype=np.float32)


def dense_similarity(cosines: FloatArray, background: float) -> FloatArray:
    """Cosines above the least that pairs show (`background`, < 1), stretched to 0..1, squared."""
    span = max(1.0 - background, 1e-6)
    share = np.clip((cosines - background) / span, 0.0, 1.0)
    return np.asarray(np.square(share), dtype=np.float32)


def fuse(lexical: FloatArray, dense: FloatArray, share: float | FloatArray) -> FloatArray:
    """`share` of the lexical and the rest of the dense similarity; same shape as its inputs.

    Both are squares, so the sum of two weak hints stays weak. The cube root orders nothing; it
    spreads the low end, where a person has to tell scores apart.
    """
    return np.asarray(np.cbrt(cube(lexical, dense, share)), dtype=np.float32)


def cube(lexical: FloatArray, dense: FloatArray, share: float | FloatArray) -> FloatArray:
    """What `fuse` takes the root of: for whoever only looks for the best of very many."""
    return np.asarray(share * lexical + (1.0 - share) * dense, dtype=np.float32)
