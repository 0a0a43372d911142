"""Saved searches: what somebody keeps looking for, and how they are told of what is new."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from api import etags, problems, signing
from api.actors import Actor
from api.problems import ProblemError
from api.service import deliveries
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.records import Side
from indexer.sql.schema import meta
from indexer.sql.serviceschema import saved_searches

MOST = 100  # saved searches of one person
FEED, EMAIL, WEBHOOK = "feed", "email", "webhook"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A saved search as stored. `person` is "" for the person at this machine.

    `secret` is the SHA-256 of the feed's token, or what signs the messages to a webhook. `seen`
    is the catalog version up to which records have been looked at.
    """

    id: str
    centre: str
    person: str
    name: str
    text: str
    want: Side
    where: tuple[str, ...]
    channel: str
    target: str
    least_score: float
    active: bool
    seen: int
    created: str
    version: int
    secret: str = field(repr=False)

    @property
    def etag(self) -> str:
        return etags.etag("search", self.id, self.version)

    @property
    def source(self) -> str:
        """How its deliveries name it."""
        return f"search:{self.id}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A saved search to be made."""

    name: str
    text: str
    want: Side
    where: Sequence[str]
    channel: str
    target: str
    least_score: float
    active: bool


def add(
    connection: sa.Connection, wanted: Wanted, by: Actor, request: str = ""
) -> tuple[SavedSearch, str]:
    """A new saved search, and what is shown of it this once: the token of its feed, the secret of
    its webhook, or "". It looks at records that come from now on.

    Raises:
        ProblemError: 409, the person has too many.
    """
    # The lock keeps what is counted and the version from changing meanwhile.
    seen = connection.execute(sa.select(meta.c.version).with_for_update()).scalar_one()
    _check_count(connection, by)
    id_ = secrets.token_hex(8)
    shown, secret = _secret(wanted.channel)
    connection.execute(
        sa.insert(saved_searches).values(
            id=id_,
            centre=by.centre,
            person=by.id,
            name=wanted.name,
            text=wanted.text,
            want=wanted.want.value,
            conditions=json.dumps(list(wanted.where), ensure_ascii=False),
            channel=wanted.channel,
            target=wanted.target,
            secret=secret,
            least_score=wanted.least_score,
            active=wanted.active,
            seen=seen,
            created=now(),
            version=1,
        )
    )
    append(connection, Entry(by.label, "search.create", f"search:{id_}", by.centre, request))
    return get(connection, id_, by), shown


def get(connection: sa.Connection, id_: str, by: Actor) -> SavedSearch:
    """Raises ProblemError: 404, the actor has none of that id."""
    row = connection.execute(
        sa.select(saved_searches).where(saved_searches.c.id == id_, _own(by))
    ).one_or_none()
    if row is None:
        raise ProblemError(problems.NOT_FOUND, _missing(id_))
    return of_row(row)


def page(connection: sa.Connection, by: Actor, after: str, limit: int) -> Sequence[SavedSearch]:
    """The actor's saved searches, by id after `after`."""
    query = sa.select(saved_searches).where(_own(by), saved_searches.c.id > after)
    rows = connection.execute(query.order_by(saved_searches.c.id).limit(limit))
    return [of_row(row) for row in rows]


def change(
    connection: sa.Connection,
    id_: str,
    changes: Mapping[str, Any],
    by: Actor,
    if_match: str | None,
    request: str = "",
) -> SavedSearch:
    """Changes `name`, `text`, `want`, `where`, `least_score`, `active` or `target`.

    Raises:
        ProblemError: 404; 412 and 428, `if_match` is not the tag of what is stored.
    """
    found = _held(connection, id_, by)
    etags.require(if_match, found.etag)
    values = dict(changes)
    if "where" in values:
        values["conditions"] = json.dumps(list(values.pop("where")), ensure_ascii=False)
    connection.execute(
        sa.update(saved_searches)
        .where(saved_searches.c.id == id_)
        .values(**values, version=found.version + 1)
    )
    detail = {"fields": sorted(values)}
    entry = Entry(by.label, "search.update", found.source, found.centre, request, detail)
    append(connection, entry)
    return get(connection, id_, by)


def remove(
    connection: sa.Connection, id_: str, by: Actor, if_match: str | None, request: str = ""
) -> None:
    """Takes out a saved search with its alerts; raises as `change`."""
    found = _held(connection, id_, by)
    etags.require(if_match, found.etag)
    deliveries.cancel(connection, found.source)
    connection.execute(sa.delete(saved_searches).where(saved_searches.c.id == id_))
    append(connection, Entry(by.label, "search.delete", found.source, found.centre, request))


