"""Who looks at a page, in which language, and what their form sent.

Every router of pages has `Depends(visit)`: no page can forget to ask who one is, and none that
changes something is reached without the token of its form.
"""

import hmac
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request

from api import auth, problems
from api.actors import ANONYMOUS_ACTOR, LOCAL_ACTOR, Action, Actor
from api.identities import Identities
from api.pages.form import Form, read_form
from api.pages.language import language_of
from api.pages.words import Words, words_of
from api.problems import ProblemError
from indexer.bilingual import Bilingual, Language

TOKEN_COOKIE = "cungcau_form"
TOKEN_FIELD = "csrf"
_HARMLESS = ("GET", "HEAD", "OPTIONS")


@dataclass(slots=True)
class Visit:
    """One request for a page. `kept` is whether the browser holds the token already."""

    language: Language = "vi"
    actor: Actor = ANONYMOUS_ACTOR
    form: Form = field(default_factory=Form)
    token: str = ""
    kept: bool = True
    shown: bool = False

    @property
    def words(self) -> Words:
        """`gettext` and `ngettext` of the reader's language."""
        return words_of(self.language)

    @property
    def form_token(self) -> str:
        """What the forms of this page send back as `csrf`."""
        self.shown = True
        return self.token

    def say(self, words: Bilingual) -> str:
        return words.say(self.language)


async def visit(request: Request) -> AsyncIterator[Visit]:
    """The visit of a request, kept as `request.state.visit`; the files it sent are open until it
    is answered.

    Raises:
        ProblemError: 403, a form without its token, or of another site; 401, the session that
            the form was made in is over.
    """
    made = await look(request)
    request.state.visit, request.state.actor = made, made.actor
    try:
        if request.method not in _HARMLESS:
            _refuse_other_origins(request)
            made.form = await read_form(request)
            sent = made.form.secret(TOKEN_FIELD) or request.headers.get(auth.CSRF_HEADER, "")
            if not (made.kept and hmac.compare_digest(sent.encode(), made.token.encode())):
                raise _stale(request, made)
        yield made
    finally:
        await request.close()


Visitor = Annotated[Visit, Depends(visit)]


@dataclass(frozen=True, slots=True)
class _Permission:
    action: Action

    async def __call__(self, made: Visitor) -> Visit:
        if made.actor.may(self.action):
            return made
        raise auth.refusal(made.actor)


def permitted(action: Action) -> _Permission:
    """For `visit: Annotated[Visit, Depends(permitted(Action.X))]`.

    Whoever has not signed in is sent to the sign-in page and back; whoever may not, told so.
    """
    return _Permission(action)


def page_router() -> APIRouter:
    """A router of pages."""
    return APIRouter(include_in_schema=False, dependencies=[Depends(visit)])


async def look(request: Request) -> Visit:
    """Who asks, without reading what they sent."""
    identities: Identities = request.app.state.identities
    language = language_of(request)
    if not await identities.exist():
        return _with_cookie(request, Visit(language, LOCAL_ACTOR))
    session = await auth.session_of(request)
    if session is None:
        return _with_cookie(request, Visit(language, ANONYMOUS_ACTOR))
    return Visit(language, session.actor, token=session.csrf)


def _with_cookie(request: Request, made: Visit) -> Visit:
    """Without a session the token is in a cookie of its own, which no other site can read or send.

    It is not signed: whoever could plant a cookie here could as well fetch a signed one; such
    pages, of the same site but another origin, are refused by what the browser says of them.
    """
    held = request.cookies.get(TOKEN_COOKIE, "")
    made.kept = len(held) == 43
    made.token = held if made.kept else secrets.token_urlsafe(32)
    return made


def _refuse_other_origins(request: Request) -> None:
    auth.refuse_other_sites(request)
    origin = request.headers.get("origin")
    # "null" is what a page without referrer sends from here too; then Sec-Fetch-Site has spoken.
    if origin not in (None, "null") and urlsplit(origin).netloc != request.headers.get("host"):
        raise ProblemError(problems.FORBIDDEN, _OTHER_SITE)


def _stale(request: Request, made: Visit) -> ProblemError:
    if made.actor.kind == "anonymous" and request.cookies.get(auth.COOKIE):
        return ProblemError(problems.UNAUTHORISED, _OVER)
    return ProblemError(problems.FORBIDDEN, _STALE)


_OTHER_SITE = Bilingual(
    vi="Biểu mẫu do trang của một địa chỉ khác gửi nên không được nhận.",
    en="The form was sent by a page of another site and is not accepted.",
)
_OVER = Bilingual(
    vi="Phiên làm việc đã hết hạn nên biểu mẫu chưa được lưu. Hãy đăng nhập rồi gửi lại.",
    en="Your session is over, so the form was not saved. Sign in and send it again.",
)
_STALE = Bilingual(
    vi="Biểu mẫu đã cũ hoặc trình duyệt chặn cookie, nên chưa được lưu. Hãy mở lại trang rồi gửi "
    "lần nữa.",
    en="The form is out of date, or the browser blocks cookies, so it was not saved. Open the page "
    "again and send it once more.",
)
