"""The API keys of a centre: whose they are, what they may, ended where need be."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api.actors import Action
from api.deps import IdentitiesDep, OpenedDep, RequestIdDep
from api.pages import names
from api.pages.admin import admin_page, asked_page, plain_id
from api.pages.rendering import redirect
from api.pages.visit import Visit, page_router, permitted
from api.service import directory, keys
from indexer.keeping.moments import now

router = page_router()
Manager = Annotated[Visit, Depends(permitted(Action.PEOPLE))]

HERE = "/admin/keys"


@router.get(HERE)
def listed(request: Request, opened: OpenedDep, visit: Manager) -> Response:
    with opened.catalog.reading() as connection:
        found = directory.of_keys(connection, visit.actor, asked_page(request))
    scopes = {action.value: label for action, label in names.ACTIONS.items()}
    return admin_page(request, "admin-keys.html", found=found, scopes=scopes, now=now(), here=HERE)


@router.post(HERE + "/{id_}/revoke")
def revoke(
    request: Request,
    opened: OpenedDep,
    visit: Manager,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
    id_: str,
) -> Response:
    with opened.catalog.writing() as connection:
        keys.revoke(connection, plain_id(id_), visit.actor, request_id)
    identities.forget()
    return redirect(request, HERE, visit.words.gettext("Đã thu hồi khóa."))
