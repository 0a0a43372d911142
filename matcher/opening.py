"""The matcher of a workspace: its index and catalog, scored by the weights it has in use."""

from indexer.catalog import Catalog
from indexer.index import Index
from indexer.workspace import Workspace
from matcher.learning.scoreversions import ScoreVersions
from matcher.matcher import Matcher


def open_matcher(workspace: Workspace, index: Index, catalog: Catalog) -> Matcher:
    """A matcher over what is open already.

    Raises DamagedError where the weights the workspace learned are not whole.
    """
    model = ScoreVersions(workspace.models_path).load(index.encoder.name)
    return Matcher(index, catalog, workspace.settings, model)
