"""Signing in and out, and who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api import auth, login, problems
from api.actors import Action, Actor
from api.deps import ActorDep, OpenedDep, RequestIdDep
from api.openapi import refusals
from api.opened import Opened
from api.problems import ProblemError, invalid
from api.schemas.session import Login, PasswordChange, SessionOut
from api.service import oidc, people
from api.service.sessions import Session
from indexer.bilingual import Bilingual

router = APIRouter(prefix="/v1", tags=["session"])


@router.get(
    "/session",
    summary="Who sends the requests, and what they may do",
    responses=refusals(401, 503),
    openapi_extra={"x-summary-vi": "Người gửi yêu cầu là ai, được làm gì"},
)
async def read_session(
    request: Request, response: Response, actor: ActorDep, opened: OpenedDep
) -> SessionOut:
    """Answers everybody: who has not signed in is “anonymous”."""
    response.headers["Cache-Control"] = "no-store"
    held = await auth.session_of(request) if actor.kind == "person" else None
    return _out(actor, held, opened)


@router.post(
    "/session",
    summary="Sign in with e-mail address and password",
    responses=refusals(401, 403, 429, 503),
    openapi_extra={"x-summary-vi": "Đăng nhập bằng thư điện tử và mật khẩu"},
)
async def sign_in(
    request: Request,
    response: Response,
    opened: OpenedDep,
    request_id: RequestIdDep,
    body: Login,
) -> SessionOut:
    """Sets the cookie `cungcau_session`; a session from before is over. Lasts twelve hours.

    A wrong password and an unknown address are answered alike.
    """
    auth.refuse_other_sites(request)
    person = await login.authenticate(request, body.email, body.password)
    if person is None:
        raise ProblemError(problems.UNAUTHORISED, _WRONG)
    session = await run_in_threadpool(
        auth.begin, request, response, opened.catalog, person, request_id
    )
    return _out(session.actor, session, opened)


@router.delete(
    "/session",
    status_code=204,
    summary="Sign out",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Đăng xuất"},
)
async def sign_out(
    request: Request, response: Response, actor: ActorDep, opened: OpenedDep
) -> None:
    """Ends the session of the cookie, if there is one."""
    await run_in_threadpool(auth.finish, request, response, opened.catalog)


@router.post(
    "/session/password",
    status_code=204,
    summary="Change one's own password",
    responses=refusals(401, 403, 429, 503),
    openapi_extra={"x-summary-vi": "Đổi mật khẩu của mình"},
)
async def change_password(
    request: Request,
    response: Response,
    actor: Annotated[Actor, Depends(auth.person)],
    opened: OpenedDep,
    request_id: RequestIdDep,
    body: PasswordChange,
) -> None:
    """Signs out everywhere and here anew. API keys stay; revoke those at /v1/keys."""
    email = await run_in_threadpool(_email, opened, actor)
    person = await login.authenticate(request, email, body.current)
    if person is None:
        raise invalid("body.current", None, _NOT_CURRENT, _CURRENT)
    await login.change_password(request, response, person, body.new, request_id)


def _email(opened: Opened, actor: Actor) -> str:
    with opened.catalog.reading() as connection:
        return people.myself(connection, actor).email


def _out(actor: Actor, session: Session | None, opened: Opened) -> SessionOut:
    return SessionOut.model_validate(
        {
            "kind": actor.kind,
            "id": actor.id,
            "name": actor.name,
            "role": actor.role,
            "centre": actor.centre,
            "organisation": actor.organisation,
            "actions": [action for action in Action if actor.may(action)],
            "csrf_token": session.csrf if session else None,
            "expires": session.expires if session else None,
            "oidc": oidc.configured(opened.workspace.settings),
        }
    )


_WRONG = Bilingual(
    vi="Địa chỉ thư hoặc mật khẩu chưa đúng.", en="The e-mail address or the password is wrong."
)
_NOT_CURRENT = Bilingual(vi="chưa đúng", en="wrong")
_CURRENT = Bilingual(vi="mật khẩu đang dùng", en="the password in use")
