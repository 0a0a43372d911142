"""How much is done at once, and for how long: requests under way, and the time of one query."""

import asyncio
import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG = logging.getLogger("cungcau.crowd")


class Crowd:
    """Counts requests under way; only used in the thread of the event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here = 0

    @property
    def full(self) -> bool:
        return self._here >= self._most

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self._here += 1
        try:
            await app(scope, receive, send)
        finally:
            self._here -= 1

    async def answer_within(
        self, seconds: float, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> bool:
        """As `answer`; false where the answer has not begun in time, and the caller may answer.

        The thread at work cannot be stopped: it goes on unseen, and counts, to its end.
        """
        begun = given_up = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if not given_up:
                begun = True
                await send(message)

        async def receiving() -> Message:
            return {"type": "http.disconnect"} if given_up else await receive()

        work = asyncio.create_task(self.answer(app, scope, receiving, sending))
        try:
            await asyncio.wait({work}, timeout=seconds)
            if not work.done() and not begun:
                given_up = True
                work.add_done_callback(_forget)
                return False
            await work
        except asyncio.CancelledError:
            work.cancel()
            raise
        return True


def _forget(work: asyncio.Task[None]) -> None:
    if not work.cancelled() and work.exception() is not None:
        _LOG.warning("a query that took too long failed", exc_info=work.exception())
