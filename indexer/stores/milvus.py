"""The Milvus store: one collection for each side, and one for what is known of them all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from threading import RLock

import numpy as np

from indexer.background import background_cosine
from indexer.conditions import Condition
from indexer.encoder import Encoder, FloatArray
from indexer.errors import RequestError
from indexer.index import Index
from indexer.records import Record, Side
from indexer.stores import answers
from indexer.stores.columns import expression
from indexer.stores.connection import Connection
from indexer.stores.crossing import rendered
from indexer.stores.excerpt import Excerpt
from indexer.stores.ledger import Ledger, State
from indexer.stores.rows import Row, make_rows, statistics_of
from indexer.stores.statistics import Statistics
from indexer.stores.store import LOOK, WORDS, Found, Pairing
from indexer.stores.tables import Table
from indexer.words.queryterms import expand
from indexer.words.tokentable import TokenTable

_BLOCK = 20_000  # records encoded and weighed together
_MANY = 100  # records put in at once after which the engine is asked to index them
_SAMPLE = 2_000  # vectors of a side that tell how near unrelated texts are

Encoding = Callable[[Sequence[Record], Side], FloatArray]


class MilvusStore:
    """A `Store` over a Milvus or a Milvus Lite; threads may share one.

    Collections are opened with strong consistency, which is what `Store` promises. Words are
    weighed here and searched there as sparse vectors (`indexer.stores.rows`), so that scores are
    those of the embedded index, languages are crossed, and no engine's BM25 has a say. What is
    found is fetched with its vector and its terms, and scored exactly.
    """

    def __init__(self, connection: Connection, encoder: Encoder) -> None:
        """Raises RequestError where Milvus holds records that another encoder made."""
        self._connection = connection
        self._encoder = encoder
        self._ledger = Ledger(connection)
        self._tables = {side: Table(connection, side) for side in Side}
        self._writing = RLock()
        self._check(self._ledger.state())

    @property
    def encoder_name(self) -> str:
        return self._encoder.name

    def pairing(self) -> Pairing | None:
        state = self._ledger.state()
        return state.pairing if state else None

    def count(self, side: Side) -> int:
        return self._tables[side].count() if self._ledger.state() else 0

    def add(self, records: Iterable[Record]) -> None:
        self._put(list(records), there=False)

    def update(self, records: Iterable[Record]) -> None:
        self._put(list(records), there=True)

    def delete(self, ids: Iterable[str]) -> int:
        with self._writing:
            gone = self._there(list(ids)) if self._ledger.state() else set()
            if gone:
                self.apply((), gone)
        return len(gone)

    def filter(self, side: Side, where: Sequence[Condition] = ()) -> frozenset[str]:
        asked = expression(where)
        return frozenset(self._tables[side].ids(asked)) if self._ledger.state() else frozenset()

    def by_vector(
        self, vector: FloatArray, side: Side, k: int, where: Sequence[Condition] = ()
    ) -> list[Found]:
        answers.checked(vector, self._encoder.dimension)
        asked = expression(where)
        if k < 1 or not self._ledger.state():
            return []
        near = self._tables[side].nearest(vector[None], k, asked)[0]
        cosines = np.array([cosine for _, cosine in near], dtype=np.float32)
        return answers.ranked([record_id for record_id, _ in near], cosines, k)

    def by_terms(
        self, text: str, side: Side, k: int, where: Sequence[Condition] = ()
    ) -> list[Found]:
        found = self._excerpt(side, self._by_terms(text, side, max(2 * k, LOOK), where))
        return answers.by_terms(found, text, side, k, None)

    def hybrid(
        self,
        text: str,
        side: Side,
        k: int,
        where: Sequence[Condition] = (),
        words: float = WORDS,
    ) -> list[Found]:
        look = max(LOOK, k)
        found = self.excerpt(text, side, look, where)
        return answers.hybrid(found, text, side, k, found.side(side).alive, words, look)

    def excerpt(
        self, text: str, side: Side, look: int = LOOK, where: Sequence[Condition] = ()
    ) -> Index:
        rows = self._by_terms(text, side, look, where)
        if self._ledger.state():
            vector = self._encoder.encode([text], query=side is Side.SUPPLY)
            rows |= {
                row.id: row for row in self._tables[side].near(vector, look, expression(where))
            }
        return self._excerpt(side, rows)

    def close(self) -> None:
        self._connection.close()

    @staticmethod
    def emptied(connection: Connection) -> None:
        """Takes out everything that is there, whatever it was made with."""
        for side in Side:
            Table(connection, side).drop()
        Ledger(connection).drop()

    def begin(self, catalog: str) -> None:
        """Makes an empty store for the records of a catalog."""
        with self._writing:
            self._begun(catalog)

    def apply(
        self,
        new: Iterable[Record],
        gone: Iterable[str] = (),
        *,
        made_of: tuple[str, int] = ("", 0),
        encode: Encoding | None = None,
    ) -> int:
        """Puts `new` in, in place of what is there under their ids, and takes `gone` out; returns
        how many were put in.

        `made_of` are the identity of the catalog and the version that the store then stands for.
        `encode` may know vectors that need not be made. Cut off anywhere, the same call once more
        ends it: what is half done is known by `Pairing.whole`, and counted anew.
        """
        with self._writing:
            state = self._ledger.state(now=True) or self._begun()
            if not state.pairing.whole:
                state = self._mended(state)
            state = replace(state, pairing=replace(state.pairing, whole=False))
            self._ledger.write(state)
            statistics = dict(self._ledger.statistics(state))
            before = sum(known.documents for known in statistics.values())
            self._take_out(gone, statistics)
            records, count = iter(new), 0
            while block := list(islice(records, _BLOCK)):
                self._put_in(block, statistics, encode or self.encode)
                count += len(block)
                state = self._ledger.save(state, statistics)
            if count > _MANY:
                for table in self._tables.values():
                    table.settle()
            after = sum(known.documents for known in statistics.values())
            if not before or after >= 2 * before:
                state = replace(state, background=self._background())
            made = replace(state.pairing, whole=True)
            if any(made_of):
                made = replace(made, catalog=made_of[0], version=made_of[1])
            self._ledger.save(replace(state, pairing=made), statistics)
            return count

    def _put(self, records: list[Record], *, there: bool) -> None:
        names = [record.id for record in records]
        answers.twice(names)
        with self._writing:
            known = self._there(names) if self._ledger.state() else set()
            answers.refuse([i for i in names if (i in known) is not there], there=not there)
            self.apply(records)

    def _there(self, ids: Sequence[str]) -> set[str]:
        return {row for table in self._tables.values() for row in table.present(ids)}

    def _begun(self, catalog: str = "") -> State:
        """The state of an empty store, whose collections are made."""
        for table in self._tables.values():
            table.make(self._encoder.dimension)
        encoder = self._encoder
        pairing = Pairing(catalog, 0, encoder.name, encoder.fingerprint, encoder.dimension)
        state = State(pairing, background=0.0, revision=0, bits=0)
        self._ledger.make(state)
        return state

    def _take_out(self, ids: Iterable[str], statistics: dict[Side, Statistics]) -> None:
        leaving = sorted(set(ids))
        for side, table in self._tables.items():
            self._replaced(side, leaving, statistics)
            table.delete(leaving)

    def _put_in(
        self, block: Sequence[Record], statistics: dict[Side, Statistics], encode: Encoding
    ) -> None:
        for side in Side:
            records = [record for record in block if record.side is side]
            if not records:
                continue
            ids = [record.id for record in records]
            self._replaced(side, ids, statistics)
            rows, known = make_rows(records, encode(records, side), statistics[side])
            self._tables[side].upsert(rows)
            statistics[side] = known.changed(statistics_of(rows), Statistics())
            moved = self._replaced(side.other, ids, statistics)
            self._tables[side.other].delete(moved)

    def _replaced(
        self, side: Side, ids: Sequence[str], statistics: dict[Side, Statistics]
    ) -> list[str]:
        """The ids that are there, whose texts no longer count."""
        if not statistics[side].documents:
            return []
        old = list(self._tables[side].fetch(ids))
        if old:
            statistics[side] = statistics[side].changed(Statistics(), statistics_of(old))
        return [row.id for row in old]

    def _mended(self, state: State) -> State:
        """The state after a write that was cut off, with statistics of what is there."""
        known, counted = self._ledger.statistics(state), {}
        for side, table in self._tables.items():
            counted[side] = Statistics(mean=known[side].mean)
            if not known[side].mean:
                # Cut off before the first records were counted: how they were weighed is not known.
                table.make(self._encoder.dimension)
                continue
            rows = table.scan()
            while block := list(islice(rows, _BLOCK)):
                counted[side] = counted[side].changed(statistics_of(block), Statistics())
        return self._ledger.save(state, counted)

    def _background(self) -> float:
        """How near unrelated texts are: measured anew whenever the store has doubled."""
        demand, supply = (
            self._tables[side].sample(_SAMPLE, self._encoder.dimension)
            for side in (Side.DEMAND, Side.SUPPLY)
        )
        return background_cosine(demand, supply)

    def encode(self, records: Sequence[Record], side: Side) -> FloatArray:
        """The vectors of records of one side, (n, dimension)."""
        texts = [record.text() for record in records]
        return self._encoder.encode(texts, query=side is Side.DEMAND)

    def _by_terms(
        self, text: str, side: Side, look: int, where: Sequence[Condition]
    ) -> dict[str, Row]:
        """The `look` best by the words as written, and as many by each rendering."""
        asked, state = expression(where), self._ledger.state()
        if state is None or look < 1:
            return {}
        known = self._ledger.statistics(state)[side]
        if not known.documents:
            return {}
        table = TokenTable.of([text])
        direct = expand(table, known.column, known.idf, float(np.log1p(known.documents + 0.5)))
        weights = {
            int(known.hashes[column]): float(weight * known.idf[column])
            for column, weight in zip(direct.indices, direct.data, strict=True)
            if column < len(known.hashes)
        }
        found = {row.id: row for row in self._tables[side].meeting(weights, look, asked)}
        for rendering in rendered(table, known):
            terms = known.hashes[rendering.facing.columns].tolist()
            weights = dict(zip(terms, rendering.weights(0).tolist(), strict=True))
            spoken = f"language_bits in [{rendering.other}, 3]"
            both = f"({asked}) and {spoken}" if asked else spoken
            found |= {row.id: row for row in self._tables[side].meeting(weights, look, both)}
        return found

    def _excerpt(self, side: Side, rows: dict[str, Row]) -> Excerpt:
        state = self._ledger.state() or State(
            Pairing("", 0, self._encoder.name, self._encoder.fingerprint, self._encoder.dimension),
            background=0.0,
            revision=0,
            bits=0,
        )
        return Excerpt(
            list(rows.values()),
            side,
            self._ledger.statistics(state),
            state.pairing,
            state.background,
            self._encoder,
            self._nearest,
            lambda name, said: self._tables[said].saying(name),
        )

    def _nearest(self, vectors: FloatArray, side: Side, k: int) -> FloatArray:
        found = self._tables[side].nearest(vectors, k, "")
        return np.array([[cosine for _, cosine in near] for near in found], dtype=np.float32)

    def _check(self, state: State | None) -> None:
        mine = self._encoder
        if state is None or state.pairing.fingerprint == mine.fingerprint:
            return
        name, made = self._connection.address.name, state.pairing
        raise RequestError(
            vi=f"Kho {name} được tạo bằng bộ mã hoá “{made.encoder}” ({made.dimension} chiều, "
            f"{made.fingerprint[:12]}), không phải “{mine.name}” ({mine.dimension} chiều, "
            f'{mine.fingerprint[:12]}). Đặt encoder = "{made.encoder}", hoặc lập lại kho: '
            "cungcau index --full",
            en=f"The store {name} was made with the encoder “{made.encoder}” (dimension "
            f"{made.dimension}, {made.fingerprint[:12]}), not “{mine.name}” (dimension "
            f'{mine.dimension}, {mine.fingerprint[:12]}). Set encoder = "{made.encoder}", or '
            "fill the store anew: cungcau index --full",
        )
