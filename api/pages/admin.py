"""Administration: its sections, and what their pages share."""

from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from api import auth
from api.actors import Action, Actor
from api.pages.rendering import page, redirect
from api.pages.visit import Visit, Visitor, page_router
from indexer.bilingual import Bilingual

router = page_router()

# Where one section is, what it is called, and what one must be allowed to see it.
SECTIONS = (
    (
        "/admin/organisations",
        Bilingual("Tổ chức", "Organisations"),
        Action.ORGANISATIONS_WRITE,
    ),
    ("/admin/people", Bilingual("Người dùng", "People"), Action.PEOPLE),
    ("/admin/keys", Bilingual("Khóa API", "API keys"), Action.PEOPLE),
    ("/admin/audit", Bilingual("Nhật ký", "Audit"), Action.AUDIT),
    ("/admin/personal-data", Bilingual("Dữ liệu cá nhân", "Personal data"), Action.PERSONAL_DATA),
    ("/admin/system", Bilingual("Hệ thống", "System"), Action.WEBHOOKS),
)


@router.get("/admin")
def admin(request: Request, visit: Visitor) -> Response:
    """The first section the reader may see."""
    links = _links(visit.actor, visit)
    if not links:
        raise auth.refusal(visit.actor)
    return redirect(request, links[0][0])


def admin_page(
    request: Request,
    name: str,
    status: int = 200,
    **values: Any,  # noqa: ANN401
) -> HTMLResponse:
    """A page of administration, with the links to its other sections."""
    visit: Visit = request.state.visit
    return page(request, name, status, sections=_links(visit.actor, visit), **values)


def asked_page(request: Request) -> int:
    """The number of the page that is asked for; 1 where it is none."""
    text = request.query_params.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def asked_text(request: Request, name: str, most: int = 200) -> str:
    """A text of the query, without what no text of ours has."""
    return request.query_params.get(name, "").replace("\0", "").strip()[:most]


def plain_id(written: str) -> str:
    """An id of an address as it may be asked for in the database."""
    return written.replace("\0", "")[:250]


def _links(actor: Actor, visit: Visit) -> list[tuple[str, str]]:
    return [(path, visit.say(label)) for path, label, action in SECTIONS if actor.may(action)]
