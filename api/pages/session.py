"""Signing in and out."""

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import auth
from api.deps import OpenedDep, RequestIdDep
from api.login import authenticate
from api.pages import language
from api.pages.rendering import page, redirect
from api.pages.visit import Visit, Visitor, page_router
from api.problems import ProblemError
from api.service import oidc

router = page_router()


@router.get("/sign-in")
def sign_in_page(request: Request, opened: OpenedDep, visit: Visitor, next: str = "") -> Response:
    """Whoever has signed in already, and everybody where there are no accounts, goes on."""
    onward = _onward(next)
    if visit.actor.kind != "anonymous":
        return redirect(request, onward)
    return _form(request, opened, onward)


@router.post("/sign-in")
async def sign_in(
    request: Request, opened: OpenedDep, visit: Visitor, request_id: RequestIdDep
) -> Response:
    """A wrong password and an unknown address are answered alike."""
    form, onward = visit.form, _onward(visit.form["next"])
    if visit.actor.kind == "local":
        return redirect(request, onward)
    try:
        person = await authenticate(request, form["email"], form.secret("password"))
    except ProblemError as error:
        return _form(request, opened, onward, _wait(visit, error), error)
    if person is None:
        wrong = visit.words.gettext("Địa chỉ thư điện tử hoặc mật khẩu chưa đúng.")
        return _form(request, opened, onward, wrong)
    response = redirect(request, onward)
    await run_in_threadpool(auth.begin, request, response, opened.catalog, person, request_id)
    if person.language:
        language.remember(request, response, person.language)
    return response


@router.post("/sign-out")
def sign_out(request: Request, opened: OpenedDep) -> Response:
    response = redirect(request, "/")
    auth.finish(request, response, opened.catalog)
    return response


def _form(
    request: Request,
    opened: OpenedDep,
    onward: str,
    error: str = "",
    problem: ProblemError | None = None,
) -> Response:
    visit: Visit = request.state.visit
    status = problem.kind.status if problem else 401 if error else 200
    response = page(
        request,
        "sign-in.html",
        status,
        onward=onward,
        error=error,
        email=visit.form["email"],
        elsewhere=oidc.configured(opened.workspace.settings),
    )
    response.headers.update(problem.headers if problem else {})
    return response


def _wait(visit: Visit, problem: ProblemError) -> str:
    """How long somebody has to wait who tried too often."""
    minutes = -(-int(problem.headers.get("Retry-After", "60")) // 60)
    said = visit.words.ngettext(
        "Đã thử quá nhiều lần. Hãy thử lại sau %(minutes)s phút.",
        "Đã thử quá nhiều lần. Hãy thử lại sau %(minutes)s phút.",
        minutes,
    )
    return said % {"minutes": minutes}


def _onward(path: str) -> str:
    """Where to go after signing in: an address of ours, or the first page."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\", "/sign-"))
    return path if ours and path.isprintable() and path.isascii() else "/"
