"""Centres: the tenants. Only administrators know all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api import etags, problems
from api.actors import Actor
from api.problems import ProblemError
from api.service.alone import alone
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.sql.schema import records
from indexer.sql.serviceschema import centres, events, organisations, people


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre as stored; its records have ids that begin with its own."""

    id: str
    name: str
    created: str
    version: int

    @property
    def etag(self) -> str:
        return etags.etag("centre", self.id, self.version)


def add(connection: sa.Connection, id_: str, name: str, by: Actor, request: str = "") -> Centre:
    """A new centre.

    Raises:
        ProblemError: 409, there is one of that id.
    """
    alone(connection)
    if _find(connection, id_) is not None:
        raise ProblemError(
            problems.EXISTS,
            Bilingual(vi=f"Đã có trung tâm mã “{id_}”.", en=f"There is a centre “{id_}” already."),
        )
    connection.execute(sa.insert(centres).values(id=id_, name=name, created=now(), version=1))
    append(connection, Entry(by.label, "centre.create", f"centre:{id_}", id_, request))
    return get(connection, id_)


def get(connection: sa.Connection, id_: str) -> Centre:
    """Raises ProblemError: 404, there is none of that id."""
    found = _find(connection, id_)
    if found is None:
        raise ProblemError(
            problems.NOT_FOUND,
            Bilingual(
                vi=f"Không có trung tâm mã “{id_}”. Danh sách: /v1/centres",
                en=f"There is no centre with id “{id_}”. The list: /v1/centres",
            ),
        )
    return found


def page(connection: sa.Connection, after: str = "", limit: int | None = None) -> Sequence[Centre]:
    """Centres by id, after `after`."""
    query = sa.select(centres).where(centres.c.id > after).order_by(centres.c.id).limit(limit)
    return [_of_row(row) for row in connection.execute(query)]


def rename(
    connection: sa.Connection,
    id_: str,
    name: str,
    by: Actor,
    if_match: str | None,
    request: str = "",
) -> Centre:
    """Raises ProblemError: 404; 412 and 428, `if_match` is not the tag of what is stored."""
    alone(connection)
    found = get(connection, id_)
    etags.require(if_match, found.etag)
    connection.execute(
        sa.update(centres).where(centres.c.id == id_).values(name=name, version=found.version + 1)
    )
    append(connection, Entry(by.label, "centre.update", f"centre:{id_}", id_, request))
    return get(connection, id_)


def remove(
    connection: sa.Connection, id_: str, by: Actor, if_match: str | None, request: str = ""
) -> None:
    """Takes out a centre that holds nothing any more.

    Raises:
        ProblemError: 404, 412 and 428 as `rename`; 409, it holds people, records or events.
    """
    alone(connection)
    etags.require(if_match, get(connection, id_).etag)
    for table in (people, organisations, records, events):
        held = sa.select(sa.exists().where(table.c.centre == id_))
        if connection.execute(held).scalar_one():
            raise ProblemError(problems.NOT_POSSIBLE, _IN_USE)
    connection.execute(sa.delete(centres).where(centres.c.id == id_))
    append(connection, Entry(by.label, "centre.delete", f"centre:{id_}", id_, request))


def _find(connection: sa.Connection, id_: str) -> Centre | None:
    row = connection.execute(sa.select(centres).where(centres.c.id == id_)).one_or_none()
    return None if row is None else _of_row(row)


def _of_row(row: sa.Row[Any]) -> Centre:
    return Centre(row.id, row.name, row.created, row.version)


_IN_USE = Bilingual(
    vi="Trung tâm còn người dùng, tổ chức, hồ sơ hoặc sự kiện; hãy chuyển hoặc xóa trước.",
    en="The centre still has people, organisations, records or events; move or delete them first.",
)
