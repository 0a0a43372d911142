"""Grants: organisations that may read a confidential record, named by those who keep it."""

from dataclasses import dataclass

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.service.alone import alone
from api.service.keepers import check_write
from api.service.records import get
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.sql.serviceschema import grants, organisations


@dataclass(frozen=True, slots=True)
class Grant:
    """An organisation that may read a record, who let it and when."""

    organisation: str
    name: str
    person: str
    at: str


def of_record(connection: sa.Connection, record_id: str, by: Actor) -> list[Grant]:
    """By organisation.

    Raises:
        ProblemError: 404, no record that the actor may read; 403, none it may change.
    """
    _own(connection, record_id, by)
    query = (
        sa.select(grants, organisations.c.name)
        .outerjoin(organisations, organisations.c.id == grants.c.organisation)
        .where(grants.c.record_id == record_id)
        .order_by(grants.c.organisation)
    )
    return [
        Grant(row.organisation, row.name or "", row.person, row.at)
        for row in connection.execute(query)
    ]


def add(
    connection: sa.Connection, record_id: str, organisation: str, by: Actor, request: str = ""
) -> bool:
    """Lets an organisation of the network read the record; false where it could already.

    Raises:
        ProblemError: 403 and 404 as `of_record`; 404 for an organisation that is not there.
    """
    alone(connection)
    _own(connection, record_id, by)
    known = sa.select(sa.exists().where(organisations.c.id == organisation))
    if not connection.execute(known).scalar_one():
        raise _no_organisation(organisation)
    if _held(connection, record_id, organisation):
        return False
    values = {"record_id": record_id, "organisation": organisation, "person": by.id, "at": now()}
    connection.execute(sa.insert(grants).values(values))
    append(connection, _entry("grant.add", record_id, organisation, by, request))
    return True


def remove(
    connection: sa.Connection, record_id: str, organisation: str, by: Actor, request: str = ""
) -> None:
    """Takes the leave back.

    Raises:
        ProblemError: 403 and 404 as `of_record`; 404, the organisation had none.
    """
    alone(connection)
    _own(connection, record_id, by)
    if not _held(connection, record_id, organisation):
        raise _no_organisation(organisation)
    connection.execute(
        sa.delete(grants).where(
            grants.c.record_id == record_id, grants.c.organisation == organisation
        )
    )
    append(connection, _entry("grant.remove", record_id, organisation, by, request))


def _own(connection: sa.Connection, record_id: str, by: Actor) -> None:
    found = get(connection, record_id, by)
    check_write(by, found.record.side, found.kept)


def _held(connection: sa.Connection, record_id: str, organisation: str) -> bool:
    query = sa.select(
        sa.exists().where(grants.c.record_id == record_id, grants.c.organisation == organisation)
    )
    return bool(connection.execute(query).scalar_one())


def _no_organisation(organisation: str) -> ProblemError:
    return ProblemError(
        problems.NOT_FOUND,
        Bilingual(
            vi=f"Không có tổ chức mã “{organisation}” ở đây.",
            en=f"There is no organisation with id “{organisation}” here.",
        ),
    )


def _entry(action: str, record_id: str, organisation: str, by: Actor, request: str) -> Entry:
    return Entry(
        by.label, action, f"record:{record_id}", by.centre, request, {"organisation": organisation}
    )
