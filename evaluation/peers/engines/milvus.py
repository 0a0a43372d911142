"""Milvus Lite as its documentation builds a hybrid search: dense vectors and its own BM25, RRF."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evaluation.peers.engines.engine import LOOK, RRF, Filter, Given
from evaluation.peers.library import library
from indexer.records import Record

_NAME, _BLOCK, _LONGEST = "records", 1_000, 60_000


class Milvus:
    """One collection in one file."""

    def __init__(self, given: Given, folder: Path) -> None:
        self._given = given
        self._library = library("milvus", "pymilvus")
        self._client = self._library.MilvusClient(str(folder / "peer.milvus.db"))
        self._there = False

    def index(self, records: Sequence[Record]) -> None:
        self.add(records)

    def add(self, records: Sequence[Record]) -> None:
        vectors = self._given.documents([record.text() for record in records])
        if not self._there:
            self._create(vectors.shape[1])
        for start in range(0, len(records), _BLOCK):
            part = zip(records[start : start + _BLOCK], vectors[start:], strict=False)
            self._client.insert(_NAME, [_row(record, vector) for record, vector in part])
        self._client.flush(_NAME)

    def ask(self, text: str, k: int, where: Filter | None = None) -> list[str]:
        return self._answers([text], k, where)[0]

    def batch(self, texts: Sequence[str], k: int) -> list[list[str]]:
        return self._answers(texts, k, None)

    def _answers(self, texts: Sequence[str], k: int, where: Filter | None) -> list[list[str]]:
        asked = "" if where is None else _expression(where)
        request = self._library.AnnSearchRequest
        vectors = self._given.questions(texts).tolist()
        near = request(vectors, "vector", {"metric_type": "IP"}, LOOK, expr=asked or None)
        said = request(list(texts), "words", {"metric_type": "BM25"}, LOOK, expr=asked or None)
        ranker = self._library.RRFRanker(RRF)
        found = self._client.hybrid_search(_NAME, [near, said], ranker, k, output_fields=["id"])
        return [[hit["id"] for hit in hits] for hits in found]

    def _create(self, dimension: int) -> None:
        kinds, client = self._library.DataType, self._client
        schema: Any = client.create_schema(auto_id=False)
        schema.add_field("id", kinds.VARCHAR, is_primary=True, max_length=200)
        schema.add_field("text", kinds.VARCHAR, max_length=65_535, enable_analyzer=True)
        schema.add_field("vector", kinds.FLOAT_VECTOR, dim=dimension)
        schema.add_field("words", kinds.SPARSE_FLOAT_VECTOR)
        schema.add_field("trl", kinds.INT64)
        for name in ("place", "owner"):
            schema.add_field(name, kinds.VARCHAR, max_length=1_000)
        function = self._library.Function(
            name="bm25",
            function_type=self._library.FunctionType.BM25,
            input_field_names=["text"],
            output_field_names=["words"],
        )
        schema.add_function(function)
        wanted = client.prepare_index_params()
        wanted.add_index("vector", index_type="HNSW", metric_type="IP")
        wanted.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        client.create_collection(_NAME, schema=schema, index_params=wanted)
        self._there = True


def _row(record: Record, vector: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of an array
    return {
        "id": record.id,
        "text": record.text()[: _LONGEST // 4],  # its limit is in bytes
        "vector": vector.tolist(),
        "trl": record.trl.high if record.trl else 0,
        "place": record.place,
        "owner": record.owner,
    }


def _expression(where: Filter) -> str:
    name, op, value = where
    written = str(value) if isinstance(value, int) else f'"{value}"'
    return f"{name} {'==' if op == '=' else op} {written}"


def engine(given: Given, folder: Path, _: str) -> Milvus:
    return Milvus(given, folder)
