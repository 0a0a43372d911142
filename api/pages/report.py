"""The report of an event: numbers, charts, what followed; made to be printed."""

from functools import partial

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep
from api.pages import charts, outcomewords
from api.pages.charts import Chart
from api.pages.eventaccess import Looking, get
from api.pages.formats import clock, day, number, percent
from api.pages.rendering import page
from api.pages.visit import Visit, page_router
from api.service import eventreports, outcomes, timetables
from api.service.eventreports import QUARTERS, Report
from api.service.outcomes import Outcome
from indexer.keeping.moments import now
from indexer.records import Side

router = page_router()

_TOLD = (Outcome.CONTRACT, Outcome.FOLLOW_UP, Outcome.MET, Outcome.NO_SHOW, Outcome.NONE)


@router.get("/events/{event_id}/after/report")
def show(request: Request, opened: OpenedDep, visit: Looking, event_id: str) -> Response:
    with opened.catalog.reading() as connection:
        event = get(connection, visit, event_id)
        found = timetables.current(connection, opened.workspace.path, event, visit.actor)
        said = outcomes.shown(outcomes.of_event(connection, event.id), visit.actor)
    if found is None:
        return page(request, "after-none.html", event=event)
    timetable = found[1]
    made = eventreports.report(timetable, said)
    return page(
        request,
        "after-report.html",
        event=event,
        place=timetable.plan.event.place,
        report=made,
        demand=made.sides[Side.DEMAND],
        supply=made.sides[Side.SUPPLY],
        outcomes=outcomewords.OUTCOMES,
        contracts=made.outcomes[Outcome.CONTRACT],
        follow_ups=made.outcomes[Outcome.FOLLOW_UP],
        no_shows=made.outcomes[Outcome.NO_SHOW],
        charts=_charts(visit, made),
        certificate=timetable.plan.certificate,
        moment=now(),
    )


def _charts(visit: Visit, report: Report) -> list[Chart]:
    return [
        _slots(visit, report),
        _outcomes(visit, report),
        _sides(visit, report),
        _each(visit, report),
        _shares(visit, report),
    ]


def _slots(visit: Visit, report: Report) -> Chart:
    words, said = visit.words, partial(number, language=visit.language)
    fullest = max(report.loads, key=lambda load: load.meetings, default=None)
    about = ""
    if fullest is not None:
        about = words.gettext(
            "Đông nhất lúc %(time)s: %(meetings)s cuộc gặp trên %(places)s bàn."
        ) % {
            "time": clock(fullest.starts),
            "meetings": said(fullest.meetings),
            "places": said(fullest.places),
        }
    return charts.columns(
        words.gettext("Cuộc gặp theo khung giờ"),
        about,
        (words.gettext("Khung giờ"), words.gettext("Cuộc gặp")),
        [
            (
                f"{clock(load.starts)}, {day(load.starts, language=visit.language)}",
                clock(load.starts),
                load.meetings,
                said(load.meetings),
            )
            for load in report.loads
        ],
    )


def _outcomes(visit: Visit, report: Report) -> Chart:
    words, said = visit.words, partial(number, language=visit.language)
    about = words.gettext("Đã ghi %(told)s trên %(total)s cuộc gặp.") % {
        "told": said(report.told),
        "total": said(report.meetings),
    }
    names = [(visit.say(outcomewords.OUTCOMES[one]), report.outcomes[one]) for one in _TOLD]
    return charts.columns(
        words.gettext("Kết quả các cuộc gặp"),
        about,
        (words.gettext("Kết quả"), words.gettext("Cuộc gặp")),
        [(name, name, count, said(count)) for name, count in names],
    )


def _sides(visit: Visit, report: Report) -> Chart:
    words, said = visit.words, partial(number, language=visit.language)
    demand, supply = report.sides[Side.DEMAND], report.sides[Side.SUPPLY]
    about = words.gettext(
        "%(demand)s trên %(demands)s bên cần và %(supply)s trên %(supplies)s bên chào có cuộc gặp."
    ) % {
        "demand": said(demand.with_meeting),
        "demands": said(demand.parties),
        "supply": said(supply.with_meeting),
        "supplies": said(supply.parties),
    }
    gettext = words.gettext
    rows = [
        (gettext("Bên cần, có gặp"), gettext("Cần, gặp"), demand.with_meeting),
        (
            gettext("Bên cần, chưa gặp"),
            gettext("Cần, chưa"),
            demand.parties - demand.with_meeting,
        ),
        (gettext("Bên chào, có gặp"), gettext("Chào, gặp"), supply.with_meeting),
        (
            gettext("Bên chào, chưa gặp"),
            gettext("Chào, chưa"),
            supply.parties - supply.with_meeting,
        ),
    ]
    return charts.columns(
        words.gettext("Hai bên có được gặp không"),
        about,
        (words.gettext("Đơn vị"), words.gettext("Số đơn vị")),
        [(name, label, count, said(count)) for name, label, count in rows],
    )


def _each(visit: Visit, report: Report) -> Chart:
    words, said = visit.words, partial(number, digits=1, language=visit.language)
    least, most = min(report.each, default=0), max(report.each, default=0)
    about = words.gettext(
        "Ít nhất %(least)s, ở giữa %(middle)s, nhiều nhất %(most)s cuộc gặp mỗi đơn vị."
    ) % {"least": said(least), "middle": said(report.middle), "most": said(most)}
    counts = [(number_, report.each.get(number_, 0)) for number_ in range(least, most + 1)]
    return charts.columns(
        words.gettext("Mỗi đơn vị gặp bao nhiêu"),
        about,
        (words.gettext("Số cuộc gặp"), words.gettext("Số đơn vị")),
        [(said(meetings), said(meetings), count, said(count)) for meetings, count in counts],
    )


def _shares(visit: Visit, report: Report) -> Chart:
    words, said = visit.words, partial(number, language=visit.language)
    share = partial(percent, language=visit.language)
    total = sum(report.shares)
    about = words.gettext(
        "%(well)s trên %(total)s đơn vị nhận được từ nửa mức tốt nhất của mình trở lên."
    ) % {"well": said(sum(report.shares[QUARTERS // 2 :])), "total": said(total)}
    names = [
        f"{share(position / QUARTERS)}–{share((position + 1) / QUARTERS)}"
        for position in range(QUARTERS)
    ]
    return charts.columns(
        words.gettext("Chia có đều không"),
        about,
        (words.gettext("Phần của mức tốt nhất"), words.gettext("Số đơn vị")),
        [(n, n, count, said(count)) for n, count in zip(names, report.shares, strict=True)],
    )
