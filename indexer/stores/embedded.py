"""The embedded store: the catalog, and beside it FAISS and BM25 in a folder."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from indexer.catalog import Catalog
from indexer.conditions import Condition
from indexer.encoder import FloatArray
from indexer.encoders.loading import load_encoder
from indexer.generations import current_generation
from indexer.index import Index
from indexer.live.base import Base
from indexer.live.following import MOST_FRESH, encode_some, take_in
from indexer.live.live import LiveIndex
from indexer.records import Record, Side
from indexer.stores import answers
from indexer.stores.store import LOOK, WORDS, Found, Pairing
from indexer.updating import update_index
from indexer.vectors.storage import Mask

_ENCODED = 1024  # texts of either side at once


class EmbeddedStore:
    """A `Store` over a catalog and the folder of its index.

    A write is one transaction of the catalog, after which the live index takes in what changed: a
    search holds the snapshot it began with. What is in the folder is never written here but where
    more changed than a live index takes; opened again, the store reads the rest from the catalog.
    """

    def __init__(self, catalog: Catalog, folder: Path, encoder_name: str) -> None:
        """Opens it; an index that is not there yet is made of what the catalog holds.

        Raises:
            RequestError: the encoder cannot be loaded. DamagedError: see `Index.open`.
        """
        self._catalog = catalog
        self._folder = folder
        self._encoder = load_encoder(encoder_name)
        self._writing = Lock()
        if current_generation(folder):
            base = Base.of(Index.open(folder), catalog)
        else:
            base = Base.empty(folder, catalog, self._encoder)
        self._live = LiveIndex.over(base)
        self._take_in()

    def pairing(self) -> Pairing | None:
        live = self._live
        return Pairing(
            catalog=self._catalog.identity,
            version=live.catalog_version,
            encoder=live.encoder.name,
            fingerprint=live.encoder.fingerprint,
            dimension=live.dimension,
        )

    def count(self, side: Side) -> int:
        return sum(1 for _ in self._live.side(side).present())

    def add(self, records: Iterable[Record]) -> None:
        self._write(list(records), there=False)

    def update(self, records: Iterable[Record]) -> None:
        self._write(list(records), there=True)

    def delete(self, ids: Iterable[str]) -> int:
        with self._writing:
            change = self._catalog.delete(ids)
            self._take_in()
        return change.deleted

    def filter(self, side: Side, where: Sequence[Condition] = ()) -> frozenset[str]:
        return self._catalog.ids(side, where)

    def by_vector(
        self, vector: FloatArray, side: Side, k: int, where: Sequence[Condition] = ()
    ) -> list[Found]:
        live = self._live
        answers.checked(vector, live.dimension)
        return answers.by_vector(live, vector, side, k, self._allowed(live, side, where))

    def by_terms(
        self, text: str, side: Side, k: int, where: Sequence[Condition] = ()
    ) -> list[Found]:
        live = self._live
        return answers.by_terms(live, text, side, k, self._allowed(live, side, where))

    def hybrid(
        self,
        text: str,
        side: Side,
        k: int,
        where: Sequence[Condition] = (),
        words: float = WORDS,
    ) -> list[Found]:
        live = self._live
        allowed = self._allowed(live, side, where)
        return answers.hybrid(live, text, side, k, allowed, words, LOOK)

    def excerpt(
        self,
        text: str,
        side: Side,
        look: int = LOOK,
        where: Sequence[Condition] = (),
    ) -> Index:
        return self._live

    def close(self) -> None:
        """Leaves the catalog open: it is the caller's."""

    def _write(self, records: list[Record], *, there: bool) -> None:
        names = [record.id for record in records]
        answers.twice(names)
        with self._writing:
            known = {record.id for record in self._catalog.records(ids=names)}
            answers.refuse([i for i in names if (i in known) is not there], there=not there)
            self._catalog.apply(records)
            self._take_in()

    def _allowed(self, live: LiveIndex, side: Side, where: Sequence[Condition]) -> Mask | None:
        """The rows (n,) that are there and satisfy the conditions, None for all."""
        own = live.side(side)
        if not where:
            return own.alive
        mask = np.zeros(len(own.ids), dtype=bool)
        rows = [own.row_of[i] for i in self._catalog.ids(side, where) if i in own.row_of]
        mask[rows] = True
        return mask if own.alive is None else mask & own.alive

    def _take_in(self) -> None:
        """Follows the catalog: many changes by the folder's index, few beside it."""
        changes = self._catalog.changes_since(self._live.seen)
        if self._live.fresh + len(changes.upserted) > MOST_FRESH:
            update_index(self._catalog, self._folder, encoder_name=self._encoder.name)
            self._live = LiveIndex.over(Base.of(Index.open(self._folder), self._catalog))
            return
        live = self._live
        for snapshot in take_in(live, self._catalog):
            live = snapshot
        while live.waiting:
            live = encode_some(live, self._encoder, _ENCODED)
        self._live = live
