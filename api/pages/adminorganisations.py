"""The organisations of a centre: found, added, renamed, removed."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.responses import Response

from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages.admin import admin_page, asked_page, asked_text, plain_id
from api.pages.notices import Undo
from api.pages.refused import Errors, errors_of, validated
from api.pages.rendering import redirect
from api.pages.visit import Visit, page_router, permitted
from api.problems import ProblemError
from api.schemas.centres import OrganisationChange, OrganisationNew
from api.service import directory, organisations

router = page_router()
Keeper = Annotated[Visit, Depends(permitted(Action.ORGANISATIONS_WRITE))]

HERE = "/admin/organisations"
_ROUTE = "/v1/organisations"


@router.get(HERE)
def listed(request: Request, opened: OpenedDep, visit: Keeper) -> Response:
    return _list(request, opened, visit)


@router.post(HERE)
def add(request: Request, opened: OpenedDep, visit: Keeper, request_id: RequestIdDep) -> Response:
    form = visit.form
    asked = {"name": form["name"], "place": form["place"]}
    asked |= {"centre": form["centre"]} if "centre" in form else {}
    try:
        wanted = validated(request, OrganisationNew, asked, _ROUTE, "POST")
        with opened.catalog.writing() as connection:
            made = organisations.add(
                connection, wanted.centre, wanted.name, wanted.place, visit.actor, request_id
            )
    except ProblemError as error:
        return _list(request, opened, visit, errors_of(visit, error))
    said = visit.words.gettext("Đã thêm tổ chức %(name)s.") % {"name": made.name}
    return redirect(request, HERE, said, undo=Undo(f"{HERE}/{made.id}/remove"))


@router.get(HERE + "/{id_}")
def shown(request: Request, opened: OpenedDep, visit: Keeper, id_: str) -> Response:
    return _one(request, opened, visit, id_)


@router.post(HERE + "/{id_}")
def change(
    request: Request, opened: OpenedDep, visit: Keeper, request_id: RequestIdDep, id_: str
) -> Response:
    form, id_ = visit.form, plain_id(id_)
    try:
        asked = {"name": form["name"], "place": form["place"]}
        wanted = validated(request, OrganisationChange, asked, _ROUTE + "/{id}", "PATCH")
        with opened.catalog.writing() as connection:
            before = organisations.get(connection, id_, visit.actor)
            changed = organisations.change(
                connection,
                id_,
                wanted.model_dump(exclude_none=True),
                visit.actor,
                form["version"] or before.etag,
                request_id,
            )
    except ProblemError as error:
        return _one(request, opened, visit, id_, errors_of(visit, error))
    said = visit.words.gettext("Đã sửa tổ chức %(name)s.") % {"name": changed.name}
    undo = Undo(f"{HERE}/{id_}", {"name": before.name, "place": before.place})
    return redirect(request, f"{HERE}/{id_}", said, undo=undo)


@router.post(HERE + "/{id_}/remove")
def remove(
    request: Request, opened: OpenedDep, visit: Keeper, request_id: RequestIdDep, id_: str
) -> Response:
    id_ = plain_id(id_)
    try:
        with opened.catalog.writing() as connection:
            found = organisations.get(connection, id_, visit.actor)
            organisations.remove(connection, id_, visit.actor, found.etag, request_id)
    except ProblemError as error:
        return _one(request, opened, visit, id_, errors_of(visit, error))
    said = visit.words.gettext("Đã xóa tổ chức %(name)s.") % {"name": found.name}
    return redirect(request, HERE, said, undo=Undo(HERE, _again(found)))


def _again(found: organisations.Organisation) -> Mapping[str, str]:
    return {"name": found.name, "place": found.place, "centre": found.centre}


def _list(request: Request, opened: Opened, visit: Visit, errors: Errors | None = None) -> Response:
    wanted = asked_text(request, "q")
    with opened.catalog.reading() as connection:
        found = directory.of_organisations(connection, visit.actor, wanted, asked_page(request))
        centres = directory.centre_names(connection, visit.actor)
    return admin_page(
        request,
        "admin-organisations.html",
        422 if errors else 200,
        found=found,
        wanted=wanted,
        centres=centres,
        own_centre=visit.actor.centre,
        errors=errors or {},
        form=visit.form,
        link=lambda page: f"{HERE}?" + urlencode({"q": wanted, "page": page}),
    )


def _one(
    request: Request, opened: Opened, visit: Visit, id_: str, errors: Errors | None = None
) -> Response:
    with opened.catalog.reading() as connection:
        one = organisations.get(connection, plain_id(id_), visit.actor)
        line = directory.line_of(connection, one)
        centres = dict(directory.centre_names(connection, visit.actor))
    return admin_page(
        request,
        "admin-organisation.html",
        422 if errors else 200,
        one=one,
        line=line,
        centre=centres.get(one.centre, one.centre),
        errors=errors or {},
        form=visit.form,
    )
