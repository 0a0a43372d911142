"""Pages from templates, with what every page needs."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.pages import language, notices
from api.pages.formats import filters
from api.pages.navigation import places
from api.pages.notices import Notice, Undo
from api.pages.static import static
from api.pages.visit import TOKEN_COOKIE, Visit
from api.pages.words import words_of
from indexer.bilingual import Language
from matcher.export.clean import clean

_TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """The template `name`, rendered for the visit of the request.

    Templates have `visit`, `path`, `navigation`, `notice` and `values`; a name they use that is
    in none of these raises.
    """
    visit: Visit = request.state.visit
    notice = notices.read(request.cookies.get(notices.COOKIE, ""), visit.token)
    html = (
        environment(visit.language)
        .get_template(name)
        .render(
            visit=visit,
            path=request.url.path,
            other_language=_other_language(request, visit.language),
            navigation=places(request.app.state.navigation, visit.actor, request.url.path),
            notice=notice,
            **values,
        )
    )
    headers = {**HEADERS, "Content-Language": visit.language}
    response = HTMLResponse(clean(html), status, headers)
    if notices.COOKIE in request.cookies:
        response.delete_cookie(notices.COOKIE, httponly=True, samesite="lax")
    _keep(request, response, visit)
    return response


def redirect(
    request: Request,
    path: str,
    said: str = "",
    *,
    undo: Undo | None = None,
    warning: bool = False,
) -> RedirectResponse:
    """Sends the browser on after a form; the next page says `said`, with a button to undo it."""
    response = RedirectResponse(path, 303, HEADERS)
    if said:
        notify(request, response, Notice(said, "warning" if warning else "done", undo))
    _keep(request, response, request.state.visit)
    return response


def notify(request: Request, response: Response, notice: Notice) -> None:
    """Lets the next page say something."""
    visit: Visit = request.state.visit
    visit.shown = True  # the token it is signed with must last until then
    response.set_cookie(
        notices.COOKIE,
        notices.write(notice, visit.token),
        max_age=notices.LIFETIME,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


@cache
def environment(spoken: Language) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(words_of(spoken), newstyle=True)  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    made.filters |= filters(spoken)
    made.globals |= {"static": static, "language": spoken}
    return made


def with_query(path: str, query: Mapping[str, str]) -> str:
    """An address with a query."""
    return f"{path}?{urlencode(query)}" if query else path


def _other_language(request: Request, spoken: Language) -> str:
    """This page in the other language."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return "?" + urlencode([*kept, ("lang", "en" if spoken == "vi" else "vi")])


def _keep(request: Request, response: Response, visit: Visit) -> None:
    """Remembers the language asked for, and the token that forms are checked by."""
    if language.asked(request):
        language.remember(request, response, visit.language)
    safe = request.url.scheme == "https"
    if visit.shown and not visit.kept:
        response.set_cookie(
            TOKEN_COOKIE, visit.token, httponly=True, samesite="strict", secure=safe
        )
