"""The people of a centre: found, added, given another role or password, disabled."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import Depends, Request
from starlette.responses import Response

from api import problems
from api.actors import Action, Role
from api.deps import IdentitiesDep, OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import names
from api.pages.admin import admin_page, asked_page, asked_text, plain_id
from api.pages.notices import Undo
from api.pages.refused import Errors, errors_of, validated
from api.pages.rendering import redirect
from api.pages.visit import Visit, page_router, permitted
from api.problems import ProblemError
from api.schemas.people import PersonChange, PersonNew
from api.service import directory, oidc, organisations, people
from api.service.passwords import SHORTEST, hashed
from api.service.people import Person
from api.service.scope import chosen, whole
from indexer.bilingual import Bilingual

router = page_router()
Manager = Annotated[Visit, Depends(permitted(Action.PEOPLE))]

HERE = "/admin/people"
_ROUTE = "/v1/people"
_LISTED = 200  # organisations offered while typing


@router.get(HERE)
def listed(request: Request, opened: OpenedDep, visit: Manager) -> Response:
    return _list(request, opened, visit)


@router.post(HERE)
def add(
    request: Request,
    opened: OpenedDep,
    visit: Manager,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
) -> Response:
    form, password = visit.form, visit.form.secret("password")
    try:
        if visit.actor.kind == "local":
            raise ProblemError(problems.NOT_POSSIBLE, _FIRST)
        asked = {name: form[name] for name in ("email", "role", "name")}
        wanted = validated(
            request, PersonNew, {**asked, "password": password or None}, _ROUTE, "POST"
        )
        centre = chosen(visit.actor, form["centre"]) if "centre" in form else visit.actor.centre
        made = people.Wanted(
            email=wanted.email,
            role=wanted.role,
            name=wanted.name,
            centre=centre,
            organisation=_organisation(opened, visit, centre, form["organisation"]),
            password=hashed(wanted.password) if wanted.password else "",
        )
        with opened.catalog.writing() as connection:
            person = people.add(connection, made, visit.actor, request_id)
    except ProblemError as error:
        return _list(request, opened, visit, errors_of(visit, error))
    identities.forget()
    said = visit.words.gettext("Đã tạo tài khoản cho %(name)s.") % {"name": _called(person)}
    undo = Undo(f"{HERE}/{person.id}", {"disabled": "yes"})
    return redirect(request, f"{HERE}/{person.id}", said, undo=undo)


@router.get(HERE + "/{id_}")
def shown(request: Request, opened: OpenedDep, visit: Manager, id_: str) -> Response:
    return _one(request, opened, visit, id_)


@router.post(HERE + "/{id_}")
def change(
    request: Request,
    opened: OpenedDep,
    visit: Manager,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
    id_: str,
) -> Response:
    """Changes what the form names; the notice afterwards can take it back, but a password."""
    form, id_ = visit.form, plain_id(id_)
    try:
        changes, before = _changes(request, opened, visit, id_)
        with opened.catalog.writing() as connection:
            version = form["version"] or before.etag
            changed = people.change(connection, id_, changes, visit.actor, version, request_id)
    except ProblemError as error:
        return _one(request, opened, visit, id_, errors_of(visit, error))
    identities.forget()
    said = _said(visit, before, changed, changes)
    return redirect(request, f"{HERE}/{id_}", said, undo=_undo(before, changed))


def _undo(before: Person, changed: Person) -> Undo | None:
    """The form that makes the person what it was; None where nothing can be taken back."""
    fields = {}
    if before.name != changed.name:
        fields["name"] = before.name
    if (before.role, before.organisation) != (changed.role, changed.organisation):
        # Together, for a role may need an organisation.
        fields |= {"role": before.role.value, "organisation_id": before.organisation}
    if bool(before.disabled) != bool(changed.disabled):
        fields["disabled"] = "yes" if before.disabled else "no"
    return Undo(f"{HERE}/{before.id}", fields) if fields else None


def _changes(
    request: Request, opened: Opened, visit: Visit, id_: str
) -> tuple[dict[str, Any], Person]:
    """What the form asks to change, and the person as it is."""
    form = visit.form
    with opened.catalog.reading() as connection:
        before = people.get(connection, id_, visit.actor)
    asked: dict[str, Any] = {name: form[name] for name in ("name", "role") if name in form}
    if "disabled" in form:
        asked["disabled"] = form["disabled"] == "yes"
    if "password" in form:
        asked["password"] = form.secret("password")
    wanted = validated(request, PersonChange, asked, _ROUTE + "/{id}", "PATCH")
    changes: dict[str, Any] = wanted.model_dump(exclude_none=True)
    if "password" in changes:
        changes["password"] = hashed(changes["password"])
    if "organisation_id" in form:
        changes["organisation"] = form["organisation_id"]
    elif "organisation" in form:
        changes["organisation"] = _organisation(opened, visit, before.centre, form["organisation"])
    return changes, before


def _organisation(opened: Opened, visit: Visit, centre: str, name: str) -> str:
    """The id of the organisation of that name in the centre; "" for no name.

    Raises:
        ProblemError: 422, there is none, with names that are near.
    """
    if not name:
        return ""
    with opened.catalog.reading() as connection:
        found = organisations.named(connection, centre, name)
        if found is not None:
            return found.id
        known = [one.name for one in organisations.page(connection, visit.actor, centre)]
    near = ", ".join(f"“{one}”" for one in get_close_matches(name, known, 3, 0.5))
    accepted = Bilingual(near, near) if near else _ADD_FIRST
    raise problems.invalid("body.organisation", name, _NO_ORGANISATION, accepted)


def _list(request: Request, opened: Opened, visit: Visit, errors: Errors | None = None) -> Response:
    wanted, role = asked_text(request, "q"), asked_text(request, "role")
    with opened.catalog.reading() as connection:
        found = directory.of_people(connection, visit.actor, wanted, role, asked_page(request))
        centres = directory.centre_names(connection, visit.actor)
        offered = _offered(connection, visit)
    return admin_page(
        request,
        "admin-people.html",
        422 if errors else 200,
        found=found,
        wanted=wanted,
        role=role,
        roles=_roles(visit),
        role_names=names.ROLES,
        centres=centres,
        own_centre=visit.actor.centre,
        offered=offered,
        shortest=SHORTEST,
        elsewhere=oidc.configured(opened.workspace.settings),
        errors=errors or {},
        form=visit.form,
        link=lambda page: f"{HERE}?" + urlencode({"q": wanted, "role": role, "page": page}),
    )


def _one(
    request: Request, opened: Opened, visit: Visit, id_: str, errors: Errors | None = None
) -> Response:
    with opened.catalog.reading() as connection:
        one = people.get(connection, plain_id(id_), visit.actor)
        organisation = organisations.name_of(connection, one.organisation)
        offered = _offered(connection, visit)
    return admin_page(
        request,
        "admin-person.html",
        422 if errors else 200,
        one=one,
        called=_called(one),
        organisation=organisation,
        offered=offered,
        roles=_roles(visit),
        role=names.ROLES[one.role],
        myself=one.id == visit.actor.id,
        shortest=SHORTEST,
        errors=errors or {},
        form=visit.form,
    )


def _offered(connection: sa.Connection, visit: Visit) -> list[str]:
    """Names of organisations to choose from while typing, where they are few enough."""
    found = organisations.page(connection, visit.actor, limit=_LISTED + 1)
    return sorted({one.name for one in found}) if len(found) <= _LISTED else []


def _roles(visit: Visit) -> list[tuple[str, str]]:
    """The roles the actor may give."""
    return [
        (role.value, visit.say(label))
        for role, label in names.ROLES.items()
        if role is not Role.ADMINISTRATOR or whole(visit.actor)
    ]


def _said(visit: Visit, before: Person, changed: Person, changes: Mapping[str, Any]) -> str:
    gettext, name = visit.words.gettext, {"name": _called(changed)}
    if "password" in changes:
        return gettext("Đã đặt mật khẩu mới cho %(name)s.") % name
    if bool(before.disabled) != bool(changed.disabled):
        if changed.disabled:
            return gettext("Đã khóa tài khoản của %(name)s.") % name
        return gettext("Đã mở lại tài khoản của %(name)s.") % name
    return gettext("Đã sửa tài khoản của %(name)s.") % name


def _called(person: Person) -> str:
    return person.name or person.email


_FIRST = Bilingual(
    vi="Tài khoản đầu tiên được tạo trên máy chủ: cungcau people add EMAIL --role administrator",
    en="The first account is made on the server: cungcau people add EMAIL --role administrator",
)
_NO_ORGANISATION = Bilingual(
    vi="trung tâm chưa có tổ chức tên này", en="the centre has no organisation of this name"
)
_ADD_FIRST = Bilingual(
    vi="tên ở trang Tổ chức; chưa có thì thêm ở đó trước",
    en="a name of the page Organisations; add it there first",
)
