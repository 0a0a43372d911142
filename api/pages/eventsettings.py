"""The settings of an event as forms: name, tables, limits."""

import re
from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep
from api.opened import Opened
from api.pages.eventaccess import Writing, found, store
from api.pages.eventdraft import (
    Content,
    Unusable,
    content_of,
    share,
    whole,
)
from api.pages.eventsteps import event_of
from api.pages.form import Form
from api.pages.refused import Errors, errors_of
from api.pages.rendering import page
from api.pages.ruleswords import TIES, entries
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service import participants
from api.service.events import Stored
from indexer.bilingual import Bilingual
from matcher.planning.event import Event
from matcher.planning.slot import Slot
from matcher.planning.table import Table

router = page_router()

_MOST_NAMES = 300  # owners offered while one types
_COUNTS = {
    "least_meetings": (0, 1000, 0),
    "most_meetings": (0, 1000, None),
    "most_in_a_row": (1, 1000, None),
    "interpreters": (0, 1000, None),
    "guarantee": (0, 1000, 2),
}
_SHARES = {"least_score": 0.1, "most_share": 1.0, "wish_weight": 0.25}
FAIRNESS: Mapping[str, Bilingual] = {
    "value": Bilingual(
        "Tổng giá trị lớn nhất, không xét chia đều", "The greatest worth, whoever gets it"
    ),
    "guarantee": Bilingual(
        "Trước hết bảo đảm mỗi đơn vị vài cuộc", "First a few meetings for everybody"
    ),
    "worst-first": Bilingual(
        "Luôn lo cho đơn vị ít cuộc gặp nhất trước", "Always the worst-off first"
    ),
}


@router.get("/events/{event_id}/settings")
def settings(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    return settings_page(request, opened, found(opened, visit, event_id))


@router.post("/events/{event_id}/settings")
def change_settings(request: Request, opened: OpenedDep, visit: Writing, event_id: str) -> Response:
    """Name, place, tables and limits."""
    event = found(opened, visit, event_id)
    said = visit.words.gettext("Đã lưu cài đặt.")
    try:
        content = _settings(visit, visit.form, event.event)
        return store(request, opened, event, content, f"/events/{event.id}/settings", said)
    except (Unusable, ProblemError) as error:
        return settings_page(request, opened, event, errors_in(visit, error), "settings")


def _settings(visit: Visit, form: Form, event: Event) -> Content:
    content, errors = content_of(event), Errors()
    content["name"], content["place"] = form["name"], form["place"]
    content["fairness"] = form["fairness"] if form["fairness"] in FAIRNESS else "value"
    for name, (low, high, default) in _COUNTS.items():
        try:
            value = whole(visit, form, name, low, high)
        except Unusable as error:
            errors |= error.errors
            continue
        content[name] = default if value is None else value
    for name, usual in _SHARES.items():
        try:
            wanted = share(visit, form, name)
        except Unusable as error:
            errors |= error.errors
            continue
        content[name] = usual if wanted is None else wanted
    try:
        content["tables"] = _tables(visit, form, event)
    except Unusable as error:
        errors |= error.errors
    if not form["name"]:
        errors["name"] = visit.words.gettext("Hãy đặt tên sự kiện.")
    if errors:
        raise Unusable(errors)
    return content


def _tables(visit: Visit, form: Form, event: Event) -> object:
    """A number of tables, or each with its name: “A1; Sảnh A; Viện X”, one a line."""
    lines = [line for line in form["table_names"].splitlines() if line.strip()]
    if not lines:
        return whole(visit, form, "tables", 1, 10_000) or 10
    before = {table.name: table for table in event.places()}
    found = []
    for line in lines:
        name, room, owner, *_ = [*(part.strip() for part in line.split(";")), "", "", ""]
        if not name:
            said = visit.words.gettext("Dòng “%(line)s” chưa có tên bàn.")
            raise Unusable({"table_names": said % {"line": line[:60]}})
        away = before[name].unavailable if name in before else ""
        table = Table(name=name, room=room, owner=owner, unavailable=away)
        found.append(table.model_dump(exclude_defaults=True))
    return found


def settings_page(
    request: Request,
    opened: Opened,
    event: Stored,
    errors: Errors | None = None,
    part: str = "",
) -> Response:
    """`part` is the form that was refused: its fields keep what was typed."""
    visit: Visit = request.state.visit
    read = event_of(event.body)
    with opened.catalog.reading() as connection:
        names = participants.names(connection, visit.actor, _MOST_NAMES)
    typed = visit.form if part == "settings" else None
    return page(
        request,
        "event-settings.html",
        422 if errors else 200,
        event=event,
        read=read,
        values=_values(visit, read) if typed is None else typed,
        days=_by_day(read),
        entries=list(entries(read)),
        fairness=[(name, visit.say(words)) for name, words in FAIRNESS.items()],
        ties=[(name, visit.say(words)) for name, words in TIES.items()],
        owners=names,
        has_comments=bool(re.search(r"^\s*#", event.body, re.MULTILINE)),
        errors=errors or {},
        part=part,
        form=visit.form,
    )


def _values(visit: Visit, event: Event) -> dict[str, str]:
    comma = "," if visit.language == "vi" else "."
    found = {"name": event.name, "place": event.place, "fairness": event.fairness}
    for name in _COUNTS:
        value = getattr(event, name)
        found[name] = "" if value is None else str(value)
    for name in _SHARES:
        found[name] = f"{getattr(event, name):g}".replace(".", comma)
    named = isinstance(event.tables, tuple)
    found["tables"] = "" if named else str(event.tables)
    found["table_names"] = (
        "\n".join(_table_line(table) for table in event.places()) if named else ""
    )
    return found


def _table_line(table: Table) -> str:
    return "; ".join((table.name, table.room, table.owner)).rstrip("; ")


def _by_day(event: Event) -> list[tuple[str, list[tuple[int, Slot]]]]:
    found: dict[str, list[tuple[int, Slot]]] = {}
    for number, slot in enumerate(event.slots, 1):
        found.setdefault(slot.starts[:10], []).append((number, slot))
    return list(found.items())


def errors_in(visit: Visit, error: Exception) -> Errors:
    if isinstance(error, Unusable):
        return error.errors
    if isinstance(error, ProblemError):
        return errors_of(visit, error)
    return {"": visit.words.gettext("Không khôi phục được: nội dung không còn dùng được.")}
