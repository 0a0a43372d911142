"""The whole catalog at once: every need with every offer, for match lists and for plans."""

from datetime import date

import numpy as np

from indexer.catalog import Catalog
from indexer.collecting import put_off
from indexer.index import Index
from indexer.progress import Progress
from indexer.records import Record
from indexer.settings import Settings
from matcher.account import account
from matcher.allpairs import score_all
from matcher.copies import demote_copies
from matcher.matchlist import MatchList
from matcher.planning.event import Event
from matcher.planning.ownerpairs import owner_pairs
from matcher.planning.plan import Pair
from matcher.ranking import ListRules
from matcher.rating import rate_all
from matcher.ruling.rulecheck import check_rules
from matcher.ruling.rulings import Excluded, apply, event_rules
from matcher.run import rank_all
from matcher.score import ScoreModel
from matcher.similarity import FloatArray


class Whole:
    """What `Matcher` does with all records; its methods say more."""

    def __init__(
        self, index: Index, catalog: Catalog, settings: Settings, model: ScoreModel
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._settings = settings
        self._model = model

    @put_off()
    def match(self, k: int, event: Event | None, today: date, progress: Progress) -> MatchList:
        """As `Matcher.match`."""
        demands, supplies, excluded, scores = self._scored(event, progress)
        rules = ListRules(k=k, floor=self._settings.floor, owner_cap=self._settings.owner_cap)
        found = rank_all(
            self._index,
            demands,
            supplies,
            scores,
            rules,
            excluded,
            today=today,
            settings=self._stated(k, event),
            progress=progress,
        )
        open_pairs = np.where(excluded.mask, np.float32(0.0), scores)
        floor = self._settings.floor
        return account(
            found, self._index, self._model, demands, supplies, open_pairs, floor=floor, today=today
        )

    def owner_pairs(self, event: Event | None, progress: Progress) -> tuple[Pair, ...]:
        """As `Matcher.owner_pairs`."""
        demands, supplies, excluded, scores = self._scored(event, progress)
        pairs = owner_pairs(demands, supplies, scores, excluded.mask, self._settings.floor)
        if event is None:
            return pairs
        return tuple(
            pair
            for pair in pairs
            if pair.score >= event.least_score
            or event.asks_for(pair.demand_owner, pair.supply_owner)
        )

    def _scored(
        self, event: Event | None, progress: Progress
    ) -> tuple[list[Record], list[Record], Excluded, FloatArray]:
        """Who takes part on either side, what rules bar, and the score of every pair."""
        every = list(self._catalog.records())
        if event is not None:
            check_rules(event.rules, every)
        records = {r.id: r for r in every if event is None or event.invites(r)}
        demands = [records[i] for i in self._index.demand.present() if i in records]
        supplies = [records[i] for i in self._index.supply.present() if i in records]
        excluded = apply(event_rules(event), demands, supplies)
        scores = score_all(self._index, demands, supplies, self._settings.lexical_weight, progress)
        scores = rate_all(self._index, demands, supplies, scores, self._model, progress)
        demote_copies(self._index, demands, supplies, scores)
        return demands, supplies, excluded, scores

    def _stated(self, k: int, event: Event | None) -> dict[str, str]:
        """How a list was made, for the people who read it."""
        return {
            **({"event": event.name} if event else {}),
            "k": str(k),
            "encoder": self._index.encoder.name,
            "lexical_weight": str(self._settings.lexical_weight),
            "floor": f"{self._settings.floor:g}",
            "owner_cap": str(self._settings.owner_cap),
        }
