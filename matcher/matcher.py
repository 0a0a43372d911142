"""The matcher: search for one text, and the match list of everything in the catalog."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from indexer.catalog import Catalog
from indexer.conditions import Condition
from indexer.digests import digest
from indexer.index import Index
from indexer.keeping.access import Reader
from indexer.keeping.tiers import granted_to
from indexer.live.base import Base
from indexer.live.live import LiveIndex
from indexer.progress import Progress, silent
from indexer.records import DEFAULT_TYPE, Record, Side
from indexer.settings import Settings
from indexer.text import language_of, normalise
from matcher.candidates import Candidates, Question
from matcher.explain import explain_pairs
from matcher.filters import allowed_rows
from matcher.hit import Hit
from matcher.match import Match
from matcher.ranking import ListRules
from matcher.rating import CANDIDATES, LEAST_SIMILARITY, rate
from matcher.score import ScoreModel
from matcher.shelf import Shelf
from matcher.similarity import FloatArray
from matcher.standing import lower_copies

if TYPE_CHECKING:
    from matcher.matchlist import MatchList
    from matcher.planning.event import Event
    from matcher.planning.plan import Pair
    from matcher.telling import Told
    from matcher.whole import Whole

_SPARE_NEAREST = 5  # looked at beyond twice as many as are wanted: some repeat others
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
        text: str | Record,
        *,
        want: Side = Side.SUPPLY,
        k: int = 10,
        where: Sequence[Condition] = (),
        today: date | None = None,
        reader: Reader | None = None,
    ) -> list[Hit]:
        """The best `k` records of side `want` for a text of the other side, by probability; for a
        record, the best of the other side.

        Conditions hold before the best are taken. An empty or hopeless text gives an empty list
        or low scores, never padding. The owner cap is off when a condition names the owner. What
        `reader` may not read is not there: see `readable`.
        """
        if reader is not None and not reader.everything:
            return self.readable(reader).search(text, want=want, k=k, where=where, today=today)
        asked = text if isinstance(text, Record) else None
        want = asked.side.other if asked else want
        said = normalise(text.text() if isinstance(text, Record) else text).strip()
        allowed = allowed_rows(self._index, self._catalog, want, where)
        if not said or k < 1 or not (allowed is None or allowed.any()):
            return []
        rules = ListRules(
            k=k,
            floor=self._settings.floor,
            owner_cap=0 if any(c.field == "owner" for c in where) else self._settings.owner_cap,
        )
        asker = asked or _asker(said, want.other)
        question = Question(self._index, want, said, allowed, self._settings.lexical_weight)
        shelf = Shelf(self._catalog, want, self._index.side(want).ids, where)
        look = max(_FIRST_LOOK, 10 * k)
        stated = asked or self._stated_need(said, want.other) or asker
        while True:
            seen = question.candidates(look)
            rated = self._rated(question, seen, stated, shelf, max(CANDIDATES, k))
            hits, _ = shelf.best(seen.rows, rated, asker, rules)
            if look >= question.total or self._seen_all(seen, k, len(hits)):
                break
            look *= 4
        return self._shown(seen, rated, shelf, asker, rules, today or date.today())

    def answer(
        self,
        text: str | Record,
        *,
        want: Side = Side.SUPPLY,
        k: int = 10,
        where: Sequence[Condition] = (),
        today: date | None = None,
    ) -> list[Hit]:
        """As `search`; of a text asked again while neither index nor catalog changed, what was
        found the first time."""
        day = today or date.today()
        if isinstance(text, Record):
            return self.search(text, want=want, k=k, where=where, today=day)
        catalog = self._catalog.identity, self._catalog.version
        # The index and the model stand for themselves, and cannot be let go while the key is kept.
        mine = _Same(self._index), _Same(self._model), self._settings
        key = (text, want, k, tuple(where), day, catalog, mine)

        def found() -> tuple[Hit, ...]:
            return tuple(self.search(text, want=want, k=k, where=where, today=day))

        hits: tuple[Hit, ...] = self._index.answers.get(key, found)
        return list(hits)

    def tell(
        self, text: str | Record, hits: Sequence[Hit], *, today: date | None = None
    ) -> "list[Told]":
        """Of each of `hits`, which a search for `text` found: what speaks for it, and what it
        lacks."""
        from matcher.telling import tell  # noqa: PLC0415 - a search needs none of it

        if not hits:
            return []
        side = hits[0].record.side.other
        if isinstance(text, Record):
            asker = text
        else:
            said = normalise(text).strip()
            asker = self._stated_need(said, side) or _asker(said, side)
        pairs = [
            (asker, hit.record) if side is Side.DEMAND else (hit.record, asker) for hit in hits
        ]
        return tell(
            self._index,
            self._model,
            pairs,
            [hit.match for hit in hits],
            floor=self._settings.floor,
            today=today or date.today(),
        )

    def nearest(
        self,
        text: str | Record,
        *,
        want: Side,
        k: int = 5,
        where: Sequence[Condition] = (),
        reader: Reader | None = None,
    ) -> list[Record]:
        """The records of side `want` that are closest to a text, however far they are: no score
        says that they fit. Of a record, `want` may be its own side; it is not near itself. What
        shares nothing with the text is left out.
        """
        if reader is not None and not reader.everything:
            return self.readable(reader).nearest(text, want=want, k=k, where=where)
        own = {text.id, text.same_as} if isinstance(text, Record) else set()
        said = normalise(text.text() if isinstance(text, Record) else text).strip()
        allowed = allowed_rows(self._index, self._catalog, want, where)
        if not said or k < 1 or not (allowed is None or allowed.any()):
            return []
        question = Question(self._index, want, said, allowed, self._settings.lexical_weight)
        seen = question.candidates(_FIRST_LOOK)
        order = np.argsort(-seen.scores, kind="stable")
        order = order[seen.scores[order] > LEAST_SIMILARITY]
        shelf = Shelf(self._catalog, want, self._index.side(want).ids, where)
        chosen: dict[str, Record] = {}
        for record in shelf.records(seen.rows[order[: _SPARE_NEAREST + 2 * k]]):
            if record is not None and not own & {record.id, record.same_as or record.id}:
                chosen.setdefault(record.same_as or record.id, record)
        return list(chosen.values())[:k]

    def _shown(
        self,
        seen: Candidates,
        rated: FloatArray,
        shelf: Shelf,
        asker: Record,
        rules: ListRules,
        today: date,
    ) -> list[Hit]:
        """The list with its evidence: who shows none leaves it, and the next comes in."""
        scores = rated.copy()
        row_of = self._index.side(asker.side.other).row_of
        while True:
            hits, values = shelf.best(seen.rows, scores, asker, rules)
            pairs = [(asker, hit) if asker.side is Side.DEMAND else (hit, asker) for hit in hits]
            explained = explain_pairs(self._index, pairs, today)
            faceless = [
                row_of[hit.id] for hit, why in zip(hits, explained, strict=True) if not why[0]
            ]
            if not faceless:
                break
            scores[np.isin(seen.rows, faceless)] = -1.0
        return [
            Hit(hit, Match(demand.id, supply.id, rank, score, *why))
            for rank, (hit, score, (demand, supply), why) in enumerate(
                zip(hits, values, pairs, explained, strict=True), start=1
            )
        ]

    def _rated(
        self, question: Question, seen: Candidates, asker: Record, shelf: Shelf, many: int
    ) -> FloatArray:
        """The probabilities (n,) of what was seen; by all features for the `many` most similar."""
        order = np.argsort(-seen.scores, kind="stable")[:many]
        fetched = shelf.records(seen.rows[order])
        there = [place for place, record in enumerate(fetched) if record is not None]
        others, kept = [record for record in fetched if record is not None], order[there]
        rated = np.where(seen.scores > LEAST_SIMILARITY, self._model.guess(seen.scores), 0.0)
        ones, count = np.zeros(len(kept), dtype=np.int64), np.arange(len(kept), dtype=np.int64)
        if asker.side is Side.DEMAND:
            sides, pairs, asked = ([asker], others), np.column_stack([ones, count]), question
        else:
            sides, pairs, asked = (others, [asker]), np.column_stack([count, ones]), None
        some = rate(self._index, *sides, pairs, seen.scores[kept], self._model)
        rated[kept] = lower_copies(
            self._index,
            self._catalog,
            self._model,
            self._settings.lexical_weight,
            *sides,
            some.reshape(len(sides[0]), len(sides[1])),
            asked,
        ).reshape(-1)
        return rated.astype(np.float32)

    def _seen_all(self, seen: Candidates, k: int, found: int) -> bool:
        """Whether no row outside is more similar than the first `k`, and a list that is short
        would not be filled by looking further."""
        likely = float(self._model.guess(np.array([seen.bound], dtype=np.float32))[0])
        first = np.sort(seen.scores)[-k:]
        return seen.bound < first[0] and (found == k or likely < self._settings.floor)

    def _stated_need(self, text: str, side: Side) -> Record | None:
        """The record whose text somebody typed, so that it scores here as in a match list."""
        said = self._index.side(side).said(digest(text))
        found = self._catalog.records(side, ids=said) if said else ()
        return next(iter(list(found)), None)

    def match(
        self,
        *,
        k: int = 10,
        event: "Event | None" = None,
        today: date | None = None,
        progress: Progress = silent,
        reader: Reader | None = None,
    ) -> "MatchList":
        """The match list of the whole catalog: at most `k` matches per demand and per supply.

        Every pair is compared; the candidates of each need and offer get the probability of all
        their features. `event` narrows it to the records of its participants, and its
        rules say who may not meet. Deterministic for one index, catalog and day. What `reader`
        may not read is not there: see `readable`.

        Raises:
            RequestError: a rule of the event names nobody, cannot be compared or bars every pair.
        """
        whole = self._whole(reader)
        return whole.match(k, event, today or date.today(), progress)

    def owner_pairs(
        self,
        event: "Event | None" = None,
        progress: Progress = silent,
        reader: Reader | None = None,
    ) -> "tuple[Pair, ...]":
        """The owners who could meet, each two with the score of their best match: the candidates
        of a plan. What the rules of `event` bar is left out, and so is what is below the floor or
        below the event's `least_score`, unless the event asks for it.

        Raises:
            RequestError: as `match`.
        """
        return self._whole(reader).owner_pairs(event, progress)

    def readable(self, reader: Reader) -> "Matcher":
        """The matcher in which only what `reader` may read is found, compared or named; only how
        rare a word is tells of other records, as in every search engine whose readers share one
        index."""
        if reader.everything:
            return self
        live = self._index
        if not isinstance(live, LiveIndex):
            live = LiveIndex.over(Base.of(live, self._catalog))
        index = live.readable(reader, granted_to(self._catalog, reader))
        return Matcher(index, self._catalog.readable(reader), self._settings, self._model)

    def _whole(self, reader: Reader | None) -> "Whole":
        from matcher.whole import Whole  # noqa: PLC0415 - a search needs none of it

        if reader is not None and not reader.everything:
            return self.readable(reader)._whole(None)
        return Whole(self._index, self._catalog, self._settings, self._model)


class _Same:
    """Equal to itself only: an object as part of a key."""

    def __init__(self, held: object) -> None:
        self._held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._held is other._held

    def __hash__(self) -> int:
        return id(self._held)


def _asker(text: str, side: Side) -> Record:
    """A typed text as a record of its side, so that it is explained like any other."""
    return Record(
        id="query",
        side=side,
        type=DEFAULT_TYPE[side],
        description=text,
        language=language_of(text),
    )
