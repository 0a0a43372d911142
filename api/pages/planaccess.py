"""What the pages of a timetable have in common: the plan that holds, and how it is spoken of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from fastapi import Request

from api.actors import Action
from api.opened import Opened
from api.pages import eventaccess
from api.pages.formats import number, percent
from api.pages.visit import Visit
from api.readings import note_read
from api.service import planversions, runresults, runs, timetables
from api.service.events import Stored
from api.service.planversions import Version
from api.service.runs import Run
from api.service.timetables import Timetable
from indexer.sql.changes import chunks
from indexer.sql.serviceschema import people
from matcher.export.plan_changes import KINDS, Change
from matcher.planning.plan import Meeting, Plan


@dataclass(frozen=True, slots=True)
class Shown:
    """An event with the plan that holds; `version` and `timetable` are None where there is none
    yet."""

    event: Stored
    version: Version | None
    timetable: Timetable | None

    @property
    def here(self) -> str:
        return f"/events/{self.event.id}/plan"


@dataclass(frozen=True, slots=True)
class Holding:
    """An event that has a plan."""

    event: Stored
    version: Version
    timetable: Timetable

    @property
    def plan(self) -> Plan:
        return self.timetable.plan

    @property
    def here(self) -> str:
        return f"/events/{self.event.id}/plan"


def shown(request: Request, opened: Opened, visit: Visit, event_id: str) -> Shown:
    """The plan of an event; that it was read is noted, where it tells of confidential records.

    Raises:
        ProblemError: 404; 403, it tells of records the reader may not read; 409, its files have
            been removed.
    """
    with opened.catalog.reading() as connection:
        event = eventaccess.get(connection, visit, event_id)
        found = timetables.current(connection, opened.workspace.path, event, visit.actor)
        if found is None:
            return Shown(event, None, None)
        version, timetable = found
        private = runresults.confidential(connection, timetable.named)
    note_read(request, visit.actor, private, "run.read")
    return Shown(event, version, timetable)


def holding(request: Request, opened: Opened, visit: Visit, event_id: str) -> Holding | None:
    """As `shown`; None where there is no plan yet."""
    found = shown(request, opened, visit, event_id)
    if found.version is None or found.timetable is None:
        return None
    return Holding(found.event, found.version, found.timetable)


@dataclass(frozen=True, slots=True)
class Work:
    """What is being done for an event's plan, and what came of it last."""

    under_way: Run | None
    failed: Run | None
    proposals: Sequence[Run]


def work(connection: sa.Connection, shown: Shown, visit: Visit) -> Work:
    """Of the newest runs: the one under way; the one that failed, if nothing was made since."""
    event, found = shown.event, list[Run]()
    for kind in (runs.PLAN, runs.REPLAN, runs.PRINT):
        found += runs.page(connection, visit.actor, None, 1, event=event.id, kind=kind)
    found.sort(key=lambda run: run.created, reverse=True)
    under_way = next((run for run in found if not run.over), None)
    last = found[0] if found else None
    failed = last if last is not None and last.state == runs.FAILED else None
    if failed is not None and shown.version is not None and shown.version.at > failed.finished:
        failed = None
    proposals = planversions.proposals(connection, event, shown.version)
    return Work(under_way, failed, proposals)


def failure_of(visit: Visit, run: Run) -> tuple[str, list[str]]:
    """Why a run failed and what would help, as far as the reader may know."""
    if not runs.covers(visit.actor, run):
        return visit.words.gettext("Ban tổ chức xem được lý do."), []
    remedies = [one[visit.language] for one in run.failure.get("remedies", [])]
    return str(run.failure.get(visit.language, "")), remedies


def may_change(visit: Visit) -> bool:
    return visit.actor.may(Action.RUNS_START)


def time_of(plan: Plan, slot: int) -> str:
    """09:00, by the clock of the event."""
    return plan.event.slots[slot - 1].starts[11:]


def day_of(plan: Plan, slot: int) -> str:
    return plan.event.slots[slot - 1].starts[:10]


def place_of(visit: Visit, plan: Plan, slot: int, table: int) -> str:
    """09:00, bàn 3."""
    words = visit.words.gettext("%(time)s, bàn %(table)s")
    name = plan.event.places()[table - 1].name
    when = time_of(plan, slot)
    if len({one.starts[:10] for one in plan.event.slots}) > 1:
        _, month, day = day_of(plan, slot).split("-")
        when = f"{when} {day}/{month}"
    return words % {"time": when, "table": name}


def change_groups(
    visit: Visit, before: Plan, after: Plan, found: Sequence[Change]
) -> list[tuple[str, list[dict[str, str]]]]:
    """What changes from one plan to another, by kind: dropped, moved, added."""

    def at(plan: Plan, meeting: Meeting | None) -> str:
        return place_of(visit, plan, meeting.slot, meeting.table) if meeting else ""

    lines = {
        kind: [
            {
                "who": who(one.meeting),
                "before": at(before, one.before),
                "after": at(after, one.after),
            }
            for one in found
            if one.kind == kind
        ]
        for kind in KINDS
    }
    return [(visit.say(KINDS[kind]), of_kind) for kind, of_kind in lines.items() if of_kind]


def certificate(visit: Visit, plan: Plan) -> list[str]:
    """How good a plan is, in sentences."""
    gettext, said = visit.words.gettext, plan.certificate
    figures = {
        "meetings": number(len(plan.meetings), language=visit.language),
        "worth": number(said.objective, 1, language=visit.language),
        "bound": number(said.bound, 1, language=visit.language),
        "share": percent(1 - said.gap, 1, language=visit.language),
    }
    first = gettext("Lịch có %(meetings)s cuộc gặp, tổng giá trị %(worth)s.") % figures
    if said.gap <= 0:
        best = gettext(
            "Đây là lịch tốt nhất có thể: đã chứng minh không lịch nào có tổng giá trị cao hơn."
        )
    else:
        best = (
            gettext(
                "Không lịch nào cho sự kiện này vượt được %(bound)s: lịch này đạt ít nhất "
                "%(share)s mức tốt nhất có thể."
            )
            % figures
        )
    return [first, best]


def names_of(connection: sa.Connection, ids: Sequence[str]) -> Mapping[str, str]:
    """The names of people by id."""
    query = sa.select(people.c.id, people.c.name, people.c.email)
    return {
        row.id: row.name or row.email
        for chunk in chunks(sorted(set(ids)))
        for row in connection.execute(query.where(people.c.id.in_(chunk)))
    }


def version_words(visit: Visit, plan: Plan, version: Version) -> str:
    """What a version did, for a list of them."""
    gettext, said = visit.words.gettext, version.said
    if version.kind == planversions.MOVE:
        words = gettext("Chuyển %(who)s: %(before)s → %(after)s")
        return words % {
            "who": f"{said['demand_owner']} – {said['supply_owner']}",
            "before": place_of(visit, plan, said["slot"], said["table"]),
            "after": place_of(visit, plan, said["to_slot"], said["to_table"]),
        }
    if version.kind == planversions.RESTORE:
        return gettext("Quay lại bản %(number)s") % {"number": said["number"]}
    if version.kind == planversions.REPLAN:
        return gettext("Sửa theo thay đổi trong ngày")
    return gettext("Xếp lịch mới")


def who(meeting: Meeting) -> str:
    return f"{meeting.demand_owner} – {meeting.supply_owner}"
