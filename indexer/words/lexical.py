"""BM25 over syllables, compounds and unaccented forms, as sparse products."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from indexer.arrays import Body, read_array, write_array
from indexer.checked import CheckedRows, IndexFiles
from indexer.words.building import Postings, build
from indexer.words.crossing import face
from indexer.words.languages import asked_languages, languages
from indexer.words.lexicon import shipped_lexicon
from indexer.words.names import Names
from indexer.words.products import product
from indexer.words.queries import Queries
from indexer.words.queryterms import expand
from indexer.words.search import Piece, WordSearch, saturated_counts
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import TokenTable

_NUMBERS = ("idf", "documents", "weights", "bounds", "damp", "languages", "peaks", "spread")
POSTING_FILES = ("documents.npy", "weights.npy")
_FILES = ("terms.txt", *(f"{name}.npy" for name in ("ends", "buckets", *_NUMBERS)))

FloatArray = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]

K1, B = 1.2, 0.75


class LexicalIndex:
    """BM25 of n documents as Lucene computes it (Kamphuis et al. 2020), and their queries.

    A document is indexed under its tokens, the compounds of its catalog, and for Vietnamese
    under the unaccented form of either, see `indexer.words.namespaces`; its length counts tokens
    alone. What a query searches is described in `indexer.words.queryterms`. On tokens alone the
    scores are those of bm25s, which a test holds; bm25s itself cannot leave compounds out of
    the length of a text, nor score thousands of long queries in one product.
    """

    _checked: Sequence[CheckedRows] = ()

    def __init__(
        self,
        names: Names,
        postings: Postings,
        damp: FloatArray,
        spoken: Bits,
        checked: Sequence[CheckedRows] = (),
    ) -> None:
        """`postings` are those of the terms `names`; `damp` is the count at which a term of the
        document is half saturated, `spoken` is described in `indexer.words.languages`, both of
        shape (documents,). `checked` are the documents and weights of the postings, where they
        are to be checked."""
        self.column: Mapping[str, int] = names
        self.postings = postings
        self.idf = postings.idf
        self.damp = damp
        self.languages = spoken
        self.documents = len(damp)
        self.unknown_idf = _idf(0, self.documents)
        shape = (len(names) + 1, self.documents)
        self._held = csr_matrix((postings.weights, postings.documents, postings.bounds), shape)
        self._checked = checked

    @classmethod
    def build(cls, table: TokenTable, folder: Path | None = None, prefix: str = "") -> Self:
        """The index of the texts of the table, one document each; with a `folder`, postings are
        written there as files, see `indexer.words.building`, and not held in memory."""
        spoken = languages(table)
        length = table.lengths / max(table.lengths.mean() if len(table) else 0.0, 1e-9)
        damp = K1 * (1 - B + B * length)
        names, postings = build(table, shipped_lexicon().pairs, damp, spoken, folder, prefix)
        return cls(names, postings, damp.astype(np.float32), spoken)

    @cached_property
    def weights(self) -> csr_matrix:
        """All postings, shape (terms + 1, documents). Raises DamagedError."""
        for rows in self._checked:
            rows.all()
        return self._held

    def _of(self, columns: npt.NDArray[np.integer[Any]]) -> csr_matrix:
        """As `weights`, with what is of these terms checked only."""
        if self._checked:
            bounds = self._held.indptr
            for column in np.unique(columns).tolist():
                for rows in self._checked:
                    rows.inside(int(bounds[column]), int(bounds[column + 1]))
        return self._held

    @cached_property
    def spoken(self) -> npt.NDArray[np.uint8]:
        """The different `languages` there are, as one value where there is no document."""
        found = np.unique(self.languages)
        return found if len(found) else np.zeros(1, dtype=np.uint8)

    def frequency(self, token: str) -> int:
        """In how many documents a token stands as written."""
        column = self.column.get(token)
        return 0 if column is None else int(np.diff(self._held.indptr[column : column + 2])[0])

    def save(self, folder: Path, prefix: str) -> tuple[str, ...]:
        """Writes what is not there yet into an existing folder; returns the names of its files."""
        names = self.column
        assert isinstance(names, Names)
        for rows in self._checked:  # what is damaged is not written anew
            rows.all()
        arrays = dict(vars(self.postings), damp=self.damp, languages=self.languages)
        arrays |= {"ends": names.ends, "buckets": names.buckets}
        (folder / f"{prefix}terms.txt").write_bytes(names.text)
        for name, array in arrays.items():
            if not (folder / f"{prefix}{name}.npy").exists():
                write_array(folder / f"{prefix}{name}.npy", array)
        return tuple(prefix + name for name in _FILES)

    @classmethod
    def load(cls, files: Mapping[str, Body], prefix: str, documents: int) -> Self:
        """The index saved in these files (by name). Raises KeyError or ValueError."""
        text, ends, buckets, *arrays = (files[prefix + name] for name in _FILES)
        names = Names(text, read_array(ends), read_array(buckets))
        found = dict(zip(_NUMBERS, map(read_array, arrays), strict=True))
        damp, spoken = found.pop("damp"), found.pop("languages")
        if len(damp) != documents or len(spoken) != documents:
            raise ValueError("documents and their lengths do not agree")
        postings = Postings(**found)
        postings.check(len(names))
        opened = IndexFiles.of(files)
        held = zip(POSTING_FILES, (postings.documents, postings.weights), strict=True)
        checked = [CheckedRows(opened, prefix + name, array) for name, array in held]
        return cls(names, postings, damp, spoken, checked)

    def counts(self, columns: npt.NDArray[np.int64]) -> csr_matrix:
        """How often these terms stand in each document, shape (len(columns), documents)."""
        rows = self._of(columns)[columns]
        share = rows.data / np.repeat(self.idf[columns], np.diff(rows.indptr))
        rows.data = np.rint(share * self.damp[rows.indices] / (1 - share))
        return rows

    def spread(self, columns: Rows, language: int) -> Rows:
        """In how many documents that hold the language each of these terms stands."""
        found: Rows = self.postings.spread[language - 1, columns].astype(np.int64)
        return found

    def pieces(self, column: int) -> Sequence[Piece]:
        """The postings of a term; see `WordSearch`."""
        start, stop = self._held.indptr[column : column + 2].tolist()
        for rows in self._checked:
            rows.inside(start, stop)
        inside = slice(start, stop)
        documents, weights = self._held.indices[inside], self._held.data[inside]
        return (Piece(0, documents, weights, float(self.idf[column])),)

    def peaks(self, columns: Rows) -> tuple[FloatArray, FloatArray]:
        """The most a document scores by each of these terms, and its count there over `damp`."""
        most = self.postings.peaks[columns]
        return most, saturated_counts(most, self.idf[columns])

    def search(self, queries: Queries) -> WordSearch:
        """What finds the best documents of one query without scoring all of them."""
        return WordSearch(self, queries)

    def queries(self, texts: Iterable[str], *, translate: bool = True) -> Queries:
        """What the texts search; `translate`: in documents of the other language too.

        Raises DamagedError where the files of the index were changed.
        """
        for rows in self._checked[:1]:
            rows.unchanged()
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
            found = _joined(found, most * facing.met())
        return np.minimum(found, most, out=found)

    def _met(self, direct: csr_matrix) -> FloatArray:
        """The score of every query as written, shape (n_queries, documents)."""
        return product(direct, self._of(direct.indices))

    def ceiling(self, queries: Queries) -> FloatArray:
        """The score no document can pass, shape (n_queries,), never 0.

        Every word counts with its idf, a word no document has with that of a document
        frequency of 0: score / ceiling is a similarity in 0..1 that falls with unknown words.
        """
        direct = queries.direct
        last = direct.indices == direct.shape[1] - 1
        row = np.repeat(np.arange(len(queries)), np.diff(direct.indptr))[last]
        bound = np.bincount(row, direct.data[last], len(queries)).astype(np.float32)
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
