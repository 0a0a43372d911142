"""The match lists of a running service: made once, in a thread of their own, then remembered."""

import asyncio
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from api import problems
from api.opened import Opened
from api.problems import ProblemError
from indexer.keeping.access import Reader
from indexer.keeping.tiers import granted_to
from matcher.learning.scoreversions import ScoreVersions
from matcher.matcher import Matcher
from matcher.matchlist import MatchList
from matcher.opening import open_matcher

_MOST_KEPT = 4  # lists remembered; one of a large event is some tens of MB


@dataclass(frozen=True, slots=True)
class ListKey:
    """Everything a match list depends on; equal keys, equal lists."""

    catalog: str
    catalog_version: int
    index: str
    k: int
    day: date
    settings: str
    weights: int  # the version of the learned ones
    reader: Reader  # whoever may read the same shares a list
    granted: frozenset[str]  # ids of confidential records that the reader was granted

    def tag(self, *asked: object) -> str:
        """A short name of what `asked` gets from this list."""
        return blake2b(repr((self, asked)).encode(errors="replace"), digest_size=12).hexdigest()


class MatchLists:
    """Match lists by key. One is made at a time; whoever asks meanwhile waits for the same one."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="match-list")
        self._lists: OrderedDict[ListKey, Future[MatchList]] = OrderedDict()
        self._waited: set[Future[MatchList]] = set()  # promised, and not made yet
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def prepare(self, k: int, reader: Reader) -> tuple[ListKey, Matcher]:
        """What identifies the list of what `reader` may read as of now, and the matcher that can
        make it. Reads the disk."""
        opened = self._opened
        pointer, index = opened.current()
        catalog = opened.catalog
        settings = opened.workspace.settings
        weights = ScoreVersions(opened.workspace.models_path).current
        key = ListKey(
            catalog.identity,
            catalog.version,
            pointer,
            k,
            date.today(),
            repr(settings),
            weights,
            reader,
            frozenset() if reader.everything else frozenset(granted_to(catalog, reader)),
        )
        return key, open_matcher(opened.workspace, index, catalog)

    async def get(self, key: ListKey, matcher: Matcher) -> MatchList:
        """The list, made now if it is not remembered; does not block the event loop.

        Raises:
            ProblemError: 503, the service is stopping.
        """
        with self._lock:
            if self._closing.is_set():
                raise ProblemError(problems.UNAVAILABLE)
            promise = self._lists.get(key)
            if promise is None:
                promise = Future()
                self._lists[key] = promise
                self._waited.add(promise)
                self._worker.submit(self._make, key, matcher, promise)
                while len(self._lists) > _MOST_KEPT:
                    self._lists.popitem(last=False)
            self._lists.move_to_end(key)
        # Shielded: one reader who goes away must not cancel the list for the others.
        return await asyncio.shield(asyncio.wrap_future(promise))

    def close(self) -> None:
        """Answers everybody who waits, and stops a list in the making at its next step."""
        with self._lock:
            self._closing.set()
            for promise in self._waited:
                if not promise.done():
                    promise.set_exception(ProblemError(problems.UNAVAILABLE))
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _make(self, key: ListKey, matcher: Matcher, promise: "Future[MatchList]") -> None:
        made: MatchList | None = None
        error: BaseException | None = None
        try:
            made = matcher.match(
                k=key.k, today=key.day, progress=self._stop_when_closing, reader=key.reader
            )
        except BaseException as raised:  # handed to those who wait
            error = raised
        with self._lock:
            self._waited.discard(promise)
            if error is not None:
                self._lists.pop(key, None)
            if promise.done():
                return  # the service is stopping: everybody was answered
            if made is not None:
                promise.set_result(made)
            else:
                promise.set_exception(error)

    def _stop_when_closing(self, *_progress: object) -> None:
        if self._closing.is_set():
            raise ProblemError(problems.UNAVAILABLE)
