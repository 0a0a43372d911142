"""The matcher of a workspace: its index and catalog, scored by the weights it has in use."""

from typing import TYPE_CHECKING

from indexer.catalog import Catalog
from indexer.index import Index
from indexer.workspace import Workspace
from matcher.learning.scoreversions import ScoreVersions
from matcher.matcher import Matcher

if TYPE_CHECKING:
    from indexer.stores.store import Store
    from matcher.storematcher import StoreMatcher


def open_matcher(workspace: Workspace, index: Index, catalog: Catalog) -> Matcher:
    """A matcher over what is open already.

    Raises DamagedError where the weights the workspace learned are not whole.
    """
    model = ScoreVersions(workspace.models_path).load(index.encoder.name)
    return Matcher(index, catalog, workspace.settings, model)


def open_store_matcher(
    workspace: Workspace, store: "Store", encoder: str, catalog: Catalog
) -> "StoreMatcher":
    """A matcher over an open store, whose vectors `encoder` made.

    Raises DamagedError where the weights the workspace learned are not whole.
    """
    from matcher.storematcher import StoreMatcher  # noqa: PLC0415 - seldom asked for

    model = ScoreVersions(workspace.models_path).load(encoder)
    return StoreMatcher(store, catalog, workspace.settings, model)
