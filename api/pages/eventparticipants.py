"""Who takes part in an event: the owners of records, invited or not, and their conditions."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep
from api.opened import Opened
from api.pages.eventaccess import Writing, found, store
from api.pages.eventdraft import Content, Unusable, content_of, whole
from api.pages.eventsettings import errors_in
from api.pages.eventsteps import event_of
from api.pages.form import Form
from api.pages.refused import Errors
from api.pages.rendering import page, with_query
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service import participants
from api.service.events import Stored
from api.service.participants import Owner
from indexer.owners import owner_key
from indexer.text import fold
from matcher.planning.event import Event
from matcher.planning.ranges import numbers
from matcher.planning.unfit import Unfit

router = page_router()

_A_PAGE = 30
_SHOWN = ("all", "in", "out", "own")
_SIDES = ("both", "demand", "supply")
# What the table shows; whatever else the file says of a participant stays as it is.
_FIELDS = ("sides", "available", "least_meetings", "most_meetings", "people")


@router.get("/events/{event_id}/participants")
def participant_list(
    request: Request, opened: OpenedDep, visit: Writing, event_id: str
) -> Response:
    return _page(request, opened, found(opened, visit, event_id))


@router.post("/events/{event_id}/participants")
def change_participants(
    request: Request, opened: OpenedDep, visit: Writing, event_id: str
) -> Response:
    """Keeps what the table on the page says; who is not on the page stays as before."""
    event = found(opened, visit, event_id)
    with opened.catalog.reading() as connection:
        owners = participants.owners(connection, visit.actor)
    try:
        content = _changed(visit, visit.form, event.event, owners)
        closed = event.event.is_open and not content.get("everybody", False)
        said = visit.words.gettext("Đã lưu danh sách đơn vị tham dự.")
        if closed and content.get("participants"):
            said = visit.words.gettext(
                "Đã lưu. Từ nay chỉ các đơn vị được chọn tham dự; đơn vị có hồ sơ nhập sau cần "
                "được chọn thêm."
            )
        return store(request, opened, event, content, _here(request, event), said, field="")
    except (Unusable, ProblemError) as error:
        return _page(request, opened, event, errors_in(visit, error))


@router.post("/events/{event_id}/participants/everybody")
def invite_everybody(
    request: Request, opened: OpenedDep, visit: Writing, event_id: str
) -> Response:
    """Every owner of a record takes part; conditions that were set stay."""
    event = found(opened, visit, event_id)
    content = content_of(event.event)
    content["everybody"] = True
    content["participants"] = [one for one in content.get("participants", ()) if len(one) > 1]
    said = visit.words.gettext("Mọi đơn vị có hồ sơ đều được mời.")
    try:
        return store(request, opened, event, content, _here(request, event), said)
    except (Unusable, ProblemError) as error:
        return _page(request, opened, event, errors_in(visit, error))


def _changed(visit: Visit, form: Form, event: Event, owners: Iterable[Owner]) -> Content:
    content = content_of(event)
    entries = {owner_key(one["owner"]): dict(one) for one in content.get("participants", ())}
    names = {one.key: one.name for one in owners}
    errors, left_out = Errors(), set[str]()
    for row, name in enumerate(form.every("owner")):
        key = owner_key(name)
        if key not in names:
            continue
        if not form[f"in_{row}"]:
            left_out.add(key)
            entries.pop(key, None)
            continue
        try:
            entry = _entry(visit, form, row, entries.get(key, {"owner": names[key]}), event)
        except Unusable as error:
            errors |= error.errors
            continue
        if len(entry) > 1 or not event.is_open:
            entries[key] = entry
        else:
            entries.pop(key, None)
    if errors:
        raise Unusable(errors)
    if event.is_open and left_out:
        content["everybody"] = False
        entries = {
            key: entries.get(key, {"owner": name})
            for key, name in names.items()
            if key not in left_out
        }
    elif event.is_open and entries:
        content["everybody"] = True
    if not entries and not (event.is_open and not left_out):
        said = visit.words.gettext("Sự kiện cần ít nhất một đơn vị tham dự.")
        raise Unusable({"": said})
    content["participants"] = list(entries.values())
    return content


def _entry(
    visit: Visit, form: Form, row: int, before: Mapping[str, Any], event: Event
) -> dict[str, Any]:
    """One row of the table as an entry of the file, without what is as by default."""
    kept = {name: value for name, value in before.items() if name not in _FIELDS}
    sides = form[f"sides_{row}"]
    if sides in _SIDES[1:]:
        kept["sides"] = sides
    available = form[f"available_{row}"]
    if available:
        kept["available"] = _slots(visit, f"available_{row}", available, event)
    for name, low in (("least_meetings", 0), ("most_meetings", 0), ("people", 1)):
        value = whole(visit, form, f"{name}_{row}", low, 1000)
        if value is not None and (name, value) != ("people", 1):
            kept[name] = value
    if kept.get("least_meetings", 0) > kept.get("most_meetings", 10_000):
        said = visit.words.gettext("Số cuộc ít nhất lớn hơn số cuộc nhiều nhất.")
        raise Unusable({f"least_meetings_{row}": said})
    return kept


def _slots(visit: Visit, field: str, text: str, event: Event) -> str:
    try:
        asked = numbers(text)
    except Unfit as error:
        said = visit.say(error.message)
        raise Unusable({field: said[:1].upper() + said[1:] + "."}) from error
    most = len(event.slots)
    if most and max(asked, default=0) > most:
        said = visit.words.gettext("Sự kiện chỉ có khung giờ từ 1 đến %(most)s.")
        raise Unusable({field: said % {"most": most}})
    return text


def _page(
    request: Request, opened: Opened, event: Stored, errors: Errors | None = None
) -> Response:
    visit: Visit = request.state.visit
    read = event_of(event.body)
    asked = request.query_params
    words, which = asked.get("q", "").strip(), asked.get("show", "all")
    which = which if which in _SHOWN else "all"
    with opened.catalog.reading() as connection:
        owners = participants.owners(connection, visit.actor)
    shown = [one for one in owners if _wanted(one, read, words, which)]
    start = _number(asked.get("from", "")) // _A_PAGE * _A_PAGE
    if start >= len(shown):
        start = 0
    rows = shown[start : start + _A_PAGE]
    return page(
        request,
        "event-participants.html",
        422 if errors else 200,
        event=event,
        read=read,
        rows=[(one, *_row(visit, read, one, place, errors)) for place, one in enumerate(rows)],
        total=len(owners),
        found=len(shown),
        first=start + 1,
        coming=sum(1 for one in owners if _comes(read, one)),
        strangers=participants.unknown((one.owner for one in read.participants), owners),
        q=words,
        show=which,
        query=_query(words, which, start),
        previous=_link(event, words, which, start - _A_PAGE) if start else "",
        next=_link(event, words, which, start + _A_PAGE) if start + _A_PAGE < len(shown) else "",
        errors=errors or {},
    )


def _row(
    visit: Visit, event: Event, owner: Owner, place: int, errors: Errors | None
) -> tuple[bool, dict[str, str]]:
    """Whether an owner is ticked, and what its fields hold: what was typed, if that was refused."""
    form = visit.form
    if errors:
        return bool(form[f"in_{place}"]), {n: form[f"{n}_{place}"] for n in _FIELDS}
    item = event.participant(owner.name)
    if item is None:
        return event.is_open, dict.fromkeys(_FIELDS, "")
    said = {name: getattr(item, name) for name in _FIELDS}
    said["people"] = "" if item.people == 1 else item.people
    return True, {name: "" if value is None else str(value) for name, value in said.items()}


def _wanted(owner: Owner, event: Event, words: str, which: str) -> bool:
    if words and not all(word in fold(owner.name) for word in fold(words).split()):
        return False
    if which == "own":
        item = event.participant(owner.name)
        return item is not None and item != item.model_validate({"owner": item.owner})
    return which == "all" or _comes(event, owner) is (which == "in")


def _comes(event: Event, owner: Owner) -> bool:
    return event.is_open or event.participant(owner.name) is not None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _query(words: str, which: str, start: int) -> dict[str, str]:
    asked = {"q": words, "show": "" if which == "all" else which, "from": str(max(start, 0) or "")}
    return {name: value for name, value in asked.items() if value}


def _link(event: Stored, words: str, which: str, start: int) -> str:
    return with_query(f"/events/{event.id}/participants", _query(words, which, start))


def _here(request: Request, event: Stored) -> str:
    """The page the form stood on, so that whoever saves the third page stays there."""
    kept = {n: v for n in ("q", "show", "from") if (v := request.query_params.get(n, ""))}
    return with_query(f"/events/{event.id}/participants", kept)
