"""From the words of a query to the weighted terms it searches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.text import is_function_word
from indexer.words.namespaces import BARE, FOLDED
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import Numbers, TokenTable

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
    found = []
    for kind in (words, compounds):
        for without_accents in (False, True):
            chosen = bare[kind.text] == without_accents
            if chosen.any():
                number, text = kind.number[chosen], kind.text[chosen]
                found.append(_searched(kind, number, text, without_accents, column, idf))
    shape = (len(table), len(idf) + 1)
    if not found:
        return csr_matrix(shape, dtype=np.float32)
    text, columns, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if len(table) > 1:
        return csr_matrix((weights, (text, columns)), shape)
    # Of one query, which a person waits for, without the detour over its coordinates.
    distinct, place = np.unique(columns, return_inverse=True)
    data = np.bincount(place, weights).astype(np.float32)
    return csr_matrix((data, distinct, np.array([0, len(distinct)])), shape)


def _typed_bare(table: TokenTable) -> npt.NDArray[np.bool_]:
    """Queries typed without accents: Vietnamese as such, or one plain word alone."""
    ascii_words = np.asarray([word.isascii() for word in table.words], dtype=np.bool_)
    alone = table.lengths == 1
    bare = table.bare.copy()
    bare[alone] |= ascii_words[table.ids[table.starts[:-1][alone]]]
    return bare


def _searched(
    kind: _Words,
    number: Numbers,
    text: Numbers,
    bare: bool,
    column: Mapping[str, int],
    idf: npt.NDArray[np.float32],
) -> tuple[Numbers, npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """(text, term, weight) of all that the words which occur search.

    Function words are not searched: they only lengthen what a document can have in common with
    a query.
    """
    columns: list[int] = []
    weights: list[float] = []
    sizes = np.zeros(len(kind.names), dtype=np.int64)
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
        sizes[i] = len(columns) - before
    each = sizes[number]
    ends = np.cumsum(each)
    begins = (np.cumsum(sizes) - sizes)[number]
    taken = np.arange(ends[-1]) + np.repeat(begins - (ends - each), each)
    return (
        np.repeat(text, each),
        np.asarray(columns, dtype=np.int64)[taken],
        np.asarray(weights, dtype=np.float32)[taken],
    )


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
