"""One's own saved searches, their alerts, and the feed a token opens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import cursors, etags
from api.accept_language import reader_language
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed, conditions
from api.etags import IfMatch, IfNoneMatch
from api.feed import MEDIA_TYPE, atom
from api.openapi import refusals
from api.opened import Opened
from api.problems import invalid
from api.routes.webhooks import check_target
from api.schemas.savedsearches import (
    AlertOut,
    AlertsPage,
    Channel,
    FeedQuery,
    SavedSearchesPage,
    SavedSearchIn,
    SavedSearchMade,
    SavedSearchOut,
    SavedSearchPatch,
    Shown,
)
from api.schemas.webhooks import PageQuery
from api.service import alerts, savedsearches
from api.service.savedsearches import Wanted
from indexer.bilingual import Bilingual
from indexer.importing.contacts import EMAIL

router = APIRouter(prefix="/v1", tags=["saved searches"])

Searcher = Annotated[Actor, Depends(allowed(Action.SEARCHES))]
SearchId = Annotated[
    str, Path(alias="id", min_length=1, max_length=40, examples=["5f0c9a7be2d34c58"])
]
_FEED_ENTRIES = 100


@router.post(
    "/saved-searches",
    status_code=201,
    summary="Be told of new records that answer a search",
    responses=refusals(401, 403, 409, 503),
    openapi_extra={"x-summary-vi": "Được báo khi có hồ sơ mới khớp với một tìm kiếm"},
)
def create_saved_search(
    opened: OpenedDep,
    actor: Searcher,
    request_id: RequestIdDep,
    response: Response,
    body: SavedSearchIn,
) -> SavedSearchMade:
    """Told of once is every record that one may read, that comes or changes from now on, and that
    answers with `least_score`. The token of a feed and the secret of a webhook are shown this
    once."""
    conditions(body.where, "body.where")
    _check_target(opened, actor, body.channel, body.target)
    wanted = Wanted(**body.model_dump())
    with opened.catalog.writing() as connection:
        made, shown = savedsearches.add(connection, wanted, actor, request_id)
    response.headers["ETag"] = made.etag
    response.headers["Location"] = f"/v1/saved-searches/{made.id}"
    out = SavedSearchOut.model_validate(made).model_dump()
    return SavedSearchMade(**out, **_shown(made.id, made.channel, shown).model_dump())


@router.get(
    "/saved-searches",
    summary="One's own saved searches",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Các tìm kiếm đã lưu của mình"},
)
def list_saved_searches(
    opened: OpenedDep, actor: Searcher, query: Annotated[PageQuery, Query()]
) -> SavedSearchesPage:
    after = cursors.decode(query.cursor, str)[0] if query.cursor else ""
    with opened.catalog.reading() as connection:
        found = savedsearches.page(connection, actor, after, query.limit + 1)
    page = found[: query.limit]
    return SavedSearchesPage(
        items=[SavedSearchOut.model_validate(one) for one in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )


@router.get(
    "/saved-searches/{id}",
    summary="One saved search",
    response_model=SavedSearchOut,
    responses={304: {"description": "Not modified"}, **refusals(401, 403, 404, 503)},
    openapi_extra={"x-summary-vi": "Một tìm kiếm đã lưu"},
)
def get_saved_search(
    opened: OpenedDep,
    actor: Searcher,
    response: Response,
    search_id: SearchId,
    if_none_match: IfNoneMatch = None,
) -> SavedSearchOut | Response:
    with opened.catalog.reading() as connection:
        found = savedsearches.get(connection, search_id, actor)
    if etags.holds(if_none_match, found.etag):
        return Response(status_code=304, headers={"ETag": found.etag})
    response.headers["ETag"] = found.etag
    return SavedSearchOut.model_validate(found)


@router.patch(
    "/saved-searches/{id}",
    summary="Change a saved search",
    responses=refusals(401, 403, 404, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Sửa một tìm kiếm đã lưu"},
)
def change_saved_search(
    opened: OpenedDep,
    actor: Searcher,
    request_id: RequestIdDep,
    response: Response,
    search_id: SearchId,
    body: SavedSearchPatch,
    if_match: IfMatch = None,
) -> SavedSearchOut:
    with opened.catalog.reading() as connection:
        found = savedsearches.get(connection, search_id, actor)
    etags.require(if_match, found.etag)
    conditions(body.where or (), "body.where")
    if body.target is not None:
        _check_target(opened, actor, Channel(found.channel), body.target)
    changes = body.model_dump(exclude_none=True)
    with opened.catalog.writing() as connection:
        changed = savedsearches.change(connection, search_id, changes, actor, if_match, request_id)
    response.headers["ETag"] = changed.etag
    return SavedSearchOut.model_validate(changed)


@router.delete(
    "/saved-searches/{id}",
    status_code=204,
    summary="Remove a saved search with its alerts",
    responses=refusals(401, 403, 404, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Xóa một tìm kiếm đã lưu cùng các tin báo"},
)
def remove_saved_search(
    opened: OpenedDep,
    actor: Searcher,
    request_id: RequestIdDep,
    search_id: SearchId,
    if_match: IfMatch = None,
) -> None:
    with opened.catalog.writing() as connection:
        savedsearches.remove(connection, search_id, actor, if_match, request_id)


@router.post(
    "/saved-searches/{id}/token",
    summary="A new token of the feed, or a new secret of the webhook",
    responses=refusals(401, 403, 404, 409, 503),
    openapi_extra={"x-summary-vi": "Cấp mã truy cập mới cho nguồn tin, hoặc khóa ký mới"},
)
def renew_token(
    opened: OpenedDep, actor: Searcher, request_id: RequestIdDep, search_id: SearchId
) -> Shown:
    """The one before holds no more. Shown this once."""
    with opened.catalog.writing() as connection:
        shown = savedsearches.renew(connection, search_id, actor, request_id)
        channel = savedsearches.get(connection, search_id, actor).channel
    return _shown(search_id, channel, shown)


@router.delete(
    "/saved-searches/{id}/token",
    status_code=204,
    summary="Close the feed",
    responses=refusals(401, 403, 404, 409, 503),
    openapi_extra={"x-summary-vi": "Đóng nguồn tin, thu hồi mã truy cập"},
)
def revoke_token(
    opened: OpenedDep, actor: Searcher, request_id: RequestIdDep, search_id: SearchId
) -> None:
    with opened.catalog.writing() as connection:
        savedsearches.revoke(connection, search_id, actor, request_id)


@router.get(
    "/saved-searches/{id}/alerts",
    summary="The records a saved search was told of",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Các hồ sơ đã báo của một tìm kiếm đã lưu"},
)
def list_alerts(
    opened: OpenedDep,
    actor: Searcher,
    search_id: SearchId,
    query: Annotated[PageQuery, Query()],
) -> AlertsPage:
    before = cursors.number(query.cursor)
    with opened.catalog.reading() as connection:
        search = savedsearches.get(connection, search_id, actor)
        found = alerts.latest(connection, search, actor.reader, before, query.limit + 1)
    page = found[: query.limit]
    return AlertsPage(
        items=[AlertOut.model_validate(one) for one in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )


@router.get(
    "/saved-searches/{id}/feed",
    summary="The newest alerts of a saved search as an Atom feed",
    response_class=Response,
    responses={
        200: {"description": "Feed", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
        **refusals(404, 503),
    },
    openapi_extra={"x-summary-vi": "Các tin báo mới nhất dưới dạng nguồn tin Atom", "security": []},
)
def read_feed(
    request: Request,
    opened: OpenedDep,
    search_id: SearchId,
    query: Annotated[FeedQuery, Query()],
) -> Response:
    """Whoever has the token may read it, without signing in; the person whose search it is may
    close it. Records that person may not read any more are left out."""
    catalog = opened.catalog
    with catalog.reading() as connection:
        search = savedsearches.opened_by(connection, search_id, query.token)
        asker = alerts.asker_of(connection, search)
        found = (
            alerts.latest(connection, search, asker.reader, None, _FEED_ENTRIES) if asker else []
        )
    base = opened.workspace.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    language = reader_language(request.headers.get("accept-language", ""))
    return Response(
        atom(search, found, catalog.identity, language, base),
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"},
    )


def _check_target(opened: Opened, actor: Actor, channel: Channel, target: str) -> None:
    """Raises ProblemError: 422, that channel takes no such target."""
    if channel is Channel.WEBHOOK:
        check_target(opened, target, "body.target")
    elif channel is Channel.EMAIL and actor.kind == "local":
        if not (target.isascii() and EMAIL.fullmatch(target)):
            raise invalid("body.target", target, _NO_ADDRESS, _ADDRESS)
    elif target:
        raise invalid("body.target", target, _NOT_TAKEN, _EMPTY)


def _shown(search_id: str, channel: str, shown: str) -> Shown:
    if channel == Channel.FEED:
        return Shown(token=shown, feed=f"/v1/saved-searches/{search_id}/feed?token={shown}")
    return Shown(secret=shown or None)


_NO_ADDRESS = Bilingual(vi="không phải địa chỉ thư điện tử", en="not an e-mail address")
_ADDRESS = Bilingual(vi="một địa chỉ thư điện tử", en="an e-mail address")
_NOT_TAKEN = Bilingual(
    vi="kênh này không nhận nơi gửi: thư gửi tới địa chỉ của chính bạn",
    en="this channel takes none: letters go to your own address",
)
_EMPTY = Bilingual(vi="để trống", en="nothing")
