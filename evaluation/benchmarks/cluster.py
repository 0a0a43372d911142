"""What a collection past one machine needs of Milvus, PostgreSQL and Ray, from measured costs.

Nothing here was run at that size: every figure is a measured cost a record times the records, put
into machines of one kind by the rules below, which the page repeats.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.benchmarks.fits import Fit

RECORDS = 100_000_000  # the world's publications and patents, about
GIB = 2**30
# One kind of machine throughout.
CORES, MEMORY_GIB = 16, 64
USABLE = 0.7  # of a machine's memory, the rest is growth, queries and the system
REPLICAS = 2  # of everything that answers
HOURS = 24.0  # in which everything is to be encoded
DIMENSION = 256
LINKS = 16  # M of HNSW: 2 M links of 4 bytes on its lowest layer, and a tenth above
FIELDS_BYTES = 100  # id, version and filter fields of a record, in memory
SEGMENT_GIB = 1  # dataCoord.segment.maxSize, as Milvus ships
MOST_SHARDS = 16  # proxy.maxShardNum, as Milvus ships

_NOT_TERMS = ("vectors", "graph", "links", "places", "ids", "digests", "tokens", "CURRENT")


@dataclass(frozen=True)
class Needs:
    """Of `records` records; bytes and hours, machines of CORES cores and MEMORY_GIB."""

    records: int
    encode_core_hours: float
    encode_machines: int
    alone_hours: float
    vector_bytes: float
    quantised_bytes: float
    term_bytes: float
    field_bytes: float
    catalog_bytes: float
    segments: int
    shards: int

    @property
    def answer_bytes(self) -> float:
        return self.vector_bytes + self.term_bytes + self.field_bytes

    @property
    def query_machines(self) -> int:
        """Machines that hold one replica in memory."""
        return math.ceil(self.answer_bytes / (MEMORY_GIB * USABLE * GIB))

    @property
    def machines(self) -> int:
        """Query machines of all replicas, two for the catalog, three for coordination and log."""
        return REPLICAS * self.query_machines + 2 + 3


def needs(row: Mapping[str, Any], seconds: Fit, records: int = RECORDS) -> Needs:
    """From the largest size that was run, and the growth of the time its index takes."""
    share = records / row["records"]
    disk = row["disk"]
    kinds = {name.removeprefix("index/"): size for name, size in disk.items() if "index/" in name}
    terms = sum(size for name, size in kinds.items() if name not in _NOT_TERMS)
    encode = row["index"]["alone_us"]["encode"] / 1e6 * records / 3_600
    links = 2 * LINKS * 4 * 1.1
    vectors = records * (2 * DIMENSION + links)
    answer = vectors + terms * share + records * FIELDS_BYTES
    machines = math.ceil(answer / (MEMORY_GIB * USABLE * GIB))
    return Needs(
        records=records,
        encode_core_hours=encode,
        encode_machines=max(1, math.ceil(encode / (CORES * HOURS))),
        alone_hours=seconds.at(records) / 3_600,
        vector_bytes=vectors,
        quantised_bytes=records * (DIMENSION + links),
        term_bytes=terms * share,
        field_bytes=float(records * FIELDS_BYTES),
        catalog_bytes=disk["catalog"] * share,
        segments=math.ceil(answer / (SEGMENT_GIB * GIB)),
        shards=min(MOST_SHARDS, max(2, machines)),
    )
