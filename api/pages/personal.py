"""A participant's own agenda, opened by a personal link: in large type, with what came of each
meeting. Nothing of anybody else is shown but whom they meet, where and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import sqlalchemy as sa
from fastapi import Request
from starlette.responses import Response

from api import problems
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages.agendas import calendar_answer
from api.pages.notices import Undo
from api.pages.planaccess import Holding, place_of
from api.pages.rendering import page, redirect
from api.pages.visit import Visit, Visitor, page_router
from api.problems import ProblemError
from api.service import outcomes, personallinks, planversions, timetables
from api.service.outcomes import LONGEST_NOTE, Outcome, Told
from api.service.personallinks import PersonalLink
from api.service.planversions import Version
from api.service.runwork import titles_of
from indexer.bilingual import Bilingual
from indexer.owners import owner_key
from matcher.export.plan_agendas import Agenda, Appointment
from matcher.export.plan_changes import changes
from matcher.planning.moving import pair_id
from matcher.planning.plan import Plan

router = page_router()

_UNDONE = 200  # characters of a note that the cookie of a notice can hold
OUTCOMES = (
    (Outcome.MET, Bilingual("Đã gặp", "We met")),
    (Outcome.NO_SHOW, Bilingual("Bên kia không đến", "They did not come")),
    (Outcome.FOLLOW_UP, Bilingual("Sẽ trao đổi tiếp", "We will talk further")),
    (Outcome.CONTRACT, Bilingual("Đã thống nhất hợp đồng", "We agreed on a contract")),
    (Outcome.NONE, Bilingual("Chưa trả lời", "No answer yet")),
)


@dataclass(frozen=True, slots=True)
class Own:
    """What a link opens: the agenda of one participant in the plan that holds."""

    link: PersonalLink
    held: Holding
    agenda: Agenda


@dataclass(frozen=True, slots=True)
class Line:
    """One meeting with what the participant said of it; `over` once it has begun."""

    id: str
    item: Appointment
    told: Told
    over: bool


@router.get("/a/{token}")
def agenda_page(request: Request, opened: OpenedDep, visit: Visitor, token: str) -> Response:
    return _page(request, opened, visit, token)


@router.get("/a/{token}/calendar.ics")
def agenda_calendar(request: Request, opened: OpenedDep, visit: Visitor, token: str) -> Response:
    own = _own(opened, token)
    return calendar_answer(visit, own.held, own.agenda)


@router.post("/a/{token}/meetings/{pair}")
def tell_outcome(
    request: Request,
    opened: OpenedDep,
    visit: Visitor,
    request_id: RequestIdDep,
    token: str,
    pair: str,
) -> Response:
    """Notes what came of one of the participant's meetings."""
    own = _own(opened, token)
    item = next((one for one in own.agenda.appointments if pair_id(one.meeting) == pair), None)
    if item is None:
        raise ProblemError(problems.NOT_FOUND)
    gettext, form = visit.words.gettext, visit.form
    chosen = next((one for one, _ in OUTCOMES if one.value == form["outcome"]), None)
    if chosen is None or len(form["note"]) > LONGEST_NOTE:
        said = gettext("Hãy chọn một kết quả; ghi chú dài đến %(most)s ký tự.")
        return _page(request, opened, visit, token, wrong=(pair, said % {"most": LONGEST_NOTE}))
    told = Told(chosen, form["note"], own.link.owner_key)
    with opened.catalog.writing() as connection:
        before = outcomes.tell(
            connection,
            own.held.event,
            item.meeting,
            told,
            visit.actor,
            request_id,
            link=own.link.id,
        )
    undo = Undo(
        f"/a/{token}/meetings/{pair}", {"outcome": before.outcome.value, "note": before.note}
    )
    return redirect(
        request,
        f"/a/{token}#m-{pair}",
        gettext("Đã ghi nhận. Cảm ơn bạn."),
        undo=undo if len(before.note) <= _UNDONE else None,
    )


