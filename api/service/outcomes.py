"""What came of the meetings of an event, told by the organisers and by those who met.

Everybody's word is kept; of a meeting counts the organisers', then the participants' that says
most. That nobody came says nothing of how well the two fit; the rest is left for learning as a
judgement of the pair of records.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from api.actors import Action, Actor
from api.problems import invalid
from api.service.alone import alone
from api.service.events import Stored
from indexer.bilingual import Bilingual
from indexer.judgements import ANSWERS, Judgement, record
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.owners import owner_key
from indexer.sql.schema import judgements
from indexer.sql.serviceschema import outcomes
from matcher.planning.plan import Pair

SOURCE = "meeting"  # of the judgements that meetings leave for learning
LONGEST_NOTE = 1000
ORGANISERS = ""
Key = tuple[str, str]  # of the owner who needs, and of the one who offers


class Outcome(StrEnum):
    """What came of a meeting; `NONE` where nobody has told yet, or took it back."""

    NONE = ""
    NO_SHOW = "no-show"
    MET = "met"
    FOLLOW_UP = "follow-up"
    CONTRACT = "contract"


_ORDER = tuple(Outcome)  # what says more comes later


@dataclass(frozen=True, slots=True)
class Told:
    """One word on a meeting; `teller` is `ORGANISERS` or the key of the owner who says it."""

    outcome: Outcome = Outcome.NONE
    note: str = ""
    teller: str = ORGANISERS
    at: str = ""


def key_of(pair: Pair) -> Key:
    """What a meeting is known by, in whichever version of the plan it stands."""
    return owner_key(pair.demand_owner), owner_key(pair.supply_owner)


def of_event(connection: sa.Connection, event_id: str) -> Mapping[Key, list[Told]]:
    """All that was told, by meeting; what counts comes first."""
    rows = connection.execute(sa.select(outcomes).where(outcomes.c.event == event_id))
    found: dict[Key, list[Told]] = defaultdict(list)
    for row in rows:
        found[row.demand_owner, row.supply_owner].append(_of_row(row))
    return {key: sorted(said, key=_weight, reverse=True) for key, said in found.items()}


def shown(said: Mapping[Key, list[Told]], by: Actor) -> Mapping[Key, list[Told]]:
    """Of `said` what the actor may read: participants speak to the organisers, as their agendas
    promise, and to nobody who takes part."""
    if by.may(Action.EVENTS_WRITE):
        return said
    return {key: [one for one in told if one.teller == ORGANISERS] for key, told in said.items()}


def counting(said: Iterable[Told]) -> Told:
    """The word that counts."""
    return max(said, key=_weight, default=Told())


def tell(
    connection: sa.Connection,
    event: Stored,
    pair: Pair,
    told: Told,
    by: Actor,
    request: str = "",
    link: str = "",
) -> Told:
    """Notes a word on a meeting; returns the one before of the same teller. `link` is the
    personal link through which a participant speaks.

    The caller has looked that the two meet in the event's plan, and that `told.teller` speaks.

    Raises:
        ProblemError: 422, the note is too long.
    """
    if len(told.note) > LONGEST_NOTE:
        raise invalid("body.note", str(len(told.note)), _TOO_LONG, _LONGEST)
    alone(connection)
    here = _row(event, pair, told.teller)
    found = connection.execute(sa.select(outcomes).where(here)).one_or_none()
    before = _of_row(found) if found is not None else Told(teller=told.teller)
    if (told.outcome, told.note) == (before.outcome, before.note):
        return before
    values = {"outcome": told.outcome.value, "note": told.note, "at": now()}
    values |= {"demand": pair.demand, "supply": pair.supply, "person": by.id, "link": link}
    if found is not None:
        connection.execute(sa.update(outcomes).where(here).values(values))
    else:
        demand, supply = key_of(pair)
        values |= {"event": event.id, "centre": event.centre, "teller": told.teller}
        values |= {"demand_owner": demand, "supply_owner": supply}
        connection.execute(sa.insert(outcomes).values(values))
    _teach(connection, event, pair, told)
    detail = {"outcome": told.outcome.value, "demand": pair.demand, "supply": pair.supply}
    who = by.label if by.kind != "anonymous" else f"link:{link}"
    append(
        connection, Entry(who, "outcome.set", f"event:{event.id}", event.centre, request, detail)
    )
    return before


def _teach(connection: sa.Connection, event: Stored, pair: Pair, told: Told) -> None:
    """Leaves the word for learning, in the name of the event and a side of it: no person's."""
    if not pair.demand or not pair.supply:
        return
    demand, _ = key_of(pair)
    side = "demand" if told.teller == demand else "supply"
    who = f"{event.id}:{side if told.teller else 'organisers'}"
    if told.outcome in ANSWERS:
        answer = told.outcome.value
        said = Judgement(pair.demand, pair.supply, ANSWERS[answer], answer, who, SOURCE)
        record(connection, [said])
        return
    column = judgements.c
    of_pair = sa.and_(column.need == pair.demand, column.offer == pair.supply)
    connection.execute(
        sa.delete(judgements).where(of_pair, column.who == who, column.source == SOURCE)
    )


def _row(event: Stored, pair: Pair, teller: str) -> sa.ColumnElement[bool]:
    column, (demand, supply) = outcomes.c, key_of(pair)
    return sa.and_(
        column.event == event.id,
        column.demand_owner == demand,
        column.supply_owner == supply,
        column.teller == teller,
    )


def _of_row(row: sa.Row[Any]) -> Told:
    return Told(Outcome(row.outcome), row.note, row.teller, row.at)


def _weight(told: Told) -> tuple[bool, bool, int]:
    spoken = told.outcome is not Outcome.NONE
    return spoken, told.teller == ORGANISERS, _ORDER.index(told.outcome)


_TOO_LONG = Bilingual(vi="ghi chú quá dài", en="the note is too long")
_LONGEST = Bilingual(vi=f"đến {LONGEST_NOTE} ký tự", en=f"up to {LONGEST_NOTE} characters")
