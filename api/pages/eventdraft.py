"""Changing an event from forms: what was typed becomes an event, or a sentence beside its field."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic import ValidationError

from api.pages.form import Form
from api.pages.refused import Errors
from api.pages.visit import Visit
from api.service.events import LONGEST_NAME, Described
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from matcher.planning.event import Event
from matcher.planning.eventtoml import to_toml
from matcher.planning.ranges import numbers
from matcher.planning.slot import Slot
from matcher.planning.unfit import why_unfit

Content = dict[str, Any]
MOST_SLOTS = 500
_LONGEST_DAY = 24 * 60


class Unusable(Exception):  # noqa: N818 - what a reader typed, no failure
    """Fields that cannot be used: name to sentence."""

    def __init__(self, errors: Errors) -> None:
        super().__init__(str(errors))
        self.errors = errors


def content_of(event: Event) -> Content:
    """What the event's file says, to be changed."""
    return event.model_dump(by_alias=True, exclude_defaults=True) | {"name": event.name}


def drafted(visit: Visit, content: Mapping[str, Any], field: str = "") -> Described:
    """The event of `content`, to be stored.

    Raises:
        Unusable: what no event can hold, beside the field of that name, or beside `field`.
    """
    try:
        event = Event.model_validate(content)
    except RequestError as error:
        raise Unusable({field: visit.say(error.message)}) from error
    except ValidationError as error:
        raise Unusable(_said(visit, error, field)) from error
    name = event.name.strip()
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise Unusable({"name": visit.say(_NAME)})
    return Described(name, to_toml(event))


def whole(visit: Visit, form: Form, name: str, low: int, high: int) -> int | None:
    """A whole number, None for an empty field. Raises Unusable."""
    text = form[name].replace(".", "").replace(" ", "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or not low <= int(text) <= high:
        said = visit.words.gettext("Hãy ghi một số nguyên từ %(low)s đến %(high)s.")
        raise Unusable({name: said % {"low": low, "high": high}})
    return int(text)


def share(visit: Visit, form: Form, name: str) -> float | None:
    """A number from 0 to 1, however its comma is written; None for an empty field.

    Raises Unusable."""
    text = form[name].replace(",", ".").replace(" ", "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise Unusable({name: visit.words.gettext("Hãy ghi một số từ 0 đến 1, ví dụ 0,2.")})
    return value


def slots_between(visit: Visit, form: Form) -> list[Slot]:
    """The slots of a stretch of a day: `day`, `from`, `to`, `minutes` and `pause` of the form.

    Raises Unusable."""
    gettext = visit.words.gettext
    errors: Errors = {}
    day, begin, end = _day(form["day"]), _time(form["from"]), _time(form["to"])
    if day is None:
        errors["day"] = gettext("Hãy chọn ngày.")
    if begin is None:
        errors["from"] = gettext("Hãy ghi giờ bắt đầu, ví dụ 08:30.")
    if end is None:
        errors["to"] = gettext("Hãy ghi giờ kết thúc, ví dụ 11:30.")
    minutes = pause = None
    for name, low in (("minutes", 5), ("pause", 0)):
        try:
            value = whole(visit, form, name, low, 240)
        except Unusable as error:
            errors |= error.errors
            continue
        minutes, pause = (value, pause) if name == "minutes" else (minutes, value)
    if day is None or begin is None or end is None or errors:
        raise Unusable(errors)
    length, gap = minutes or 20, pause or 0
    moment, last = datetime.combine(day, begin), datetime.combine(day, end)
    found: list[Slot] = []
    while moment + timedelta(minutes=length) <= last and len(found) <= MOST_SLOTS:
        found.append(Slot(starts=f"{moment:%Y-%m-%d %H:%M}", minutes=length))
        moment += timedelta(minutes=length + gap)
    if not found:
        raise Unusable({"to": gettext("Từ giờ bắt đầu đến giờ kết thúc chưa đủ một cuộc gặp.")})
    return found


def with_slots(event: Event, slots: Sequence[Slot]) -> Content:
    """The event with other slots; whatever names slots by number names the same ones as before."""
    ordered = sorted(slots, key=lambda slot: slot.starts)
    place = {slot.starts: number for number, slot in enumerate(ordered, 1)}
    now = {
        number: place[slot.starts]
        for number, slot in enumerate(event.slots, 1)
        if slot.starts in place
    }
    content = content_of(event)
    content["slots"] = [slot.model_dump(by_alias=True, exclude_defaults=True) for slot in ordered]
    for part in ("participants", "tables"):
        entries = content.get(part, ())
        for entry in entries if not isinstance(entries, int) else ():
            for name in ("available", "unavailable"):
                if entry.get(name):
                    entry[name] = ranges(now[n] for n in numbers(entry[name]) if n in now)
    for entry in content.get("fixed", ()):
        if entry.get("slot"):
            entry["slot"] = now.get(entry["slot"])
    return content


def ranges(found: Iterable[int]) -> str:
    """Numbers as an organiser writes them: 1-3,5."""
    parts: list[list[int]] = []
    for number in sorted(found):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def _said(visit: Visit, error: ValidationError, field: str) -> Errors:
    first = error.errors()[0]
    why = why_unfit(first)
    place = str(first["loc"][0]) if first["loc"] else ""
    if why is not None:
        said = visit.say(why)
        return {field or place: said[:1].upper() + said[1:] + "."}
    template = visit.words.gettext("Không dùng được giá trị “%(value)s”.")
    return {field or place: template % {"value": str(first["input"])[:80]}}


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _time(text: str) -> time | None:
    for form in ("%H:%M", "%H:%M:%S", "%Hh%M", "%Hh"):
        try:
            return datetime.strptime(text, form).time()
        except ValueError:
            continue
    return None


_NAME = Bilingual(
    vi="Hãy đặt tên sự kiện, từ 1 đến 200 ký tự trên một dòng.",
    en="Give the event a name, 1 to 200 characters on one line.",
)
