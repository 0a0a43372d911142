"""Signing in at an OpenID Connect provider."""

import base64
import hmac
import json
from dataclasses import astuple
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from api import auth, problems
from api.deps import OpenedDep, RequestIdDep
from api.openapi import refusals
from api.opened import Opened
from api.problems import ProblemError
from api.service import oidc
from api.service.oidc import Pending, Provider
from indexer.bilingual import Bilingual

router = APIRouter(prefix="/v1", tags=["session"])

_PATH = "/v1/session/oidc"
_COOKIE = "cungcau_oidc"
_LIFETIME = 600  # seconds to sign in at the provider
_Given = Annotated[str, Query(max_length=4000)]


@router.get(
    "/session/oidc",
    summary="Sign in at the OpenID Connect provider of the settings",
    response_class=RedirectResponse,
    status_code=303,
    responses=refusals(404, 503),
    openapi_extra={"x-summary-vi": "Đăng nhập qua nhà cung cấp OpenID Connect đã thiết lập"},
)
def begin(request: Request, opened: OpenedDep) -> Response:
    """Sends the browser there; 404 where none is set."""
    url, pending = _provider(request, opened).begin(_redirect(request))
    response = RedirectResponse(url, 303)
    response.set_cookie(
        _COOKIE,
        base64.urlsafe_b64encode(json.dumps(astuple(pending)).encode()).decode(),
        max_age=_LIFETIME,
        path=_PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get(
    "/session/oidc/callback",
    summary="Where the OpenID Connect provider sends the browser back to",
    response_class=RedirectResponse,
    status_code=303,
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Nơi nhà cung cấp OpenID Connect đưa trình duyệt trở lại"},
)
def finish(
    request: Request,
    opened: OpenedDep,
    request_id: RequestIdDep,
    state: _Given = "",
    code: _Given = "",
) -> Response:
    """Signs in the person whom the provider names, as `POST /v1/session` does."""
    provider = _provider(request, opened)
    pending = _pending(request.cookies.get(_COOKIE, ""))
    same = pending is not None and hmac.compare_digest(pending.state.encode(), state.encode())
    if pending is None or not same or not state or not code:
        raise oidc.refused()
    identity = provider.finish(_redirect(request), pending, code)
    with opened.catalog.writing() as connection:
        person = oidc.person_of(connection, identity, request_id)
    response = RedirectResponse("/", 303)
    auth.begin(request, response, opened.catalog, person, request_id)
    response.delete_cookie(_COOKIE, path=_PATH)
    return response


def _provider(request: Request, opened: Opened) -> Provider:
    if not oidc.configured(opened.workspace.settings):
        raise ProblemError(problems.NOT_FOUND, _NONE)
    provider: Provider = request.app.state.oidc
    return provider


def _redirect(request: Request) -> str:
    # The host is one of ours: foreign ones are refused before any route.
    return f"{request.url.scheme}://{request.url.netloc}{_PATH}/callback"


def _pending(cookie: str) -> Pending | None:
    try:
        state, nonce, verifier = json.loads(base64.urlsafe_b64decode(cookie))
    except (ValueError, TypeError, RecursionError):
        return None
    return Pending(str(state), str(nonce), str(verifier))


_NONE = Bilingual(
    vi="Chưa thiết lập đăng nhập qua OpenID Connect (oidc_issuer).",
    en="No OpenID Connect provider is set (oidc_issuer).",
)
