"""A worker uses one thread: with a worker on every core, more would only wait for each other."""

import os
from typing import Any

_HELD: list[Any] = []


def keep_to_one_thread() -> None:
    """From here on BLAS, FAISS and OpenMP of this process compute in one thread."""
    import faiss  # noqa: PLC0415 - slow to import, only workers need it here
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    library: Any = faiss  # the stubs do not know all of it
    library.omp_set_num_threads(1)
    _HELD.append(threadpool_limits(1))  # the limits end with the object


def kept_to_one_thread() -> bool:
    """Whether this process is such a worker: libraries that are loaded later ask."""
    return bool(_HELD)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
