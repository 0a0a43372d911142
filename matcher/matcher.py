"""The matcher: search for one text, and the match list of everything in the catalog."""

from collections.abc import Sequence
from datetime import date

from indexer.catalog import Catalog
from indexer.conditions import Condition
from indexer.index import Index
from indexer.progress import Progress, silent
from indexer.records import DEFAULT_TYPE, Record, Side
from indexer.settings import Settings
from indexer.text import language_of, normalise
from matcher.allpairs import score_all
from matcher.candidates import Question
from matcher.event import Event
from matcher.explain import explain_pairs
from matcher.filters import allowed_rows
from matcher.hit import Hit
from matcher.match import Match
from matcher.matchlist import MatchList
from matcher.ranking import ListRules
from matcher.run import rank_all
from matcher.shelf import Shelf

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
        while True:
            seen = question.candidates(look)
            hits, scores = shelf.best(seen.rows, seen.scores, asker, rules)
            least = scores[-1] if len(hits) == k else rules.floor
            if look >= question.total or seen.bound < least:
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
