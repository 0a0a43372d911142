"""Whole search engines side by side: the same records, the same questions, one protocol.

Each is built as its own documentation shows and imported only when asked for.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from evaluation.peers.engines.engine import Engine, Given

__all__ = ["ENGINES", "Engine", "Given", "load"]

# name: (module here, argument of its `engine`)
ENGINES: Mapping[str, tuple[str, str]] = {
    "cungcau": ("ours", "contextual"),
    "cungcau, static": ("ours", "static"),
    "txtai": ("txtai", ""),
    "bm25s + MiniLM + FAISS": ("byhand", ""),
    "Milvus Lite": ("milvus", ""),
    "LanceDB": ("lance", ""),
    "scikit-learn LSA": ("lsa", ""),
}
OURS = tuple(name for name, (module, _) in ENGINES.items() if module == "ours")
WITHOUT_ENCODER = (*OURS, "scikit-learn LSA")  # those that all-MiniLM does not encode for


def load(name: str, given: Given, folder: Path) -> Engine:
    """An empty engine that keeps its files in `folder`.

    Raises KeyError for an unknown name, RequestError, with what to install, where its library is
    missing.
    """
    module, argument = ENGINES[name]
    made = import_module(f"{__name__}.{module}").engine(given, folder, argument)
    assert isinstance(made, Engine)
    return made
