"""What is refused before any route sees it: foreign host names, bodies beyond the limit, who asks
too often or too slowly, and what would be too much at once."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.auth import COOKIE, too_many
from api.crowd import Crowd
from api.hosts import Hosts
from api.identities import Identities
from api.pages import errors
from api.patience import patient
from api.problems import ProblemError
from api.rates import Rates
from api.refusals import unavailable
from api.service.throttle import network_of
from indexer.errors import CungcauError
from indexer.settings import Settings

MOST_BYTES = 1_000_000
# Of the routes that take whole files.
LARGER = {
    "/v1/imports": 64_000_000,
    "/v1/imports/records": 64_000_000,
    "/v1/imports/runs": 64_000_000,
    "/import": 64_000_000,
    "/v1/plans/check": 16_000_000,
}
# Asked by machines that watch the service, also when it has much to do.
_WATCHED = frozenset({"/health", "/v1/ready", "/metrics"})
# Held in memory, and kept by browsers.
_FREE = "/static/"
_SEARCHES = frozenset({"/v1/search", "/records/preview"})
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_SOON = 1  # seconds until some request will be done


class Limits:
    """ASGI middleware.

    A page of another site can make a browser send requests here under its own host name (DNS
    rebinding); only loopback names are answered, and where people sign in the names of
    `allowed_hosts`, so its scripts never read a record.

    Where people sign in, each key, each person and, of those who show neither, each address may
    ask so often: searches and reads, and apart from them changes.
    """

    def __init__(
        self, app: ASGIApp, hosts: Hosts, identities: Identities, settings: Settings
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._identities = identities
        self._crowd = Crowd(settings.concurrent_requests)
        self._query_seconds = settings.query_seconds
        self._reads = Rates(settings.reads_per_minute)
        self._writes = Rates(settings.writes_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most = LARGER.get(scope["path"], MOST_BYTES)
        try:
            refused = (
                await self._wrong_host(headers)
                or await self._unknown(headers, most)
                or _refused(headers, most)
                or await self._too_much(scope, headers)
            )
        except CungcauError as error:
            refused = unavailable(error)
        if refused:
            answer = await errors.answer(Request(scope), refused)
            await answer(scope, receive, send)
            return
        receive = _counted(patient(receive), most)
        if scope["path"] not in _SEARCHES:
            await self._crowd.answer(self._app, scope, receive, send)
        elif not await self._crowd.answer_within(
            self._query_seconds, self._app, scope, receive, send
        ):
            late = ProblemError(problems.TOO_LONG, headers={"Retry-After": "5"})
            answer = await errors.answer(Request(scope), late)
            await answer(scope, receive, send)

    async def _wrong_host(self, headers: Headers) -> ProblemError | None:
        known = await self._hosts.answer(headers.get("host", ""))
        return None if known else ProblemError(problems.WRONG_HOST)

    async def _too_much(self, scope: Scope, headers: Headers) -> ProblemError | None:
        if scope["path"] in _WATCHED or scope["path"].startswith(_FREE):
            return None
        if self._crowd.full:
            return too_many(_SOON)
        if not await self._identities.exist():
            return None  # this machine alone
        harmless = scope["method"] in _HARMLESS or scope["path"] in _SEARCHES
        seconds = (self._reads if harmless else self._writes).wait(await self._who(scope, headers))
        return too_many(seconds) if seconds else None

    async def _unknown(self, headers: Headers, most: int) -> ProblemError | None:
        """A large body is taken apart before a route asks who sent it: only of those who show
        who they are, and say how much it is."""
        length = headers.get("content-length", "")
        if most == MOST_BYTES or (length.isdecimal() and int(length[:20]) <= MOST_BYTES):
            return None
        if not await self._identities.exist() or await self._known(headers):
            return None
        return ProblemError(problems.UNAUTHORISED, headers={"Connection": "close"})

    async def _who(self, scope: Scope, headers: Headers) -> str:
        """Whose requests are counted together. Whoever makes credentials up is an address."""
        known = await self._known(headers)
        return known or network_of((scope.get("client") or ("", 0))[0])

    async def _known(self, headers: Headers) -> str:
        """Who shows credentials that hold; "" for nobody."""
        scheme, _, text = headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "bearer":
            key = await self._identities.key(text.strip())
            if key is not None:
                return f"key:{key.actor.key}"
        token = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        session = await self._identities.session(token) if token else None
        return session.actor.label if session is not None else ""


def _refused(headers: Headers, most: int) -> ProblemError | None:
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > most:
        return ProblemError(problems.TOO_LARGE, headers={"Connection": "close"})
    return None


def _counted(receive: Receive, most: int) -> Receive:
    """`receive` that stops a body sent in pieces, whose length nobody announced."""
    taken = 0

    async def counting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            # An HTTPException passes through FastAPI's reading of the body as it is.
            raise _TooLarge
        return message

    return counting


class _TooLarge(HTTPException):
    def __init__(self) -> None:
        super().__init__(problems.TOO_LARGE.status, headers={"Connection": "close"})
