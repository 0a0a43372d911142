"""Feedback: what people say of pairs over HTTP, kept as judgements to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError, invalid
from api.service.alone import alone
from indexer.bilingual import Bilingual
from indexer.judgements import ANSWERS, GRADE, Judgement, record
from indexer.keeping.access import readable
from indexer.keeping.audit import Entry, append
from indexer.records import Side
from indexer.sql.schema import judgements, records
from indexer.sql.serviceschema import people

SOURCE = "http"


@dataclass(frozen=True, slots=True)
class Said:
    """A judgement as stored; `id` counts up."""

    id: int
    demand: str
    supply: str
    grade: int
    answer: str
    who: str
    source: str
    at: str


def add(
    connection: sa.Connection,
    demand: str,
    supply: str,
    answer: str,
    grade: int | None,
    by: Actor,
    request: str = "",
) -> tuple[Said, bool]:
    """What the actor says of a pair, and whether it is new: of one person the last word counts.

    Raises:
        ProblemError: 404, there is no such need or offer that the actor may read; 422, a grade
            without the answer "grade", or the other way round.
    """
    if (answer == GRADE) == (grade is None):
        raise invalid("body.grade", grade, _GRADE, _GRADE_ACCEPTED)
    alone(connection)
    for id_, side in ((demand, Side.DEMAND), (supply, Side.SUPPLY)):
        _check(connection, id_, side, by)
    value = ANSWERS[answer] if grade is None else grade
    one = Judgement(demand, supply, value, answer, by.id, SOURCE)
    new = bool(record(connection, [one]))
    if new:
        detail = {"demand": demand, "supply": supply, "answer": answer}
        append(connection, Entry(by.label, "feedback.add", "", by.centre, request, detail))
    pair = sa.and_(judgements.c.need == demand, judgements.c.offer == supply)
    query = _LATEST.where(pair, judgements.c.who == by.id)
    return _of_row(connection.execute(query).one()), new


def page(connection: sa.Connection, by: Actor, before: int | None, limit: int) -> Sequence[Said]:
    """The last word of everybody on every pair, the newest first: one's own, and for those who
    keep a centre also that of its people on pairs they may read."""
    query = _LATEST.where(_seen(by)).order_by(judgements.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(judgements.c.id < before)
    return [_of_row(row) for row in connection.execute(query)]


def forget(
    connection: sa.Connection,
    by: Actor,
    demand: str | None = None,
    supply: str | None = None,
    request: str = "",
) -> int:
    """Takes back what the actor said over HTTP, of all pairs or of these; returns how many lines
    that are. What others said, and what was read from files, stays."""
    mine = sa.delete(judgements).where(judgements.c.who == by.id, judgements.c.source == SOURCE)
    if demand is not None:
        mine = mine.where(judgements.c.need == demand)
    if supply is not None:
        mine = mine.where(judgements.c.offer == supply)
    gone = int(connection.execute(mine).rowcount)
    if gone:
        detail = {"forgotten": gone}
        append(connection, Entry(by.label, "feedback.forget", "", by.centre, request, detail))
    return gone


def take_back(connection: sa.Connection, by: Actor, ids: Sequence[int], request: str = "") -> int:
    """Takes back these lines of what the actor said over HTTP; what was said before counts
    again. Returns how many there were."""
    mine = sa.and_(judgements.c.who == by.id, judgements.c.source == SOURCE)
    gone = int(
        connection.execute(sa.delete(judgements).where(mine, judgements.c.id.in_(ids))).rowcount
    )
    if gone:
        detail = {"forgotten": gone}
        append(connection, Entry(by.label, "feedback.forget", "", by.centre, request, detail))
    return gone


_LATEST: sa.Select[Any] = sa.select(
    judgements.c.id,
    judgements.c.need.label("demand"),
    judgements.c.offer.label("supply"),
    judgements.c.grade,
    judgements.c.answer,
    judgements.c.who,
    judgements.c.source,
    judgements.c.at,
).where(
    judgements.c.id.in_(
        sa.select(sa.func.max(judgements.c.id)).group_by(
            judgements.c.need, judgements.c.offer, judgements.c.who
        )
    )
)


def _seen(by: Actor) -> sa.ColumnElement[bool]:
    if by.reader.everything:
        return sa.true()
    own = judgements.c.who == by.id
    if not by.reader.keeper:
        return own
    colleagues = sa.select(people.c.id).where(people.c.centre == by.centre)
    may = sa.select(records.c.id).where(readable(by.reader))
    theirs = sa.and_(
        judgements.c.who.in_(colleagues), judgements.c.need.in_(may), judgements.c.offer.in_(may)
    )
    return sa.or_(own, theirs)


def _check(connection: sa.Connection, id_: str, side: Side, by: Actor) -> None:
    query = sa.select(records.c.id).where(
        records.c.id == id_, records.c.side == side.value, readable(by.reader)
    )
    if connection.scalar(query) is None:
        vi, en = ("nhu cầu", "need") if side is Side.DEMAND else ("chào bán", "offer")
        raise ProblemError(
            problems.NOT_FOUND,
            Bilingual(
                vi=f"Không có {vi} mã “{id_}”. Danh sách: /v1/records?side={side.value}",
                en=f"There is no {en} with id “{id_}”. The list: /v1/records?side={side.value}",
            ),
        )


def _of_row(row: sa.Row[Any]) -> Said:
    return Said(**row._mapping)


_GRADE = Bilingual(
    vi="answer = grade cần mức grade, các answer khác thì không",
    en='the answer "grade" needs a grade, and no other answer takes one',
)
_GRADE_ACCEPTED = Bilingual(
    vi='{"answer": "grade", "grade": 0 đến 3} hoặc {"answer": "accept"}…',
    en='{"answer": "grade", "grade": 0 to 3} or {"answer": "accept"} …',
)
