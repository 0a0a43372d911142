"""The audit: who did what when, filtered, page by page, with its chain checked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Any
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import Depends, Request
from starlette.responses import Response

from api.actors import Action
from api.deps import OpenedDep
from api.pages.admin import admin_page, asked_text
from api.pages.auditwords import ACTIONS, NOBODY
from api.pages.visit import Visit, page_router, permitted
from api.service import reviewing, trail
from api.service.scope import centre_of, whole
from api.service.trail import Wanted
from indexer.keeping import audit
from indexer.keeping.moments import text_of

router = page_router()
Auditor = Annotated[Visit, Depends(permitted(Action.AUDIT))]

HERE = "/admin/audit"
_PAGE = 100
_CHECKED_AT_ONCE = 20_000  # lines; longer chains are checked when somebody asks
_HERE_ZONE = timezone(timedelta(hours=7))
_YEARS = 2000, 2199
_FIELDS: tuple[str, ...] = ("actor", "action", "object", "from", "to")


@router.get(HERE)
def listed(request: Request, opened: OpenedDep, visit: Auditor) -> Response:
    form = {name: asked_text(request, name, 250) for name in _FIELDS}
    before = _number(request.query_params.get("before", ""))
    first, last = _day(form["from"]), _day(form["to"])
    errors = {
        name: visit.words.gettext("Ngày chưa đúng: hãy ghi năm-tháng-ngày như 2026-11-22.")
        for name, day in (("from", first), ("to", last))
        if form[name] and day is None
    }
    wanted = Wanted(
        centre=centre_of(visit.actor),
        actor=form["actor"] or None,
        action=form["action"] or None,
        object=form["object"] or None,
        start=_begin(first),
        end=_begin(last + timedelta(days=1)) if last else None,
    )
    with opened.catalog.reading() as connection:
        found = trail.page(connection, wanted, before, _PAGE + 1)
        lines = found[:_PAGE]
        actors = _actors(connection, lines)
        end = audit.head(connection)
        check = end.count <= _CHECKED_AT_ONCE or request.query_params.get("check") == "yes"
        broken = audit.verify(connection) if check else []
    kept = {name: value for name, value in form.items() if value}
    export = {name: kept[name] for name in _FIELDS[:3] if name in kept}
    export |= {"from": wanted.start} if wanted.start else {}
    export |= {"to": wanted.end} if wanted.end else {}
    return admin_page(
        request,
        "admin-audit.html",
        422 if errors else 200,
        lines=lines,
        actors=actors,
        actions=ACTIONS,
        choices=[(name, visit.say(words)) for name, words in ACTIONS.items()],
        form=form,
        filtered=bool(kept),
        errors=errors,
        checked=check,
        broken=[visit.say(one) for one in broken],
        count=end.count if whole(visit.actor) else None,
        digest=end.digest if whole(visit.actor) else "",
        newest=f"{HERE}?{urlencode(kept)}" if before else "",
        older=f"{HERE}?{urlencode({**kept, 'before': lines[-1]['id']})}"
        if len(found) > _PAGE
        else "",
        check_link=f"{HERE}?{urlencode({**kept, 'check': 'yes'})}",
        only=lambda name, value: f"{HERE}?{urlencode({**kept, name: value})}",
        export="/v1/audit/export" + (f"?{urlencode(export)}" if export else ""),
        nobody=NOBODY,
    )


def _actors(connection: sa.Connection, lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Names by what the audit calls actors: those whose account is there still."""
    ids = {label: label.partition(":")[2] for label in {line["actor"] for line in lines}}
    names = reviewing.names_of(connection, set(ids.values()))
    return {label: names[id_] for label, id_ in ids.items() if id_ in names}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _YEARS[0] <= day.year <= _YEARS[1] else None


def _begin(day: date | None) -> str | None:
    """The first moment of a day here."""
    return None if day is None else text_of(datetime.combine(day, time(), _HERE_ZONE))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
