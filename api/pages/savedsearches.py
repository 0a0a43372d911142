"""One's saved searches: saving one, what it found since, stopping it, taking it out and back."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Path, Request
from starlette.responses import Response

from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages.addresses import record_path, whole_address
from api.pages.fit import word_of
from api.pages.narrowing import Asked, chips, usable
from api.pages.notices import Notice, Undo
from api.pages.refused import Errors, errors_of, validated
from api.pages.rendering import notify, page, redirect
from api.pages.visit import Visit, page_router, permitted
from api.problems import ProblemError
from api.schemas.savedsearches import Channel, SavedSearchIn
from api.service import alerts, savedsearches
from api.service.savedsearches import FEED, MOST, WEBHOOK, SavedSearch, Wanted
from indexer.records import Side

router = page_router()
Searcher = Annotated[Visit, Depends(permitted(Action.SEARCHES))]
SearchId = Annotated[str, Path(alias="id", min_length=1, max_length=40)]

_PATH = "/saved-searches"
_ALERTS = 3  # shown of each search
# The lowest score that is told of, by how much one wants to hear.
LEAST = {"few": 0.5, "some": 0.25, "many": 0.1}
_KEPT = ("id", "name", "text", "want", "where", "channel", "least_score", "active",
         "seen", "created", "version", "secret")  # fmt: skip
_LONGEST_KEPT = 2_000  # characters that a notice carries to the next page
_MOST_UNPACKED = 200_000  # bytes


@router.get("/saved-searches")
def saved(request: Request, opened: OpenedDep, visit: Searcher) -> Response:
    return _page(request, opened, visit)


@router.post("/saved-searches")
def save(
    request: Request, opened: OpenedDep, visit: Searcher, request_id: RequestIdDep
) -> Response:
    """Shows the address of a feed this once, so that the answer is a page and no redirect."""
    form, gettext = visit.form, visit.words.gettext
    mail = form["channel"] == Channel.EMAIL and bool(opened.workspace.settings.smtp_url)
    values = {
        "name": form["name"] or form["q"][:80],
        "text": form["q"],
        "want": Side.DEMAND if form["want"] == "demand" else Side.SUPPLY,
        "where": [one for one in form.every("where") if usable(one)],
        "channel": Channel.EMAIL if mail and visit.actor.id else Channel.FEED,
        "least_score": LEAST.get(form["least"], LEAST["some"]),
    }
    try:
        wanted = validated(request, SavedSearchIn, values, "/v1/saved-searches", "POST")
        with opened.catalog.writing() as connection:
            made, shown = savedsearches.add(
                connection, Wanted(**wanted.model_dump()), visit.actor, request_id
            )
    except ProblemError as error:
        return _page(request, opened, visit, errors=errors_of(visit, error))
    if shown:
        return _page(request, opened, visit, feed=_feed(request, opened, made.id, shown), new=made)
    return redirect(request, _PATH, gettext("Đã lưu. Bạn sẽ nhận thư khi có hồ sơ mới khớp."))


@router.post("/saved-searches/restore")
def restore(
    request: Request, opened: OpenedDep, visit: Searcher, request_id: RequestIdDep
) -> Response:
    """Puts back what was just taken out."""
    kept, gettext = _unpacked(visit.form["kept"], visit), visit.words.gettext
    if kept is None:
        said = gettext("Không khôi phục được: nội dung không còn nguyên vẹn.")
        return redirect(request, _PATH, said, warning=True)
    with opened.catalog.writing() as connection:
        savedsearches.restore(connection, kept, visit.actor, request_id)
    return redirect(request, _PATH, gettext("Đã khôi phục tìm kiếm."))


@router.post("/saved-searches/{id}/active")
def switch(
    request: Request,
    opened: OpenedDep,
    visit: Searcher,
    search_id: SearchId,
    request_id: RequestIdDep,
) -> Response:
    """Stops telling of new records, or goes on."""
    gettext, active = visit.words.gettext, visit.form["active"] == "yes"
    with opened.catalog.writing() as connection:
        found = savedsearches.get(connection, search_id, visit.actor)
        changes = {"active": active}
        savedsearches.change(connection, search_id, changes, visit.actor, found.etag, request_id)
    said = gettext("Đã bật lại tìm kiếm.") if active else gettext("Đã dừng báo tin.")
    back = Undo(f"{_PATH}/{search_id}/active", {"active": "" if active else "yes"})
    return redirect(request, _PATH, said, undo=back)


@router.post("/saved-searches/{id}/token")
def renew(
    request: Request,
    opened: OpenedDep,
    visit: Searcher,
    search_id: SearchId,
    request_id: RequestIdDep,
) -> Response:
    """A new address of the feed, shown this once; the one before holds no more."""
    with opened.catalog.writing() as connection:
        shown = savedsearches.renew(connection, search_id, visit.actor, request_id)
        found = savedsearches.get(connection, search_id, visit.actor)
    feed = _feed(request, opened, search_id, shown) if found.channel == FEED else shown
    return _page(request, opened, visit, feed=feed, new=found)


@router.post("/saved-searches/{id}/delete")
def delete(
    request: Request,
    opened: OpenedDep,
    visit: Searcher,
    search_id: SearchId,
    request_id: RequestIdDep,
) -> Response:
    gettext = visit.words.gettext
    with opened.catalog.writing() as connection:
        found = savedsearches.get(connection, search_id, visit.actor)
        savedsearches.remove(connection, search_id, visit.actor, found.etag, request_id)
    kept = _packed(found)
    undo = Undo(f"{_PATH}/restore", {"kept": kept}) if kept else None
    response = redirect(request, _PATH)
    said = gettext("Đã xóa “%(name)s”.") % {"name": found.name[:60]}
    notify(request, response, Notice(said, undo=undo))
    return response


def _page(
    request: Request,
    opened: Opened,
    visit: Visit,
    *,
    feed: str = "",
    new: SavedSearch | None = None,
    errors: Errors | None = None,
) -> Response:
    with opened.catalog.reading() as connection:
        own = savedsearches.page(connection, visit.actor, "", MOST)
        shown = [_shown(connection, visit, one) for one in own]
    shown.sort(key=lambda one: str(one["created"]), reverse=True)
    return page(
        request,
        "saved-searches.html",
        422 if errors else 200,
        searches=shown,
        feed=feed,
        new=new,
        errors=errors or {},
        record_path=record_path,
        word_of=word_of,
    )


def _shown(connection: sa.Connection, visit: Visit, one: SavedSearch) -> Mapping[str, Any]:
    asked = Asked(one.text, one.want, tuple(filter(usable, one.where)))
    return {
        "id": one.id,
        "name": one.name,
        "text": one.text,
        "channel": one.channel,
        "active": one.active,
        "created": one.created,
        "open": one.channel == FEED and bool(one.secret),
        "path": asked.path(),
        "chips": chips(asked),
        "removable": bool(_packed(one)),
        "alerts": alerts.latest(connection, one, visit.actor.reader, None, _ALERTS),
    }


def _feed(request: Request, opened: Opened, id_: str, token: str) -> str:
    return whole_address(request, opened, f"/v1/saved-searches/{id_}/feed?token={token}")


def _packed(search: SavedSearch) -> str:
    """A search as the form that undoes its deletion holds it; "" where that cannot be undone: a
    secret that signs messages is not for pages, and a notice carries only so much."""
    if search.channel == WEBHOOK or search.target:
        return ""
    values = {name: value for name, value in asdict(search).items() if name in _KEPT}
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(values).encode(), 9)).decode()
    return packed if len(packed) <= _LONGEST_KEPT else ""


def _unpacked(kept: str, visit: Visit) -> SavedSearch | None:
    """The search of such a form; None where it is none that this person may have had."""
    try:
        reader = zlib.decompressobj()
        values = json.loads(reader.decompress(base64.urlsafe_b64decode(kept), _MOST_UNPACKED))
        taken = ("name", "text", "want", "where", "channel", "least_score", "active")
        wanted = SavedSearchIn.model_validate({name: values[name] for name in taken})
        fit = (
            re.fullmatch(r"[0-9a-f]{16}", values["id"])
            and re.fullmatch(r"[0-9a-f]{64}|", values["secret"])
            and re.fullmatch(r"[0-9T:.+-]{0,32}", values["created"])
            and 0 <= int(values["seen"]) < 2**31
            and 0 <= int(values["version"]) < 2**30
            and all(map(usable, wanted.where))
            and wanted.channel is not Channel.WEBHOOK
        )
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError):
        return None
    if not fit:
        return None
    # What is not taken from the form cannot be chosen by it.
    return SavedSearch(
        **wanted.model_dump(exclude={"where", "target"}),
        where=tuple(wanted.where),
        target="",
        id=values["id"],
        centre=visit.actor.centre,
        person=visit.actor.id,
        seen=int(values["seen"]),
        created=values["created"],
        version=int(values["version"]),
        secret=values["secret"],
    )
