"""BM25 over syllables, compounds and unaccented forms, as sparse products."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.arrays import read_array, read_lines, write_array, write_lines
from indexer.words.crossing import Facing, face
from indexer.words.languages import asked_languages, languages
from indexer.words.lexicon import shipped_lexicon
from indexer.words.namespaces import occurrences
from indexer.words.products import product
from indexer.words.queryterms import expand
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import TokenTable

_FILES = (
    "terms.txt",
    "idf.npy",
    "weights.npy",
    "documents.npy",
    "bounds.npy",
    "damp.npy",
    "languages.npy",
)

FloatArray = npt.NDArray[np.float32]

K1, B = 1.2, 0.75

_STEP = 20_000


@dataclass(frozen=True)
class Queries:
    """n queries: the terms they search as written, shape (n, terms + 1), whose last column holds
    each ceiling, and the same rendered into other languages; `asked` are their own languages,
    see `asked_languages`, shape (n,)."""

    direct: csr_matrix
    facings: tuple[Facing, ...]
    asked: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return int(self.direct.shape[0])

    def __getitem__(self, rows: slice) -> "Queries":
        facings = tuple(facing[rows] for facing in self.facings)
        return Queries(self.direct[rows], facings, self.asked[rows])


class LexicalIndex:
    """BM25 of n documents as Lucene computes it (Kamphuis et al. 2020), and their queries.

    A document is indexed under its tokens, the compounds of its catalog, and for Vietnamese
    under the unaccented form of either, see `indexer.words.namespaces`; its length counts tokens
    alone. What a query searches is described in `indexer.words.queryterms`. On tokens alone the
    scores are those of bm25s, which a test holds; bm25s itself cannot leave compounds out of
    the length of a text, nor score thousands of long queries in one product.
    """

    def __init__(
        self,
        terms: Sequence[str],
        idf: FloatArray,
        weights: csr_matrix,
        damp: FloatArray,
        languages: npt.NDArray[np.uint8],
    ) -> None:
        """`weights` has shape (len(terms) + 1, documents); its last row is empty.

        `damp` is the count at which a term of the document is half saturated, `languages` is
        described in `indexer.words.languages`, both of shape (documents,).
        """
        self.terms = tuple(terms)
        self.idf = idf
        self.weights = weights
        self.damp = damp
        self.languages = languages
        self.documents = int(weights.shape[1])
        self.unknown_idf = _idf(0, self.documents)

    @classmethod
    def build(cls, table: TokenTable) -> "LexicalIndex":
        """The index of the texts of the table, one document each."""
        found = occurrences(table, shipped_lexicon().pairs)
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
        weight = idf[:-1].astype(np.float32)
        return cls(terms, weight, weights, damp.astype(np.float32), languages(table))

    @cached_property
    def column(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(self.terms), _STEP):  # between steps other threads have a turn
            part = self.terms[start : start + _STEP]
            found.update(zip(part, range(start, start + len(part)), strict=True))
        return found

    @cached_property
    def spoken(self) -> npt.NDArray[np.uint8]:
        """The different `languages` there are, as one value where there is no document."""
        found = np.unique(self.languages)
        return found if len(found) else np.zeros(1, dtype=np.uint8)

    def frequency(self, token: str) -> int:
        """In how many documents a token stands as written."""
        column = self.column.get(token)
        return 0 if column is None else int(np.diff(self.weights.indptr[column : column + 2])[0])

    def save(self, folder: Path, prefix: str) -> tuple[str, ...]:
        """Writes the index into an existing folder; returns the names of its files."""
        write_lines(folder / f"{prefix}terms.txt", self.terms)
        for name, array in (
            ("idf", self.idf),
            ("weights", self.weights.data),
            ("documents", self.weights.indices),
            ("bounds", self.weights.indptr),
            ("damp", self.damp),
            ("languages", self.languages),
        ):
            write_array(folder / f"{prefix}{name}.npy", array)
        return tuple(prefix + name for name in _FILES)

    @classmethod
    def load(cls, files: Mapping[str, bytes], prefix: str, documents: int) -> "LexicalIndex":
        """The index saved in these files (by name). Raises KeyError or ValueError."""
        lines, *arrays = (files[prefix + name] for name in _FILES)
        terms = read_lines(lines)
        idf, data, indices, bounds, damp, spoken = map(read_array, arrays)
        if len(idf) != len(terms) or len(bounds) != len(terms) + 2:
            raise ValueError("terms and weights do not agree")
        if len(damp) != documents or len(spoken) != documents:
            raise ValueError("documents and their lengths do not agree")
        weights = csr_matrix((data, indices, bounds), (len(terms) + 1, documents))
        return cls(terms, idf, weights, damp, spoken)

    def counts(self, columns: npt.NDArray[np.int64]) -> csr_matrix:
        """How often these terms stand in each document, shape (len(columns), documents)."""
        rows = self.weights[columns]
        share = rows.data / np.repeat(self.idf[columns], np.diff(rows.indptr))
        rows.data = np.rint(share * self.damp[rows.indices] / (1 - share))
        return rows

    def queries(self, texts: Iterable[str], *, translate: bool = True) -> Queries:
        """What the texts search; `translate`: in documents of the other language too."""
        table = TokenTable.of(texts)
        direct = expand(table, self.column, self.idf, self.unknown_idf)
        facings = face(table, self, shipped_lexicon()) if translate else ()
        return Queries(direct, tuple(facings), asked_languages(table))

    def scores(self, queries: Queries) -> FloatArray:
        """BM25 of every query with every document, shape (n_queries, documents).

        What a document meets of the query as written and what it meets in translation are
        joined as the fourth root of the sum of fourth powers of either share: hardly more than
        the larger of the two, since a record that says everything in both languages has two
        chances. A sum favoured them; the larger share alone left half of what is known unused.
        """
        found = self._met(queries.direct)
        most = self.ceiling(queries)[:, None]
        for facing in queries.facings:
            found = _joined(found, most * facing.shares())
        return np.minimum(found, most, out=found)

    def _met(self, direct: csr_matrix) -> FloatArray:
        """The score of every query as written, shape (n_queries, documents)."""
        return product(direct, self.weights)

    def ceiling(self, queries: Queries) -> FloatArray:
        """The score no document can pass, shape (n_queries,), never 0.

        Every word counts with its idf, a word no document has with that of a document
        frequency of 0: score / ceiling is a similarity in 0..1 that falls with unknown words.
        """
        bound = np.asarray(queries.direct[:, -1].todense(), dtype=np.float32).ravel()
        return np.where(bound > 0, bound, np.float32(self.unknown_idf))


def _joined(one: FloatArray, other: FloatArray) -> FloatArray:
    """The fourth root of the sum of fourth powers; writes into both."""
    for score in (one, other):
        np.square(score, out=score)
        np.square(score, out=score)
    np.add(one, other, out=one)
    np.sqrt(one, out=one)
    return np.sqrt(one, out=one)


def _idf(frequency: int, n: int) -> float:
    return math.log1p((n - frequency + 0.5) / (frequency + 0.5))
