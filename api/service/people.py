"""People: who has an account, in which role, of which centre and organisation."""

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa

from api import etags, problems
from api.actors import Action, Actor, Role
from api.problems import ProblemError, invalid
from api.service.alone import alone
from api.service.scope import whole
from indexer.bilingual import Bilingual
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.sql.serviceschema import centres, organisations, people, sessions

# Whose records these are must be known: these roles are of an organisation.
_OF_AN_ORGANISATION = (Role.OWNER, Role.ENTERPRISE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A person to be made. `password` is already hashed; "" for somebody who signs in elsewhere."""

    email: str
    role: Role
    name: str = ""
    centre: str = ""
    organisation: str = ""
    language: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as stored. `disabled` is "" or since when."""

    id: str
    email: str
    role: Role
    name: str
    centre: str
    organisation: str
    language: str
    password: str
    disabled: str
    created: str
    version: int

    @property
    def actor(self) -> Actor:
        return Actor(
            kind="person",
            id=self.id,
            name=self.name or self.email,
            role=self.role,
            centre=self.centre,
            organisation=self.organisation,
        )

    @property
    def etag(self) -> str:
        return etags.etag("person", self.id, self.version)


def exist(connection: sa.Connection) -> bool:
    """Whether anybody has an account: from then on the service asks who one is."""
    return connection.execute(sa.select(people.c.id).limit(1)).first() is not None


def address_key(email: str) -> str:
    """What is the same in two ways to write an e-mail address."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def with_address(connection: sa.Connection, email: str) -> Person | None:
    row = connection.execute(
        sa.select(people).where(people.c.email_key == address_key(email))
    ).one_or_none()
    return None if row is None else of_row(row)


def add(connection: sa.Connection, wanted: Wanted, by: Actor, request: str = "") -> Person:
    """A new person.

    Raises:
        ProblemError: 403, an organiser makes people of another centre, or administrators; 409,
            the address has an account, or the first person is no administrator; 422, there is no
            such centre or organisation.
    """
    alone(connection)
    person = Person(
        **asdict(wanted), id=secrets.token_hex(8), disabled="", created=now(), version=1
    )
    _permit(by, person)
    if wanted.role is not Role.ADMINISTRATOR and not exist(connection):
        raise ProblemError(problems.NOT_POSSIBLE, _FIRST)
    if with_address(connection, wanted.email) is not None:
        raise ProblemError(problems.EXISTS, _taken(wanted.email))
    _check(connection, person)
    connection.execute(sa.insert(people).values(_row(person)))
    append(connection, _entry("person.create", person, by, request))
    return person


def get(connection: sa.Connection, id_: str, by: Actor) -> Person:
    """A person the actor manages.

    Raises:
        ProblemError: 404, there is none of that id, or not for this actor.
    """
    row = connection.execute(
        sa.select(people).where(people.c.id == id_, _managed(by))
    ).one_or_none()
    if row is None:
        raise ProblemError(problems.NOT_FOUND, _missing(id_))
    return of_row(row)


def manages(connection: sa.Connection, by: Actor, id_: str) -> bool:
    query = sa.select(people.c.id).where(people.c.id == id_, _managed(by))
    return connection.execute(query).first() is not None


def page(
    connection: sa.Connection,
    by: Actor,
    centre: str | None = None,
    after: str = "",
    limit: int | None = None,
) -> Sequence[Person]:
    """The people the actor manages, by id after `after`; with `centre`, of that one."""
    query = sa.select(people).where(_managed(by), people.c.id > after)
    if centre is not None:
        query = query.where(people.c.centre == centre)
    rows = connection.execute(query.order_by(people.c.id).limit(limit))
    return [of_row(row) for row in rows]


def change(
    connection: sa.Connection,
    id_: str,
    changes: Mapping[str, Any],
    by: Actor,
    if_match: str | None,
    request: str = "",
) -> Person:
    """Changes attributes of a person; `disabled` is given as true or false.

    A new password and disabling end all sessions of the person.

    Raises:
        ProblemError: 404 and 403 as `get` and `add`; 409, nobody would be left to administer;
            412, 428, `if_match` is not the tag of what is stored; 422 as `add`.
    """
    alone(connection)
    person = get(connection, id_, by)
    etags.require(if_match, person.etag)
    values = dict(changes)
    if "disabled" in values:
        values["disabled"] = (person.disabled or now()) if values["disabled"] else ""
    changed = replace(person, **values, version=person.version + 1)
    _permit(by, changed)
    if "email" in values:
        other = with_address(connection, changed.email)
        if other is not None and other.id != id_:
            raise ProblemError(problems.EXISTS, _taken(changed.email))
    _check(connection, changed)
    connection.execute(sa.update(people).where(people.c.id == id_).values(_row(changed)))
    if _administers(person) and not _administers(changed) and not _administered(connection):
        raise ProblemError(problems.NOT_POSSIBLE, _LAST)
    if changed.disabled or "password" in values:
        connection.execute(sa.delete(sessions).where(sessions.c.person == id_))
    append(connection, _entry("person.update", changed, by, request, fields=sorted(values)))
    return changed


def myself(connection: sa.Connection, actor: Actor) -> Person:
    """The person the actor is; raises ProblemError 401 where the account is gone meanwhile."""
    row = connection.execute(sa.select(people).where(people.c.id == actor.id)).one_or_none()
    if row is None:
        raise ProblemError(problems.UNAUTHORISED)
    return of_row(row)


def set_password(connection: sa.Connection, id_: str, hashed: str, request: str = "") -> None:
    """A person's own new password; ends all sessions of the person."""
    row = connection.execute(sa.select(people).where(people.c.id == id_)).one()
    person = of_row(row)
    connection.execute(
        sa.update(people)
        .where(people.c.id == id_)
        .values(password=hashed, version=person.version + 1)
    )
    connection.execute(sa.delete(sessions).where(sessions.c.person == id_))
    append(connection, _entry("person.password", person, person.actor, request))


def set_language(connection: sa.Connection, actor: Actor, language: str, request: str = "") -> None:
    """The language in which a person wants to be spoken to; raises as `myself`."""
    person = replace(myself(connection, actor), language=language)
    connection.execute(
        sa.update(people)
        .where(people.c.id == person.id)
        .values(language=language, version=person.version + 1)
    )
    append(connection, _entry("person.update", person, actor, request, fields=["language"]))


def of_row(row: sa.Row[Any]) -> Person:
    return Person(
        id=row.id,
        email=row.email,
        role=Role(row.role),
        name=row.name,
        centre=row.centre,
        organisation=row.organisation,
        language=row.language,
        password=row.password,
        disabled=row.disabled,
        created=row.created,
        version=row.version,
    )


def _row(person: Person) -> dict[str, Any]:
    return {**asdict(person), "role": person.role.value, "email_key": address_key(person.email)}


def _managed(by: Actor) -> sa.ColumnElement[bool]:
    if not by.may(Action.PEOPLE):
        return sa.false()
    if whole(by):
        return sa.true()
    return sa.and_(people.c.centre == by.centre, people.c.role != Role.ADMINISTRATOR.value)


def _permit(by: Actor, person: Person) -> None:
    """Whether the actor may make somebody this person."""
    if whole(by):
        return
    if person.role is Role.ADMINISTRATOR or person.centre != by.centre:
        raise ProblemError(problems.FORBIDDEN, _OWN_CENTRE)


def _check(connection: sa.Connection, person: Person) -> None:
    if person.centre and not _there(connection, centres.c.id == person.centre):
        raise _unknown("centre", person.centre, "/v1/centres")
    of_centre = sa.and_(
        organisations.c.id == person.organisation, organisations.c.centre == person.centre
    )
    if person.organisation and not _there(connection, of_centre):
        raise _unknown("organisation", person.organisation, "/v1/organisations")
    if person.role in _OF_AN_ORGANISATION and not person.organisation:
        raise invalid("body.organisation", "", _NEEDED, _ORGANISATION)


def _there(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> bool:
    return bool(connection.execute(sa.select(sa.exists().where(condition))).scalar_one())


def _administers(person: Person) -> bool:
    return person.role is Role.ADMINISTRATOR and not person.disabled


def _administered(connection: sa.Connection) -> bool:
    return _there(
        connection,
        sa.and_(people.c.role == Role.ADMINISTRATOR.value, people.c.disabled == ""),
    )


def _entry(action: str, person: Person, by: Actor, request: str, **detail: Any) -> Entry:  # noqa: ANN401
    said = {"role": person.role.value, "disabled": bool(person.disabled), **detail}
    return Entry(by.label, action, f"person:{person.id}", person.centre, request, said)


def _unknown(place: str, value: str, listed: str) -> ProblemError:
    return invalid(
        f"body.{place}",
        value,
        Bilingual(vi="không có mã này", en="there is no such id"),
        Bilingual(vi=f"một mã tại {listed}", en=f"an id listed at {listed}"),
    )


def _missing(id_: str) -> Bilingual:
    return Bilingual(
        vi=f"Không có người dùng mã “{id_}”. Danh sách: /v1/people",
        en=f"There is no person with id “{id_}”. The list: /v1/people",
    )


def _taken(email: str) -> Bilingual:
    return Bilingual(
        vi=f"Địa chỉ {email} đã có tài khoản.", en=f"The address {email} has an account already."
    )


_FIRST = Bilingual(
    vi="Người dùng đầu tiên phải là quản trị viên (administrator).",
    en="The first person must be an administrator.",
)
_LAST = Bilingual(
    vi="Đây là quản trị viên cuối cùng còn hoạt động. Hãy thêm một quản trị viên khác trước.",
    en="This is the last administrator who can sign in. Add another one first.",
)
_OWN_CENTRE = Bilingual(
    vi="Bạn chỉ quản lý được người dùng và tổ chức của trung tâm mình, cao nhất là vai trò "
    "organiser.",
    en="You manage people and organisations of your own centre only, up to the role organiser.",
)
_NEEDED = Bilingual(vi="còn thiếu", en="missing")
_ORGANISATION = Bilingual(
    vi="tổ chức của người này: vai trò owner và enterprise thuộc về một tổ chức",
    en="the person's organisation: the roles owner and enterprise are of one",
)
