"""What an offer that copies a need is worth in a search: what it is worth in the match list."""

from collections.abc import Sequence

import numpy as np

from indexer.catalog import Catalog
from indexer.index import Index
from indexer.records import Record, Side
from matcher.candidates import Question
from matcher.copies import IN_FRONT, Copy, Honest, find_copies, may_copy
from matcher.fusion import WordShare
from matcher.rating import CANDIDATES, LEAST_SIMILARITY, rate
from matcher.score import ScoreModel
from matcher.shelf import Shelf
from matcher.similarity import FloatArray

# All that can stand in front of a copy that is worth anything, and the copies among them.
_LOOK = 2 * IN_FRONT + CANDIDATES


def lower_copies(
    index: Index,
    catalog: Catalog,
    model: ScoreModel,
    words: WordShare,
    demands: Sequence[Record],
    supplies: Sequence[Record],
    scores: FloatArray,
    asked: Question | None = None,
) -> FloatArray:
    """The scores (n_demands, n_supplies) after `matcher.copies.demote_copies`, of one need or one
    offer: either side may have many, not both.

    What a match list of everything knows of the others is looked up only for needs that an offer
    copies, which is rare. `asked` is the need's own question, where it has been asked already.
    """
    lowered = scores.copy()
    likely = may_copy(demands, supplies)
    if not likely.any():
        return lowered
    standings: dict[int, _Standing] = {}
    for copy in find_copies(demands, supplies, np.where(likely, scores, np.float32(0.0))):
        if copy.demand not in standings:
            need = demands[copy.demand]
            question = asked or Question(index, Side.SUPPLY, need.text(), None, words)
            standings[copy.demand] = _Standing(index, catalog, model, need, question.everywhere())
        at = copy.demand, copy.supply
        lowered[at] = standings[copy.demand].lowered(supplies[copy.supply], copy, scores[at])
    return lowered


class _Standing:
    """The scores of the best offers for one need, as a match list of everything has them."""

    def __init__(
        self, index: Index, catalog: Catalog, model: ScoreModel, need: Record, question: Question
    ) -> None:
        self._index = index
        self._vector = question.vector
        seen = question.candidates(_LOOK)
        order = np.argsort(-seen.scores, kind="stable")
        rows, similarities = seen.rows[order], seen.scores[order]
        self._cosines = index.supply.vectors.rows(rows) @ self._vector
        likely = model.guess(similarities)
        self._scores = np.where(similarities > LEAST_SIMILARITY, likely, np.float32(0.0))
        found = Shelf(catalog, Side.SUPPLY, index.supply.ids).records(rows[:CANDIDATES])
        there = [place for place, record in enumerate(found) if record is not None]
        offers = [record for record in found if record is not None]
        ones = np.column_stack([np.zeros(len(there), dtype=np.int64), np.arange(len(there))])
        self._scores[there] = rate(index, [need], offers, ones, similarities[there], model)
        honest = np.ones(len(rows), dtype=bool)
        for copy in find_copies([need], offers, self._scores[None, there]):
            honest[there[copy.supply]] = False
        self._place = {int(row): at for at, row in enumerate(rows) if honest[at]}
        self._honest = Honest(self._scores[honest], self._cosines[honest])

    def lowered(self, offer: Record, copy: Copy, score: np.float32) -> np.float32:
        """The score of an offer that copies the need, in the index or not."""
        rest = np.float32(self._index.encode([copy.rest], Side.SUPPLY)[0] @ self._vector)
        at = self._place.get(self._index.supply.row_of.get(offer.id, -1))
        own = None if at is None else (self._scores[at], self._cosines[at])
        return self._honest.lowered(score, rest, own)
