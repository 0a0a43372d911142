"""Sessions: browsers that have signed in. Of the cookie only the SHA-256 is stored."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.service.people import Person, of_row
from indexer.keeping.moments import later, now
from indexer.sql.serviceschema import people, sessions

LIFETIME = 12 * 60 * 60  # seconds: a long working day


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: who, until when, and what a page must send back to change anything."""

    actor: Actor
    csrf: str
    expires: str


def start(connection: sa.Connection, person: Person) -> tuple[str, Session]:
    """A new session of a person: the value of its cookie, and the session.

    Raises:
        ProblemError: 401, the password was changed or the account disabled since it was looked at.
    """
    row = connection.execute(sa.select(people).where(people.c.id == person.id)).one_or_none()
    if row is None or row.disabled or row.password != person.password:
        raise ProblemError(problems.UNAUTHORISED)
    connection.execute(sa.delete(sessions).where(sessions.c.expires <= now()))
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires = later(LIFETIME)
    connection.execute(
        sa.insert(sessions).values(
            id=digest(token), person=person.id, csrf=csrf, created=now(), expires=expires
        )
    )
    return token, Session(of_row(row).actor, csrf, expires)


def find(connection: sa.Connection, token: str) -> Session | None:
    """The session of a cookie; None where it is unknown, over, or of somebody disabled."""
    row = connection.execute(
        sa.select(people, sessions.c.csrf, sessions.c.expires)
        .join(people, people.c.id == sessions.c.person)
        .where(sessions.c.id == digest(token), sessions.c.expires > now(), people.c.disabled == "")
    ).one_or_none()
    return None if row is None else Session(of_row(row).actor, row.csrf, row.expires)


def end(connection: sa.Connection, token: str) -> None:
    connection.execute(sa.delete(sessions).where(sessions.c.id == digest(token)))


def digest(token: str) -> str:
    return sha256(token.encode(errors="surrogatepass")).hexdigest()
