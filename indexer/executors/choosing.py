"""Executors by the names that `--on` takes."""

from contextlib import AbstractContextManager

from indexer.errors import RequestError
from indexer.executors.executor import Executor
from indexer.executors.processes import Processes

LOCAL, RAY = "local", "ray"
_CLUSTER = "ray://"


def executor_on(name: str, workers: int | None = None) -> AbstractContextManager[Executor]:
    """The executor of that name, to be entered: "local", processes of this machine, by default one
    a core; "ray", a Ray of this machine; "ray://HOST:PORT", a Ray cluster.

    Raises RequestError: there is none of that name; entered, that Ray is not installed or not
    there.
    """
    if name == LOCAL:
        return Processes(workers)
    if name == RAY or name.startswith(_CLUSTER):
        from indexer.executors.rayworkers import RayWorkers  # noqa: PLC0415 - only where asked for

        return RayWorkers(None if name == RAY else name, workers)
    raise RequestError(
        vi=f"--on: không nhận “{name}”. Chấp nhận: local, ray, ray://MÁY:CỔNG.",
        en=f"--on: “{name}” is not accepted. Accepted: local, ray, ray://HOST:PORT.",
    )
