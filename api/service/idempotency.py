"""Answers kept for creating requests, so that one sent twice is done once.

Whoever is unsure whether a request arrived sends it again with the same Idempotency-Key and gets
the answer of the first (the form of draft-ietf-httpapi-idempotency-key-header). Refusals are not
kept: nothing was made, and the same request may be tried again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Header
from sqlalchemy.dialects import postgresql, sqlite

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from indexer.keeping.moments import later, now
from indexer.sql.serviceschema import idempotency

KEPT_SECONDS = 24 * 60 * 60

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="Chosen by the sender, such as a UUID: a request sent again with the same key "
        "within 24 hours is answered as the first was, and done once",
        examples=["0b6a2d6e-3f5c-4b0e-9a43-9f4a4c1a7d10"],
    ),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a creating request is answered: status, JSON body, headers such as Location."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def digest(*parts: str | bytes) -> str:
    """SHA-256 of a request: where it went, and all that was asked."""
    found = sha256()
    for part in parts:
        body = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        found.update(len(body).to_bytes(8, "big") + body)
    return found.hexdigest()


def once(
    connection: sa.Connection,
    actor: Actor,
    key: str | None,
    request: str,
    work: Callable[[], Answer],
) -> Answer:
    """The answer of `work`, done now, or kept from the first request with that key.

    `request` is the `digest` of what is asked. Runs within the caller's writing transaction, in
    which the answer is kept with what was made: both are there, or neither. Two requests at once
    wait for one another. The answer must hold no secret that is shown once.

    Raises:
        ProblemError: 422, the key was used for another request.
    """
    if key is None:
        return work()
    connection.execute(sa.delete(idempotency).where(idempotency.c.at < later(-KEPT_SECONDS)))
    if not _claim(connection, key, actor.label, request):
        return _kept(connection, key, actor.label, request)
    answer = work()
    connection.execute(
        sa.update(idempotency)
        .where(idempotency.c.key == key, idempotency.c.actor == actor.label)
        .values(
            status=answer.status,
            headers=json.dumps(dict(answer.headers)),
            body=json.dumps(answer.body, ensure_ascii=False),
        )
    )
    return answer


def _claim(connection: sa.Connection, key: str, actor: str, request: str) -> bool:
    """Whether this request is the first with its key; waits for one that is being done."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"key": key, "actor": actor, "request": request, "at": now()}
    return (
        connection.execute(insert(idempotency).values(values).on_conflict_do_nothing()).rowcount
        == 1
    )


def _kept(connection: sa.Connection, key: str, actor: str, request: str) -> Answer:
    row = connection.execute(
        sa.select(idempotency).where(idempotency.c.key == key, idempotency.c.actor == actor)
    ).one()
    if row.request != request:
        raise ProblemError(problems.KEY_REUSED)
    return Answer(row.status, json.loads(row.body), json.loads(row.headers))
