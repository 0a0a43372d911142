"""The state of the system: index, disk, runs, messages to others."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.pages.admin import admin_page
from api.pages.rendering import redirect
from api.pages.runs import KINDS, STATES
from api.pages.visit import Visit, page_router, permitted
from api.service import deliveries, runs, systemstate
from api.service.scope import centre_of
from api.version import version
from indexer.bilingual import Bilingual
from indexer.records import Side

router = page_router()
Keeper = Annotated[Visit, Depends(permitted(Action.WEBHOOKS))]

HERE = "/admin/system"
_RUNS, _MESSAGES = 10, 20
_GIGABYTE = 2**30
_LITTLE_DISK = 0.1  # of the whole, below which somebody should look
DELIVERY_STATES = {
    deliveries.WAITING: ("info", Bilingual("đang chờ", "waiting")),
    deliveries.SENDING: ("info", Bilingual("đang gửi", "being sent")),
    deliveries.DONE: ("good", Bilingual("đã gửi", "delivered")),
    deliveries.FAILED: ("bad", Bilingual("không gửi được", "failed")),
    deliveries.CANCELLED: ("", Bilingual("đã hủy", "cancelled")),
}
_CHANNELS = {
    "webhook": Bilingual("Webhook", "Webhook"),
    "email": Bilingual("Thư điện tử", "E-mail"),
}


@router.get(HERE)
def shown(request: Request, opened: OpenedDep, visit: Keeper) -> Response:
    """What is of the whole service is for administrators; runs and messages are of the centre."""
    actor = visit.actor
    with opened.catalog.reading() as connection:
        found = systemstate.state(connection, opened) if actor.may(Action.METRICS) else None
        latest = runs.page(connection, actor, None, _RUNS)
        counts = systemstate.messages(connection, actor)
        failed = deliveries.page(
            connection, centre_of(actor), deliveries.FAILED, None, None, _MESSAGES
        )
    return admin_page(
        request,
        "admin-system.html",
        state=found,
        version=version(),
        demands=found.records[Side.DEMAND] if found else 0,
        supplies=found.records[Side.SUPPLY] if found else 0,
        behind=found.catalog_version - found.index.version if found and found.index else 0,
        disk_low=bool(found and found.disk_free < _LITTLE_DISK * found.disk_total),
        gigabyte=_GIGABYTE,
        runs=latest,
        kinds=KINDS,
        states=STATES,
        counts=counts,
        failed=failed,
        delivery_states=DELIVERY_STATES,
        channels=_CHANNELS,
        host=_host,
        here=HERE,
    )


@router.post(HERE + "/deliveries/{id_}/retry")
def retry(
    request: Request, opened: OpenedDep, visit: Keeper, request_id: RequestIdDep, id_: int
) -> Response:
    with opened.catalog.writing() as connection:
        deliveries.retry(connection, id_, centre_of(visit.actor), visit.actor, request_id)
    request.app.state.deliverer.wake()
    return redirect(request, HERE, visit.words.gettext("Tin đang được gửi lại."))


def _host(target: str) -> str:
    """Where a message goes, without what an address may hold beside: keys, names of people."""
    if "@" in target and "://" not in target:
        return "@" + target.rpartition("@")[2]
    return urlsplit(target).hostname or ""