def restore(connection: sa.Connection, kept: SavedSearch, by: Actor, request: str = "") -> None:
    """Puts a search back that the actor has taken out, as it was: its feed opens with the token
    it had. Alerts it was told of are gone; one that is there already stays as it is.

    Raises:
        ProblemError: 409, the person has too many.
    """
    connection.execute(sa.select(meta.c.version).with_for_update())
    there = sa.exists().where(saved_searches.c.id == kept.id)
    if connection.execute(sa.select(there)).scalar_one():
        return
    _check_count(connection, by)
    connection.execute(
        sa.insert(saved_searches).values(
            id=kept.id,
            centre=by.centre,
            person=by.id,
            name=kept.name,
            text=kept.text,
            want=kept.want.value,
            conditions=json.dumps(list(kept.where), ensure_ascii=False),
            channel=kept.channel,
            target=kept.target,
            secret=kept.secret,
            least_score=kept.least_score,
            active=kept.active,
            seen=kept.seen,
            created=kept.created,
            version=kept.version + 1,
        )
    )
    append(connection, Entry(by.label, "search.restore", kept.source, by.centre, request))


def renew(connection: sa.Connection, id_: str, by: Actor, request: str = "") -> str:
    """A new token or secret, shown this once; the one before holds no more.

    Raises:
        ProblemError: 404; 409, the search is told of by e-mail and has neither.
    """
    found = _held(connection, id_, by)
    shown, secret = _secret(found.channel)
    if not shown:
        raise ProblemError(problems.NOT_POSSIBLE, _NO_SECRET)
    _keep_secret(connection, found, secret, "search.renew", by, request)
    return shown


def revoke(connection: sa.Connection, id_: str, by: Actor, request: str = "") -> None:
    """Closes the feed: no token opens it until `renew`.

    Raises:
        ProblemError: 404; 409, the search has no feed.
    """
    found = _held(connection, id_, by)
    if found.channel != FEED:
        raise ProblemError(problems.NOT_POSSIBLE, _NO_FEED)
    _keep_secret(connection, found, "", "search.revoke", by, request)


def opened_by(connection: sa.Connection, id_: str, token: str) -> SavedSearch:
    """The saved search whose feed `token` opens.

    Raises:
        ProblemError: 404, there is none, or not for this token.
    """
    row = connection.execute(
        sa.select(saved_searches).where(
            saved_searches.c.id == id_, saved_searches.c.channel == FEED
        )
    ).one_or_none()
    if row is None or not hmac.compare_digest(row.secret, _digest(token)):
        raise ProblemError(problems.NOT_FOUND, _missing(id_))
    return of_row(row)


def of_row(row: sa.Row[Any]) -> SavedSearch:
    return SavedSearch(
        id=row.id,
        centre=row.centre,
        person=row.person,
        name=row.name,
        text=row.text,
        want=Side(row.want),
        where=tuple(json.loads(row.conditions or "[]")),
        channel=row.channel,
        target=row.target,
        least_score=row.least_score,
        active=row.active,
        seen=row.seen,
        created=row.created,
        version=row.version,
        secret=row.secret,
    )


def _held(connection: sa.Connection, id_: str, by: Actor) -> SavedSearch:
    """As `get`, and nobody else changes it until the transaction ends."""
    lock = sa.select(saved_searches.c.id).where(saved_searches.c.id == id_).with_for_update()
    connection.execute(lock)
    return get(connection, id_, by)


def _keep_secret(
    connection: sa.Connection,
    found: SavedSearch,
    secret: str,
    action: str,
    by: Actor,
    request: str,
) -> None:
    connection.execute(
        sa.update(saved_searches)
        .where(saved_searches.c.id == found.id)
        .values(secret=secret, version=found.version + 1)
    )
    append(connection, Entry(by.label, action, found.source, found.centre, request))


def _check_count(connection: sa.Connection, by: Actor) -> None:
    own = sa.select(sa.func.count()).where(_own(by))
    if connection.execute(own).scalar_one() >= MOST:
        raise ProblemError(problems.NOT_POSSIBLE, _TOO_MANY)


def _own(by: Actor) -> sa.ColumnElement[bool]:
    return saved_searches.c.person == by.id


def _secret(channel: str) -> tuple[str, str]:
    """(what is shown once, what is stored)."""
    if channel == FEED:
        token = secrets.token_urlsafe(32)
        return token, _digest(token)
    if channel == WEBHOOK:
        secret = signing.new_secret()
        return secret, secret
    return "", ""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _missing(id_: str) -> Bilingual:
    return Bilingual(
        vi=f"Bạn không có tìm kiếm đã lưu mã “{id_}”. Danh sách: /v1/saved-searches",
        en=f"You have no saved search with id “{id_}”. The list: /v1/saved-searches",
    )


_TOO_MANY = Bilingual(
    vi=f"Bạn đã có {MOST} tìm kiếm đã lưu. Hãy xóa bớt.",
    en=f"You have {MOST} saved searches. Remove one first.",
)
_NO_SECRET = Bilingual(
    vi="Tìm kiếm này báo tin qua thư điện tử, không có mã truy cập.",
    en="This search is told of by e-mail; it has no token or secret.",
)
_NO_FEED = Bilingual(vi="Tìm kiếm này không có nguồn tin (feed).", en="This search has no feed.")
