"""BM25 across languages: probabilistic structured queries through the lexicon.

A unit of the query counts in a document as often as its translations stand there, each by its
share: tf(q, d) = sum over e of p(e|q)^TEMPER tf(e, d), and its document frequency is translated the
same way (Darwish & Oard, Probabilistic Structured Query Methods, SIGIR 2003). The sum is then
saturated and weighed as BM25 does with a word.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from indexer.text import is_function_word
from indexer.words.languages import ENGLISH, VIETNAMESE, languages
from indexer.words.lexicon import Lexicon, Shares
from indexer.words.namespaces import BARE
from indexer.words.products import product
from indexer.words.queryterms import FOLDED_WEIGHT
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import TokenTable, folded

FloatArray = npt.NDArray[np.float32]

# A share counts to this power: what seldom translates a word in the training texts may well do
# so in others. Chosen on the even queries of XQuAD and the help articles, where it hardly
# matters, and on sentences of news found by their translation, where it helps.
TEMPER = 0.7


class Postings(Protocol):
    """What is asked of the documents: which languages they hold, and where a term stands."""

    languages: npt.NDArray[np.uint8]
    damp: FloatArray

    @property
    def column(self) -> Mapping[str, int]: ...

    def counts(self, columns: npt.NDArray[np.int64]) -> csr_matrix: ...

    def spread(self, columns: npt.NDArray[np.int64], language: int) -> npt.NDArray[np.int64]:
        """In how many documents that hold the language each of the terms stands."""
        ...


@dataclass(frozen=True)
class Facing:
    """n queries rendered into one language, and what of them stands in its documents.

    `asked` holds the weight of each unit in each query, shape (n, units), `shares` how much of a
    unit each term is that stands in `columns` of the documents, shape (units, columns). Only
    documents `inside` (documents,), those that hold the language, can meet any of it.
    """

    asked: csr_matrix
    shares: csr_matrix
    columns: npt.NDArray[np.int64]
    inside: npt.NDArray[np.bool_]
    documents: Postings

    @cached_property
    def found(self) -> csr_matrix:
        """How far each unit is met by each document, in 0..1, shape (units, documents)."""
        counts = self.documents.counts(self.columns)
        if not self.inside.all():
            counts.data *= self.inside[counts.indices]
            counts.eliminate_zeros()
        found = (self.shares @ counts).tocsr()
        found.data = found.data / (found.data + self.documents.damp[found.indices])
        return found

    def __getitem__(self, rows: slice) -> "Facing":
        some = Facing(self.asked[rows], self.shares, self.columns, self.inside, self.documents)
        some.__dict__["found"] = self.found  # what it costs to find does not depend on the queries
        return some

    def met(self) -> FloatArray:
        """The share of each query that a document meets, shape (n, documents), in 0..1."""
        most = np.asarray(self.asked.sum(axis=1), dtype=np.float32)
        found = product(self.asked, self.found)
        return np.divide(found, np.maximum(most, np.float32(1e-9)), out=found)


def face(table: TokenTable, documents: Postings, lexicon: Lexicon) -> Iterator[Facing]:
    """The queries of the table in each language they are not in and some document is."""
    asked = languages(table)
    for own, other in ((VIETNAMESE, ENGLISH), (ENGLISH, VIETNAMESE)):
        inside = (documents.languages & other) > 0
        rows = np.flatnonzero(asked & own)
        if len(rows) and inside.any():
            units = list(_units(table, rows, own, lexicon))
            yield _facing(units, len(table), documents, inside, own, lexicon)


Unit = tuple[str, bool]  # and whether it was typed without accents


def _units(
    table: TokenTable, rows: npt.NDArray[np.int64], own: int, lexicon: Lexicon
) -> Iterator[tuple[int, Unit]]:
    """(query, unit) of what each query asks for, repeated where it is."""
    for row in rows.tolist():
        ids = table.ids[table.starts[row] : table.starts[row + 1]].tolist()
        tokens = [table.words[i] for i in ids]
        bare = bool(table.bare[row])
        for unit in lexicon.units(tokens, bare=bare) if own == VIETNAMESE else tokens:
            if not all(is_function_word(token, unaccented=bare) for token in unit.split(" ")):
                yield row, (unit, bare)


def _facing(
    units: Sequence[tuple[int, Unit]],
    queries: int,
    documents: Postings,
    inside: npt.NDArray[np.bool_],
    own: int,
    lexicon: Lexicon,
) -> Facing:
    number = {unit: i for i, unit in enumerate(dict.fromkeys(unit for _, unit in units))}
    rendered = [_rendered(unit, own, lexicon) for unit in number]
    shares, columns = _shares(rendered, documents.column)
    total = int(np.count_nonzero(inside))
    held = documents.spread(columns, VIETNAMESE + ENGLISH - own).astype(np.float32)
    frequency = np.minimum(shares @ held, total)
    idf = np.log1p((total - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    places = np.array([(row, number[unit]) for row, unit in units], dtype=np.int64).reshape(-1, 2)
    shape = (queries, len(number))
    if queries > 1:
        asked = csr_matrix((idf[places[:, 1]], (places[:, 0], places[:, 1])), shape)
        return Facing(asked, shares, columns, inside, documents)
    # Of one query, which a person waits for, without the detour over its coordinates.
    data = (np.bincount(places[:, 1], minlength=len(number)) * idf).astype(np.float32)
    bounds = np.array([0, len(number)])
    asked = csr_matrix((data, np.arange(len(number)), bounds), shape)
    return Facing(asked, shares, columns, inside, documents)


def _rendered(unit: Unit, own: int, lexicon: Lexicon) -> Shares:
    name, bare = unit
    if own == VIETNAMESE:
        return lexicon.to_english(name, bare=bare)
    found = lexicon.to_vietnamese(name)
    # In a text typed without accents the unit stands under its bare form.
    plain = ((" ".join(map(folded, v.split(" "))), p) for v, p in found)
    return (*found, *((BARE + v, FOLDED_WEIGHT * p) for v, p in plain))


def _shares(
    rendered: Iterable[Shares], column: Mapping[str, int]
) -> tuple[csr_matrix, npt.NDArray[np.int64]]:
    """(shares, shape (units, terms); the columns of these terms in the index)."""
    place: dict[int, int] = {}
    bounds = [0]
    terms: list[int] = []
    data: list[float] = []
    for found in rendered:
        for name, share in found:
            where = column.get(name)
            if where is not None:
                terms.append(place.setdefault(where, len(place)))
                data.append(share**TEMPER)
        bounds.append(len(terms))
    shape = (len(bounds) - 1, len(place))
    matrix = csr_matrix((np.asarray(data, np.float32), np.array(terms, np.int64), bounds), shape)
    return matrix, np.fromiter(place, dtype=np.int64, count=len(place))
