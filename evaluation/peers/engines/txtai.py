"""txtai's hybrid index (NeuML), with its own approximate search of vectors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.peers.engines.engine import Filter, Given
from evaluation.peers.library import library
from indexer.encoder import FloatArray
from indexer.records import Record


class Txtai:
    """Without stored texts, as is fastest; its filters are SQL over stored fields, so that the
    first filtered question makes a second index that stores them."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._asking = False
        self._plain = self._made(content=False)
        self._stored: Any = None
        self._records: list[Record] = []

    def index(self, records: Sequence[Record]) -> None:
        self._records = list(records)
        self._plain.index((record.id, _clean(record.text()), None) for record in records)

    def add(self, records: Sequence[Record]) -> None:
        self._asking = False
        self._plain.upsert((record.id, _clean(record.text()), None) for record in records)

    def ask(self, text: str, k: int, where: Filter | None = None) -> list[str]:
        self._asking = True
        if where is None:
            return [name for name, _ in self._plain.search(_clean(text), k)]
        name, op, value = where
        written = value if isinstance(value, int) else f"'{value}'"
        asked = f"select id from txtai where similar(:text) and {name} {op} {written} limit {k}"
        found = self._filtered().search(asked, parameters={"text": _clean(text)})
        return [each["id"] for each in found]

    def batch(self, texts: Sequence[str], k: int) -> list[list[str]]:
        self._asking = True
        found = self._plain.batchsearch([_clean(text) for text in texts], k)
        return [[name for name, _ in one] for one in found]

    def _filtered(self) -> Any:  # noqa: ANN401 - txtai has no types
        if self._stored is None:
            self._asking = False
            self._stored = self._made(content=True)
            self._stored.index((r.id, _fields(r), None) for r in self._records)
            self._asking = True
        return self._stored

    def _made(self, *, content: bool) -> Any:  # noqa: ANN401
        embeddings = library("txtai", "txtai.embeddings").Embeddings

        def encode(texts: Sequence[str]) -> FloatArray:  # it takes a function and nothing else
            wanted = self._given.questions if self._asking else self._given.documents
            return np.asarray(wanted(list(texts)), dtype=np.float32)

        return embeddings(
            method="external", transform=encode, hybrid=True, gpu=False, content=content
        )


def _fields(record: Record) -> dict[str, Any]:
    trl = record.trl.high if record.trl else 0
    text = _clean(record.text())
    return {"text": text, "trl": trl, "place": record.place, "owner": record.owner}


def _clean(text: str) -> str:
    """Without halves of surrogate pairs, which its tokenizer refuses."""
    return text.encode(errors="replace").decode()


def engine(given: Given, _: Path, __: str) -> Txtai:
    return Txtai(given)
