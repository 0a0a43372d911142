"""A record as a row of a store: what conditions compare, its vector, and its weighted terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.digests import digest
from indexer.encoder import FloatArray
from indexer.records import Record
from indexer.stores.columns import columns
from indexer.stores.statistics import Statistics, hashed
from indexer.words.languages import languages
from indexer.words.lexicon import shipped_lexicon
from indexer.words.namespaces import occurrences
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import IntArray, TokenTable

# A text that no term stands in still needs a sparse vector; no query weighs this dimension.
NOTHING = 2**32 - 2

Terms = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One record in a store. `terms` holds tf / (tf + damp) of each of its terms, by hash, so that
    an inner product with the idf of a query's terms is BM25; `length` is in tokens."""

    id: str
    digest: str
    length: int
    language: int
    columns: Mapping[str, str | float]
    terms: Terms
    vector: FloatArray


def make_rows(
    records: Sequence[Record], vectors: FloatArray, statistics: Statistics
) -> tuple[list[Row], Statistics]:
    """The rows of records of one side with these vectors (n, dimension); and the statistics of
    the store, of the same texts but with a mean length if this is its first block.

    Which neighbouring words are compounds the first block tells, later ones follow it.
    """
    texts = [record.text() for record in records]
    table = TokenTable.of(texts)
    if not statistics.mean and len(table):
        mean = max(float(table.lengths.mean()), 1.0)
        statistics = Statistics(mean=mean)
    known = statistics.column if statistics.documents else None
    found = occurrences(table, shipped_lexicon().pairs, known)
    numbers = np.array([hashed(name) for name in found.names], dtype=np.int64)
    ones = np.ones(len(found.term), dtype=np.float32)
    counts = csr_matrix((ones, (found.text, found.term)), (len(table), len(numbers)))
    counts.sum_duplicates()
    damp, spoken = statistics.damp(table.lengths), languages(table)
    rows = []
    for i, record in enumerate(records):
        held = slice(int(counts.indptr[i]), int(counts.indptr[i + 1]))
        saturated = counts.data[held] / (counts.data[held] + damp[i])
        terms = dict(zip(numbers[counts.indices[held]].tolist(), saturated.tolist(), strict=True))
        rows.append(
            Row(
                record.id,
                digest(texts[i]),
                int(table.lengths[i]),
                int(spoken[i]),
                columns(record),
                terms or {NOTHING: 1e-6},
                vectors[i],
            )
        )
    return rows, statistics


def statistics_of(rows: Sequence[Row]) -> Statistics:
    """Those of the texts of these rows."""
    return Statistics.of((row.terms for row in rows), (row.language for row in rows))


def lengths(rows: Sequence[Row]) -> IntArray:
    return np.array([row.length for row in rows], dtype=np.int64)
