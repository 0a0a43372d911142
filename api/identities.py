"""Whose credentials hold, remembered for a second.

What another process ends (a session, a key, an account) is refused here a second later; what this
process ends, at once: whoever writes calls `forget`.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from api.opened import Opened
from api.service import keys, people, sessions
from api.service.keys import Credential
from api.service.passwords import Hashers
from api.service.sessions import Session
from api.service.throttle import Throttle
from indexer.errors import CungcauError
from indexer.keeping.moments import now

_REMEMBERED = 1.0  # seconds
_MOST = 10_000

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class _Memory(Generic[Found]):
    found: Found
    until: float


class Identities:
    """The accounts of one workspace, as one process sees them; threads may share it."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self.hashers = Hashers()
        self.throttle = Throttle()
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="key-use")
        self._noted: set[str] = set()
        self._lock = threading.Lock()
        self._forgotten = 0
        self._any: _Memory[bool] | None = None
        self._sessions: dict[str, _Memory[Session]] = {}
        self._keys: dict[str, _Memory[Credential]] = {}

    async def exist(self) -> bool:
        """Whether anybody has an account; without one the service is this machine's alone."""
        held = self._any
        if held is None or held.until < time.monotonic():
            held = await run_in_threadpool(self._look)
        return held.found

    async def session(self, token: str) -> Session | None:
        """The session of a cookie, where it holds."""
        found = await self._find(self._sessions, token, sessions.find)
        return found if found is not None and found.expires > now() else None

    async def key(self, text: str) -> Credential | None:
        """The key written so, where it holds; its use is noted."""
        found = await self._find(self._keys, text, keys.find)
        if found is None or found.expires <= now():
            return None
        self._note(found)
        return found

    def forget(self) -> None:
        """Call after a write to people, sessions or keys."""
        with self._lock:
            self._forgotten += 1
            self._any = None
            self._sessions.clear()
            self._keys.clear()
            self._noted.clear()

    def close(self) -> None:
        self.hashers.close()
        self._notes.shutdown(wait=False, cancel_futures=True)

    def _look(self) -> _Memory[bool]:
        began = self._forgotten
        with self._opened.catalog.reading() as connection:
            held = _Memory(people.exist(connection), time.monotonic() + _REMEMBERED)
        with self._lock:
            if began == self._forgotten:
                self._any = held
        return held

    async def _find(
        self,
        held: dict[str, _Memory[Found]],
        credential: str,
        find: Callable[[sa.Connection, str], Found | None],
    ) -> Found | None:
        digest = sessions.digest(credential)
        memory = held.get(digest)
        if memory is not None and memory.until >= time.monotonic():
            return memory.found
        return await run_in_threadpool(self._fetch, held, digest, credential, find)

    def _fetch(
        self,
        held: dict[str, _Memory[Found]],
        digest: str,
        credential: str,
        find: Callable[[sa.Connection, str], Found | None],
    ) -> Found | None:
        began, until = self._forgotten, time.monotonic() + _REMEMBERED
        with self._opened.catalog.reading() as connection:
            found = find(connection, credential)
        with self._lock:
            if len(held) >= _MOST:
                held.clear()
            if found is None:
                held.pop(digest, None)
            elif began == self._forgotten:
                held[digest] = _Memory(found, until)
        return found

    def _note(self, credential: Credential) -> None:
        """Keeps the time of use aside of the request, which waits for no other writer."""
        id_ = credential.actor.key
        if keys.used_lately(credential.used):
            return
        with self._lock:
            if id_ in self._noted:
                return
            self._noted.add(id_)
        with suppress(RuntimeError):  # the service is being stopped
            self._notes.submit(self._write_use, id_)

    def _write_use(self, id_: str) -> None:
        # Not worth failing for: the next use is noted again.
        with suppress(CungcauError), self._opened.catalog.writing() as connection:
            keys.note_use(connection, [id_])
        with self._lock:
            self._noted.discard(id_)
