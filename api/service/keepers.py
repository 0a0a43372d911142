"""Who may write which record, and with whom a new one is kept."""

from dataclasses import dataclass

import sqlalchemy as sa

from api import problems
from api.actors import Action, Actor, Role
from api.problems import ProblemError, invalid
from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.keeping.keeper import Kept, qualified
from indexer.keeping.records import find
from indexer.records import Side
from indexer.sql.serviceschema import centres, organisations

_OWN_SIDE = {Role.ENTERPRISE: Side.DEMAND, Role.OWNER: Side.SUPPLY}
_NOT_YOURS = Bilingual(
    vi="Bạn chỉ sửa được hồ sơ của tổ chức mình: doanh nghiệp sửa nhu cầu, bên cung sửa chào bán.",
    en="You may change records of your own organisation only: an enterprise its needs, an owner "
    "of offers its offers.",
)
_OTHERS = Bilingual(vi="mã thuộc về trung tâm khác", en="the id is of another centre")
_NOT_OTHERS = Bilingual(
    vi="một mã không bắt đầu bằng mã trung tâm khác", en="an id that begins with no other centre's"
)
_NO_CONTACTS = Bilingual(
    vi="Bạn chỉ đọc được thông tin liên hệ của hồ sơ thuộc trung tâm hoặc tổ chức mình.",
    en="You may read the contacts of records of your own centre or organisation only.",
)


@dataclass(frozen=True, slots=True)
class Writer:
    """What an actor's new records are: who keeps them, and their owner's name ("" for any).

    `others` are the centres in whose space no id may be.
    """

    kept: Kept
    owner: str = ""
    prefix: str = ""
    others: frozenset[str] = frozenset()

    def qualified(self, id: str) -> str:
        """As `indexer.keeping.keeper`, in the writer's space. Raises BadValue."""
        space, slash, _ = id.partition("/")
        if slash and space in self.others:
            raise BadValue(_OTHERS, _NOT_OTHERS)
        return qualified(self.prefix, id)

    def record_id(self, connection: sa.Connection, by: Actor, id: str, place: str) -> str:
        """The id under which the actor's record is kept.

        What people of an organisation name goes into a space of its own, so that they can
        neither meet nor probe the ids of others; ids of its own records stay as they are.

        Raises:
            ProblemError: 422, the id cannot be used.
        """
        try:
            if self.prefix == self.kept.centre:
                return self.qualified(id)
            plain = qualified(self.kept.centre, id)
            known = find(connection, by.reader, plain)
            if known is not None and known.kept.organisation == self.kept.organisation:
                return plain
            return qualified(self.prefix, id)
        except BadValue as bad:
            raise invalid(place, id, bad.reason, bad.accepted) from bad


def own_side(by: Actor) -> Side | None:
    """The one side whose records the actor may write; None where that is not what limits it."""
    return None if by.role is None else _OWN_SIDE.get(by.role)


def writer(
    connection: sa.Connection, by: Actor, side: Side | None, organisation: str | None = None
) -> Writer:
    """How new records of `side` by this actor are kept.

    Raises:
        ProblemError: 403, the actor may not write such records; 422, the centre has no such
            organisation.
    """
    if by.role in _OWN_SIDE:
        asked = organisation or by.organisation
        of_side = side is None or side is _OWN_SIDE[by.role]
        if not by.organisation or asked != by.organisation or not of_side:
            raise ProblemError(problems.FORBIDDEN, _NOT_YOURS)
        name = _organisation_name(connection, by.centre, by.organisation)
        prefix = f"{by.centre}/{by.organisation}" if by.centre else by.organisation
        return Writer(Kept(by.centre, by.organisation), name or "", prefix)
    if organisation:
        check_organisation(connection, by.centre, organisation)
    return Writer(
        Kept(by.centre, organisation or ""), prefix=by.centre, others=_others(connection, by)
    )


def check_organisation(connection: sa.Connection, centre: str, organisation: str) -> None:
    """Raises ProblemError: 422, the centre has no such organisation."""
    if _organisation_name(connection, centre, organisation) is None:
        raise invalid(
            "body.organisation",
            organisation,
            Bilingual(vi="trung tâm không có tổ chức này", en="no organisation of the centre"),
            Bilingual(vi="một mã tại /v1/organisations", en="an id listed at /v1/organisations"),
        )


def may_write(by: Actor, side: Side, kept: Kept) -> bool:
    """Whether the actor may change or delete a record of `side` that `kept` keeps."""
    if by.kind == "local":
        return True
    if by.role in _OWN_SIDE:
        own = bool(by.organisation) and kept.organisation == by.organisation
        return own and side is _OWN_SIDE[by.role]
    return by.reader.keeper and kept.centre == by.centre


def check_write(by: Actor, side: Side, kept: Kept) -> None:
    """Raises ProblemError: 403, the actor may not change the record."""
    if not may_write(by, side, kept):
        raise ProblemError(problems.FORBIDDEN, _NOT_YOURS)


def may_read_contacts(by: Actor, kept: Kept) -> bool:
    """Whether the contact of a record that `kept` keeps is for this actor, who may read the
    record."""
    if not by.may(Action.CONTACTS_READ):
        return False
    if by.kind == "local":
        return True
    own = bool(by.organisation) and kept.organisation == by.organisation
    return own or (by.reader.staff and kept.centre == by.centre)


def check_contacts(by: Actor, kept: Kept) -> None:
    """Raises ProblemError: 403, the contact is not for this actor."""
    if not may_read_contacts(by, kept):
        raise ProblemError(problems.FORBIDDEN, _NO_CONTACTS)


def _others(connection: sa.Connection, by: Actor) -> frozenset[str]:
    """The centre without a name puts nothing before its ids: those of all others are not its."""
    if by.centre or by.kind == "local":
        return frozenset()
    return frozenset(connection.scalars(sa.select(centres.c.id)))


def _organisation_name(connection: sa.Connection, centre: str, organisation: str) -> str | None:
    query = sa.select(organisations.c.name).where(
        organisations.c.id == organisation, organisations.c.centre == centre
    )
    found: str | None = connection.scalar(query)
    return found
