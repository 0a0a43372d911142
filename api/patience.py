"""Slow and silent clients: connections, bodies and answers that stand still are ended."""

import asyncio
import time

import h11
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive
from uvicorn.protocols.http.h11_impl import H11Protocol

from api import problems

HEADERS = 15.0  # seconds for the first line and the headers of a request
STILL = 30.0  # seconds without a byte of a body that was announced, or of an answer that is taken
SLOWEST = 1_000  # bytes a second of a body, on the average after the first `STILL`
MOST_CONNECTIONS = 2_000


class Protocol(H11Protocol):
    """uvicorn's, which for itself waits without end for headers, and for who takes no answer."""

    _headers: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None
    _left = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._headers = self.loop.call_later(HEADERS, self._end)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_headers()
        elif self._headers is None:  # the beginning of another request
            self._headers = self.loop.call_later(HEADERS, self._end)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_taking()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_headers()
        self._stop_taking()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Looks later whether anything of the answer was taken."""
        self._left = self.transport.get_write_buffer_size()
        if self._left and self._taking is None:
            self._taking = self.loop.call_later(STILL, self._look)

    def _look(self) -> None:
        self._taking = None
        left = self.transport.get_write_buffer_size()
        if left and left >= self._left:
            self._end()
        else:
            self._watch()

    def _stop_headers(self) -> None:
        if self._headers is not None:
            self._headers.cancel()
            self._headers = None

    def _stop_taking(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _end(self) -> None:
        self._headers = None
        self.transport.abort()


def patient(receive: Receive) -> Receive:
    """`receive` that gives a client up who does not go on with the body it announced.

    Raises:
        HTTPException: 408, answered as a problem.
    """
    began, taken, more = time.monotonic(), 0, True

    async def receiving() -> Message:
        nonlocal taken, more
        if not more:
            return await receive()  # waits for the client to go away, as long as it takes
        left = began + STILL + taken / SLOWEST - time.monotonic()
        try:
            async with asyncio.timeout(min(STILL, left)):
                message = await receive()
        except TimeoutError:
            raise _TooSlowError from None
        taken += len(message.get("body", b""))
        more = bool(message.get("more_body", False))
        return message

    return receiving


class _TooSlowError(HTTPException):
    """Passes through FastAPI's reading of the body as it is."""

    def __init__(self) -> None:
        super().__init__(problems.TOO_SLOW.status, headers={"Connection": "close"})
