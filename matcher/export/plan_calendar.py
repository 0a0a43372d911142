"""A participant's meetings as a calendar file (RFC 5545)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b

from icalendar import Calendar, Event

from indexer.bilingual import Bilingual, Language
from indexer.owners import owner_key
from matcher.export.clean import clean
from matcher.export.plan_agendas import Agenda, Appointment
from matcher.planning.plan import Plan

_TABLE = Bilingual("Bàn", "Table")
_NEED = Bilingual("Nhu cầu", "Need")
_OFFER = Bilingual("Nguồn cung", "Offer")
_INTERPRETER = Bilingual("Có phiên dịch", "With an interpreter")
_MEETING = Bilingual("Gặp", "Meet")


def calendar(
    agenda: Agenda,
    plan: Plan,
    *,
    language: Language,
    created: datetime,
    cancelled: Sequence[Appointment] = (),
) -> bytes:
    """The file's bytes. Times are UTC, so that no program has to know the zone.

    An entry keeps its UID from plan to plan; the number of its repairs (settings["replans"]) is
    its SEQUENCE, so that a program that has the old entry moves it, or removes it where the
    meeting is in `cancelled`. No e-mail address and no telephone number is in it.
    """
    sheet = Calendar()
    sheet.add("prodid", "-//cungcau//plan//VI")
    sheet.add("version", "2.0")
    sheet.add("method", "PUBLISH")
    sheet.add("x-wr-calname", clean(plan.event.name))
    sheet.add("x-wr-timezone", plan.event.timezone)
    for item in agenda.appointments:
        sheet.add_component(_entry(item, agenda, plan, language, created, "CONFIRMED"))
    for item in cancelled:
        sheet.add_component(_entry(item, agenda, plan, language, created, "CANCELLED"))
    written: bytes = sheet.to_ical()
    return written


def _entry(
    item: Appointment,
    agenda: Agenda,
    plan: Plan,
    language: Language,
    created: datetime,
    status: str,
) -> Event:
    def say(words: Bilingual) -> str:
        return words.say(language)

    lines = [
        f"{say(label)}: {title}"
        for label, title in ((_NEED, item.subject), (_OFFER, item.offer))
        if title
    ]
    lines += [say(_INTERPRETER)] if item.interpreter else []
    rooms = (f"{say(_TABLE)} {item.place.name}", item.place.room, plan.event.place)
    entry = Event()
    entry.add("uid", _uid(item, plan))
    entry.add("dtstamp", created.astimezone(UTC))
    entry.add("sequence", int(plan.settings.get("replans", 0)))
    entry.add("status", status)
    entry.add("dtstart", item.starts.astimezone(UTC))
    entry.add("dtend", item.ends.astimezone(UTC))
    entry.add("summary", clean(f"{say(_MEETING)} {item.partner}"))
    entry.add("location", clean(", ".join(part for part in rooms if part)))
    if lines:
        entry.add("description", clean("\n".join(lines)))
    return entry


def _uid(item: Appointment, plan: Plan) -> str:
    meeting = item.meeting
    owners = sorted((owner_key(meeting.demand_owner), owner_key(meeting.supply_owner)))
    digest = blake2b("\x00".join((plan.event.name, *owners)).encode(), digest_size=12).hexdigest()
    return f"{digest}@cungcau"
