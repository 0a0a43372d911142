"""Webhooks of a centre, and the messages on their way out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import cursors, etags
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep, allowed
from api.etags import IfMatch, IfNoneMatch
from api.openapi import refusals
from api.opened import Opened
from api.problems import invalid
from api.schemas.webhooks import (
    DeliveriesPage,
    DeliveriesQuery,
    DeliveryOut,
    PageQuery,
    Pinged,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhookPatch,
    WebhooksPage,
)
from api.service import deliveries, webhooks
from api.service.scope import centre_of, chosen
from api.targets import TargetError, checked

router = APIRouter(prefix="/v1", tags=["webhooks"])

Keeper = Annotated[Actor, Depends(allowed(Action.WEBHOOKS))]
WebhookId = Annotated[
    str, Path(alias="id", min_length=1, max_length=40, examples=["1f0c9a7be2d34c58"])
]


def check_target(opened: Opened, url: str, place: str) -> None:
    """Raises ProblemError: 422, `url` is none that messages may be sent to."""
    try:
        checked(url, opened.workspace.settings.allow_private_targets)
    except TargetError as error:
        raise invalid(place, url, error.reason, error.accepted) from error


@router.post(
    "/webhooks",
    status_code=201,
    summary="Have another system told what happens in a centre",
    responses=refusals(401, 403, 409, 503),
    openapi_extra={"x-summary-vi": "Đăng ký để hệ thống khác được báo việc xảy ra ở trung tâm"},
)
def create_webhook(
    opened: OpenedDep, actor: Keeper, request_id: RequestIdDep, response: Response, body: WebhookIn
) -> WebhookMade:
    """Every message is signed (standardwebhooks.com) and sent again with growing pauses until it
    is taken with a 2xx answer; redirects are not followed. The secret is shown this once."""
    centre = chosen(actor, body.centre)
    check_target(opened, body.url, "body.url")
    with opened.catalog.writing() as connection:
        made = webhooks.add(
            connection, centre, body.url, body.topics, body.active, actor, request_id
        )
    response.headers["ETag"] = made.etag
    response.headers["Location"] = f"/v1/webhooks/{made.id}"
    return WebhookMade.model_validate(made)


@router.get(
    "/webhooks",
    summary="The webhooks of a centre",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Các webhook của trung tâm"},
)
def list_webhooks(
    opened: OpenedDep, actor: Keeper, query: Annotated[PageQuery, Query()]
) -> WebhooksPage:
    after = cursors.decode(query.cursor, str)[0] if query.cursor else ""
    with opened.catalog.reading() as connection:
        found = webhooks.page(connection, actor, after, query.limit + 1)
    page = found[: query.limit]
    return WebhooksPage(
        items=[WebhookOut.model_validate(one) for one in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )


@router.get(
    "/webhooks/{id}",
    summary="One webhook",
    response_model=WebhookOut,
    responses={304: {"description": "Not modified"}, **refusals(401, 403, 404, 503)},
    openapi_extra={"x-summary-vi": "Một webhook"},
)
def get_webhook(
    opened: OpenedDep,
    actor: Keeper,
    response: Response,
    webhook_id: WebhookId,
    if_none_match: IfNoneMatch = None,
) -> WebhookOut | Response:
    with opened.catalog.reading() as connection:
        found = webhooks.get(connection, webhook_id, actor)
    if etags.holds(if_none_match, found.etag):
        return Response(status_code=304, headers={"ETag": found.etag})
    response.headers["ETag"] = found.etag
    return WebhookOut.model_validate(found)


@router.patch(
    "/webhooks/{id}",
    summary="Change a webhook",
    responses=refusals(401, 403, 404, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Sửa một webhook"},
)
def change_webhook(
    opened: OpenedDep,
    actor: Keeper,
    request_id: RequestIdDep,
    response: Response,
    webhook_id: WebhookId,
    body: WebhookPatch,
    if_match: IfMatch = None,
) -> WebhookOut:
    with opened.catalog.reading() as connection:
        etags.require(if_match, webhooks.get(connection, webhook_id, actor).etag)
    if body.url is not None:
        check_target(opened, body.url, "body.url")
    changes = body.model_dump(exclude_none=True)
    with opened.catalog.writing() as connection:
        changed = webhooks.change(connection, webhook_id, changes, actor, if_match, request_id)
    response.headers["ETag"] = changed.etag
    return WebhookOut.model_validate(changed)


@router.delete(
    "/webhooks/{id}",
    status_code=204,
    summary="Remove a webhook",
    responses=refusals(401, 403, 404, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Xóa một webhook"},
)
def remove_webhook(
    opened: OpenedDep,
    actor: Keeper,
    request_id: RequestIdDep,
    webhook_id: WebhookId,
    if_match: IfMatch = None,
) -> None:
    """What it has not been told yet is taken back."""
    with opened.catalog.writing() as connection:
        webhooks.remove(connection, webhook_id, actor, if_match, request_id)


@router.post(
    "/webhooks/{id}/ping",
    status_code=202,
    summary="Send a webhook a message that says nothing, as a test",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Gửi thử một tin trống tới webhook"},
)
def ping_webhook(
    request: Request,
    opened: OpenedDep,
    actor: Keeper,
    request_id: RequestIdDep,
    webhook_id: WebhookId,
) -> Pinged:
    """Whether it arrived stands in /v1/deliveries."""
    with opened.catalog.writing() as connection:
        name = webhooks.ping(connection, webhook_id, actor, request_id)
    request.app.state.deliverer.wake()
    return Pinged(message=name)


@router.get(
    "/deliveries",
    summary="Messages on their way out, and those settled in the last 30 days",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Các tin đang gửi, và các tin đã xong trong 30 ngày qua"},
)
def list_deliveries(
    opened: OpenedDep, actor: Keeper, query: Annotated[DeliveriesQuery, Query()]
) -> DeliveriesPage:
    before = cursors.number(query.cursor)
    with opened.catalog.reading() as connection:
        found = deliveries.page(
            connection, centre_of(actor), query.state, query.source, before, query.limit + 1
        )
    page = found[: query.limit]
    return DeliveriesPage(
        items=[DeliveryOut.model_validate(dict(row._mapping)) for row in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )
