"""What an offer that copies a need is worth in a search: what it is worth in the match list."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.catalog import Catalog
from indexer.index import Index
from indexer.records import Record, Side
from matcher.candidates import Question
from matcher.copies import Copy, Honest, find_copies, may_copy
from matcher.fusion import WordShare
from matcher.rating import CANDIDATES, LEAST_SIMILARITY, rate
from matcher.score import ScoreModel
from matcher.shelf import Shelf
from matcher.similarity import FloatArray


def lower_copies(
    index: Index,
    catalog: Catalog,
    model: ScoreModel,
    words: WordShare,
    pairs: Sequence[tuple[Record, Record]],
    scores: FloatArray,
) -> FloatArray:
    """The scores (n,) of these (need, offer) pairs after `matcher.copies.demote_copies`.

    One side of all pairs is the same text; what a match list of everything knows of the others
    is looked up only for needs that an offer copies, which is rare.
    """
    lowered = scores.copy()
    standings: dict[str, _Standing] = {}
    for at, (need, offer) in enumerate(pairs):
        if not may_copy(need.text(), offer.text()):
            continue
        for copy in find_copies([need], [offer], scores[at : at + 1, None]):
            if need.id not in standings:
                standings[need.id] = _Standing(index, catalog, model, words, need)
            lowered[at] = standings[need.id].lowered(offer, copy, scores[at])
    return lowered


class _Standing:
    """The scores of all offers for one need, as a match list of everything has them."""

    def __init__(
        self, index: Index, catalog: Catalog, model: ScoreModel, words: WordShare, need: Record
    ) -> None:
        self._index = index
        question = Question(index, Side.SUPPLY, need.text(), None, words)
        similarities, self._cosines = question.every()
        self._vector = question.vector
        likely = model.guess(similarities)
        self._scores = np.where(similarities > LEAST_SIMILARITY, likely, np.float32(0.0))
        rows = _best(similarities)
        found = Shelf(catalog, Side.SUPPLY, index.supply.ids).records(rows)
        there = [place for place, record in enumerate(found) if record is not None]
        offers, rows = [record for record in found if record is not None], rows[there]
        ones = np.column_stack([np.zeros(len(rows), dtype=np.int64), np.arange(len(rows))])
        self._scores[rows] = rate(index, [need], offers, ones, similarities[rows], model)
        copies = find_copies([need], offers, self._scores[None, rows])
        self._copies = {int(rows[copy.supply]) for copy in copies}
        honest = np.ones(len(self._scores), dtype=bool)
        honest[list(self._copies)] = False
        self._honest = Honest(self._scores[honest], self._cosines[honest])

    def lowered(self, offer: Record, copy: Copy, score: np.float32) -> np.float32:
        """The score of an offer that copies the need, in the index or not."""
        rest = np.float32(self._index.encode([copy.rest], Side.SUPPLY)[0] @ self._vector)
        row = self._index.supply.row_of.get(offer.id)
        own = None
        if row is not None and row not in self._copies:
            own = np.float32(self._scores[row]), np.float32(self._cosines[row])
        return self._honest.lowered(score, rest, own)


def _best(similarities: FloatArray) -> NDArray[np.int64]:
    """The rows of the highest, equals by row."""
    if len(similarities) <= CANDIDATES:
        return np.argsort(-similarities, kind="stable")
    last = len(similarities) - CANDIDATES
    rows = np.flatnonzero(similarities >= np.partition(similarities, last)[last])
    return rows[np.argsort(-similarities[rows], kind="stable")[:CANDIDATES]]
