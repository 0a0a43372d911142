"""The systems that can be evaluated, by name, made of the parts the matcher is made of."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from evaluation.runs import Scores
from indexer.errors import RequestError
from indexer.progress import Progress, silent
from matcher.fusion import word_shares
from matcher.similarity import dense_similarity, fuse, lexical_similarity

# The parts themselves are imported where they are built: importing `evaluation` stays light.
if TYPE_CHECKING:
    from indexer.encoder import Encoder
    from indexer.lexical import LexicalIndex
    from indexer.vectors import Vectors

Part = Literal["lexical", "dense"]

_BACKGROUND_QUERIES = 256  # enough for a percentile of cosines, few enough for slow encoders
_ENCODED_AT_ONCE = 2_048


class Dense(NamedTuple):
    """The dense half of an index; `background` is described in `indexer.background`."""

    encoder: "Encoder"
    vectors: "Vectors"
    background: float


class Parts:
    """What systems build from one collection's documents; each part is built once, when asked."""

    def __init__(
        self,
        documents: Sequence[str],
        queries: Sequence[str],
        encoder: str,
        progress: Progress = silent,
    ) -> None:
        self._documents = documents
        self._queries = queries
        self._encoder = encoder
        self._progress = progress
        self._seconds: dict[Part, float] = {}

    def build(self, needs: Sequence[Part]) -> float:
        """Build what is needed; returns the seconds it takes, whoever needed it first."""
        for need in needs:
            if need not in self._seconds:
                started = time.perf_counter()
                getattr(self, need)
                self._seconds[need] = time.perf_counter() - started
        return sum(self._seconds[need] for need in needs)

    @cached_property
    def lexical(self) -> "LexicalIndex":
        from indexer.lexical import LexicalIndex  # noqa: PLC0415
        from indexer.tokentable import TokenTable  # noqa: PLC0415

        return LexicalIndex.build(TokenTable.of(self._documents))

    @cached_property
    def dense(self) -> Dense:
        from indexer.background import background_cosine  # noqa: PLC0415
        from indexer.encoder import LSA, load_encoder  # noqa: PLC0415
        from indexer.lsa import fit_lsa  # noqa: PLC0415
        from indexer.vectors import Vectors  # noqa: PLC0415

        # Fitted on the documents alone: a query is as new to it as a visitor's need is.
        fitted = self._encoder == LSA
        encoder: Encoder = fit_lsa(self._documents) if fitted else load_encoder(self._encoder)
        vectors = Vectors(self._encoded(encoder))
        step = -(-len(self._queries) // _BACKGROUND_QUERIES) or 1
        asked = encoder.encode(self._queries[::step], query=True)
        return Dense(encoder, vectors, background_cosine(asked, vectors.matrix))

    def _encoded(self, encoder: "Encoder") -> Scores:
        total = len(self._documents)
        rows = np.zeros((total, encoder.dimension), dtype=np.float32)
        for start in range(0, total, _ENCODED_AT_ONCE):
            stop = min(start + _ENCODED_AT_ONCE, total)
            rows[start:stop] = encoder.encode(self._documents[start:stop])
            self._progress("encode", stop, total)
        return rows


@dataclass(frozen=True)
class System:
    """`score` gives (n_queries, n_documents) similarities, higher is better, 0 or less for none;
    the caller may write into them."""

    needs: tuple[Part, ...]
    score: Callable[[Parts, Sequence[str]], Scores]


def _bm25(parts: Parts, queries: Sequence[str]) -> Scores:
    return parts.lexical.scores(parts.lexical.queries(queries))


def _bm25_plain(parts: Parts, queries: Sequence[str]) -> Scores:
    """Words alone: without the lexicon, to see what it adds."""
    return parts.lexical.scores(parts.lexical.queries(queries, translate=False))


def _dense(parts: Parts, queries: Sequence[str]) -> Scores:
    return parts.dense.vectors.similarities(parts.dense.encoder.encode(queries, query=True))


def _hybrid(parts: Parts, queries: Sequence[str]) -> Scores:
    """What the matcher ranks by: its normalised similarities under its own weight."""
    from indexer.settings import Settings  # noqa: PLC0415

    words = parts.lexical.queries(queries)
    lexical = lexical_similarity(parts.lexical.scores(words), parts.lexical.ceiling(words))
    dense = dense_similarity(_dense(parts, queries), parts.dense.background)
    setting = Settings.model_fields["lexical_weight"].default
    return fuse(lexical, dense, word_shares(words.asked, parts.lexical.languages, setting))


SYSTEMS: Mapping[str, System] = {
    "bm25": System(needs=("lexical",), score=_bm25),
    "bm25-plain": System(needs=("lexical",), score=_bm25_plain),
    "dense": System(needs=("dense",), score=_dense),
    "hybrid": System(needs=("lexical", "dense"), score=_hybrid),
}
DEFAULT_SYSTEMS = ("bm25", "dense", "hybrid")


def named(name: str) -> System:
    """The system of this name; raises RequestError listing the names otherwise."""
    if name not in SYSTEMS:
        choices = ", ".join(SYSTEMS)
        raise RequestError(
            vi=f"Không có hệ thống “{name}”; các hệ thống: {choices}.",
            en=f"There is no system “{name}”; choose from: {choices}.",
        )
    return SYSTEMS[name]
