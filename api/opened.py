"""What a running service holds open: the catalog, and the newest index that could be read."""

import threading
import time
from dataclasses import dataclass

from indexer.catalog import Catalog
from indexer.errors import CungcauError
from indexer.generations import POINTER
from indexer.index import Index
from indexer.workspace import Workspace
from matcher.matcher import Matcher
from matcher.opening import open_matcher

_RETRY_AFTER = 5.0  # seconds before an index that could not be read is tried again


@dataclass(frozen=True, slots=True)
class _Held:
    pointer: str
    index: Index

    @property
    def pair(self) -> tuple[str, Index]:
        return self.pointer, self.index


class Opened:
    """One workspace, opened for many threads.

    The index is opened once. When its CURRENT pointer changes, one request opens the new one
    while the others are served from the old; a new one that cannot be read leaves the old in
    service, and `failure` says what is wrong with it.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._catalog: Catalog | None = None
        self._held: _Held | None = None
        self.failure: CungcauError | None = None
        self._failed_pointer: str | None = None
        self._retry_at = 0.0
        self._opening = threading.Lock()
        self._connecting = threading.Lock()

    @property
    def catalog(self) -> Catalog:
        """The catalog; raises what `Workspace.catalog` raises."""
        with self._connecting:
            if self._catalog is None:
                self._catalog = self.workspace.catalog()
            return self._catalog

    def current(self) -> tuple[str, Index]:
        """The newest index that could be read, and the pointer that names it.

        Raises:
            RequestError, DamagedError: there is none, or the only one is damaged.
        """
        held, pointer = self._held, self._pointer()
        if held is None:
            with self._opening:
                return self._open()
        if held.pointer == pointer:
            self.failure = None
            return held.pair
        if pointer == self._failed_pointer and time.monotonic() < self._retry_at:
            return held.pair
        if not self._opening.acquire(blocking=False):
            return held.pair
        try:
            return self._open()
        finally:
            self._opening.release()

    def index(self) -> Index:
        return self.current()[1]

    def matcher(self) -> Matcher:
        """A matcher over the newest index; raises what `current` and `catalog` raise."""
        return open_matcher(self.workspace, self.index(), self.catalog)

    def close(self) -> None:
        with self._connecting:
            if self._catalog is not None:
                self._catalog.close()
                self._catalog = None

    def _open(self) -> tuple[str, Index]:
        while True:
            pointer = self._pointer()
            if self._held is not None and self._held.pointer == pointer:
                return self._held.pair  # opened by the request before this one
            try:
                index = Index.open(self.workspace.index_path)
            except CungcauError as error:
                if pointer != self._pointer():
                    continue  # swapped, and the old one removed, while it was being opened
                self.failure, self._failed_pointer = error, pointer
                self._retry_at = time.monotonic() + _RETRY_AFTER
                if self._held is None:
                    raise
                return self._held.pair
            self._held, self.failure, self._failed_pointer = _Held(pointer, index), None, None
            return pointer, index

    def _pointer(self) -> str:
        try:
            return (self.workspace.index_path / POINTER).read_bytes().decode(errors="replace")
        except OSError:
            return ""
