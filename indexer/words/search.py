"""One query against many documents: the best by words, without adding up every posting.

In the spirit of MaxScore (Turtle, Flood: Query Evaluation, IP&M 31, 1995). Rare terms are added
up for all documents that have them. From the score the k-th best has by then follows how much the
commonest terms may be worth together and still bring no new document among the best: these are
only looked up, in the documents that are still in question. The outcome is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from indexer.words.crossing import Facing
from indexer.words.queries import Queries
from indexer.words.sparse import csc_matvec

FloatArray = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_GROUP = 64  # documents of which the best stands for all when the k-th best is estimated
_LONG = 16_384  # postings: shorter lists are always added up
_LOOKUP = 12  # looking a document up in a list takes as long as adding up so many postings
# So much of what may be missing is skipped: the more, the more documents are looked up.
_MISSING = 0.3
_SLACK = 1e-5  # rounding, relative
_NOTHING = 1e-9  # a document that has none of the words scores less


@dataclass(frozen=True)
class Piece:
    """The postings of one term in a stretch of documents: document `first + documents[i]` has
    `weights[i]`, idf times a saturated count. `documents` ascend."""

    first: int
    documents: npt.NDArray[np.int32]
    weights: FloatArray
    idf: float
    worth: float = 1.0  # what a weight counts today


class Searched(Protocol):
    """The documents of a lexical index."""

    languages: npt.NDArray[np.uint8]

    def pieces(self, column: int) -> Sequence[Piece]: ...

    def peaks(self, columns: Rows) -> tuple[FloatArray, FloatArray]:
        """The most a document scores by each term, and its count there over its `damp`."""
        ...

    def ceiling(self, queries: Queries) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class _Part:
    """What adds to a score: a term as written, or a unit by the terms that render it."""

    way: int  # 0 as written, then one for each facing
    pieces: tuple[tuple[Piece, float], ...]  # and what each counts
    scale: float  # what a unit met to the full adds; 0 for a term as written
    most: float
    cost: int


_One = tuple[Piece, float, float]  # a piece, what it counts, the scale of its part


class WordSearch:
    """The scores of the documents for one query, found as far as they are asked for.

    They are those of `LexicalIndex.scores`, up to rounding: what is met as written and in
    translation, joined by fourth powers, at most the ceiling.
    """

    def __init__(self, documents: Searched, queries: Queries) -> None:
        """`queries` holds one query. Raises ValueError for several."""
        if len(queries) != 1:
            raise ValueError(f"one query at a time, not {len(queries)}")
        self._documents = documents
        self.count = len(documents.languages)
        self.ceiling = float(documents.ceiling(queries)[0])
        facings = [one for one in queries.facings if len(one.columns)]
        self._inside = [one.inside for one in facings]
        self._left = sorted(self._parts(queries, facings), key=lambda part: part.cost)
        self._skipped: list[_Part] = []
        padded = -(-max(self.count, 1) // _GROUP) * _GROUP
        self._sums = [np.zeros(padded, dtype=np.float32) for _ in range(1 + len(facings))]

    def _parts(self, queries: Queries, facings: Sequence[Facing]) -> list[_Part]:
        held = self._documents
        direct = queries.direct
        known = direct.indices < direct.shape[1] - 1
        columns, weights = direct.indices[known].astype(np.int64), direct.data[known]
        most = held.peaks(columns)[0] * weights
        parts = [
            _part(0, [(held.pieces(column), weight)], 0.0, bound)
            for column, weight, bound in zip(
                columns.tolist(), weights.tolist(), most.tolist(), strict=True
            )
        ]
        for way, facing in enumerate(facings, start=1):
            asked, shares = facing.asked, facing.shares
            total = max(float(asked.data.sum()), 1e-9)
            peaks = held.peaks(facing.columns)[1]
            pieces = [held.pieces(column) for column in facing.columns.tolist()]
            bounds = shares.indptr.tolist()
            for unit, weight in zip(asked.indices.tolist(), asked.data.tolist(), strict=True):
                inside = slice(bounds[unit], bounds[unit + 1])
                places, factors = shares.indices[inside], shares.data[inside]
                if not len(places):
                    continue
                scale, reach = self.ceiling * weight / total, float(factors @ peaks[places])
                terms = [
                    (pieces[place], factor)
                    for place, factor in zip(places.tolist(), factors.tolist(), strict=True)
                ]
                parts.append(_part(way, terms, scale, scale * reach / (1 + reach)))
        return parts

    @property
    def skipped(self) -> int:
        """How many lists of postings were only looked into."""
        return len(self._skipped)

    def best(self, k: int, allowed: Mask | None = None) -> tuple[Rows, FloatArray]:
        """The k best documents of those allowed, (n_documents,): (rows, scores), rows ascending.

        Only documents with a score above 0 are among them; of equals at the end any.
        """
        short = [part for part in self._left if part.cost <= max(_LONG, self.count // 20)]
        self._add(short)
        self._left += self._skipped  # by a search for fewer
        self._skipped = []
        if self._left:
            self._choose(self._least(k, self._tops(k, allowed)))
        tops = self._tops(k, allowed)
        least = self._least(k, tops)
        rows = self._candidates(least, tops, allowed)
        if self._skipped:
            rows, found = self._narrowed(rows, k)
        else:
            found = self.scores(rows)
        rows, found = rows[found > 0], found[found > 0]
        if len(rows) > k:
            last = len(rows) - k
            taken = np.sort(np.argpartition(found, last)[last:])
            rows, found = rows[taken], found[taken]
        return rows, found

    def scores(self, rows: Rows) -> FloatArray:
        """The scores of these documents, (n,)."""
        sums = [total[rows] for total in self._sums]
        for part in (*self._skipped, *self._left):
            sums[part.way] += self._looked_up(part, rows)
        return self._joined(sums)

    def _add(self, parts: Sequence[_Part]) -> None:
        """Adds these parts up for all documents."""
        done = set(map(id, parts))
        self._left = [part for part in self._left if id(part) not in done]
        self._skipped = [part for part in self._skipped if id(part) not in done]
        alone: dict[tuple[int, int], list[_One]] = {}
        for part in parts:
            if len(part.pieces) > 1 and part.scale:
                self._add_unit(part)
                continue
            for piece, factor in part.pieces:
                alone.setdefault((part.way, piece.first), []).append((piece, factor, part.scale))
        for (way, first), some in alone.items():
            # Short ones together: a call takes as long as some thousand postings.
            short = [one for one in some if len(one[0].documents) <= _LONG]
            for batch in (short, *([one] for one in some if len(one[0].documents) > _LONG)):
                if batch:
                    self._add_terms(self._sums[way][first:], batch)
        for way in {part.way for part in parts} - {0}:
            own = self._sums[way][: self.count]
            np.multiply(own, self._inside[way - 1], out=own)

    def _add_terms(self, into: FloatArray, ones: Sequence[_One]) -> None:
        """Adds pieces that are all there is of their parts, of one way."""
        sizes = np.array([len(piece.documents) for piece, _, _ in ones])
        documents = _end_to_end([piece.documents for piece, _, _ in ones])
        weights = _end_to_end([piece.weights for piece, _, _ in ones])
        factors = np.array([factor * piece.worth for piece, factor, _ in ones], dtype=np.float32)
        if ones[0][2]:
            idf = np.array([piece.idf for piece, _, _ in ones], dtype=np.float32)
            counts = np.array([factor for _, factor, _ in ones], dtype=np.float32)
            met = saturated_counts(weights, np.repeat(idf, sizes))
            met *= np.repeat(counts, sizes)
            weights = met / (1 + met)
            factors = np.array([scale for _, _, scale in ones], dtype=np.float32)
        _scatter(into, documents, weights, factors, sizes)

    def _add_unit(self, part: _Part) -> None:
        """A unit: its terms' counts over `damp` are added up and saturated together."""
        total, counts = self._sums[part.way], self._scratch
        scale = np.array([part.scale], dtype=np.float32)
        for piece, factor in part.pieces:
            held = saturated_counts(piece.weights, piece.idf)
            one = np.array([factor], dtype=np.float32)
            _scatter(counts[piece.first :], piece.documents, held, one)
        if 3 * sum(len(piece.documents) for piece, _ in part.pieces) > self.count:
            met = counts / (1 + counts)
            met *= scale
            total += met
            counts.fill(0.0)
            return
        for piece, _ in part.pieces:  # a document counts where it is met first, and is then empty
            into = counts[piece.first :]
            met = into.take(piece.documents, mode="clip")  # without a look whether all are inside
            into[piece.documents] = 0.0
            _scatter(total[piece.first :], piece.documents, met / (1 + met), scale)

    @cached_property
    def _scratch(self) -> FloatArray:
        return np.zeros_like(self._sums[0])

    @cached_property
    def _allowed(self) -> FloatArray:
        return np.zeros_like(self._sums[0])

    def _tops(self, k: int, allowed: Mask | None) -> list[FloatArray]:
        """Of every way the highest sum of each group of documents allowed, column c of a table
        with `_GROUP` rows; of few documents, the sums themselves."""
        tops = []
        for total in self._sums:
            there = total
            if allowed is not None:
                there = self._allowed
                np.multiply(total[: self.count], allowed, out=there[: self.count])
            grouped = 2 * _GROUP * k < len(there)
            tops.append(there.reshape(_GROUP, -1).max(axis=0) if grouped else there.copy())
        return tops

    def _least(self, k: int, tops: Sequence[FloatArray]) -> float:
        """A score that at least k of the documents of `tops` reach already; 0 where fewer do."""
        # The best of some documents, and which these are says only their place.
        best = tops[0] if len(tops) == 1 else np.maximum.reduce(tops)
        if k > len(best):
            return 0.0
        return min(float(np.partition(best, len(best) - k)[len(best) - k]), self.ceiling)

    def _choose(self, least: float) -> None:
        """Of the long lists, those that cannot lift a document above `least` by themselves are
        skipped, the costliest for what they bring first; the others are added up."""
        room = [_MISSING * self._room(least)] * len(self._sums)
        needed = []
        for part in sorted(self._left, key=lambda one: one.most / one.cost):
            if part.most < room[part.way]:
                room[part.way] -= part.most
                self._skipped.append(part)
            else:
                needed.append(part)
        self._left = []
        self._add(needed)

    def _room(self, least: float) -> float:
        """What may be missing in every way, and a document that has nothing else stays below."""
        return float((1 - _SLACK) * least * len(self._sums) ** -0.25)

    def _missing(self) -> list[float]:
        missing = [0.0] * len(self._sums)
        for part in self._skipped:
            missing[part.way] += part.most
        return missing

    def _candidates(self, least: float, tops: Sequence[FloatArray], allowed: Mask | None) -> Rows:
        """The documents allowed that may have a score of at least `least`."""
        missing = [np.float32(one) for one in self._missing()]
        low = max((1 - _SLACK) * least, _NOTHING)
        upper = [top + one for top, one in zip(tops, missing, strict=True)]
        rows = np.flatnonzero(self._joined(upper) >= low)
        if len(tops[0]) < len(self._sums[0]):  # groups: each is a column, and rows ascend
            rows = (np.arange(_GROUP)[:, None] * len(tops[0]) + rows).ravel()
        rows = rows[rows < self.count]
        if allowed is not None:
            rows = rows[allowed[rows]]
        upper = [total[rows] + one for total, one in zip(self._sums, missing, strict=True)]
        return rows[self._joined(upper) >= low]

    def _narrowed(self, rows: Rows, k: int) -> tuple[Rows, FloatArray]:
        """These documents with what was skipped looked up, those left out on the way that cannot
        be among the k best."""
        sums = [total[rows] for total in self._sums]
        missing = self._missing()
        for part in sorted(self._skipped, key=lambda one: one.most, reverse=True):
            if len(rows) > 2 * k:
                now = self._joined([one.copy() for one in sums])
                last = len(now) - k
                least = (1 - _SLACK) * float(np.partition(now, last)[last])
                upper = [one + np.float32(m) for one, m in zip(sums, missing, strict=True)]
                kept = self._joined(upper) >= least
                rows, sums = rows[kept], [one[kept] for one in sums]
            sums[part.way] += self._looked_up(part, rows)
            missing[part.way] = max(missing[part.way] - part.most, 0.0)
        return rows, self._joined(sums)

    def _looked_up(self, part: _Part, rows: Rows) -> FloatArray:
        """What a part adds to these documents, ascending, (n,)."""
        found = np.zeros(len(rows), dtype=np.float32)
        for piece, factor in part.pieces:
            if not len(piece.documents):
                continue
            wanted = (rows - piece.first).astype(np.int32)
            places = np.searchsorted(piece.documents, wanted)
            places[places == len(piece.documents)] = 0
            here = np.flatnonzero(piece.documents[places] == wanted)
            weights = piece.weights[places[here]]
            if part.scale:
                found[here] += np.float32(factor) * saturated_counts(weights, piece.idf)
            else:
                found[here] += np.float32(factor * piece.worth) * weights
        if not part.scale:
            return found
        found *= self._inside[part.way - 1][rows]
        return np.asarray(part.scale * found / (1 + found), np.float32)

    def _joined(self, sums: list[FloatArray]) -> FloatArray:
        """The fourth root of the sum of fourth powers, at most the ceiling; writes into `sums`."""
        first = sums[0]
        if len(sums) > 1:
            first = np.square(np.square(first, out=first), out=first)
            for other in sums[1:]:
                first += np.square(np.square(other, out=other), out=other)
            first = np.sqrt(np.sqrt(first, out=first), out=first)
        return np.minimum(first, np.float32(self.ceiling), out=first)


def _part(
    way: int, terms: Sequence[tuple[Sequence[Piece], float]], scale: float, most: float
) -> _Part:
    pieces = tuple((piece, factor) for held, factor in terms for piece in held)
    postings = sum(len(piece.documents) for piece, _ in pieces)
    # Of a unit a posting is looked at several times.
    return _Part(way, pieces, scale, most, 4 * postings if scale else postings)


def _end_to_end(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def _scatter(
    into: FloatArray,
    documents: npt.NDArray[np.int32],
    weights: FloatArray,
    factors: FloatArray,
    sizes: npt.NDArray[Any] | None = None,
) -> None:
    """Adds each weight times the factor of its stretch to its document; stretch i is so many
    postings as `sizes` says, one is all of them."""
    bounds = np.array([0, len(documents)], dtype=np.int32)
    if sizes is not None:
        bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    csc_matvec(len(into), len(factors), bounds, documents, weights, factors, into)


def saturated_counts(weights: FloatArray, idf: float | FloatArray) -> FloatArray:
    """How often a term stands in the documents where it weighs so much, over their `damp`."""
    left = np.maximum(np.asarray(idf, dtype=np.float32) - weights, np.float32(1e-9))
    counts: FloatArray = weights / left
    return counts
