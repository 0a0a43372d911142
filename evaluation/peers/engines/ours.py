"""cungcau behind the same protocol: catalog, index, hybrid list; additions by the live index."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from evaluation.peers.engines.engine import LOOK, Filter, Given
from indexer.conditions import parse_condition
from indexer.index import Index
from indexer.live.base import Base
from indexer.live.following import encode_some, take_in
from indexer.live.live import LiveIndex
from indexer.records import Record, Side
from indexer.updating import update_index
from indexer.workspace import Workspace
from matcher.candidates import Question
from matcher.filters import allowed_rows
from matcher.matcher import Matcher

_THREADS, _CHUNK, _BLOCK = 2, 5_000, 256


class Ours:
    """Its indexing includes the writing of the catalog, which keeps the records whole."""

    def __init__(self, folder: Path, encoder: str) -> None:
        self._workspace = Workspace.open(folder / "workspace", create=True)
        self._catalog = self._workspace.catalog()
        self._encoder = encoder
        self._live: LiveIndex | None = None

    def index(self, records: Sequence[Record]) -> None:
        for start in range(0, len(records), _CHUNK):
            self._catalog.apply(records[start : start + _CHUNK])
        update_index(self._catalog, self._workspace.index_path, encoder_name=self._encoder)
        index = Index.open(self._workspace.index_path)
        self._live = LiveIndex.over(Base.of(index, self._catalog))

    def add(self, records: Sequence[Record]) -> None:
        self._catalog.apply(records)
        *_, live = take_in(self._opened, self._catalog)
        while live.waiting:
            live = encode_some(live, live.encoder, _BLOCK)
        self._live = live

    def ask(self, text: str, k: int, where: Filter | None = None) -> list[str]:
        asked = [] if where is None else [parse_condition("".join(map(str, where)))]
        live = self._opened
        allowed = allowed_rows(live, self._catalog, Side.SUPPLY, asked)
        words = self._workspace.settings.lexical_weight
        seen = Question(live, Side.SUPPLY, text, allowed, words).candidates(LOOK)
        order = np.argsort(-seen.scores, kind="stable")[:k]
        ids = live.supply.ids
        return [ids[row] for row in seen.rows[order].tolist()]

    def batch(self, texts: Sequence[str], k: int) -> list[list[str]]:
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(lambda text: self.ask(text, k), texts))

    def search(self, text: str, k: int) -> list[str]:
        """All that `cungcau search` does: features, probability, owner cap, evidence."""
        matcher = Matcher(self._opened, self._catalog, self._workspace.settings)
        return [hit.record.id for hit in matcher.search(text, k=k)]

    @property
    def _opened(self) -> LiveIndex:
        if self._live is None:
            raise RuntimeError("index first")
        return self._live


def engine(_: Given, folder: Path, encoder: str) -> Ours:
    return Ours(folder, encoder)
