"""The matcher: search for one text, and the match list of everything in the catalog."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from indexer.catalog import Catalog
from indexer.conditions import Condition
from indexer.index import Index
from indexer.progress import Progress, silent
from indexer.records import DEFAULT_TYPE, Record, Side
from indexer.settings import Settings
from indexer.sideindex import digest
from indexer.text import language_of, normalise
from matcher.account import account
from matcher.allpairs import score_all
from matcher.candidates import Candidates, Question
from matcher.copies import demote_copies
from matcher.explain import explain_pairs
from matcher.filters import allowed_rows
from matcher.hit import Hit
from matcher.match import Match
from matcher.matchlist import MatchList
from matcher.planning.event import Event
from matcher.planning.ownerpairs import owner_pairs
from matcher.planning.plan import Pair
from matcher.ranking import ListRules
from matcher.rating import CANDIDATES, LEAST_SIMILARITY, rate, rate_all
from matcher.ruling.rulecheck import check_rules
from matcher.ruling.rulings import Excluded, apply, event_rules
from matcher.run import rank_all
from matcher.score import ScoreModel
from matcher.shelf import Shelf
from matcher.similarity import FloatArray

_FIRST_LOOK = 100  # candidates fetched first; four times as many while a list is not full


class Matcher:
    """Matches over one opened index and the catalog it was made from."""

    def __init__(
        self,
        index: Index,
        catalog: Catalog,
        settings: Settings,
        model: ScoreModel | None = None,
    ) -> None:
        """`model` are the weights of the score, by default those that ship with the package."""
        self._index = index
        self._catalog = catalog
        self._settings = settings
        self._model = model or ScoreModel.load(index.encoder.name)

    def search(
        self,
        text: str,
        *,
        want: Side = Side.SUPPLY,
        k: int = 10,
        where: Sequence[Condition] = (),
        today: date | None = None,
    ) -> list[Hit]:
        """The best `k` records of side `want` for a text of the other side, by probability.

        Conditions hold before the best are taken. An empty or hopeless text gives an empty list
        or low scores, never padding. The owner cap is off when a condition names the owner.
        """
        text = normalise(text).strip()
        allowed = allowed_rows(self._index, self._catalog, want, where)
        if not text or k < 1 or not (allowed is None or allowed.any()):
            return []
        rules = ListRules(
            k=k,
            floor=self._settings.floor,
            owner_cap=0 if any(c.field == "owner" for c in where) else self._settings.owner_cap,
        )
        asker = _asker(text, want.other)
        question = Question(self._index, want, text, allowed, self._settings.lexical_weight)
        shelf = Shelf(self._catalog, want, self._index.side(want).ids)
        look = max(_FIRST_LOOK, 10 * k)
        stated = self._stated_need(text, want.other) or asker
        while True:
            seen = question.candidates(look)
            rated = self._rated(seen, stated, shelf, max(CANDIDATES, k))
            hits, scores = shelf.best(seen.rows, rated, asker, rules)
            if look >= question.total or self._seen_all(seen, k, len(hits)):
                break
            look *= 4
        pairs = [(hit, asker) if want is Side.DEMAND else (asker, hit) for hit in hits]
        explained = explain_pairs(self._index, pairs, today or date.today())
        return [
            Hit(hit, Match(demand.id, supply.id, rank, score, *why))
            for rank, (hit, score, (demand, supply), why) in enumerate(
                zip(hits, scores, pairs, explained, strict=True), start=1
            )
        ]

    def _rated(self, seen: Candidates, asker: Record, shelf: Shelf, many: int) -> FloatArray:
        """The probabilities (n,) of what was seen; by all features for the `many` most similar."""
        order = np.argsort(-seen.scores, kind="stable")[:many]
        fetched = shelf.records(seen.rows[order])
        there = [place for place, record in enumerate(fetched) if record is not None]
        others, kept = [record for record in fetched if record is not None], order[there]
        rated = np.where(seen.scores > LEAST_SIMILARITY, self._model.guess(seen.scores), 0.0)
        ones, count = np.zeros(len(kept), dtype=np.int64), np.arange(len(kept), dtype=np.int64)
        if asker.side is Side.DEMAND:
            sides, pairs = ([asker], others), np.column_stack([ones, count])
        else:
            sides, pairs = (others, [asker]), np.column_stack([count, ones])
        rated[kept] = rate(self._index, *sides, pairs, seen.scores[kept], self._model)
        return rated.astype(np.float32)

    def _seen_all(self, seen: Candidates, k: int, found: int) -> bool:
        """Whether no row outside is more similar than the first `k`, and a list that is short
        would not be filled by looking further."""
        likely = float(self._model.guess(np.array([seen.bound], dtype=np.float32))[0])
        first = np.sort(seen.scores)[-k:]
        return seen.bound < first[0] and (found == k or likely < self._settings.floor)

    def _stated_need(self, text: str, side: Side) -> Record | None:
        """The record whose text somebody typed, so that it scores here as in a match list."""
        own, name = self._index.side(side), digest(text)
        if name not in own.digests:
            return None
        found = list(self._catalog.records(ids=[own.ids[own.digests.index(name)]]))
        return found[0] if found and found[0].side is side else None

    def match(
        self,
        *,
        k: int = 10,
        event: Event | None = None,
        today: date | None = None,
        progress: Progress = silent,
    ) -> MatchList:
        """The match list of the whole catalog: at most `k` matches per demand and per supply.

        Every pair is compared; the candidates of each need and offer get the probability of all
        their features. `event` narrows it to the records of its participants, and its
        rules say who may not meet. Deterministic for one index, catalog and day.

        Raises:
            RequestError: a rule of the event names nobody, cannot be compared or bars every pair.
        """
        demands, supplies, excluded, scores = self._scored(event, progress)
        rules = ListRules(k=k, floor=self._settings.floor, owner_cap=self._settings.owner_cap)
        day = today or date.today()
        found = rank_all(
            self._index,
            demands,
            supplies,
            scores,
            rules,
            excluded,
            today=day,
            settings=self._stated(k, event),
            progress=progress,
        )
        open_pairs = np.where(excluded.mask, np.float32(0.0), scores)
        floor = self._settings.floor
        return account(
            found, self._index, self._model, demands, supplies, open_pairs, floor=floor, today=day
        )

    def owner_pairs(
        self, event: Event | None = None, progress: Progress = silent
    ) -> tuple[Pair, ...]:
        """The owners who could meet, each two with the score of their best match: the candidates
        of a plan. What the rules of `event` bar is left out, and so is what is below the floor or
        below the event's `least_score`, unless the event asks for it.

        Raises:
            RequestError: as `match`.
        """
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
        demands = [records[i] for i in self._index.demand.ids if i in records]
        supplies = [records[i] for i in self._index.supply.ids if i in records]
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


def _asker(text: str, side: Side) -> Record:
    """A typed text as a record of its side, so that it is explained like any other."""
    return Record(
        id="query",
        side=side,
        type=DEFAULT_TYPE[side],
        description=text,
        language=language_of(text),
    )
