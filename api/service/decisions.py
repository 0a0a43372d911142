"""What reviewers decide of the pairs of an event, each for themselves, and what follows from it.

A person has one row for a pair; whoever else decides of it has another, so that nobody's word is
lost. What they say together is worked out when it is read, and goes into the event's rules when a
run is started: an event file is never rewritten by a review.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError, invalid
from api.service.alone import alone
from api.service.events import Stored
from indexer.bilingual import Bilingual
from indexer.judgements import ANSWERS, Judgement, record
from indexer.keeping.access import readable
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.owners import owner_key
from indexer.records import Side
from indexer.sql.changes import chunks
from indexer.sql.schema import judgements, records
from indexer.sql.serviceschema import decisions
from matcher.planning.event import Event
from matcher.planning.eventtoml import to_toml
from matcher.planning.participant import Fixed
from matcher.ruling.rules import Rule

LONGEST_NOTE = 2000
SOURCE = "review"  # of the judgements that reviews leave for learning
Pair = tuple[str, str]  # ids of a need and an offer


class Verdict(StrEnum):
    """What one person says of a pair; `NONE` where they said something and took it back."""

    NONE = ""
    ACCEPT = "accept"
    REJECT = "reject"
    PIN = "pin"  # the two must meet
    VETO = "veto"  # their owners must not meet


class Standing(StrEnum):
    """What all say together."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PINNED = "pinned"
    VETOED = "vetoed"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's word on a pair; `person` is "" for whoever sits at this machine."""

    demand: str
    supply: str
    person: str
    verdict: Verdict
    note: str
    at: str


_FOR, _AGAINST = {Verdict.ACCEPT, Verdict.PIN}, {Verdict.REJECT, Verdict.VETO}
_ANSWERS = {Verdict.ACCEPT: "accept", Verdict.PIN: "accept", Verdict.REJECT: "reject"}


def standing(said: Iterable[Decision]) -> Standing:
    """Of one pair: the strongest word where all are for it or all against it."""
    words = {one.verdict for one in said} - {Verdict.NONE}
    if not words:
        return Standing.OPEN
    if words & _FOR and words & _AGAINST:
        return Standing.DISPUTED
    if words & _FOR:
        return Standing.PINNED if Verdict.PIN in words else Standing.ACCEPTED
    return Standing.VETOED if Verdict.VETO in words else Standing.REJECTED


def decide(
    connection: sa.Connection,
    event: Stored,
    pair: Pair,
    verdict: Verdict,
    by: Actor,
    request: str = "",
) -> Verdict:
    """Notes what the actor says of a pair; returns what they said before.

    Raises:
        ProblemError: 404, no need or no offer of that id that the actor may read.
    """
    alone(connection)
    _check(connection, pair, by)
    before = _mine(connection, event.id, pair, by)
    earlier = before.verdict if before else Verdict.NONE
    if earlier is verdict:
        return earlier
    _put(connection, event, pair, by, before, {"verdict": verdict.value})
    _teach(connection, pair, verdict, by)
    detail = {"demand": pair[0], "supply": pair[1], "verdict": verdict.value}
    append(
        connection,
        Entry(by.label, "decision.set", f"event:{event.id}", event.centre, request, detail),
    )
    return earlier


def annotate(connection: sa.Connection, event: Stored, pair: Pair, note: str, by: Actor) -> str:
    """Keeps the actor's note on a pair ("" takes it away); returns the one before.

    Raises:
        ProblemError: 404, as `decide`; 422, too long.
    """
    if len(note) > LONGEST_NOTE:
        raise invalid("body.note", str(len(note)), _TOO_LONG, _LONGEST)
    alone(connection)
    _check(connection, pair, by)
    before = _mine(connection, event.id, pair, by)
    earlier = before.note if before else ""
    if earlier != note:
        _put(connection, event, pair, by, before, {"note": note})
    return earlier


def of_event(connection: sa.Connection, event_id: str) -> dict[Pair, list[Decision]]:
    """All that was said of an event's pairs, each pair's in the order it was said."""
    query = sa.select(decisions).where(decisions.c.event == event_id).order_by(decisions.c.at)
    found: dict[Pair, list[Decision]] = defaultdict(list)
    for row in connection.execute(query):
        one = Decision(row.demand, row.supply, row.person, Verdict(row.verdict), row.note, row.at)
        if one.verdict or one.note:
            found[one.demand, one.supply].append(one)
    return dict(found)


def shown(said: Mapping[Pair, list[Decision]], by: Actor) -> dict[Pair, list[Decision]]:
    """Of `said` what the actor may read: reviewers write for the staff of the centre, not for
    those whose records they speak of, who see their own words only."""
    if by.reader.staff:
        return dict(said)
    own = {pair: [one for one in words if one.person == by.id] for pair, words in said.items()}
    return {pair: words for pair, words in own.items() if words}


def mark(connection: sa.Connection, event_id: str) -> str:
    """Changes whenever somebody decides or notes something about the event."""
    query = sa.select(sa.func.count(), sa.func.max(decisions.c.at)).where(
        decisions.c.event == event_id
    )
    count, last = connection.execute(query).one()
    return f"{count}:{last or ''}"


def with_decisions(connection: sa.Connection, event: Stored) -> str:
    """The file of the event with what was decided of its pairs, for a run.

    A rejected pair of records is not brought together; a veto keeps their two owners apart, even
    where somebody else spoke for the pair; a pin is a meeting that must be in the plan.
    """
    said = of_event(connection, event.id)
    owners = _owners(connection, said)
    rules, fixed = _effects(event.event, said, owners)
    if not rules and not fixed:
        return event.body
    whole = {name: getattr(event.event, name) for name in Event.model_fields}
    whole["rules"] = (*event.event.rules, *rules)
    whole["fixed"] = (*event.event.fixed, *fixed)
    return to_toml(Event(**whole))


