"""What a search engine is asked in the comparison."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from indexer.encoder import FloatArray
from indexer.records import Record

# Texts to unit vectors (n, dimension): of documents, drawn or encoded; of questions, encoded.
Encode = Callable[[Sequence[str]], FloatArray]
Filter = tuple[str, str, str | int]  # field, "=" or ">=", value
LOOK = 100  # of either list before fusion
RRF = 60  # the constant of Cormack, Clarke and Büttcher (2009)


class Given:
    """How the engines that bring no encoder get their vectors."""

    def __init__(self, documents: Encode, questions: Encode) -> None:
        self.documents = documents
        self.questions = questions


@runtime_checkable
class Engine(Protocol):
    """One engine over one set of records; ids come best first."""

    def index(self, records: Sequence[Record]) -> None:
        """Takes in the records, once, so that the next question finds them."""

    def ask(self, text: str, k: int, where: Filter | None = None) -> list[str]:
        """The ids of the best `k` for one text, of those that satisfy the filter."""

    def batch(self, texts: Sequence[str], k: int) -> list[list[str]]:
        """As `ask`, for many texts at once, the fastest way the engine offers."""

    def add(self, records: Sequence[Record]) -> None:
        """Takes in more, so that the next question finds them."""


def satisfies(record: Record, where: Filter) -> bool:
    name, op, value = where
    if op == ">=":
        return record.trl is not None and record.trl.high >= int(value)
    return bool(getattr(record, name) == value)


def fused(lists: Sequence[Sequence[int]], k: int) -> list[int]:
    """Reciprocal rank fusion of lists of rows, best first."""
    found: dict[int, float] = {}
    for one in lists:
        for rank, row in enumerate(one, start=1):
            found[row] = found.get(row, 0.0) + 1 / (RRF + rank)
    return sorted(found, key=lambda row: (-found[row], row))[:k]
