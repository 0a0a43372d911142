"""The meeting times of an event: added by the stretch, removed, made breaks of."""

import json

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep
from api.pages.eventaccess import Writing, found, store
from api.pages.eventdraft import (
    MOST_SLOTS,
    Unusable,
    slots_between,
    with_slots,
)
from api.pages.eventsettings import errors_in, settings_page
from api.pages.notices import Undo
from api.pages.visit import page_router
from api.problems import ProblemError
from api.service.events import Stored
from matcher.planning.slot import Slot

router = page_router()


@router.post("/events/{event_id}/slots")
def add_slots(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    """A stretch of a day, cut into meeting times."""
    event = found(opened, visit, event_id)
    words = visit.words
    try:
        new = slots_between(visit, visit.form)
        starts = {slot.starts for slot in event.event.slots}
        added = [slot for slot in new if slot.starts not in starts]
        if len(starts) + len(added) > MOST_SLOTS:
            said = words.gettext("Một sự kiện có nhiều nhất %(most)s khung giờ.")
            raise Unusable({"to": said % {"most": MOST_SLOTS}})
        content = with_slots(event.event, [*event.event.slots, *added])
        count = len(added)
        said = words.ngettext("Đã thêm %(n)s khung giờ.", "Đã thêm %(n)s khung giờ.", count)
        undo = _undo_slots(event, [slot.starts for slot in added])
        back = f"/events/{event.id}/settings#slots"
        return store(
            request, opened, event, content, back, said % {"n": count}, undo=undo, field="from"
        )
    except (Unusable, ProblemError) as error:
        return settings_page(request, opened, event, errors_in(visit, error), "slots")


@router.post("/events/{event_id}/slots/change")
def change_slots(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    """Removes the chosen slots, or makes breaks of them, or meeting times again."""
    event = found(opened, visit, event_id)
    chosen = {starts for value in visit.form.every("slot") for starts in value.split("|")}
    do = visit.form["do"]
    kept: list[Slot] = []
    for slot in event.event.slots:
        if slot.starts not in chosen:
            kept.append(slot)
        elif do != "remove":
            kept.append(slot.model_copy(update={"is_break": do == "break"}))
    back = f"/events/{event.id}/settings#slots"
    count = len(chosen & {slot.starts for slot in event.event.slots})
    ngettext = visit.words.ngettext
    said = ngettext("Đã sửa %(n)s khung giờ.", "Đã sửa %(n)s khung giờ.", count)
    undo = None
    if do == "remove":
        said = ngettext("Đã bỏ %(n)s khung giờ.", "Đã bỏ %(n)s khung giờ.", count)
        gone = [slot for slot in event.event.slots if slot.starts in chosen]
        undo = Undo(f"/events/{event.id}/slots/restore", {"slots": _written(gone)})
    try:
        content = with_slots(event.event, kept)
        return store(request, opened, event, content, back, said % {"n": count}, undo=undo)
    except (Unusable, ProblemError) as error:
        return settings_page(request, opened, event, errors_in(visit, error), "slots")


@router.post("/events/{event_id}/slots/restore")
def restore_slots(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    """Brings slots back that were just removed."""
    event = found(opened, visit, event_id)
    here = {slot.starts for slot in event.event.slots}
    try:
        back = [Slot.model_validate(one) for one in json.loads(visit.form["slots"])]
        slots = [*event.event.slots, *(slot for slot in back if slot.starts not in here)]
        content = with_slots(event.event, slots)
        said = visit.words.gettext("Đã khôi phục khung giờ.")
        return store(request, opened, event, content, f"/events/{event.id}/settings#slots", said)
    except (Unusable, ProblemError, ValueError, TypeError) as error:
        return settings_page(request, opened, event, errors_in(visit, error), "slots")


def _undo_slots(event: Stored, starts: list[str]) -> Undo:
    return Undo(f"/events/{event.id}/slots/change", {"do": "remove", "slot": "|".join(starts)})


def _written(slots: list[Slot]) -> str:
    said = [slot.model_dump(by_alias=True, exclude_defaults=True) for slot in slots]
    return json.dumps(said, separators=(",", ":"))
