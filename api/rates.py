"""How often somebody may ask: a bucket of tokens for each, filled at a steady pace."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST = 20_000  # who is remembered; whoever asked longest ago goes first
_BURST = 6  # the share of a minute's tokens a full bucket holds: one in so many


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """`per_minute` requests of each, a sixth of them at once; 0 limits nobody."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = per_minute / 60
        self._size = max(1.0, per_minute / _BURST)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, who: str) -> int:
        """Takes a token: 0, or how many seconds to wait until there is one."""
        if self._pace == 0:
            return 0
        at = self._clock()
        with self._lock:
            bucket = self._buckets.pop(who, None) or _Bucket(self._size, at)
            bucket.tokens = min(self._size, bucket.tokens + (at - bucket.at) * self._pace)
            bucket.at = at
            self._buckets[who] = bucket
            if len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
            if bucket.tokens < 1:
                return math.ceil((1 - bucket.tokens) / self._pace)
            bucket.tokens -= 1
            return 0
