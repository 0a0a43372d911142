"""Passwords: how they are stored and compared.

argon2id with 32 MiB and two passes (above the least OWASP asks for): 60 ms on one idle core of a
small server. Hashing happens in two threads of its own, so that a rush of logins takes neither all
memory nor the threads that answer searches.
"""

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST, LONGEST = 12, 200
_THREADS = 2
_MOST_WAITING = 20

_HASHING = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=32_768, parallelism=1),))


class Busy(Exception):  # noqa: N818 - a state of the service, not a failure
    """More passwords are waiting to be compared than will be soon."""


def hashed(password: str) -> str:
    """What is stored of a password."""
    return _HASHING.hash(_canonical(password))


def matches(password: str, stored: str) -> bool:
    """Whether `stored` was made from `password`; takes as long where nothing is stored."""
    agrees = _HASHING.verify(_canonical(password), stored or _nobodys())
    return agrees and bool(stored)


class Hashers:
    """The threads that hash passwords; closed with the service."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords")
        self._waiting = 0
        self._counting = Lock()

    async def matches(self, password: str, stored: str) -> bool:
        """As the function of that name; raises Busy where many are waiting."""
        with self._counting:
            if self._waiting >= _MOST_WAITING:
                raise Busy
            self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, matches, password, stored)
        finally:
            with self._counting:
                self._waiting -= 1

    async def hashed(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, hashed, password)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _canonical(password: str) -> str:
    # Vietnamese keyboards write the same letter as one character or as several.
    return unicodedata.normalize("NFC", password)


@cache
def _nobodys() -> str:
    return hashed(secrets.token_hex(16))
