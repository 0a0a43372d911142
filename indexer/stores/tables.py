"""The collection of one side in Milvus: its fields, and rows in and out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from indexer.encoder import FloatArray
from indexer.records import Side
from indexer.stores.columns import NUMBERS, TEXTS, quoted
from indexer.stores.connection import PREFIX, Connection
from indexer.stores.rows import Row

_Item = TypeVar("_Item")

_AT_ONCE = 500  # rows in one request: some 2 MB
_MOST = 16_384  # what Milvus gives in one answer
_KEPT = ["id", "digest", "length", "language_bits", "terms"]
_EF = 200  # candidates that HNSW looks at, at least; four times as many as are wanted


class Table:
    """Rows of one side. Every method raises RequestError where Milvus does not answer."""

    def __init__(self, connection: Connection, side: Side) -> None:
        self._connection = connection
        self.name = f"{PREFIX}{side}"

    def make(self, dimension: int) -> None:
        """Makes the collection, empty."""
        from pymilvus import DataType, MilvusClient  # noqa: PLC0415 - optional

        self.drop()
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=1024)
        schema.add_field("digest", DataType.VARCHAR, max_length=64)
        schema.add_field("length", DataType.INT64)
        schema.add_field("language_bits", DataType.INT64)
        for name in TEXTS:
            schema.add_field(name, DataType.VARCHAR, max_length=65_535)
        for name in NUMBERS:
            schema.add_field(name, DataType.DOUBLE)
        schema.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        indexes = MilvusClient.prepare_index_params()
        # Unit vectors: the inner product is the cosine, and that of an all-zero one is 0.
        if self._connection.address.lite:
            indexes.add_index("vector", index_type="FLAT", metric_type="IP")
        else:
            graph = {"M": 32, "efConstruction": 200}
            indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=graph)
        indexes.add_index("terms", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        self._connection.ask(
            "create_collection",
            self.name,
            schema=schema,
            index_params=indexes,
            consistency_level="Strong",
        )

    def drop(self) -> None:
        if self._connection.ask("has_collection", self.name):
            self._connection.ask("drop_collection", self.name)

    def count(self) -> int:
        answer = self._connection.ask("query", self.name, filter="", output_fields=["count(*)"])
        return int(answer[0]["count(*)"])

    def upsert(self, rows: Sequence[Row]) -> None:
        for some in _blocks(rows):
            self._connection.ask("upsert", self.name, [_entity(row) for row in some])

    def delete(self, ids: Sequence[str]) -> None:
        for some in _blocks(ids):
            self._connection.ask("delete", self.name, ids=list(some))

    def settle(self) -> None:
        """After many rows: has them indexed, so that searches need not look through them."""
        self._connection.ask("flush", self.name)

    def present(self, ids: Sequence[str]) -> Iterator[str]:
        for some in _blocks(ids):
            for entity in self._get(some, ["id"]):
                yield entity["id"]

    def fetch(self, ids: Sequence[str]) -> Iterator[Row]:
        """The rows of these ids, without their vectors."""
        for some in _blocks(ids):
            yield from map(_row, self._get(some, _KEPT))

    def ids(self, asked: str) -> Iterator[str]:
        """The ids of all rows that satisfy a filter."""
        return (entity["id"] for entity in self._all(asked, ["id"]))

    def scan(self) -> Iterator[Row]:
        """All rows, without their vectors."""
        return map(_row, self._all("", _KEPT))

    def saying(self, digest: str) -> list[str]:
        """The ids of the rows whose text has this digest."""
        asked = f"digest == {quoted(digest)}"
        found = self._connection.ask(
            "query", self.name, filter=asked, output_fields=["id"], limit=_AT_ONCE
        )
        return sorted(entity["id"] for entity in found)

    def sample(self, most: int, dimension: int) -> FloatArray:
        """The vectors of some rows, (n, dimension), in the order of their ids."""
        fields = ["id", "vector"]
        found = self._connection.ask(
            "query", self.name, filter='id != ""', output_fields=fields, limit=most
        )
        vectors = [entity["vector"] for entity in sorted(found, key=lambda entity: entity["id"])]
        return np.array(vectors, dtype=np.float32).reshape(-1, dimension)

    def nearest(self, vectors: FloatArray, k: int, asked: str) -> list[list[tuple[str, float]]]:
        """(id, cosine) of the `k` nearest rows of each vector (n, dimension)."""
        found = self._search("vector", vectors.tolist(), k, asked, ["id"])
        return [[(hit["id"], float(hit["distance"])) for hit in hits] for hits in found]

    def near(self, vector: FloatArray, k: int, asked: str) -> list[Row]:
        """The `k` rows nearest to a vector (1, dimension)."""
        found = self._search("vector", vector.tolist(), k, asked, [*_KEPT, "vector"])
        return [_row(hit["entity"]) for hit in found[0]]

    def meeting(self, weights: Mapping[int, float], k: int, asked: str) -> list[Row]:
        """The `k` rows of the largest inner product with these weights of terms, by hash."""
        positive = {term: weight for term, weight in weights.items() if weight > 0.0}
        if not positive:
            return []
        found = self._search("terms", [positive], k, asked, [*_KEPT, "vector"])
        return [_row(hit["entity"]) for hit in found[0] if hit["distance"] != 0.0]

    def _search(
        self, field: str, queries: list[Any], k: int, asked: str, fields: list[str]
    ) -> list[Any]:
        k = min(k, _MOST)
        options = {"ef": max(_EF, 4 * k)} if field == "vector" else {}
        found: list[Any] = self._connection.ask(
            "search",
            self.name,
            data=queries,
            anns_field=field,
            limit=k,
            filter=asked,
            output_fields=fields,
            search_params={"metric_type": "IP", "params": options},
        )
        return found

    def _get(self, ids: Sequence[str], fields: list[str]) -> Iterable[dict[str, Any]]:
        found: Iterable[dict[str, Any]] = self._connection.ask(
            "get", self.name, ids=list(ids), output_fields=fields
        )
        return found

    def _all(self, asked: str, fields: list[str]) -> Iterator[dict[str, Any]]:
        pages = self._connection.ask(
            "query_iterator",
            self.name,
            batch_size=_AT_ONCE * 4,
            filter=asked or 'id != ""',
            output_fields=fields,
        )
        try:
            while page := self._connection.explained(pages.next):
                yield from page
        finally:
            pages.close()


def _blocks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _entity(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "digest": row.digest,
        "length": row.length,
        "language_bits": row.language,
        **row.columns,
        "terms": dict(row.terms),
        "vector": row.vector.tolist(),
    }


def _row(entity: Mapping[str, Any]) -> Row:
    vector = np.array(entity.get("vector", ()), dtype=np.float32)
    return Row(
        entity["id"],
        entity["digest"],
        int(entity["length"]),
        int(entity["language_bits"]),
        {},
        entity["terms"],
        vector,
    )
