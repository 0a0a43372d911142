"""Webhooks: addresses of other systems that are told what happens in a centre."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from api import etags, problems, signing
from api.actors import Actor
from api.problems import ProblemError
from api.service import deliveries
from api.service.alone import alone
from api.service.scope import centre_of
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.sql.serviceschema import centres, webhooks

MOST = 50  # webhooks of one centre


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as stored; `secret` signs what it is told and is shown once."""

    id: str
    centre: str
    url: str
    topics: tuple[str, ...]
    active: bool
    created: str
    version: int
    secret: str = field(repr=False)

    @property
    def etag(self) -> str:
        return etags.etag("webhook", self.id, self.version)

    @property
    def source(self) -> str:
        """How its deliveries name it."""
        return f"webhook:{self.id}"


def add(
    connection: sa.Connection,
    centre: str,
    url: str,
    topics: Sequence[str],
    active: bool,
    by: Actor,
    request: str = "",
) -> Webhook:
    """A new webhook; whether `url` may be sent to is the caller's to check.

    Raises:
        ProblemError: 409, the centre has too many; 422, there is no such centre.
    """
    alone(connection)
    if centre and not _there(connection, centre):
        raise problems.invalid("body.centre", centre, _NO_CENTRE, _CENTRE)
    of_centre = sa.select(sa.func.count()).where(webhooks.c.centre == centre)
    if connection.execute(of_centre).scalar_one() >= MOST:
        raise ProblemError(problems.NOT_POSSIBLE, _TOO_MANY)
    id_ = secrets.token_hex(8)
    connection.execute(
        sa.insert(webhooks).values(
            id=id_,
            centre=centre,
            url=url,
            secret=signing.new_secret(),
            topics=" ".join(sorted(set(topics))),
            active=active,
            created=now(),
            version=1,
        )
    )
    append(connection, Entry(by.label, "webhook.create", f"webhook:{id_}", centre, request))
    return get(connection, id_, by)


def get(connection: sa.Connection, id_: str, by: Actor) -> Webhook:
    """Raises ProblemError: 404, there is none of that id, or not for this actor."""
    query = sa.select(webhooks).where(webhooks.c.id == id_, _managed(by))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ProblemError(
            problems.NOT_FOUND,
            Bilingual(
                vi=f"Không có webhook mã “{id_}”. Danh sách: /v1/webhooks",
                en=f"There is no webhook with id “{id_}”. The list: /v1/webhooks",
            ),
        )
    return _of_row(row)


def page(connection: sa.Connection, by: Actor, after: str, limit: int) -> Sequence[Webhook]:
    """The webhooks the actor manages, by id after `after`."""
    query = sa.select(webhooks).where(webhooks.c.id > after, _managed(by))
    return [_of_row(row) for row in connection.execute(query.order_by(webhooks.c.id).limit(limit))]


def change(
    connection: sa.Connection,
    id_: str,
    changes: Mapping[str, Any],
    by: Actor,
    if_match: str | None,
    request: str = "",
) -> Webhook:
    """Changes `url`, `topics` or `active`.

    Raises:
        ProblemError: 404; 412 and 428, `if_match` is not the tag of what is stored.
    """
    alone(connection)
    found = get(connection, id_, by)
    etags.require(if_match, found.etag)
    values = dict(changes)
    if "topics" in values:
        values["topics"] = " ".join(sorted(set(values["topics"])))
    connection.execute(
        sa.update(webhooks).where(webhooks.c.id == id_).values(**values, version=found.version + 1)
    )
    detail = {"fields": sorted(values)}
    entry = Entry(by.label, "webhook.update", f"webhook:{id_}", found.centre, request, detail)
    append(connection, entry)
    return get(connection, id_, by)


def remove(
    connection: sa.Connection, id_: str, by: Actor, if_match: str | None, request: str = ""
) -> None:
    """Takes out a webhook and takes back what it has not been told yet; raises as `change`."""
    alone(connection)
    found = get(connection, id_, by)
    etags.require(if_match, found.etag)
    deliveries.cancel(connection, found.source)
    connection.execute(sa.delete(webhooks).where(webhooks.c.id == id_))
    append(connection, Entry(by.label, "webhook.delete", found.source, found.centre, request))


def ping(connection: sa.Connection, id_: str, by: Actor, request: str = "") -> str:
    """Puts in a message that says nothing but that the way is open; returns its name.

    Raises:
        ProblemError: 404.
    """
    found = get(connection, id_, by)
    append(connection, Entry(by.label, "webhook.ping", found.source, found.centre, request))
    return deliveries.put(
        connection,
        found.centre,
        found.source,
        "webhook",
        found.url,
        found.secret,
        deliveries.PING,
        {"webhook": id_},
    )


def _managed(by: Actor) -> sa.ColumnElement[bool]:
    centre = centre_of(by)
    return sa.true() if centre is None else webhooks.c.centre == centre


def _there(connection: sa.Connection, centre: str) -> bool:
    found = sa.select(sa.exists().where(centres.c.id == centre))
    return bool(connection.execute(found).scalar_one())


def _of_row(row: sa.Row[Any]) -> Webhook:
    return Webhook(
        id=row.id,
        centre=row.centre,
        url=row.url,
        topics=tuple(row.topics.split()),
        active=row.active,
        created=row.created,
        version=row.version,
        secret=row.secret,
    )


_NO_CENTRE = Bilingual(vi="không có mã này", en="there is no such id")
_CENTRE = Bilingual(vi="một mã tại /v1/centres", en="an id listed at /v1/centres")
_TOO_MANY = Bilingual(
    vi=f"Trung tâm đã có {MOST} webhook. Hãy xóa bớt.",
    en=f"The centre has {MOST} webhooks. Remove one first.",
)
