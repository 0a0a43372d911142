"""The pairs of an event as reviewers look at them: filtered, counted, with everybody's word."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from api.actors import Actor
from api.opened import Opened
from api.service import decisions, matchedpairs
from api.service.decisions import Decision, Pair, Standing, standing
from api.service.events import Stored
from api.service.matchedpairs import Matched, MatchedPairs
from api.service.runs import Run
from indexer.sql.changes import chunks
from indexer.sql.serviceschema import people


@dataclass(frozen=True, slots=True)
class Asked:
    """Which pairs: `standing` None is any; `demand`, `supply` "" are any."""

    standing: Standing | None = None
    demand: str = ""
    supply: str = ""

    def takes(self, one: Matched, stands: Standing) -> bool:
        return (
            (self.standing is None or stands is self.standing)
            and (not self.demand or one.demand == self.demand)
            and (not self.supply or one.supply == self.supply)
        )


@dataclass(frozen=True)
class Review:
    """The pairs of one match run that the actor may read, best first."""

    run: Run
    pairs: MatchedPairs
    lines: Sequence[Matched]
    said: Mapping[Pair, Sequence[Decision]]
    mark: str

    @cached_property
    def _stands(self) -> Mapping[Pair, Standing]:
        """Of the pairs somebody spoke of, far fewer than there are."""
        return {pair: standing(words) for pair, words in self.said.items()}

    def standing(self, pair: Pair) -> Standing:
        return self._stands.get(pair, Standing.OPEN)

    @property
    def decided(self) -> int:
        """How many pairs somebody has decided."""
        stands = self._stands
        return sum(stands.get(one.pair, Standing.OPEN) is not Standing.OPEN for one in self.lines)

    def chosen(self, asked: Asked) -> Sequence[Matched]:
        if asked == Asked():
            return self.lines
        stands = self._stands
        return [one for one in self.lines if asked.takes(one, stands.get(one.pair, Standing.OPEN))]

    def counts(self, asked: Asked) -> dict[Standing, int]:
        """How many pairs stand how, of those of the need or offer that `asked` names."""
        wanted, stands = Asked(None, asked.demand, asked.supply), self._stands
        lines = self.chosen(wanted)
        found = Counter(stands.get(one.pair, Standing.OPEN) for one in lines)
        return {one: found[one] for one in Standing}


def review(connection: sa.Connection, opened: Opened, event: Stored, by: Actor) -> Review | None:
    """The review of the newest match run of an event; None where there is none yet.

    Raises:
        ProblemError: 404, its files have just been removed.
    """
    workspace = opened.workspace.path
    run = matchedpairs.latest(connection, workspace, event.id, by)
    if run is None:
        return None
    pairs = matchedpairs.of_run(workspace, run)
    lines: Sequence[Matched] = pairs.lines
    if not by.reader.everything:
        ids = {record_id for one in lines for record_id in one.pair}
        mine = matchedpairs.readable_ids(connection, ids, by)
        lines = [one for one in lines if one.demand in mine and one.supply in mine]
    said = decisions.shown(decisions.of_event(connection, event.id), by)
    return Review(run, pairs, lines, said, decisions.mark(connection, event.id))


def names_of(connection: sa.Connection, ids: set[str]) -> dict[str, str]:
    """What the reviewers are called, by id; those whose account has gone are not among them."""
    query = sa.select(people.c.id, people.c.name, people.c.email)
    return {
        row.id: row.name or row.email
        for chunk in chunks(sorted(ids - {""}))
        for row in connection.execute(query.where(people.c.id.in_(chunk)))
    }
