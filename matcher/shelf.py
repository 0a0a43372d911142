"""The records behind the rows of one search, fetched from the best down and no further."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.catalog import Catalog
from indexer.conditions import Condition
from indexer.records import Record, Side
from matcher.ranking import ListRules, best
from matcher.similarity import FloatArray

_SPARE = 2  # records fetched first beyond the list's length
_TIE = 2e-6  # scores are ordered to 1e-6


class Shelf:
    """Rows of one side, and the records fetched for them so far.

    Fetching is most of the time of a search, and a list needs few more records than it holds:
    only the owner cap and repeated records pass some over.
    """

    def __init__(
        self,
        catalog: Catalog,
        side: Side,
        ids: Sequence[str],
        where: Sequence[Condition] = (),
    ) -> None:
        """`ids` are those of all rows of the side. What does not satisfy `where` by now counts as
        gone."""
        self._catalog = catalog
        self._side = side
        self._ids = ids
        self._where = where
        self._fetched: dict[str, Record | None] = {}

    def best(
        self, rows: NDArray[np.int64], scores: FloatArray, asker: Record, rules: ListRules
    ) -> tuple[list[Record], list[float]]:
        """The list of `asker` from these rows and their scores, both (n,), as
        `matcher.ranking.best` makes it of all of them: (records, scores), best first.

        Records that are gone from the catalog, or on the other side by now, are passed over.
        """
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] >= rules.floor]
        many = rules.k + _SPARE
        while True:
            edge = scores[order[min(many, len(order)) - 1]] - _TIE if len(order) else 0.0
            taken = order[: int(np.count_nonzero(scores[order] >= edge))]
            found = self.records(rows[taken])
            kept = [i for i, record in enumerate(found) if record is not None]
            records = [record for record in found if record is not None]
            values = scores[taken[kept]]
            chosen = best(values, records, asker, rules)
            if len(chosen) == rules.k or len(taken) == len(order):
                return [records[i] for i in chosen], [float(values[i]) for i in chosen]
            many *= 2

    def records(self, rows: NDArray[np.int64]) -> list[Record | None]:
        """The records of these rows, None for those gone or on the other side by now."""
        ids = [self._ids[row] for row in rows.tolist()]
        missing = [record_id for record_id in ids if record_id not in self._fetched]
        if missing:
            self._fetched |= dict.fromkeys(missing)
            for record_id, record in self._catalog.look_up(missing, self._where).items():
                if record.side is self._side:
                    self._fetched[record_id] = record
        return [self._fetched[record_id] for record_id in ids]
