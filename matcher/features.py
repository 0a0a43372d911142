"""What is known of a pair, as numbers: the more the better, nan where a record is silent.

Popularity is none of them: what others chose says nothing about this pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.index import Index
from indexer.records import Record, Side
from indexer.words.languages import ENGLISH, UNACCENTED, VIETNAMESE, asked_languages, languages
from indexer.words.tokentable import TokenTable
from matcher.fits import code_fit, place_fit, price_fit, trl_fit, type_fit
from matcher.passages import PassageVectors, facing, shipped_passages
from matcher.similarity import FloatArray

Rows = NDArray[np.int64]

FEATURES = (
    "similarity",  # words and meaning, what candidates are found by
    "meaning",  # the cosine of the two texts
    "passage",  # the closest two passages
    "covered",  # how much of the need the offer speaks of, passage by passage
    "title",  # the offer's title in the need
    "reciprocal",  # how much closer than the offer is to the needs closest to it
    "field",  # the two fields, by their codes where both have them, else by their names
    "trl",
    "price",
    "place",
    "type",
    "accented",  # 0 where the need was typed without accents: an indicator, of either sign
    "across",  # 1 across languages: an indicator, of either sign
)
INDICATORS = frozenset({"accented", "across"})

CROWD = 10  # how many nearest others tell how crowded a place is
_NAMES = 4_000  # names of fields compared all with all: 64 MB


@dataclass(frozen=True)
class Features:
    """`matrix` has shape (n_pairs, len(names))."""

    names: tuple[str, ...]
    matrix: FloatArray


def pair_features(
    index: Index,
    demands: Sequence[Record],
    supplies: Sequence[Record],
    pairs: Rows,
    similarities: FloatArray,
    passages: PassageVectors | None = None,
) -> Features:
    """The features of `pairs` (n, 2), rows of `demands` and `supplies`.

    `similarities` (n,) are the fused ones. Everything else comes from the two records and from
    the whole index, so that a pair has the same features in a search, in an event and among all.
    A record that is not in the index, such as a typed text, is encoded.
    """
    demands, supplies, pairs = _met(demands, supplies, pairs)
    asked = _vectors(index, Side.DEMAND, demands)
    offered = _vectors(index, Side.SUPPLY, supplies)
    cosine = _cosines(asked, offered, pairs)
    passages = passages or shipped_passages()
    near = facing(passages, demands, supplies, pairs)
    accented, across = _languages(index, demands, supplies, pairs)
    columns = (
        similarities,
        cosine,
        near.best,
        near.covered,
        near.title,
        cosine - _crowd(index, supplies, offered)[pairs[:, 1]],
        _fields(passages, demands, supplies, pairs),
        trl_fit(demands, supplies, pairs),
        price_fit(demands, supplies, pairs),
        place_fit(demands, supplies, pairs),
        type_fit(demands, supplies, pairs),
        accented,
        across,
    )
    return Features(FEATURES, np.column_stack(columns).astype(np.float32, copy=False))


def _met(
    demands: Sequence[Record], supplies: Sequence[Record], pairs: Rows
) -> tuple[list[Record], list[Record], Rows]:
    """Only the records that stand in some pair, and the pairs by their places among these."""
    rows, first = np.unique(pairs[:, 0], return_inverse=True)
    columns, second = np.unique(pairs[:, 1], return_inverse=True)
    kept = [demands[i] for i in rows.tolist()], [supplies[j] for j in columns.tolist()]
    return *kept, np.column_stack([first, second])


def _vectors(index: Index, side: Side, records: Sequence[Record]) -> FloatArray:
    """The vectors of records, from the index where they are in it, (n, dimension)."""
    own = index.side(side)
    rows = np.array([own.row_of.get(record.id, -1) for record in records], dtype=np.int64)
    found = np.zeros((len(records), index.encoder.dimension), dtype=np.float32)
    known = rows >= 0
    if known.any():
        found[known] = own.vectors.rows(rows[known])
    new = np.flatnonzero(~known).tolist()
    if new:
        texts = [records[i].text() for i in new]
        found[new] = index.encoder.encode(texts, query=side is Side.DEMAND)
    return found


def _cosines(asked: FloatArray, offered: FloatArray, pairs: Rows) -> FloatArray:
    found = np.empty(len(pairs), dtype=np.float32)
    order = np.argsort(pairs[:, 0], kind="stable")
    starts = np.searchsorted(pairs[order, 0], np.arange(len(asked) + 1))
    for row, (start, stop) in enumerate(pairwise(starts.tolist())):
        places = order[start:stop]
        found[places] = offered[pairs[places, 1]] @ asked[row]
    return found


def _crowd(index: Index, supplies: Sequence[Record], offered: FloatArray) -> FloatArray:
    """The mean cosine of each offer with the needs nearest to it, (n,): an offer that is near to
    every need is the answer to few (CSLS; Conneau et al., ICLR 2018). 0 where there is no need.

    How a pair stands among the need's own candidates is no feature: within a need it is the same
    order as the cosine, and between needs it made the score worse (docs/matching.md).
    """
    others, known = index.demand.vectors, index.crowds
    if not len(others) or not len(offered):
        return np.zeros(len(offered), dtype=np.float32)
    row_of = index.supply.row_of
    rows = [row_of.get(record.id, -1) for record in supplies]
    found = np.array([known.get(row, np.nan) for row in rows], dtype=np.float32)
    new = np.flatnonzero(np.isnan(found))
    if len(new):
        near, _ = others.search(offered[new], min(CROWD, len(others)), None)
        found[new] = near.mean(axis=1)
        known.update((rows[i], float(found[i])) for i in new.tolist() if rows[i] >= 0)
    return found


def _fields(
    passages: PassageVectors, demands: Sequence[Record], supplies: Sequence[Record], pairs: Rows
) -> FloatArray:
    """By codes where both have some of one scheme, else the cosine of the two names."""
    names = ["", *sorted({r.told_field() for r in (*demands, *supplies)} - {""})]
    rows = passages.names(names)
    rows[0] = np.nan  # it is a copy
    place = {name: i for i, name in enumerate(names)}
    asked = np.array([place[r.told_field()] for r in demands], dtype=np.int64)
    offered = np.array([place[r.told_field()] for r in supplies], dtype=np.int64)
    if len(names) <= _NAMES:
        by_name = (rows @ rows.T)[asked[pairs[:, 0]], offered[pairs[:, 1]]]
    else:
        by_name = _cosines(rows[asked], rows[offered], pairs)
    by_code = code_fit(demands, supplies, pairs)
    return np.where(np.isnan(by_code), by_name, by_code)


def _languages(
    index: Index, demands: Sequence[Record], supplies: Sequence[Record], pairs: Rows
) -> tuple[FloatArray, FloatArray]:
    asked = asked_languages(TokenTable.of([r.text() for r in demands]))[pairs[:, 0]]
    offered = _spoken(index, supplies)[pairs[:, 1]]
    accented = (asked & UNACCENTED) == 0
    across = (asked & offered & (VIETNAMESE | ENGLISH)) == 0
    return accented.astype(np.float32), across.astype(np.float32)


def _spoken(index: Index, supplies: Sequence[Record]) -> NDArray[np.uint8]:
    """The languages of offers as bits (n,), from the index where they are in it."""
    own = index.supply
    rows = np.array([own.row_of.get(record.id, -1) for record in supplies], dtype=np.int64)
    found = np.zeros(len(supplies), dtype=np.uint8)
    found[rows >= 0] = own.lexical.languages[rows[rows >= 0]]
    new = np.flatnonzero(rows < 0)
    if len(new):
        found[new] = languages(TokenTable.of([supplies[i].text() for i in new.tolist()]))
    return found
