"""One's own account: who one is, language, password, keys of programs."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import auth, login
from api.actors import Action
from api.deps import IdentitiesDep, OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import language, names
from api.pages.notices import Notice
from api.pages.refused import Errors, errors_of, validated
from api.pages.rendering import notify, page, redirect
from api.pages.visit import Visit, Visitor, page_router
from api.problems import ProblemError
from api.schemas.keys import KeyNew
from api.schemas.session import PasswordChange
from api.service import keys, organisations, people
from api.service.passwords import SHORTEST
from api.service.people import Person
from indexer.bilingual import Language
from indexer.keeping.moments import now

router = page_router()

_MOST_KEYS = 200
_DAYS = (30, 90, 365, 730)


async def _holder(visit: Visitor) -> Visit:
    """Somebody with an account; others are sent to sign in."""
    if visit.actor.kind == "anonymous":
        raise auth.refusal(visit.actor)
    return visit


Holder = Annotated[Visit, Depends(_holder)]


@router.get("/account")
def account(request: Request, opened: OpenedDep, visit: Holder) -> Response:
    return _page(request, opened)


@router.post("/account/language")
def choose_language(
    request: Request, opened: OpenedDep, visit: Holder, request_id: RequestIdDep
) -> Response:
    """Kept with the account: other browsers follow at the next sign-in."""
    chosen: Language = "en" if visit.form["chosen"] == "en" else "vi"
    if visit.actor.id:
        with opened.catalog.writing() as connection:
            people.set_language(connection, visit.actor, chosen, request_id)
    visit.language = chosen
    response = redirect(request, "/account", visit.words.gettext("Đã đổi ngôn ngữ."))
    language.remember(request, response, chosen)
    return response


@router.post("/account/password")
async def change_password(
    request: Request, opened: OpenedDep, visit: Holder, request_id: RequestIdDep
) -> Response:
    """Other browsers are signed out."""
    person, errors = await _checked(request, opened, visit)
    if person is None:
        return await run_in_threadpool(_page, request, opened, errors)
    response = redirect(request, "/account")
    new = visit.form.secret("new")
    session = await login.change_password(request, response, person, new, request_id)
    visit.token = session.csrf
    said = visit.words.gettext("Đã đổi mật khẩu. Các trình duyệt khác đã bị đăng xuất.")
    notify(request, response, Notice(said))
    return response


@router.post("/account/keys")
def make_key(
    request: Request,
    opened: OpenedDep,
    visit: Holder,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
) -> Response:
    """Shows the key this once, so the answer is a page and no redirect."""
    form = visit.form
    days = int(form["days"]) if form["days"] in map(str, _DAYS) else _DAYS[2]
    asked = {"name": form["name"], "scopes": form.every("scopes"), "days": days}
    try:
        wanted = validated(request, KeyNew, asked, "/v1/keys", "POST")
        with opened.catalog.writing() as connection:
            _, text = keys.make(
                connection, visit.actor, wanted.name, wanted.scopes, wanted.days, request_id
            )
    except ProblemError as error:
        return _page(request, opened, errors_of(visit, error))
    identities.forget()
    return _page(request, opened, made=text)


@router.post("/account/keys/{key_id}/revoke")
def revoke_key(
    request: Request,
    opened: OpenedDep,
    visit: Holder,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
    key_id: str,
) -> Response:
    with opened.catalog.writing() as connection:
        keys.revoke(connection, key_id, visit.actor, request_id)
    identities.forget()
    return redirect(request, "/account#keys", visit.words.gettext("Đã thu hồi khóa."))


async def _checked(request: Request, opened: Opened, visit: Visit) -> tuple[Person | None, Errors]:
    """The person whose password may be changed, or what is wrong with the form."""
    form, gettext = visit.form, visit.words.gettext
    asked = {"current": form.secret("current"), "new": form.secret("new")}
    try:
        validated(request, PasswordChange, asked, "/v1/session/password", "POST")
        if asked["new"] != form.secret("again"):
            return None, {"again": gettext("Hai lần nhập mật khẩu mới không giống nhau.")}
        me = await run_in_threadpool(_me, opened, visit)
        person = await login.authenticate(request, me.email, asked["current"])
    except ProblemError as error:
        return None, errors_of(visit, error)
    return person, {} if person else {"current": gettext("Mật khẩu đang dùng chưa đúng.")}


def _me(opened: Opened, visit: Visit) -> Person:
    with opened.catalog.reading() as connection:
        return people.myself(connection, visit.actor)


def _page(
    request: Request, opened: Opened, errors: Errors | None = None, made: str = ""
) -> Response:
    visit: Visit = request.state.visit
    if not visit.actor.id:
        return page(request, "account-none.html")
    with opened.catalog.reading() as connection:
        me = people.myself(connection, visit.actor)
        own = keys.page(connection, visit.actor, visit.actor.id, "", _MOST_KEYS)
        organisation = organisations.name_of(connection, me.organisation)
    return page(
        request,
        "account.html",
        422 if errors else 200,
        me=me,
        organisation=organisation,
        role=names.ROLES[me.role],
        keys=sorted(own, key=lambda key: key.created, reverse=True),
        now=now(),
        scopes=[(action.value, visit.say(names.ACTIONS[action])) for action in _scopes(visit)],
        scope_names=names.ACTIONS,
        days=[(str(n), _duration(visit, n)) for n in _DAYS],
        errors=errors or {},
        form=visit.form,
        made=made,
        shortest=SHORTEST,
    )


def _scopes(visit: Visit) -> list[Action]:
    return [action for action in Action if visit.actor.may(action)]


def _duration(visit: Visit, days: int) -> str:
    return visit.words.ngettext("%(days)s ngày", "%(days)s ngày", days) % {"days": days}