def _effects(
    event: Event, said: Mapping[Pair, Sequence[Decision]], owners: Mapping[str, str]
) -> tuple[list[Rule], list[Fixed]]:
    rejected, vetoed = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    pinned: list[Pair] = []
    for pair, words in sorted(said.items()):
        demand, supply = pair
        if demand not in owners or supply not in owners:
            continue  # a record that has gone since
        stands = standing(words)
        if any(one.verdict is Verdict.VETO for one in words):
            vetoed[owners[demand] or demand].append(owners[supply] or supply)
        elif stands is Standing.REJECTED:
            rejected[demand].append(supply)
        elif stands is Standing.PINNED:
            pinned.append(pair)
    rules = [
        Rule(kind="forbid", party=party, others=_once(others), label=_REJECTED)
        for party, others in rejected.items()
    ]
    rules += [
        Rule(kind="forbid", party=party, others=_once(others), reason="veto", label=_VETOED)
        for party, others in vetoed.items()
    ]
    rules += [Rule(kind="pin", party=d, others=(s,), label=_PINNED) for d, s in pinned]
    return rules, _fixed(event, rules, pinned, owners)


def _fixed(
    event: Event, rules: Sequence[Rule], pinned: Iterable[Pair], owners: Mapping[str, str]
) -> list[Fixed]:
    """The meetings that pins ask for; those that nobody could hold are left to the lists."""
    apart = {
        frozenset((owner_key(rule.party), owner_key(other)))
        for rule in rules
        if rule.kind == "forbid"
        for other in rule.others
    }
    held = {frozenset((owner_key(one.demand), owner_key(one.supply))) for one in event.fixed}
    found = []
    for demand, supply in pinned:
        one, other = owners[demand], owners[supply]
        two = frozenset((owner_key(one), owner_key(other)))
        if not one or not other or two in held | apart or event.forbids(one, other):
            continue
        if _comes(event, one, "demand") and _comes(event, other, "supply"):
            held.add(two)
            found.append(Fixed(demand=one, supply=other))
    return found


def _comes(event: Event, owner: str, side: str) -> bool:
    participant = event.participant(owner)
    return event.is_open if participant is None else participant.sides in ("both", side)


def _owners(connection: sa.Connection, pairs: Iterable[Pair]) -> dict[str, str]:
    ids = sorted({record_id for pair in pairs for record_id in pair})
    query = sa.select(records.c.id, records.c.owner)
    return {
        row.id: row.owner
        for chunk in chunks(ids)
        for row in connection.execute(query.where(records.c.id.in_(chunk)))
    }


def _mine(connection: sa.Connection, event_id: str, pair: Pair, by: Actor) -> Decision | None:
    row = connection.execute(sa.select(decisions).where(_row(event_id, pair, by))).one_or_none()
    if row is None:
        return None
    return Decision(*pair, row.person, Verdict(row.verdict), row.note, row.at)


def _put(
    connection: sa.Connection,
    event: Stored,
    pair: Pair,
    by: Actor,
    before: Decision | None,
    values: Mapping[str, str],
) -> None:
    if before is not None:
        here = _row(event.id, pair, by)
        connection.execute(sa.update(decisions).where(here).values(**values, at=now()))
        return
    key = {"event": event.id, "demand": pair[0], "supply": pair[1], "person": by.id}
    connection.execute(sa.insert(decisions).values(**key, centre=event.centre, at=now(), **values))


def _row(event_id: str, pair: Pair, by: Actor) -> sa.ColumnElement[bool]:
    column = decisions.c
    return sa.and_(
        column.event == event_id,
        column.demand == pair[0],
        column.supply == pair[1],
        column.person == by.id,
    )


def _teach(connection: sa.Connection, pair: Pair, verdict: Verdict, by: Actor) -> None:
    """Leaves the verdict for learning; a veto says nothing of how well the two fit."""
    answer = _ANSWERS.get(verdict)
    if answer is not None:
        judged = Judgement(*pair, ANSWERS[answer], answer, by.id, SOURCE)
        record(connection, [judged])
        return
    column = judgements.c
    mine = sa.and_(column.who == by.id, column.source == SOURCE)
    connection.execute(
        sa.delete(judgements).where(mine, column.need == pair[0], column.offer == pair[1])
    )


def _check(connection: sa.Connection, pair: Pair, by: Actor) -> None:
    for record_id, side in zip(pair, (Side.DEMAND, Side.SUPPLY), strict=True):
        query = sa.select(records.c.id).where(
            records.c.id == record_id, records.c.side == side.value, readable(by.reader)
        )
        if connection.scalar(query) is None:
            raise ProblemError(problems.NOT_FOUND, _NO_PAIR)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


# In the event file of a run, whose rules are in the language of its records.
_REJECTED = "Bị từ chối khi duyệt danh sách"
_VETOED = "Cấm gặp khi duyệt danh sách"
_PINNED = "Ghim khi duyệt danh sách"
_NO_PAIR = Bilingual(
    vi="Không có cặp nhu cầu – nguồn cung này, hoặc bạn không được đọc hồ sơ của cặp.",
    en="There is no such need and offer, or you may not read them.",
)
_TOO_LONG = Bilingual(vi="ghi chú quá dài", en="the note is too long")
_LONGEST = Bilingual(vi=f"đến {LONGEST_NOTE} ký tự", en=f"up to {LONGEST_NOTE} characters")
