"""The way of an event from records to printed agendas: what is done, and what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import sqlalchemy as sa

from api.actors import Action, Actor
from api.opened import Opened
from api.pages.formats import number
from api.pages.visit import Visit
from api.service import reviewing, runs
from api.service.events import FILE, MOST, Stored
from api.service.numbers import Numbers
from indexer.bilingual import Bilingual
from indexer.records import Side
from matcher.planning.event import Event
from matcher.planning.eventfile import event_of_text


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the way: `state` is done, now or later; `path` is "" where nobody may go on."""

    label: Bilingual
    path: str
    state: str
    words: str
    action: Bilingual


@lru_cache(maxsize=2 * MOST)
def event_of(body: str) -> Event:
    """The event of a stored file, read once."""
    return event_of_text(body, FILE)


def first_day(event: Event) -> str:
    return event.slots[0].starts[:10] if event.slots else ""


@dataclass(frozen=True, slots=True)
class Stand:
    """How far an event is: pairs to review and those decided (None: not matched yet)."""

    supply: int
    demand: int
    pairs: int | None
    decided: int
    planned: bool


def stand(
    connection: sa.Connection, opened: Opened, event: Stored, by: Actor, numbers: Numbers
) -> Stand:
    """How far an event is, as far as the actor may see it."""
    records = numbers.records
    supply, demand = records[Side.SUPPLY], records[Side.DEMAND]
    if not by.may(Action.RUNS_READ):
        return Stand(supply, demand, None, 0, planned=False)
    review = reviewing.review(connection, opened, event, by)
    planned = any(
        runs.page(connection, by, None, 1, event=event.id, kind=kind, state=runs.DONE)
        for kind in (runs.PLAN, runs.REPLAN)
    )
    if review is None:
        return Stand(supply, demand, None, 0, planned)
    return Stand(supply, demand, len(review.lines), review.decided, planned)


def steps(visit: Visit, event: Stored, reached: Stand) -> list[Step]:
    """The way from data to what comes after; the first part that is not done is the one to do."""
    read = event_of(event.body)
    slots = bool(read.meeting_slots())
    matched = reached.pairs is not None
    has_data = bool(reached.supply and reached.demand)
    done = {
        "data": has_data,
        "settings": slots,
        "participants": has_data and slots,
        "matches": matched,
        "review": bool(reached.decided),
        "plan": reached.planned,
        "print": False,
        "after": False,
    }
    here = f"/events/{event.id}"
    paths = {
        "data": ("/import", Action.RECORDS_IMPORT),
        "settings": (f"{here}/settings", Action.EVENTS_WRITE),
        "participants": (f"{here}/participants", Action.EVENTS_WRITE),
        "matches": (f"{here}#match", Action.RUNS_START),
        "review": (f"{here}/review" if matched else "", Action.RUNS_READ),
        "plan": (f"{here}/plan", Action.RUNS_READ),
        "print": (f"{here}/print" if reached.planned else "", Action.RUNS_READ),
        "after": (f"{here}/after" if reached.planned else "", Action.RUNS_READ),
    }
    return _in_order(visit, _words(visit, read, reached), done, paths)


def _words(visit: Visit, read: Event, reached: Stand) -> dict[str, str]:
    gettext, said = visit.words.gettext, partial(number, language=visit.language)
    matched = reached.pairs is not None
    pairs = {"decided": said(reached.decided), "total": said(reached.pairs or 0)}
    data = {"supply": said(reached.supply), "demand": said(reached.demand)}
    event = {"slots": said(len(read.meeting_slots())), "tables": said(len(read.places()))}
    guests = {"count": said(len(read.participants))}
    return {
        "data": gettext("%(supply)s nguồn cung, %(demand)s nhu cầu") % data,
        "settings": gettext("%(slots)s khung giờ, %(tables)s bàn") % event,
        "participants": gettext("Mọi đơn vị có hồ sơ đều tham dự")
        if read.is_open
        else gettext("%(count)s đơn vị được mời") % guests,
        "matches": gettext("%(total)s cặp") % pairs if matched else gettext("Chưa chạy"),
        "review": gettext("Đã duyệt %(decided)s trên %(total)s cặp") % pairs
        if matched
        else gettext("Có danh sách ghép nối rồi mới duyệt được"),
        "plan": gettext("Đã có lịch") if reached.planned else gettext("Chưa xếp"),
        "print": gettext("Lịch từng đơn vị, danh sách đón khách, sơ đồ bàn"),
        "after": gettext("Kết quả các cuộc gặp, báo cáo"),
    }


def _in_order(
    visit: Visit,
    words: Mapping[str, str],
    ready: Mapping[str, bool],
    paths: Mapping[str, tuple[str, Action]],
) -> list[Step]:
    found, reached = [], False
    for name, (label, action) in _LABELS.items():
        state = "done" if ready[name] else "later" if reached else "now"
        reached = reached or state == "now"
        path, needs = paths[name]
        found.append(
            Step(label, path if visit.actor.may(needs) else "", state, words[name], action)
        )
    return found


_LABELS: Mapping[str, tuple[Bilingual, Bilingual]] = {
    "data": (Bilingual("Hồ sơ", "Records"), Bilingual("Nhập hồ sơ", "Import records")),
    "settings": (
        Bilingual("Giờ gặp và bàn", "Times and tables"),
        Bilingual("Cài đặt", "Settings"),
    ),
    "participants": (
        Bilingual("Đơn vị tham dự", "Participants"),
        Bilingual("Chọn đơn vị", "Choose participants"),
    ),
    "matches": (Bilingual("Ghép nối", "Matching"), Bilingual("Chạy ghép nối", "Run the matching")),
    "review": (Bilingual("Duyệt danh sách", "Review"), Bilingual("Duyệt", "Review")),
    "plan": (Bilingual("Xếp lịch gặp", "Timetable"), Bilingual("Xếp lịch", "Make the timetable")),
    "print": (Bilingual("In và gửi", "Print and share"), Bilingual("In và gửi", "Print")),
    "after": (Bilingual("Sau sự kiện", "Afterwards"), Bilingual("Ghi kết quả", "Outcomes")),
}
