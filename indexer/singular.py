"""The strongest directions of a sparse matrix: a randomised singular value decomposition."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

_OVERSAMPLES = 10

FloatArray = npt.NDArray[np.float32]


def singular_directions(matrix: csr_matrix, most: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """(singular values, right singular vectors) of a float32 matrix (n, m), the largest first.

    Shapes (k,) and (k, m) with k = `most`, at most min(n, m). Halko, Martinsson & Tropp 2011 with
    one power iteration, step by step as scikit-learn's `randomized_svd` does it, which a test
    holds; but that takes a second to import, and twice as long over a wide matrix, because it
    goes through large dense arrays in the order of the sparse one.
    """
    # Slow to import, and needed only here.
    from scipy.linalg import qr, svd  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    wide = matrix.shape[0] < matrix.shape[1]
    tall = (matrix.T if wide else matrix).tocsr()
    flat = tall.T  # by columns, so that the rows of a large dense array are met in order
    with threadpool_limits(1):  # the same sums in the same order, however many cores there are
        random = np.random.RandomState(seed).normal(size=(tall.shape[1], most + _OVERSAMPLES))
        basis = flat @ (tall @ random.astype(np.float32))
        basis, _ = qr(tall @ basis, mode="economic", check_finite=False)
        left, strengths, right = svd((flat @ basis).T, full_matrices=False)
        left = basis @ left
    # A direction and its opposite are one: the largest weight of a row of `matrix` is positive.
    weights, directions = (right, left.T) if wide else (left.T, right)
    signs = np.sign(weights[np.arange(len(weights)), np.abs(weights).argmax(axis=1)])
    return strengths[:most], (directions * signs[:, None])[:most]