def _page(
    request: Request,
    opened: Opened,
    visit: Visit,
    token: str,
    wrong: tuple[str, str] = ("", ""),
) -> Response:
    own = _own(opened, token)
    with opened.catalog.reading() as connection:
        told = outcomes.of_event(connection, own.held.event.id)
        printed = planversions.printed(connection, own.held.event)
        before = _plan_of(connection, opened, printed, own)
    moment = datetime.now(UTC)
    response = page(
        request,
        "agenda.html",
        422 if wrong[0] else 200,
        token=token,
        owner=own.agenda.owner,
        event=own.held.plan.event,
        version=own.held.version,
        days=_days(own, told, moment),
        labels=dict(OUTCOMES),
        outcomes=[(one.value, visit.say(words)) for one, words in OUTCOMES],
        longest=LONGEST_NOTE,
        changed=_changed(visit, own, before) if before is not None else [],
        wrong=wrong,
    )
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _own(opened: Opened, token: str) -> Own:
    """Raises ProblemError: 404, the link is unknown or revoked, all alike."""
    with opened.catalog.reading() as connection:
        found = personallinks.find(connection, token)
        if found is None:
            raise ProblemError(problems.NOT_FOUND, _CLOSED)
        link, event = found
        current = timetables.current(connection, opened.workspace.path, event, None)
    if current is None:
        raise ProblemError(problems.NOT_FOUND, _CLOSED)
    version, timetable = current
    held = Holding(event, version, timetable)
    plain = timetable.by_owner.get(link.owner_key)
    meetings = [one.meeting for one in plain.appointments] if plain else []
    agenda = timetable.agenda(link.owner, titles_of(opened.catalog, meetings))
    if agenda is None:
        raise ProblemError(problems.NOT_FOUND, _CLOSED)
    return Own(link, held, agenda)


def _days(
    own: Own, told: Mapping[outcomes.Key, Sequence[Told]], moment: datetime
) -> list[tuple[str, list[Line]]]:
    """The meetings by day."""
    lines = []
    for one in own.agenda.appointments:
        said = told.get(outcomes.key_of(one.meeting), ())
        mine = next((word for word in said if word.teller == own.link.owner_key), Told())
        lines.append(Line(pair_id(one.meeting), one, mine, over=one.starts <= moment))
    days = groupby(lines, key=lambda line: f"{line.item.starts:%Y-%m-%d}")
    return [(day, list(of_day)) for day, of_day in days]


def _plan_of(
    connection: sa.Connection, opened: Opened, printed: Version | None, own: Own
) -> Plan | None:
    """The plan that was printed, where another one holds by now."""
    if printed is None or printed.number == own.held.version.number:
        return None
    try:
        return timetables.of(connection, opened.workspace.path, printed, None).plan
    except ProblemError:
        return None  # its files have been removed


def _changed(visit: Visit, own: Own, before: Plan) -> list[str]:
    """What is different from the sheet the participant was given."""
    gettext, after, found = visit.words.gettext, own.held.plan, []
    for one in changes(before, after):
        if own.link.owner_key not in one.owners():
            continue
        pair = one.meeting
        is_asker = owner_key(pair.demand_owner) == own.link.owner_key
        partner = pair.supply_owner if is_asker else pair.demand_owner
        was = place_of(visit, before, one.before.slot, one.before.table) if one.before else ""
        new = place_of(visit, after, one.after.slot, one.after.table) if one.after else ""
        words = {
            "dropped": gettext("Bỏ: %(partner)s (%(was)s)"),
            "moved": gettext("Đổi: %(partner)s, %(was)s → %(new)s"),
            "added": gettext("Thêm: %(partner)s, %(new)s"),
        }[one.kind]
        found.append(words % {"partner": partner, "was": was, "new": new})
    return found


_CLOSED = Bilingual(
    vi="Đường dẫn này không mở được, hoặc đã bị thu hồi. Hãy hỏi ban tổ chức.",
    en="This link opens nothing, or has been revoked. Ask the organisers.",
)
