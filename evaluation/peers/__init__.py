"""Other people's retrieval behind our interface, each in its file and imported only when asked.

They get the same text as ours and are timed as ours are: what they build of the documents counts
as indexing; importing their library and loading their model does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from evaluation.parts import System


@dataclass(frozen=True)
class Peer:
    """Where a peer is: a module here whose `system(encoder)` gives it.

    `encoder` tells whether its name may or must be followed by one.
    """

    module: str
    encoder: Literal["none", "optional", "needed"] = "none"

    def load(self, encoder: str) -> System:
        """Raises RequestError, with what to install, where its library is missing."""
        made = import_module(f"{__name__}.{self.module}").system(encoder)
        assert isinstance(made, System)
        return made


PEERS: Mapping[str, Peer] = {
    "bm25s": Peer("bm25s"),
    "tfidf": Peer("tfidf"),
    "lsa": Peer("lsa"),
    "minilm": Peer("minilm"),
    "st": Peer("sentence", "needed"),
    "rrf": Peer("rrf", "optional"),
    "txtai": Peer("txtai"),
}
