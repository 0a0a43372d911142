"""What keeps the index in step with the catalog, in a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.compaction import Compaction
from indexer.catalog import Catalog
from indexer.encoder import DEFAULT_ENCODER, LSA, Encoder, Hardware, encoder_asked
from indexer.encoder import STATIC as _UNTIL_FITTED
from indexer.encoders.loading import load_encoder
from indexer.errors import CungcauError
from indexer.generations import POINTER, current_generation
from indexer.index import Index
from indexer.live.base import Base
from indexer.live.following import encode_some, quick, remembering, take_in
from indexer.live.live import LiveIndex
from indexer.workspace import Workspace

_LOG = logging.getLogger("cungcau.follower")
_POLL = 0.5  # seconds between two looks at the catalog, where nobody wakes it
_RETRY_AFTER = 5.0  # seconds before an index that could not be read is tried again
# Texts encoded between two looks at the catalog: some tenths of a second, so that the words of
# what comes meanwhile do not wait for them.
_BLOCK, _QUICK_BLOCK = 24, 2_048
_FEW = 200  # texts that are encoded here though a process that makes the index does so, too


@dataclass(frozen=True, slots=True)
class _Held:
    """A snapshot, the pointer that named its base, and what makes vectors for it."""

    pointer: str
    live: LiveIndex
    encoder: Encoder


class Follower:
    """Holds the newest snapshot; whoever reads takes it and never waits for the next.

    Every half second, and at once after `wake`, it looks for a new index, and for what changed in
    the catalog. A new index that cannot be read leaves the old in service, and `failure` says
    what is wrong with it.
    """

    def __init__(
        self,
        workspace: Workspace,
        catalog: Callable[[], Catalog],
        compaction: Compaction | None = None,
        poll: float = _POLL,
    ) -> None:
        self._workspace = workspace
        self._catalog = catalog
        self._compaction = compaction or Compaction(workspace)
        self._poll = poll
        self._held: _Held | None = None
        self.failure: CungcauError | None = None
        self._failed_pointer: str | None = None
        self._retry_at = 0.0
        self._full = False  # more changed than the snapshot takes
        self._moved_at = time.monotonic()
        self._told: list[Callable[[], None]] = []
        self._stepping = threading.Lock()
        self._moved = threading.Condition()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def current(self) -> tuple[str, LiveIndex]:
        """The newest snapshot and its name; the first caller opens the index.

        Raises:
            RequestError, DamagedError: there is none yet, and none can be opened.
        """
        if self._held is None:
            with self._stepping:
                if self._held is None:
                    self._open()
            self._start()
        held = self._held
        assert held is not None
        live = held.live
        name = f"{held.pointer.strip()}@{live.catalog_version}+{live.fresh}-{live.waiting}"
        return name, live

    @property
    def held(self) -> LiveIndex | None:
        """The newest snapshot; None until somebody asked for one."""
        held = self._held
        return held.live if held else None

    def wake(self) -> None:
        """Has it look at once: call it after a change of the catalog was committed."""
        self._wake.set()

    def tell(self, moved: Callable[[], None]) -> None:
        """Has `moved` called, in the follower's thread, after every new snapshot."""
        self._told.append(moved)

    def wait(self, version: int, seconds: float) -> bool:
        """Whether all changes up to that version of the catalog can be searched, within so many
        seconds."""
        self.current()
        self.wake()
        with self._moved:
            return self._moved.wait_for(lambda: self._reached(version), seconds)

    def step(self) -> None:
        """Looks once, now; see the class. Raises what the catalog raises."""
        with self._stepping:
            self._open()
            self._take_in()
            while self._encode() and not self._stopping.is_set():
                self._open()
                self._take_in()

    def close(self) -> None:
        self._stopping.set()
        self._wake.set()
        with self._starting:
            if self._thread is not None:
                self._thread.join()
        self._compaction.close()

    def _reached(self, version: int) -> bool:
        return self._held is not None and self._held.live.catalog_version >= version

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        failing = False
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self.step()
                self._compact()
                failing = False
            except CungcauError as error:
                if not failing:
                    _LOG.warning("the index does not follow the catalog: %s", error)
                failing = True
            except Exception:
                _LOG.exception("the index does not follow the catalog")
                failing = True
            if not self._stopping.is_set():
                self._wake.wait(_RETRY_AFTER if failing else self._poll)

    def _compact(self) -> None:
        held = self._held
        if held is not None and not self._stopping.is_set():
            quiet = time.monotonic() - self._moved_at
            self._compaction.consider(held.live, self._full, quiet)

    def _open(self) -> None:
        """Opens the index that the pointer names, where it is another than the one held."""
        pointer, held = self._pointer(), self._held
        if held is not None and held.pointer == pointer and self._same_catalog(held.live):
            self.failure = None
            return
        if pointer == self._failed_pointer and time.monotonic() < self._retry_at and held:
            return
        try:
            live = self._opened()
        except CungcauError as error:
            self.failure, self._failed_pointer = error, pointer
            self._retry_at = time.monotonic() + _RETRY_AFTER
            if held is None:
                raise
            return
        self.failure, self._failed_pointer = None, None
        encoder = remembering(live.encoder, self._workspace.cache_path)
        self._full = False
        if held is not None and self._same_catalog(held.live):
            # What could be found before must not be missing while the new one catches up.
            for nearer in take_in(live, self._catalog(), held.live):
                live = nearer
        _warm(live)
        self._publish(_Held(pointer, live, encoder))

    def _opened(self) -> LiveIndex:
        """The index of the workspace, without later changes; an empty one where there is none, or
        where it is not of this catalog."""
        folder, catalog = self._workspace.index_path, self._catalog()
        if current_generation(folder) is not None:
            while True:
                index = Index.open(folder)
                try:
                    live = LiveIndex.over(Base.of(index, catalog))
                except FileNotFoundError:
                    continue  # replaced, and removed, since it was opened
                if self._same_catalog(live):
                    return live
                break
        asked = encoder_asked(self._workspace.settings) or DEFAULT_ENCODER
        name = _UNTIL_FITTED if asked == LSA else asked
        settings = self._workspace.settings
        hardware = Hardware(device=settings.encoder_device, batch=settings.encoder_batch)
        return LiveIndex.over(Base.empty(folder, catalog, load_encoder(name, hardware=hardware)))

    def _same_catalog(self, live: LiveIndex) -> bool:
        """Whether the snapshot is of this catalog, and not of one that was put in its place or
        set back."""
        catalog = self._catalog()
        of_this = live.manifest.catalog == catalog.identity
        return of_this and live.catalog_version <= catalog.version

    def _take_in(self) -> None:
        """Brings the words of what changed, unless the snapshot takes no more."""
        held = self._held
        assert held is not None
        if self._full:
            return
        for live in take_in(held.live, self._catalog(), held.live):
            self._publish(_Held(held.pointer, live, held.encoder))
            self._full = live.seen <= held.live.seen
            if self._stopping.is_set():
                return

    def _encode(self) -> bool:
        """Encodes a few texts that were found by their words alone; whether there were any."""
        held = self._held
        assert held is not None
        waiting = held.live.waiting
        if not waiting or (self._compaction.running and waiting > _FEW):
            return False
        most = _QUICK_BLOCK if quick(held.encoder) else _BLOCK
        live = encode_some(held.live, held.encoder, most)
        self._publish(_Held(held.pointer, live, held.encoder))
        return True

    def _publish(self, held: _Held) -> None:
        with self._moved:
            self._held = held
            self._moved_at = time.monotonic()
            self._moved.notify_all()
        for moved in self._told:
            moved()

    def _pointer(self) -> str:
        try:
            return (self._workspace.index_path / POINTER).read_bytes().decode(errors="replace")
        except OSError:
            return ""


def _warm(live: LiveIndex) -> None:
    """Makes what the first search would wait for."""
    vector = live.encoder.encode(["nước"])
    for own in (live.supply, live.demand):
        own.said("")
        own.vectors.search(vector, 1)
        own.lexical.queries(["nước"])
        own.row_of.get("")
