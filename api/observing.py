"""What is noted of every request: its id, a line in the log, figures, a span."""

import logging
import re
import secrets
import time
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.logs import REQUESTS
from api.metrics import UNKNOWN, Metrics
from api.tracing import Tracing

HEADER = "X-Request-ID"
_LOG = logging.getLogger(REQUESTS)
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,40}")
_KNOWN = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_ANSWER = 499  # the asker went away before the answer began


class Observing:
    """ASGI middleware, outside of all others.

    `X-Request-ID` of the asker is taken over where it is one (letters, digits, `._-`, 40 at
    most), else made; it stands in the answer, the log, the audit and the span.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        if not self._tracing.on:
            await self._note(scope, receive, send, request_id)
            return
        with self._tracing.request(scope["method"], request_id, scope["headers"]) as span:
            status = 500
            try:
                status = await self._note(scope, receive, send, request_id)
            finally:
                span.finish(_route(scope), status)

    async def _note(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> int:
        """Answers and notes it; returns the status."""
        status, began = _NO_ANSWER, time.perf_counter()
        name = HEADER.lower().encode()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (name, request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, named)
        except Exception:
            # Answered by Starlette, outside of us.
            status = 500
            _LOG.exception("unexpected", extra={"request": request_id, "route": _route(scope)})
            raise
        finally:
            self._say(scope, status, time.perf_counter() - began, request_id)
        return status

    def _say(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        method = scope["method"] if scope["method"] in _KNOWN else UNKNOWN
        route = _route(scope)
        self._metrics.answered(method, route, status, seconds)
        actor: Any = scope["state"].get("actor")
        _LOG.info(
            "request",
            extra={
                "request": request_id,
                "actor": actor.label if actor is not None else "",
                "method": method,
                "route": route,
                "status": status,
                "ms": round(1000 * seconds, 1),
            },
        )


def _route(scope: Scope) -> str:
    """The address as the documentation has it: never what somebody wrote into it."""
    return str(getattr(scope.get("route"), "path_format", UNKNOWN))
