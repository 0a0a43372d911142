"""What is refused before any route sees it: foreign host names, bodies beyond the limit."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.loopback import host_of, is_loopback
from api.problems import ProblemError

MOST_BYTES = 1_000_000


class Limits:
    """ASGI middleware.

    A page of another site can make a browser send requests here under its own host name (DNS
    rebinding); only loopback names are answered, so its scripts never read a record.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = _refused(headers)
        if refused:
            await problems.answer(refused, headers)(scope, receive, send)
        else:
            await self._app(scope, _counted(receive), send)


def _refused(headers: Headers) -> ProblemError | None:
    if not is_loopback(host_of(headers.get("host", ""))):
        return ProblemError(problems.WRONG_HOST)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > MOST_BYTES:
        return ProblemError(problems.TOO_LARGE, headers={"Connection": "close"})
    return None


def _counted(receive: Receive) -> Receive:
    """`receive` that stops a body sent in pieces, whose length nobody announced."""
    taken = 0

    async def counting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            # An HTTPException passes through FastAPI's reading of the body as it is.
            raise _TooLarge
        return message

    return counting


class _TooLarge(HTTPException):
    def __init__(self) -> None:
        super().__init__(problems.TOO_LARGE.status, headers={"Connection": "close"})
