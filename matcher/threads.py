"""How many threads matrix products take."""

from contextlib import AbstractContextManager


def one_thread_each() -> AbstractContextManager[object]:
    """While inside, a product of matrices stays in the thread that asks for it.

    The products of a match list are many and small, and it has threads or processes of its own:
    those of BLAS beside them wait for each other longer than they compute.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - a search needs none of it

    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limits
