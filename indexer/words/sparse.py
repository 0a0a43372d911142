"""The sparse matrices of scipy, without what scipy takes along as it loads.

It copies every name of numpy, and numpy loads its Fortran tools and its test tools when they are
named: a twentieth of a second that a person who searches would wait for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

_LISTS = ("__all__", "__dir__")
_UNUSED = frozenset({"f2py", "testing", "ctypeslib", "typing"})


@contextmanager
def _without_tools() -> Iterator[None]:
    """numpy does not list those parts; who names one gets it as ever."""
    names: dict[str, Any] = vars(np)
    kept: dict[str, Any] = {key: names[key] for key in _LISTS if key in names}
    listed = [name for name in dir(np) if name not in _UNUSED]
    names["__all__"] = [name for name in kept.get("__all__", listed) if name not in _UNUSED]
    names["__dir__"] = lambda: listed
    try:
        yield
    finally:
        for key in _LISTS:
            del names[key]
        names.update(kept)


with _without_tools():
    from scipy.sparse import csr_matrix, hstack, vstack
    from scipy.sparse._sparsetools import csc_matvec  # y += A x, in place: nothing public does it

__all__ = ["csc_matvec", "csr_matrix", "hstack", "vstack"]
