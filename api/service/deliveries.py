"""Messages on their way out: put in with what they tell of, taken by one process, settled."""

import json
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.sending import Message
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import later, now
from indexer.keeping.records import KeptRecord
from indexer.records import Visibility
from indexer.sql.serviceschema import deliveries, webhooks

CONTACT = "contact.requested"
# What a webhook may be told of.
TOPICS = (
    "record.created",
    "record.updated",
    "record.deleted",
    "records.imported",
    "run.finished",
    CONTACT,
)
PING, ALERT = "ping", "alert.created"

WAITING, SENDING, DONE, FAILED, CANCELLED = "waiting", "sending", "done", "failed", "cancelled"
STATES = (WAITING, SENDING, DONE, FAILED, CANCELLED)
MOST_ATTEMPTS = 8
_LEASE = 60.0  # seconds after which a message whose sender died is taken again
_FIRST_WAIT, _LONGEST_WAIT = 10.0, 3600.0  # seconds between two attempts, doubled each time
_KEPT = 30 * 86400.0  # seconds a settled message stays in the list


@dataclass(frozen=True, slots=True)
class Taken:
    """A message one process has taken to send; `attempts` counts this one."""

    id: int
    attempts: int
    message: Message


def announce(connection: sa.Connection, centre: str, topic: str, data: Mapping[str, Any]) -> int:
    """Puts in a message for every webhook of the centre that asked for the topic; returns how many.

    `data` holds ids and counts, never personal data or texts of records.
    """
    query = sa.select(webhooks).where(webhooks.c.centre == centre, webhooks.c.active)
    hooks = [hook for hook in connection.execute(query) if topic in hook.topics.split()]
    for hook in hooks:
        put(
            connection,
            hook.centre,
            f"webhook:{hook.id}",
            "webhook",
            hook.url,
            hook.secret,
            topic,
            data,
        )
    return len(hooks)


def announce_record(connection: sa.Connection, change: str, found: KeptRecord) -> int:
    """Tells the webhooks of a record's centre: `change` is created, updated or deleted.

    Nobody is told of a confidential record: who keeps a webhook may not be one who may read it.
    """
    if found.record.visibility is Visibility.CONFIDENTIAL:
        return 0
    told = {"id": found.record.id, "version": found.version}
    return announce(connection, found.kept.centre, f"record.{change}", told)


def put(
    connection: sa.Connection,
    centre: str,
    source: str,
    channel: str,
    target: str,
    secret: str,
    topic: str,
    data: Mapping[str, Any],
) -> str:
    """Puts in one message; returns its name.

    A webhook is told `{"type", "timestamp", "data"}`; for an e-mail `data` is its subject and text.
    """
    name, at = secrets.token_hex(12), now()
    said = data if channel == "email" else {"type": topic, "timestamp": at, "data": data}
    connection.execute(
        sa.insert(deliveries).values(
            centre=centre,
            source=source,
            topic=topic,
            message=name,
            channel=channel,
            target=target,
            secret=secret,
            body=json.dumps(said, ensure_ascii=False),
            state=WAITING,
            next_at=at,
            created=at,
        )
    )
    return name


def take(connection: sa.Connection, most: int) -> list[Taken]:
    """Takes messages that are due, so that no other process sends them meanwhile."""
    due = (
        sa.select(deliveries)
        .where(deliveries.c.state.in_((WAITING, SENDING)), deliveries.c.next_at <= now())
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = [
        Taken(
            row.id,
            row.attempts + 1,
            Message(row.channel, row.message, row.target, row.secret, row.body),
        )
        for row in connection.execute(due)
    ]
    if taken:
        connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.id.in_([one.id for one in taken]))
            .values(state=SENDING, attempts=deliveries.c.attempts + 1, next_at=later(_LEASE))
        )
    return taken


def settle(
    connection: sa.Connection, one: Taken, failure: str = "", most: int = MOST_ATTEMPTS
) -> None:
    """Notes how an attempt ended; one that failed is tried again later, `most` times in all."""
    values: dict[str, Any] = {"state": DONE, "finished": now(), "failure": "", "next_at": ""}
    if failure and one.attempts >= most:
        values |= {"state": FAILED, "failure": failure}
    elif failure:
        values = {"state": WAITING, "failure": failure, "next_at": later(wait(one.attempts))}
    connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.id == one.id,
            deliveries.c.state == SENDING,
            deliveries.c.attempts == one.attempts,
        )
        .values(values)
    )


def wait(attempts: int) -> float:
    """Seconds to the next attempt: doubled each time, between half and one and a half of it, so
    that many that failed together do not come back together."""
    longest = min(_FIRST_WAIT * 2.0 ** (attempts - 1), _LONGEST_WAIT)
    return longest * random.uniform(0.5, 1.5)


def due_in(connection: sa.Connection) -> str:
    """When the next message is due; "" where none waits."""
    waiting = deliveries.c.state.in_((WAITING, SENDING))
    return connection.scalar(sa.select(sa.func.min(deliveries.c.next_at)).where(waiting)) or ""


def cancel(connection: sa.Connection, source: str) -> None:
    """Takes back what has not gone out, when its webhook or saved search is removed."""
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.source == source, deliveries.c.state == WAITING)
        .values(state=CANCELLED, finished=now(), next_at="")
    )


def retry(
    connection: sa.Connection, id_: int, centre: str | None, by: Actor, request: str = ""
) -> None:
    """Has a message that was given up tried again from the start.

    Raises:
        ProblemError: 404, there is none of that id in the centre (None: in any); 409, it was not
            given up.
    """
    here = deliveries.c.id == id_
    if centre is not None:
        here = sa.and_(here, deliveries.c.centre == centre)
    row = connection.execute(sa.select(deliveries).where(here)).one_or_none()
    if row is None:
        raise ProblemError(problems.NOT_FOUND)
    again = {"state": WAITING, "attempts": 0, "next_at": now(), "finished": ""}
    given_up = sa.and_(deliveries.c.id == id_, deliveries.c.state == FAILED)
    if not connection.execute(sa.update(deliveries).where(given_up).values(again)).rowcount:
        raise ProblemError(problems.NOT_POSSIBLE, _NOT_FAILED)
    append(connection, Entry(by.label, "delivery.retry", f"delivery:{id_}", row.centre, request))


def forget_old(connection: sa.Connection) -> None:
    """Takes out messages settled long ago."""
    connection.execute(
        sa.delete(deliveries).where(
            deliveries.c.finished != "", deliveries.c.finished < later(-_KEPT)
        )
    )


def page(
    connection: sa.Connection,
    centre: str | None,
    state: str | None,
    source: str | None,
    before: int | None,
    limit: int,
) -> Sequence[sa.Row[Any]]:
    """Messages of a centre (None: of all), the newest first, those with an id below `before`."""
    query = sa.select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if centre is not None:
        query = query.where(deliveries.c.centre == centre)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    if source is not None:
        query = query.where(deliveries.c.source == source)
    if before is not None:
        query = query.where(deliveries.c.id < before)
    return connection.execute(query).all()


_NOT_FAILED = Bilingual(
    vi="Chỉ gửi lại được tin đã gửi không được. Hãy mở lại trang để xem trạng thái mới.",
    en="Only a message that was given up can be sent again. Open the page anew to see its state.",
)
