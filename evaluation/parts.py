"""What systems build of one collection's documents: each part once, and the time it took."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

import numpy as np

from evaluation.runs import Scores
from indexer.encoder import DEFAULT_ENCODER, Encoder, check_encoder_name
from indexer.encoders.loading import load_encoder
from indexer.progress import Progress, silent
from indexer.records import Record

# Scores are compared to this many decimals, so that the last bits of a matrix product, which
# depend on the machine, never decide between two equal documents.
DECIMALS = 6

_ENCODED_AT_ONCE = 2_048

Made = TypeVar("Made")


@dataclass(frozen=True)
class Part(Generic[Made]):
    """Something built of a collection's documents, told apart from others by name and encoder.

    `make` is given the name of the encoder: `encoder`, or the default of the evaluation where
    that is "". A part that encodes nothing has None there, and is given "". `stage` is what
    progress calls its making, where that does not tell of itself.
    """

    name: str
    make: Callable[["Parts", str], Made] = field(compare=False)
    encoder: str | None = None
    stage: str = field(default="", compare=False)


class Parts:
    """The parts of one collection: `parts[part]` builds it, or gives what was built before."""

    def __init__(
        self,
        documents: Sequence[str],
        queries: Sequence[str],
        encoder: str = DEFAULT_ENCODER,
        progress: Progress = silent,
        records: Mapping[str, Record] | None = None,
    ) -> None:
        """`records` are those behind texts, by text, where there are any."""
        self.documents = documents
        self.queries = queries
        self.progress = progress
        self.records = records or {}
        self._encoder = encoder
        self._made: dict[tuple[str, str], Any] = {}
        self._seconds: dict[tuple[str, str], float] = {}

    def __getitem__(self, part: Part[Made]) -> Made:
        key = self._key(part)
        if key not in self._made:
            before = sum(self._seconds.values())
            started = time.perf_counter()
            made = self._make(part, key[1])
            taken = time.perf_counter() - started
            # What was built on the way has its own time.
            self._seconds[key] = taken - (sum(self._seconds.values()) - before)
            self._made[key] = made
        return cast(Made, self._made[key])

    def build(self, needs: Sequence[Part[Any]]) -> float:
        """Build what is needed; returns the seconds it takes, whoever needed it first."""
        for need in needs:
            self[need]
        return sum(self._seconds[key] for key in dict.fromkeys(map(self._key, needs)))

    def _make(self, part: Part[Made], encoder: str) -> Made:
        total = len(self.documents)
        if part.stage:
            self.progress(part.stage, 0, total)
        made = part.make(self, encoder)
        if part.stage:
            self.progress(part.stage, total, total)
        return made

    def encoded(self, encoder: Encoder) -> Scores:
        """The documents as vectors, shape (n_documents, dimension), some at a time."""
        total = len(self.documents)
        rows = np.zeros((total, encoder.dimension), dtype=np.float32)
        for start in range(0, total, _ENCODED_AT_ONCE):
            stop = min(start + _ENCODED_AT_ONCE, total)
            rows[start:stop] = encoder.encode(self.documents[start:stop])
            self.progress("encode", stop, total)
        return rows

    def _key(self, part: Part[Any]) -> tuple[str, str]:
        if part.encoder is None:
            return part.name, ""
        return part.name, check_encoder_name(part.encoder or self._encoder)


def encoder_part(name: str = "") -> Part[Encoder]:
    """A loaded encoder, which no system needs as such: loading is not the time of an index."""
    return Part("encoder", lambda parts, encoder: load_encoder(encoder), name)


@dataclass(frozen=True)
class System:
    """What ranks: the parts it needs, and what it makes of them.

    `score` gives (n_queries, n_documents) similarities, higher is better, 0 or less for none;
    the caller may write into them.
    """

    needs: tuple[Part[Any], ...]
    score: Callable[[Parts, Sequence[str]], Scores]
