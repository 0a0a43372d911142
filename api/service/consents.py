"""What people agreed to be stored about them: given, withdrawn, listed; never assumed.

Law 91/2025/QH15 wants consent to be express and provable, and as easy to withdraw as to give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.service.alone import alone
from api.service.personaldata import consents_of
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.keeping.subjects import Subject
from indexer.sql.serviceschema import consents, people


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as stored; `withdrawn` is "" or since when, `how` how it was given."""

    id: int
    at: str
    withdrawn: str
    how: str


def own_subject(connection: sa.Connection, actor: Actor) -> Subject | None:
    """The person who asks; None where that is no account."""
    key = sa.select(people.c.email_key).where(people.c.id == actor.id)
    found = connection.execute(key).scalar_one_or_none() if actor.id else None
    return Subject(found) if found else None


def give(
    connection: sa.Connection, subject: Subject, how: str, by: Actor, request: str = ""
) -> Consent:
    """Records a consent."""
    at = now()
    made = connection.execute(
        sa.insert(consents)
        .values(subject=subject.key, at=at, how=how, person=by.id)
        .returning(consents.c.id)
    ).scalar_one()
    if by.id:
        own = sa.and_(people.c.id == by.id, people.c.email_key == subject.key)
        connection.execute(sa.update(people).where(own).values(consented=at))
    append(connection, Entry(by.label, "consent.give", f"consent:{made}", by.centre, request))
    return Consent(made, at, "", how)


def withdraw(
    connection: sa.Connection,
    subject: Subject,
    id_: int,
    centre: str | None,
    by: Actor,
    request: str = "",
) -> Consent:
    """Withdraws a consent of the subject; one that is withdrawn stays as it is.

    Raises:
        ProblemError: 404, the subject has none of that id (in that centre).
    """
    alone(connection)
    query = sa.select(consents).where(consents_of(subject, centre), consents.c.id == id_)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ProblemError(problems.NOT_FOUND, _missing(id_))
    if row.withdrawn:
        return _of_row(row)
    at = now()
    connection.execute(sa.update(consents).where(consents.c.id == id_).values(withdrawn=at))
    standing = sa.select(
        sa.exists().where(consents.c.subject == subject.key, consents.c.withdrawn == "")
    )
    if not connection.execute(standing).scalar_one():
        own = people.c.email_key == subject.key
        connection.execute(sa.update(people).where(own).values(consented=""))
    entry = Entry(by.label, "consent.withdraw", f"consent:{id_}", by.centre, request)
    append(connection, entry)
    return Consent(row.id, row.at, at, row.how)


def listed(connection: sa.Connection, subject: Subject, centre: str | None) -> Sequence[Consent]:
    """The consents of the subject, the oldest first."""
    query = sa.select(consents).where(consents_of(subject, centre)).order_by(consents.c.id)
    return [_of_row(row) for row in connection.execute(query)]


def _of_row(row: sa.Row[Any]) -> Consent:
    return Consent(row.id, row.at, row.withdrawn, row.how)


def _missing(id_: int) -> Bilingual:
    return Bilingual(
        vi=f"Người này không có sự đồng ý số {id_}. Danh sách: /v1/consents",
        en=f"This person has no consent number {id_}. The list: /v1/consents",
    )
