"""Who sends a request: a session cookie, an API key, the person at this machine, or nobody."""

import hmac

from fastapi import Request, Response

from api import problems
from api.actors import ANONYMOUS_ACTOR, LOCAL_ACTOR, Actor
from api.identities import Identities
from api.problems import ProblemError
from api.service import sessions
from api.service.people import Person
from api.service.sessions import Session
from indexer.bilingual import Bilingual
from indexer.catalog import Catalog
from indexer.keeping.audit import Entry, append

COOKIE = "cungcau_session"
CSRF_HEADER = "X-CSRF-Token"
_HARMLESS = ("GET", "HEAD", "OPTIONS")


async def identify(request: Request) -> Actor:
    """The actor of a request, also kept as `request.state.actor`.

    A cookie that holds no more is nobody's: its reader may still read what is public, and sign in.

    Raises:
        ProblemError: 401, a key was sent that does not hold; 403, a page of another site sent
            the request, or one without the session's token.
    """
    identities: Identities = request.app.state.identities
    actor = await _actor(identities, request)
    request.state.actor = actor
    return actor


def refusal(actor: Actor) -> ProblemError:
    """The problem of an actor who may not do something."""
    if actor.kind == "anonymous":
        return ProblemError(problems.UNAUTHORISED)
    return ProblemError(problems.FORBIDDEN)


def refuse_other_sites(request: Request) -> None:
    """Lets through what the reader, a program or a page of our own sent.

    Raises:
        ProblemError: 403, the browser says that a page of another site sent it.
    """
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise ProblemError(problems.FORBIDDEN, _OTHER_SITE)


async def person(request: Request) -> Actor:
    """A dependency: the actor, who is a person in a browser and no program.

    Raises:
        ProblemError: as `identify`; 401 for nobody, 403 for keys and without accounts.
    """
    actor = await identify(request)
    if actor.kind != "person":
        raise refusal(actor)
    return actor


def begin(
    request: Request, response: Response, catalog: Catalog, person: Person, request_id: str = ""
) -> Session:
    """Signs a person in: always a new session, so that nobody knows its cookie beforehand."""
    with catalog.writing() as connection:
        if request.cookies.get(COOKIE):
            sessions.end(connection, request.cookies[COOKIE])
        token, session = sessions.start(connection, person)
        entry = Entry(
            person.actor.label, "session.start", f"person:{person.id}", person.centre, request_id
        )
        append(connection, entry)
    request.app.state.identities.forget()
    response.set_cookie(
        COOKIE,
        token,
        max_age=sessions.LIFETIME,
        httponly=True,
        samesite="lax",
        secure=_safe(request),
    )
    response.headers["Cache-Control"] = "no-store"
    return session


def finish(request: Request, response: Response, catalog: Catalog) -> None:
    """Ends the session of the request's cookie, if any, and takes the cookie back."""
    token = request.cookies.get(COOKIE)
    if token:
        with catalog.writing() as connection:
            sessions.end(connection, token)
        request.app.state.identities.forget()
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=_safe(request))


def too_many(seconds: int) -> ProblemError:
    """The problem of somebody who is to wait."""
    return ProblemError(problems.TOO_MANY_REQUESTS, headers={"Retry-After": str(seconds)})


async def session_of(request: Request) -> Session | None:
    """The session of the request's cookie, where it holds."""
    token = request.cookies.get(COOKIE)
    identities: Identities = request.app.state.identities
    return await identities.session(token) if token else None


async def _actor(identities: Identities, request: Request) -> Actor:
    changing = request.method not in _HARMLESS
    if not await identities.exist():
        if changing:
            refuse_other_sites(request)
        return LOCAL_ACTOR
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await _of_key(identities, authorization)
    session = await session_of(request)
    if session is None:
        return ANONYMOUS_ACTOR
    if changing:
        _check_csrf(request, session)
    return session.actor


async def _of_key(identities: Identities, authorization: str) -> Actor:
    scheme, _, text = authorization.partition(" ")
    found = await identities.key(text.strip()) if scheme.casefold() == "bearer" else None
    if found is None:
        challenge = f'{problems.CHALLENGE}, error="invalid_token"'
        raise ProblemError(problems.UNAUTHORISED, headers={"WWW-Authenticate": challenge})
    return found.actor


def _safe(request: Request) -> bool:
    """Whether the browser came by https, to this process or to the proxy before it."""
    return request.url.scheme == "https"


def _check_csrf(request: Request, session: Session) -> None:
    refuse_other_sites(request)
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode(), session.csrf.encode()):
        raise ProblemError(problems.FORBIDDEN, _NO_TOKEN)


_OTHER_SITE = Bilingual(
    vi="Yêu cầu do trang của một địa chỉ khác gửi nên không được nhận.",
    en="The request was sent by a page of another site and is not accepted.",
)
_NO_TOKEN = Bilingual(
    vi=f"Thiếu mã chống giả mạo: gửi csrf_token của GET /v1/session trong phần đầu {CSRF_HEADER}.",
    en=f"The header {CSRF_HEADER} must hold csrf_token of GET /v1/session.",
)
