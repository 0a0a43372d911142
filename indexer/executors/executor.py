"""Work in pieces, each in a process of its own that may be killed without harm to the others."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from indexer.bilingual import Bilingual

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_TRIES = 3  # of one piece, whose worker was killed each time


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
