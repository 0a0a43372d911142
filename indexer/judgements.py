"""Judgements: what people said of (need, offer) pairs, kept in the catalog to learn from.

A line is never changed: a person who judges a pair again adds one, and their last one counts.
Forgetting a source takes its lines out, and what was said before counts again. Judgements name
records by id and outlive them: a record imported again finds its judgements.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from indexer.errors import RequestError
from indexer.sql.schema import judgements
from indexer.text import normalise

HIGHEST = 3  # grades: 0 unrelated, 1 related, 2 worth a meeting, 3 just what is asked
USEFUL = 2  # from this grade on a person would accept the pair

# The grade behind every way to answer that is no grade itself. A meeting after which nothing
# followed tells of a pair that was related and no more.
ANSWERS = {"accept": 2, "reject": 0, "met": 1, "follow-up": 2, "contract": 3}
GRADE = "grade"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One person's answer to one pair. `answer` is "grade" or a key of `ANSWERS`.

    `who` may be "", for the organiser; `source` says where it was read; `at` is UTC, given by
    the catalog where it is "".
    """

    need: str
    offer: str
    grade: int
    answer: str = GRADE
    who: str = ""
    source: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        accepted = range(HIGHEST + 1) if self.answer == GRADE else (ANSWERS.get(self.answer),)
        if isinstance(self.grade, bool) or self.grade not in accepted:
            named = ", ".join([GRADE, *ANSWERS])
            raise RequestError(
                vi=f"Cặp {self.need} – {self.offer}: không nhận đánh giá {self.answer!r} mức "
                f"{self.grade!r}. Chấp nhận: mức 0 đến {HIGHEST}, loại {named}.",
                en=f"The pair {self.need} – {self.offer}: a judgement {self.answer!r} of grade "
                f"{self.grade!r} is not accepted. Accepted: grades 0 to {HIGHEST}, kinds {named}.",
            )


def record(connection: sa.Connection, new: Iterable[Judgement]) -> int:
    """Adds what the same person has not said last of the same pair; returns how many."""
    known = {(one.need, one.offer, one.who): (one.grade, one.answer) for one in latest(connection)}
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    rows = []
    for one in new:
        who = " ".join(normalise(one.who).split())
        pair = (one.need, one.offer, who)
        if known.get(pair) == (one.grade, one.answer):
            continue
        known[pair] = one.grade, one.answer
        rows.append(
            {
                "need": one.need,
                "offer": one.offer,
                "grade": one.grade,
                "answer": one.answer,
                "who": who,
                "source": _source(one.source),
                "at": one.at or moment,
            }
        )
    if rows:
        connection.execute(sa.insert(judgements), rows)
    return len(rows)


def latest(connection: sa.Connection) -> tuple[Judgement, ...]:
    """The last judgement of every person on every pair, by need, offer and person."""
    table = judgements.c
    last = sa.select(sa.func.max(table.id)).group_by(table.need, table.offer, table.who)
    query = (
        sa.select(
            table.need,
            table.offer,
            table.grade,
            table.answer,
            table.who,
            table.source,
            table.at,
        )
        .where(table.id.in_(last))
        .order_by(table.need, table.offer, table.who)
    )
    return tuple(Judgement(*row) for row in connection.execute(query))


def forget(connection: sa.Connection, source: str) -> int:
    """Takes out every line of a source; returns how many there were.

    Raises RequestError, naming the sources there are, where it is none of them.
    """
    found = connection.execute(
        sa.delete(judgements).where(judgements.c.source == _source(source))
    ).rowcount
    if not found:
        known = connection.scalars(sa.select(judgements.c.source).distinct())
        named = ", ".join(sorted(known)) or "–"
        raise RequestError(
            vi=f"Không có đánh giá nào từ nguồn “{source}”. Các nguồn: {named}.",
            en=f"No judgement comes from the source “{source}”. Sources: {named}.",
        )
    return int(found)


def _source(text: str) -> str:
    return " ".join(normalise(text).split())[:200]
