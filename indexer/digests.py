"""Names of texts, by which an index knows those it has."""

import hashlib

import numpy as np
import numpy.typing as npt

Digests = npt.NDArray[np.bytes_]  # of 32 bytes


def digest(text: str) -> str:
    """A short name of a text: equal names, equal texts."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
