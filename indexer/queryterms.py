"""From the words of a query to the weighted terms it searches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack, vstack

from indexer.namespaces import BARE, FOLDED
from indexer.text import is_function_word
from indexer.tokentable import Numbers, TokenTable

# What a compound adds to its two tokens, and what an unaccented form is worth beside the word
# as typed. Measured on the development collections: .2 to .3 is best or near it on all of them;
# .7 and .8 do not differ.
COMPOUND_WEIGHT = 0.25
FOLDED_WEIGHT = 0.7


@dataclass(frozen=True)
class _Words:
    """Words or pairs of the queries: names, names without accents, where they stand."""

    names: Sequence[str]
    plain: Sequence[str]
    number: Numbers
    text: Numbers
    weight: float
    unknown: float  # what a name that no document has adds to the ceiling


def expand(
    table: TokenTable,
    column: Mapping[str, int],
    idf: npt.NDArray[np.float32],
    unknown_idf: float,
) -> csr_matrix:
    """Query weights, shape (queries, terms + 1); the last column holds each query's ceiling.

    `column` gives the number of each term, `idf` its idf. The ceiling is the score of a
    document with every word of the query, each counted to the full.
    """
    pairs = table.pairs
    words = _Words(table.words, table.plain, table.ids, table.text_of, 1.0, unknown_idf)
    compounds = _Words(
        table.spelled(table.words),
        table.spelled(table.plain),
        pairs.number,
        pairs.text,
        COMPOUND_WEIGHT,
        0.0,
    )
    bare = _typed_bare(table)
    counts, mappings = [], []
    for kind in (words, compounds):
        for without_accents in (False, True):
            chosen = bare[kind.text] == without_accents
            if chosen.any():
                number, text = kind.number[chosen], kind.text[chosen]
                counts.append(_counts(number, text, (len(table), len(kind.names))))
                mappings.append(_mapping(kind, number, without_accents, column, idf))
    if not counts:
        return csr_matrix((len(table), len(idf) + 1), dtype=np.float32)
    return hstack(counts, format="csr") @ vstack(mappings, format="csr")


def _typed_bare(table: TokenTable) -> npt.NDArray[np.bool_]:
    """Queries typed without accents: Vietnamese as such, or one plain word alone."""
    ascii_words = np.asarray([word.isascii() for word in table.words], dtype=np.bool_)
    alone = table.lengths == 1
    bare = table.bare.copy()
    bare[alone] |= ascii_words[table.ids[table.starts[:-1][alone]]]
    return bare


def _counts(number: Numbers, text: Numbers, shape: tuple[int, int]) -> csr_matrix:
    return csr_matrix((np.ones(len(number), dtype=np.float32), (text, number)), shape)


def _mapping(
    kind: _Words,
    number: Numbers,
    bare: bool,
    column: Mapping[str, int],
    idf: npt.NDArray[np.float32],
) -> csr_matrix:
    """From names (those that occur) to terms, shape (names, terms + 1).

    Function words are not searched: they only lengthen what a document can have in common with
    a query.
    """
    columns: list[int] = []
    weights: list[float] = []
    bounds = np.zeros(len(kind.names) + 1, dtype=np.int64)
    for i in np.unique(number).tolist():
        before = len(columns)
        name, plain = kind.names[i], kind.plain[i]
        if all(is_function_word(word) for word in name.split(" ")):
            continue
        exact = column.get(name)
        other = None
        if bare or plain != name:
            other = column.get((FOLDED if bare else BARE) + plain)
        for where, weight in _terms(exact, other, bare, idf):
            columns.append(where)
            weights.append(kind.weight * weight)
        if len(columns) == before and kind.unknown:
            columns.append(len(idf))
            weights.append(kind.unknown)
        bounds[i + 1] = len(columns) - before
    data = np.asarray(weights, dtype=np.float32)
    return csr_matrix((data, columns, np.cumsum(bounds)), (len(kind.names), len(idf) + 1))


def _terms(
    exact: int | None, other: int | None, bare: bool, idf: npt.NDArray[np.float32]
) -> Iterator[tuple[int, float]]:
    """(column, weight) of what one name searches; the last column is its ceiling.

    `exact` is the term as typed. `other` is, for a query without accents, the folded form,
    which holds every text of `exact` too: together they weigh 1. For a query with accents it is
    the form in texts typed without them, never worth more than the word itself.
    """
    if exact is None and other is None:
        return
    if other is None or exact is None:
        only = exact if exact is not None else other
        assert only is not None
        yield only, 1.0 if other is None else FOLDED_WEIGHT
        yield len(idf), float(idf[only])
        return
    ratio = float(idf[exact] / idf[other])
    if bare:
        yield exact, (1 - FOLDED_WEIGHT) / ratio
        yield other, FOLDED_WEIGHT
    else:
        yield exact, 1.0
        yield other, FOLDED_WEIGHT * min(1.0, ratio)
    yield len(idf), float(idf[other if bare else exact])
