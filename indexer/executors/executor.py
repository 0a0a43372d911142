"""Work in pieces, each in a process of its own that may be killed without harm to the others."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from indexer.bilingual import Bilingual
from indexer.errors import RequestError

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_TRIES = 3  # of one piece, whose worker was killed each time
LOCAL, RAY = "local", "ray"
_CLUSTER = "ray://"


@dataclass(frozen=True, slots=True)
class Done(Generic[Item, Result]):
    """A piece that is done."""

    item: Item
    result: Result


@dataclass(frozen=True, slots=True)
class Killed(Generic[Item]):
    """The worker of a piece ended before it was done, the `tries`th time; `again`: the piece is
    given to another. `why` is what the system said, such as "signal 9"."""

    item: Item
    tries: int
    why: str

    @property
    def again(self) -> bool:
        return self.tries < MOST_TRIES


def told_killed(shard: str, killed: Killed[Any]) -> Bilingual:
    """What a person is told of it."""
    vi = "đang làm lại" if killed.again else "đã thử nhiều lần, bỏ qua"
    en = "it is being done again" if killed.again else "given up after several tries"
    return Bilingual(
        vi=f"Tiến trình làm phần {shard} bị dừng ({killed.why}); {vi}. Các phần khác không ảnh "
        "hưởng.",
        en=f"The worker of shard {shard} was killed ({killed.why}); {en}. The other shards are "
        "not affected.",
    )


class Executor(Protocol):
    """Runs pieces side by side, `workers` at a time."""

    @property
    def workers(self) -> int: ...

    def run(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[Done[Item, Result] | Killed[Item]]:
        """What becomes of every piece, as it happens, until all are done or given up.

        `work` is a function of a module, and items and results can be pickled. What `work`
        raises is raised here and ends the run; a worker that is killed costs only its piece,
        which another does, `MOST_TRIES` times in all.
        """
        ...


def executor_on(name: str, workers: int | None = None) -> AbstractContextManager[Executor]:
    """The executor of that name, to be entered: "local", processes of this machine, by default one
    a core; "ray", a Ray of this machine; "ray://HOST:PORT", a Ray cluster.

    Raises RequestError: there is none of that name; entered, that Ray is not installed or not
    there.
    """
    if name == LOCAL:
        from indexer.executors.processes import Processes  # noqa: PLC0415 - only the one asked for

        return Processes(workers)
    if name == RAY or name.startswith(_CLUSTER):
        from indexer.executors.rayworkers import RayWorkers  # noqa: PLC0415

        return RayWorkers(None if name == RAY else name, workers)
    raise RequestError(
        vi=f"--on: không nhận “{name}”. Chấp nhận: local, ray, ray://MÁY:CỔNG.",
        en=f"--on: “{name}” is not accepted. Accepted: local, ray, ray://HOST:PORT.",
    )
