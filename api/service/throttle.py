"""Login attempts that failed, counted so that nobody can try many passwords.

Counted per process and in memory: an account behind N processes takes N times as many guesses,
which its password of twelve characters outlasts.
"""

import ipaddress
import threading
import time
from collections import deque
from collections.abc import Callable
from math import ceil

_WINDOW = 900.0  # seconds
# Somebody at one address with one account; from one address (an office shares one); on one account
# from everywhere: high, because it keeps its owner out as well.
_PAIR, _ADDRESS, _ACCOUNT = 10, 60, 120
_MOST = 50_000


class Throttle:
    """Attempts within the last quarter of an hour; threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], deque[float]] = {}
        self._sweep = 0.0
        self._lock = threading.Lock()

    def attempt(self, account: str, address: str) -> int:
        """Counts an attempt as failed before it is made; 0, or the seconds to wait instead.

        Counted before, so that many at once are not all let through.
        """
        with self._lock:
            at = self._clock()
            self._drop_old(at)
            wait = 0.0
            for name, most in _limits(account, address):
                times = self._failures.get(name)
                if times and len(times) == most:
                    wait = max(wait, times[0] + _WINDOW - at)
            if wait > 0:
                return ceil(wait)
            for name, most in _limits(account, address):
                self._failures.setdefault(name, deque(maxlen=most)).append(at)
            return 0

    def succeeded(self, account: str, address: str) -> None:
        """The attempt was no failure: whoever knows the password starts anew at this address."""
        with self._lock:
            (pair, _), *others = _limits(account, address)
            self._failures.pop(pair, None)
            for name, _ in others:
                times = self._failures.get(name)
                if times:
                    times.pop()
                if not times:
                    self._failures.pop(name, None)

    def _drop_old(self, at: float) -> None:
        """Empties what is older than the window; all names seldom, because it takes a while."""
        if at < self._sweep and len(self._failures) < _MOST:
            return
        self._sweep = at + _WINDOW / 10
        if len(self._failures) >= _MOST:
            # A flood from many addresses: the oldest names go.
            for name in list(self._failures)[: _MOST // 2]:
                del self._failures[name]
        for name in list(self._failures):
            if self._failures[name][-1] <= at - _WINDOW:
                del self._failures[name]


def _limits(account: str, address: str) -> list[tuple[tuple[str, str], int]]:
    network = network_of(address)
    return [((account, network), _PAIR), (("", network), _ADDRESS), ((account, ""), _ACCOUNT)]


def network_of(address: str) -> str:
    """The address, or the part of an IPv6 address that one customer has whole."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
