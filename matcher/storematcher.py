"""Search over a store: it finds the candidates, and the matcher rates, explains and lists them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from indexer.catalog import Catalog
from indexer.conditions import Condition
from indexer.records import Record, Side
from indexer.settings import Settings
from indexer.stores.store import LOOK, Store
from indexer.text import normalise
from matcher.hit import Hit
from matcher.matcher import Matcher
from matcher.score import ScoreModel

_MOST = 6_400  # candidates of either list that a list that is not full yet is looked for in
_NO_CAP = 1_000_000


class StoreMatcher:
    """Searches a store with the matcher that searches an index.

    What the matcher is given is an excerpt (`Store.excerpt`): the candidates, with the weights that
    words have among all records. So features, probability, evidence and flags are those of
    `Matcher.search` over an index of all.
    """

    def __init__(
        self, store: Store, catalog: Catalog, settings: Settings, model: ScoreModel | None = None
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._settings = settings
        self._model = model

    def search(
        self,
        text: str | Record,
        *,
        want: Side = Side.SUPPLY,
        k: int = 10,
        where: Sequence[Condition] = (),
        today: date | None = None,
    ) -> list[Hit]:
        """As `Matcher.search`. Conditions hold in the store before the best are taken, and once
        more in the catalog, which may have changed since.

        Raises RequestError where the store does not answer.
        """
        want = text.side.other if isinstance(text, Record) else want
        said = normalise(text.text() if isinstance(text, Record) else text).strip()
        if not said or k < 1:
            return []
        settings = self._settings
        if any(condition.field == "owner" for condition in where):
            settings = settings.model_copy(update={"owner_cap": _NO_CAP})
        look = max(LOOK, 10 * k)
        while True:
            excerpt = self._store.excerpt(said, want, look, where)
            matcher = Matcher(excerpt, self._catalog, settings, self._model)
            hits = matcher.search(text, want=want, k=k, today=today)
            full = len(hits) == k or len(excerpt.side(want).ids) < look or look >= _MOST
            if full:
                return self._still(hits, where)
            look *= 4

    def _still(self, hits: Sequence[Hit], where: Sequence[Condition]) -> list[Hit]:
        """Those that still satisfy the conditions, ranked anew."""
        if not where:
            return list(hits)
        there = self._catalog.look_up([hit.record.id for hit in hits], where)
        kept = [hit for hit in hits if hit.record.id in there]
        return [
            replace(hit, match=replace(hit.match, rank=rank))
            for rank, hit in enumerate(kept, start=1)
        ]
