"""Sparse queries times sparse documents, as a dense table of scores."""

import numpy as np
import numpy.typing as npt

from indexer.words.sparse import csr_matrix


def product(queries: csr_matrix, documents: csr_matrix) -> npt.NDArray[np.float32]:
    """`queries` (n, terms) times `documents` (terms, m), shape (n, m).

    One query alone is a sum over the few rows it touches: several times as fast as a product of
    matrices, which looks at every column twice.
    """
    if queries.shape[0] != 1:
        return np.asarray((queries @ documents).todense(), dtype=np.float32)
    touched = documents[queries.indices]
    found: npt.NDArray[np.float32] = touched.T @ queries.data
    return found[None]
