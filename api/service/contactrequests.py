"""Requests to be brought together with the owner of a record, put before the organisers.

Nobody is given anybody's address: the organisers of the centre that keeps the record are told who
asks, with that person's consent, and pass it on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import sqlalchemy as sa

from api import problems
from api.actors import Actor, Role
from api.problems import ProblemError
from api.service import consents, deliveries, organisations
from api.service.people import Person, of_row
from indexer.bilingual import Bilingual, Language
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import later
from indexer.keeping.records import KeptRecord
from indexer.records import Visibility
from indexer.settings import Settings
from indexer.sql.serviceschema import audit, centres, people, webhooks

ACTION = "contact.request"
LONGEST = 4_000  # characters of a message
_DAY = 86_400.0  # seconds
_MOST = 20  # requests of one person in a day
_OPEN = (Visibility.PUBLIC, Visibility.RESTRICTED)


@dataclass(frozen=True, slots=True)
class Ways:
    """How the organisers of a record's centre can be reached through the service.

    `centre` is its name, "" where there is only one; `mailbox` the address that the service
    writes from, "" for none.
    """

    organisers: tuple[Person, ...]
    hooks: int
    centre: str = ""
    mailbox: str = ""

    @property
    def open(self) -> bool:
        """Whether a request reaches anybody."""
        return bool(self.organisers) or self.hooks > 0


def ways(connection: sa.Connection, found: KeptRecord, settings: Settings) -> Ways:
    """The ways to the organisers of the record's centre, which may be none."""
    centre = found.kept.centre
    organisers: tuple[Person, ...] = ()
    if settings.smtp_url:
        query = sa.select(people).where(
            people.c.centre == centre,
            people.c.role == Role.ORGANISER.value,
            people.c.disabled == "",
        )
        organisers = tuple(map(of_row, connection.execute(query.order_by(people.c.id))))
    topics = connection.scalars(
        sa.select(webhooks.c.topics).where(webhooks.c.centre == centre, webhooks.c.active)
    )
    hooks = sum(deliveries.CONTACT in listed.split() for listed in topics)
    if found.record.visibility is Visibility.CONFIDENTIAL:
        hooks = 0  # see `deliveries.announce_record`
    name = connection.scalar(sa.select(centres.c.name).where(centres.c.id == centre)) or ""
    return Ways(organisers, hooks, name, settings.mail_from)


def asked_before(connection: sa.Connection, record_id: str, by: Actor) -> str:
    """When the actor has asked for this record within a day; "" for not."""
    query = sa.select(sa.func.max(audit.c.at)).where(
        audit.c.object == f"record:{record_id}",
        audit.c.action == ACTION,
        audit.c.actor == by.label,
        audit.c.at >= later(-_DAY),
    )
    return connection.scalar(query) or ""


def ask(
    connection: sa.Connection,
    found: KeptRecord,
    message: str,
    by: Actor,
    settings: Settings,
    request: str = "",
) -> None:
    """Tells the organisers that the actor, who has consented to be named, asks for a contact.

    Raises:
        ProblemError: 409, nobody can be told, the actor has no account, or asks too often.
    """
    subject = consents.own_subject(connection, by)
    to = ways(connection, found, settings)
    if subject is None or not to.open:
        raise ProblemError(problems.NOT_POSSIBLE, _NOBODY)
    _check_often(connection, found.record.id, by)
    me = of_row(connection.execute(sa.select(people).where(people.c.id == by.id)).one())
    organisation = organisations.name_of(connection, me.organisation)
    consents.give(connection, subject, f"{ACTION} {found.record.id}", by, request)
    for organiser in to.organisers:
        language: Language = "en" if organiser.language == "en" else "vi"
        letter = _letter(found, me, organisation, message, settings.public_url, language)
        deliveries.put(
            connection,
            found.kept.centre,
            f"record:{found.record.id}"[:80],
            "email",
            organiser.email,
            "",
            deliveries.CONTACT,
            letter,
        )
    if found.record.visibility is not Visibility.CONFIDENTIAL:
        told = {"record": found.record.id, "person": by.id, "organisation": by.organisation}
        deliveries.announce(connection, found.kept.centre, deliveries.CONTACT, told)
    entry = Entry(by.label, ACTION, f"record:{found.record.id}", found.kept.centre, request)
    append(connection, entry)


def _check_often(connection: sa.Connection, record_id: str, by: Actor) -> None:
    if asked_before(connection, record_id, by):
        raise ProblemError(problems.NOT_POSSIBLE, _ALREADY)
    today = sa.select(sa.func.count()).where(
        audit.c.action == ACTION, audit.c.actor == by.label, audit.c.at >= later(-_DAY)
    )
    if connection.execute(today).scalar_one() >= _MOST:
        raise ProblemError(problems.NOT_POSSIBLE, _TOO_OFTEN)


def _letter(
    found: KeptRecord,
    me: Person,
    organisation: str,
    message: str,
    public_url: str,
    language: Language,
) -> Mapping[str, str]:
    record = found.record
    title = record.heading() if record.visibility in _OPEN else record.id
    link = f"{public_url.rstrip('/')}/records/{quote(record.id, safe='')}" if public_url else ""
    who = ", ".join(filter(None, (me.name, organisation))) or me.email
    head = Bilingual(
        vi=f"{who} ({me.email}) đề nghị được liên hệ với đơn vị có hồ sơ “{title}”, mã {record.id}"
        f"{f', của {record.owner}' if record.owner else ''}.",
        en=f"{who} ({me.email}) asks to be put in touch with the owner of “{title}”, id "
        f"{record.id}{f', of {record.owner}' if record.owner else ''}.",
    )
    foot = Bilingual(
        vi="Người đề nghị đã đồng ý cho ban tổ chức biết tên và địa chỉ thư điện tử của mình để "
        "kết nối. Hãy hỏi ý bên có hồ sơ trước khi chuyển thông tin liên hệ của họ.",
        en="The person agreed that the organisers learn their name and e-mail address for this "
        "purpose. Ask the owner before passing on any contact of theirs.",
    )
    subject = Bilingual(vi=f"Đề nghị liên hệ: {title}", en=f"Contact requested: {title}")
    parts = [head.say(language), link, message, foot.say(language)]
    text = "\n\n".join(filter(None, parts)) + "\n"
    return {"subject": subject.say(language)[:200], "text": text}


_NOBODY = Bilingual(
    vi="Dịch vụ chưa được thiết lập để chuyển đề nghị liên hệ tới ban tổ chức.",
    en="The service is not set up to pass contact requests on to the organisers.",
)
_ALREADY = Bilingual(
    vi="Bạn đã đề nghị liên hệ về hồ sơ này trong 24 giờ qua. Ban tổ chức đã nhận được.",
    en="You have asked about this record within the last 24 hours. The organisers have it.",
)
_TOO_OFTEN = Bilingual(
    vi=f"Bạn đã gửi {_MOST} đề nghị trong 24 giờ qua. Hãy chờ ban tổ chức trả lời.",
    en=f"You have sent {_MOST} requests within the last 24 hours. Wait for the organisers' answer.",
)
