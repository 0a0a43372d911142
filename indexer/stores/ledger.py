"""What a Milvus store knows of itself: what it was filled from, and the statistics of its texts."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np

from indexer.errors import RequestError
from indexer.records import Side
from indexer.stores.connection import PREFIX, Connection
from indexer.stores.statistics import Statistics
from indexer.stores.store import Pairing

NAME = f"{PREFIX}ledger"
FORMAT = 1

_STATE = "state"
_FRESH = 1.0  # seconds for which another process's write may go unseen in the statistics
# Terms in one row of the ledger: 16 bytes each, and Milvus takes 65,535 of text.
_FULL, _FILLED = 3_000, 800
_COUNTS = 4  # numbers of each: itself, in how many texts it stands, and in those of each language
_AT_ONCE = 200  # rows in one request


@dataclass(frozen=True, slots=True)
class State:
    """`revision` counts writes, `bits` is how many of a term's number name its row here,
    `background` is described in `indexer.background`; `texts` are (documents, mean length,
    texts of each language) by side."""

    pairing: Pairing
    background: float
    revision: int
    bits: int
    texts: tuple[tuple[int, float, tuple[int, ...]], ...] = ()


class Ledger:
    """One collection beside those of the records; one thread at a time writes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._state: tuple[float, State] | None = None
        self._known: tuple[object, dict[Side, Statistics]] | None = None

    def state(self, *, now: bool = False) -> State | None:
        """What the store says of itself, as it was within the last second, or is `now`; None
        where there is none.

        Raises RequestError: another version of the program made it.
        """
        if not now and self._state and time.monotonic() - self._state[0] < _FRESH:
            return self._state[1]
        if not self._connection.ask("has_collection", NAME):
            return None
        rows = self._connection.ask("get", NAME, ids=[_STATE], output_fields=["body"])
        if not rows:
            return None
        state = _state_of(json.loads(rows[0]["body"]), self._connection.address.name)
        self._state = time.monotonic(), state
        return state

    def statistics(self, state: State) -> Mapping[Side, Statistics]:
        """Those of each side, read where they changed."""
        now = state.revision, state.bits, state.texts
        known = self._known
        if known is None or known[0] != now:
            known = self._known = now, self._read(state)
        return known[1]

    def make(self, state: State) -> None:
        """Makes the collection, with this state and no statistics."""
        from pymilvus import DataType, MilvusClient  # noqa: PLC0415 - optional

        self.drop()
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=64)
        schema.add_field("body", DataType.VARCHAR, max_length=65_535)
        schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=2)  # no collection is without one
        indexes = MilvusClient.prepare_index_params()
        indexes.add_index("nothing", index_type="FLAT", metric_type="IP")
        self._connection.ask(
            "create_collection",
            NAME,
            schema=schema,
            index_params=indexes,
            consistency_level="Strong",
        )
        self.write(state)

    def drop(self) -> None:
        self._state = self._known = None
        if self._connection.ask("has_collection", NAME):
            self._connection.ask("drop_collection", NAME)

    def write(self, state: State) -> None:
        body = json.dumps({"format": FORMAT, **asdict(state)})
        self._upsert({_STATE: body})
        self._state = time.monotonic(), state

    def save(self, state: State, statistics: Mapping[Side, Statistics]) -> State:
        """Writes the statistics, of which only rows that changed, and then the state with them."""
        bits, before = state.bits, dict(self.statistics(state))
        most = max(_fullest(known, bits) for known in statistics.values())
        if most > _FULL:
            terms = max(len(known.hashes) for known in statistics.values())
            bits = max(bits + 1, int(np.ceil(np.log2(terms / _FILLED))))
        old = {} if bits != state.bits else _bodies(before, bits)
        new = _bodies(statistics, bits)
        self._upsert({name: body for name, body in new.items() if old.get(name) != body})
        texts = tuple(
            (statistics[side].documents, statistics[side].mean, statistics[side].spoken)
            for side in Side
        )
        state = replace(state, revision=state.revision + 1, bits=bits, texts=texts)
        self.write(state)
        self._known = (state.revision, bits, texts), dict(statistics)
        return state

    def _upsert(self, bodies: Mapping[str, str]) -> None:
        rows = [{"id": name, "body": body, "nothing": [0.0, 0.0]} for name, body in bodies.items()]
        for start in range(0, len(rows), _AT_ONCE):
            self._connection.ask("upsert", NAME, rows[start : start + _AT_ONCE])

    def _read(self, state: State) -> dict[Side, Statistics]:
        if not state.texts:
            return {side: Statistics() for side in Side}
        found = {}
        for side, (documents, mean, spoken) in zip(Side, state.texts, strict=True):
            names = [f"{side}/{row}" for row in range(1 << state.bits)]
            bodies: dict[str, str] = {}
            for start in range(0, len(names), _AT_ONCE):
                some = names[start : start + _AT_ONCE]
                rows = self._connection.ask("get", NAME, ids=some, output_fields=["id", "body"])
                bodies |= {row["id"]: row["body"] for row in rows}
            parts = [_numbers(bodies[name]) for name in names if name in bodies]
            table = np.concatenate(parts) if parts else np.zeros((0, _COUNTS), dtype=np.uint32)
            held, *spread = table[:, 1:].astype(np.int64).T
            found[side] = Statistics(
                table[:, 0].copy(), held, np.stack(spread), documents, mean, tuple(spoken)
            )
        return found


def _fullest(known: Statistics, bits: int) -> int:
    rows = known.hashes.astype(np.int64) >> (32 - bits)
    return int(np.bincount(rows).max()) if len(rows) else 0


def _bodies(statistics: Mapping[Side, Statistics], bits: int) -> dict[str, str]:
    """Every row of the statistics, by its name: the terms whose first bits are its number."""
    found = {}
    for side, known in statistics.items():
        table = np.column_stack([known.hashes, known.held, known.spread.T]).astype("<u4")
        edges = np.arange((1 << bits) + 1, dtype=np.int64) << (32 - bits)
        bounds = np.searchsorted(known.hashes.astype(np.int64), edges)
        for row in range(1 << bits):
            body = table[bounds[row] : bounds[row + 1]].tobytes()
            found[f"{side}/{row}"] = base64.b64encode(body).decode()
    return found


def _numbers(body: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
    return np.frombuffer(base64.b64decode(body), dtype="<u4").reshape(-1, _COUNTS)


def _state_of(body: dict[str, object], name: str) -> State:
    if body.pop("format", None) != FORMAT:
        raise RequestError(
            vi=f"Kho {name} do một phiên bản khác của chương trình tạo. Lập lại: "
            "cungcau index --full",
            en=f"The store {name} was made by another version of the program. Fill it anew: "
            "cungcau index --full",
        )
    texts = tuple((many, mean, tuple(spoken)) for many, mean, spoken in body.pop("texts"))  # type: ignore[attr-defined]
    pairing = Pairing(**body.pop("pairing"))  # type: ignore[arg-type]
    return State(pairing=pairing, texts=texts, **body)  # type: ignore[arg-type]
