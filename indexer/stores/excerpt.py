"""An index of the few records that a store found, weighed as in an index of all that it holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.encoder import Encoder
from indexer.index import Index
from indexer.manifest import EncoderEntry, Manifest
from indexer.records import Side
from indexer.sideindex import SideIndex
from indexer.stores.crossing import rendered
from indexer.stores.rows import Row, lengths
from indexer.stores.statistics import Statistics
from indexer.stores.store import Pairing
from indexer.vectors.storage import Mask
from indexer.vectors.vectors import FloatArray, RowArray, Vectors
from indexer.words.languages import asked_languages
from indexer.words.lexical import LexicalIndex
from indexer.words.products import product
from indexer.words.queries import Queries
from indexer.words.queryterms import expand
from indexer.words.search import Piece, saturated_counts
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import IntArray, TokenTable

# (unit vectors, side, k) to the cosines of the k nearest of all records of that side.
Nearest = Callable[[FloatArray, Side, int], FloatArray]
# (digest of a text, side) to the ids of the records that say it.
Saying = Callable[[str, Side], list[str]]


class Excerpt(Index):
    """Records of one side, as `Store.excerpt` gives them; of the other side nothing but how near
    its records are and who says a text, which the store is asked for."""

    def __init__(
        self,
        rows: Sequence[Row],
        side: Side,
        statistics: Mapping[Side, Statistics],
        pairing: Pairing,
        background: float,
        encoder: Encoder,
        nearest: Nearest,
        saying: Saying,
    ) -> None:
        manifest = Manifest(
            catalog=pairing.catalog,
            catalog_version=pairing.version,
            encoder=EncoderEntry(
                name=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension
            ),
            background=background,
            counts={one.value: known.documents for one, known in statistics.items()},
            files={},
        )
        sides: dict[Side, SideIndex] = {
            one: ExcerptSide(
                sorted(rows, key=lambda row: row.id) if one is side else (),
                one,
                statistics[one],
                pairing.dimension,
                nearest,
                saying,
            )
            for one in Side
        }
        super().__init__(Path("store"), manifest, sides, encoder)


class ExcerptSide(SideIndex):
    """The rows of one side that are at hand."""

    def __init__(
        self,
        rows: Sequence[Row],
        side: Side,
        statistics: Statistics,
        dimension: int,
        nearest: Nearest,
        saying: Saying,
    ) -> None:
        matrix = np.array([row.vector for row in rows], dtype=np.float32).reshape(-1, dimension)
        vectors = ReachingVectors(
            matrix, statistics.documents, lambda queries, k: nearest(queries, side, k)
        )
        self.ids = tuple(row.id for row in rows)
        self.names = np.array([row.digest.encode() for row in rows], dtype="S32")
        self.vectors = vectors
        self.lexical = ExcerptTerms(rows, statistics)
        self._saying, self._side = saying, side

    @property
    def alive(self) -> Mask | None:
        """All that are at hand, so that a search for candidates stays among them."""
        return np.ones(len(self.ids), dtype=bool)

    def said(self, name: str) -> list[str]:
        return self._saying(name, self._side)


class ReachingVectors(Vectors):
    """Vectors at hand; where there is none, and for a search without a mask, all of the store."""

    def __init__(
        self, matrix: FloatArray, many: int, nearest: Callable[[FloatArray, int], FloatArray]
    ) -> None:
        super().__init__(matrix)
        self._many = many
        self._nearest = nearest

    def __len__(self) -> int:
        return super().__len__() or self._many

    def search(
        self, queries: FloatArray, k: int, allowed: Mask | None = None, *, exact: bool = False
    ) -> tuple[FloatArray, RowArray]:
        """As `Vectors.search`; of a search among all the rows, -1 each, are not known."""
        if allowed is not None:
            own = Vectors(self.rows(np.arange(len(allowed))))
            return own.search(queries, k, allowed, exact=exact)
        found = self._nearest(queries, min(k, self._many))
        return found, np.full(found.shape, -1, dtype=np.int64)


class ExcerptTerms(LexicalIndex):
    """BM25 of the rows at hand, by the statistics of all."""

    def __init__(self, rows: Sequence[Row], statistics: Statistics) -> None:
        self._statistics = statistics
        self.column: Mapping[str, int] = statistics.column
        self.idf = statistics.idf
        self.documents = statistics.documents
        self.unknown_idf = float(np.log1p((self.documents + 0.5) / 0.5))
        self.damp = statistics.damp(lengths(rows))
        self.languages = np.array([row.language for row in rows], dtype=np.uint8)
        self._saturated = _matrix(rows, statistics)
        self.weights = self._saturated.copy()
        self.weights.data = self.weights.data * np.repeat(
            np.append(self.idf, np.float32(0.0)), np.diff(self.weights.indptr)
        )

    @cached_property
    def spoken(self) -> npt.NDArray[np.uint8]:
        """The different languages of all texts of the store."""
        found = np.flatnonzero(np.array(self._statistics.spoken)).astype(np.uint8)
        return found if len(found) else np.zeros(1, dtype=np.uint8)

    def frequency(self, token: str) -> int:
        column = self.column.get(token)
        return 0 if column is None else int(self._statistics.held[column])

    def counts(self, columns: npt.NDArray[np.int64]) -> csr_matrix:
        rows = self._saturated[columns]
        rows.data = np.rint(rows.data * self.damp[rows.indices] / (1 - rows.data))
        return rows

    def pieces(self, column: int) -> Sequence[Piece]:
        start, stop = self.weights.indptr[column : column + 2].tolist()
        documents, weights = self.weights.indices[start:stop], self.weights.data[start:stop]
        return (Piece(0, documents, weights, float(self.idf[column])),)

    def peaks(self, columns: npt.NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
        rows = self.weights[columns]
        most: FloatArray = np.zeros(len(columns), dtype=np.float32)
        np.maximum.at(most, np.repeat(np.arange(len(columns)), np.diff(rows.indptr)), rows.data)
        return most, saturated_counts(most, self.idf[columns])

    def spread(self, columns: npt.NDArray[np.int64], language: int) -> npt.NDArray[np.int64]:
        found: IntArray = self._statistics.spread[language - 1, columns]
        return found

    def _met(self, direct: csr_matrix) -> FloatArray:
        return product(direct, self.weights)

    def queries(self, texts: Iterable[str], *, translate: bool = True) -> Queries:
        table = TokenTable.of(texts)
        direct = expand(table, self.column, self.idf, self.unknown_idf)
        facings = []
        if translate:
            here = (one.of(self) for one in rendered(table, self._statistics))
            facings = [facing for facing in here if facing.inside.any()]
        return Queries(direct, tuple(facings), asked_languages(table))


def _matrix(rows: Sequence[Row], statistics: Statistics) -> csr_matrix:
    """The terms of the rows, shape (terms + 1, rows); a term that no statistics know yet, of a
    record that was written meanwhile, is left out."""
    numbers = [np.fromiter(row.terms, dtype=np.int64) for row in rows]
    values = [np.fromiter(row.terms.values(), dtype=np.float32) for row in rows]
    shape = (len(statistics.hashes) + 1, len(rows))
    if not rows or not len(statistics.hashes):
        return csr_matrix(shape, dtype=np.float32)
    terms = np.concatenate(numbers).astype(np.uint32)
    places = np.minimum(np.searchsorted(statistics.hashes, terms), len(statistics.hashes) - 1)
    known = statistics.hashes[places] == terms
    texts = np.repeat(np.arange(len(rows)), [len(one) for one in numbers])
    found = csr_matrix((np.concatenate(values)[known], (places[known], texts[known])), shape)
    found.sort_indices()
    return found
