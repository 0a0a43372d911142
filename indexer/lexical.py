"""BM25 over syllables, compounds and unaccented forms, as sparse products."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from indexer.arrays import read_array, read_lines, write_array, write_lines
from indexer.namespaces import occurrences
from indexer.queryterms import expand
from indexer.tokentable import TokenTable

_FILES = ("terms.txt", "idf.npy", "weights.npy", "documents.npy", "bounds.npy")

FloatArray = npt.NDArray[np.float32]

K1, B = 1.2, 0.75


class LexicalIndex:
    """BM25 of n documents as Lucene computes it (Kamphuis et al. 2020), and their queries.

    A document is indexed under its tokens, the compounds of its catalog, and for Vietnamese
    under the unaccented form of either, see `indexer.namespaces`; its length counts tokens
    alone. What a query searches is described in `indexer.queryterms`. On tokens alone the
    scores are those of bm25s, which a test holds; bm25s itself cannot leave compounds out of
    the length of a text, nor score thousands of long queries in one product.
    """

    def __init__(self, terms: Sequence[str], idf: FloatArray, weights: csr_matrix) -> None:
        """`weights` has shape (len(terms) + 1, documents); its last row is empty."""
        self.terms = tuple(terms)
        self.idf = idf
        self.weights = weights
        self.documents = int(weights.shape[1])
        self.unknown_idf = _idf(0, self.documents)

    @classmethod
    def build(cls, table: TokenTable) -> "LexicalIndex":
        """The index of the texts of the table, one document each."""
        found = occurrences(table)
        terms, n = found.names, len(table)
        ones = np.ones(len(found.term), dtype=np.float32)
        weights = csr_matrix((ones, (found.term, found.text)), (len(terms) + 1, n))
        weights.sum_duplicates()
        frequency = np.diff(weights.indptr)
        idf = np.log1p((n - frequency + 0.5) / (frequency + 0.5))
        length = table.lengths / max(table.lengths.mean() if n else 0.0, 1e-9)
        damp = K1 * (1 - B + B * length)
        saturated = weights.data / (weights.data + damp[weights.indices])
        weights.data = (np.repeat(idf, frequency) * saturated).astype(np.float32)
        return cls(terms, idf[:-1].astype(np.float32), weights)

    @cached_property
    def _column(self) -> dict[str, int]:
        return dict(zip(self.terms, range(len(self.terms)), strict=True))

    @cached_property
    def _by_document(self) -> csr_matrix:
        return self.weights.T.tocsr()

    def frequency(self, token: str) -> int:
        """In how many documents a token stands as written."""
        column = self._column.get(token)
        return 0 if column is None else int(np.diff(self.weights.indptr[column : column + 2])[0])

    def save(self, folder: Path, prefix: str) -> tuple[str, ...]:
        """Writes the index into an existing folder; returns the names of its files."""
        write_lines(folder / f"{prefix}terms.txt", self.terms)
        for name, array in (
            ("idf", self.idf),
            ("weights", self.weights.data),
            ("documents", self.weights.indices),
            ("bounds", self.weights.indptr),
        ):
            write_array(folder / f"{prefix}{name}.npy", array)
        return tuple(prefix + name for name in _FILES)

    @classmethod
    def load(cls, files: Mapping[str, bytes], prefix: str, documents: int) -> "LexicalIndex":
        """The index saved in these files (by name). Raises KeyError or ValueError."""
        lines, *arrays = (files[prefix + name] for name in _FILES)
        terms = read_lines(lines)
        idf, data, indices, bounds = map(read_array, arrays)
        if len(idf) != len(terms) or len(bounds) != len(terms) + 2:
            raise ValueError("terms and weights do not agree")
        return cls(terms, idf, csr_matrix((data, indices, bounds), (len(terms) + 1, documents)))

    def queries(self, texts: Iterable[str]) -> csr_matrix:
        """Query weights, shape (n, len(terms) + 1); the last column holds each ceiling."""
        return expand(TokenTable.of(texts), self._column, self.idf, self.unknown_idf)

    def scores(self, queries: csr_matrix) -> FloatArray:
        """BM25 of every query with every document, shape (n_queries, documents)."""
        product: FloatArray = np.asarray((queries @ self.weights).todense(), dtype=np.float32)
        return np.minimum(product, self.ceiling(queries)[:, None], out=product)

    def pairs(self, queries: csr_matrix, rows: npt.ArrayLike) -> FloatArray:
        """BM25 of query i with document rows[i], shape (n_queries,)."""
        facing = self._by_document[np.asarray(rows, dtype=np.int64)]
        found = np.asarray(queries.multiply(facing).sum(axis=1), dtype=np.float32).ravel()
        return np.minimum(found, self.ceiling(queries))

    def ceiling(self, queries: csr_matrix) -> FloatArray:
        """The score no document can pass, shape (n_queries,), never 0.

        Every word counts with its idf, a word no document has with that of a document
        frequency of 0: score / ceiling is a similarity in 0..1 that falls with unknown words.
        """
        bound = np.asarray(queries[:, -1].todense(), dtype=np.float32).ravel()
        return np.where(bound > 0, bound, np.float32(self.unknown_idf))


def _idf(frequency: int, n: int) -> float:
    return math.log1p((n - frequency + 0.5) / (frequency + 0.5))
