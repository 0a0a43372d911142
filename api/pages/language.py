"""The language of a page: asked for in its address, remembered, or what the browser prefers."""

from fastapi import Request, Response

from api.accept_language import reader_language
from indexer.bilingual import Language

COOKIE = "cungcau_lang"
_KEPT = 365 * 24 * 60 * 60  # seconds


def language_of(request: Request) -> Language:
    """`?lang=`, else the cookie, else Accept-Language; Vietnamese by default."""
    return asked(request) or _known(request.cookies.get(COOKIE)) or _preferred(request)


def asked(request: Request) -> Language | None:
    """The language the address asks for, which is to be remembered."""
    return _known(request.query_params.get("lang"))


def _known(name: str | None) -> Language | None:
    return "vi" if name == "vi" else "en" if name == "en" else None


def _preferred(request: Request) -> Language:
    return reader_language(request.headers.get("accept-language", ""))


def remember(request: Request, response: Response, chosen: str) -> None:
    """Keeps the language in the browser."""
    safe = request.url.scheme == "https"
    response.set_cookie(COOKIE, chosen, _KEPT, samesite="lax", secure=safe)
