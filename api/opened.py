"""What a running service holds open: the catalog, and an index that follows it."""

import threading

from api.follower import Follower
from api.inspector import Inspector
from indexer.catalog import Catalog
from indexer.errors import CungcauError
from indexer.live.live import LiveIndex
from indexer.workspace import Workspace
from matcher.matcher import Matcher
from matcher.opening import open_matcher


class Opened:
    """One workspace, opened for many threads; `follower` keeps its index in step, `inspector` looks
    whether it is damaged."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.follower = Follower(workspace, lambda: self.catalog)
        self.inspector = Inspector(lambda: self.follower.held)
        self._catalog: Catalog | None = None
        self._connecting = threading.Lock()

    @property
    def catalog(self) -> Catalog:
        """The catalog; raises what `Workspace.catalog` raises."""
        with self._connecting:
            if self._catalog is None:
                self._catalog = self.workspace.catalog()
            return self._catalog

    @property
    def failure(self) -> CungcauError | None:
        """What is wrong with the newest index, where the one before it is still in service, or with
        the one that is."""
        return self.follower.failure or self.inspector.failure

    def current(self) -> tuple[str, LiveIndex]:
        """The newest snapshot of the index, and its name.

        Raises:
            RequestError, DamagedError: none can be opened.
        """
        return self.follower.current()

    def index(self) -> LiveIndex:
        return self.current()[1]

    def matcher(self) -> Matcher:
        """A matcher over the newest snapshot; raises what `current` and `catalog` raise."""
        return open_matcher(self.workspace, self.index(), self.catalog)

    def close(self) -> None:
        self.follower.close()
        with self._connecting:
            if self._catalog is not None:
                self._catalog.close()
                self._catalog = None
