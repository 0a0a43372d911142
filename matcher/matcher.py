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
from indexer.text import language_of, normalise
from matcher.allpairs import score_all
from matcher.candidates import find_candidates
from matcher.event import Event
from matcher.explain import explain_pairs
from matcher.hit import Hit
from matcher.match import Match
from matcher.matchlist import MatchList
from matcher.ranking import ListRules, best
from matcher.run import rank_all

_FIRST_LOOK = 100  # candidates fetched first; four times as many while a list is not full


class Matcher:
    """Matches over one opened index and the catalog it was made from."""

    def __init__(self, index: Index, catalog: Catalog, settings: Settings) -> None:
        self._index = index
        self._catalog = catalog
        self._settings = settings

    def search(
        self,
        text: str,
        *,
        want: Side = Side.SUPPLY,
        k: int = 10,
        where: Sequence[Condition] = (),
        today: date | None = None,
    ) -> list[Hit]:
        """The best `k` records of side `want` for a text of the other side, best first.

        Conditions hold before the best are taken. An empty or hopeless text gives an empty list
        or low scores, never padding. The owner cap is off when a condition names the owner.
        """
        text = normalise(text).strip()
        side = self._index.side(want)
        allowed = np.zeros(len(side.ids), dtype=bool)
        allowed[[side.row_of[i] for i in self._catalog.ids(want, where) if i in side.row_of]] = True
        total = int(allowed.sum())
        if not text or not total or k < 1:
            return []
        rules = ListRules(
            k=k,
            floor=self._settings.floor,
            owner_cap=0 if any(c.field == "owner" for c in where) else self._settings.owner_cap,
        )
        asker = _asker(text, want.other)
        found: dict[str, Record] = {}
        look = max(_FIRST_LOOK, 10 * k)
        while True:
            seen = find_candidates(
                self._index, want, text, allowed, look, self._settings.lexical_weight
            )
            missing = [side.ids[row] for row in seen.rows if side.ids[row] not in found]
            found |= {record.id: record for record in self._catalog.records(ids=missing)}
            # A record deleted since the conditions were asked is not there any more.
            kept = [i for i, row in enumerate(seen.rows) if side.ids[row] in found]
            records = [found[side.ids[seen.rows[i]]] for i in kept]
            scores = seen.scores[kept]
            chosen = best(scores, records, asker, rules)
            least = scores[chosen[-1]] if len(chosen) == k else rules.floor
            if look >= total or seen.bound < least:
                break
            look *= 4
        hits = [records[position] for position in chosen]
        pairs = [(hit, asker) if want is Side.DEMAND else (asker, hit) for hit in hits]
        explained = explain_pairs(self._index, pairs, today or date.today())
        return [
            Hit(hit, Match(demand.id, supply.id, rank, float(scores[position]), *why))
            for rank, (hit, position, (demand, supply), why) in enumerate(
                zip(hits, chosen, pairs, explained, strict=True), start=1
            )
        ]

    def match(
        self,
        *,
        k: int = 10,
        event: Event | None = None,
        today: date | None = None,
        progress: Progress = silent,
    ) -> MatchList:
        """The match list of the whole catalog: at most `k` matches per demand and per supply.

        Every pair is scored. `event` narrows it to the records of its participants.
        Deterministic for one index, catalog and day.
        """
        records = {
            record.id: record
            for record in self._catalog.records()
            if event is None or event.invites(record)
        }
        demands = [records[i] for i in self._index.demand.ids if i in records]
        supplies = [records[i] for i in self._index.supply.ids if i in records]
        scores = score_all(self._index, demands, supplies, self._settings.lexical_weight, progress)
        rules = ListRules(k=k, floor=self._settings.floor, owner_cap=self._settings.owner_cap)
        return rank_all(
            self._index,
            demands,
            supplies,
            scores,
            rules,
            today=today or date.today(),
            settings=self._stated(k, event),
            progress=progress,
        )

    def _stated(self, k: int, event: Event | None) -> dict[str, str]:
        """How a list was made, for the people who read it."""
        return {
            **({"event": event.name} if event else {}),
            "k": str(k),
            "encoder": self._index.encoder.name,
            "lexical_weight": f"{self._settings.lexical_weight:g}",
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
