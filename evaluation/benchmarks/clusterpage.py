"""The last section of docs/scale.md: what 10⁸ records need, computed and not run."""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.benchmarks import cluster
from evaluation.benchmarks.cluster import CORES, GIB, HOURS, LINKS, MEMORY_GIB, REPLICAS, needs
from evaluation.benchmarks.fits import Fit, told
from evaluation.benchmarks.markdown import table

_ALSO = {
    "manyvectors": "the vectors alone of more (above)",
    "allpairs": "all-pairs matching in processes of that machine (above)",
    "stores": "the same searches over Milvus Lite, the cluster's client in one process (above)",
}


def cluster_section(row: Mapping[str, Any], seconds: Fit, others: Sequence[str]) -> str:
    """Computed from the largest size of one encoder and the growth of its indexing time.

    `others` are the documents whose sections stand above: what else was run.
    """
    found = needs(row, seconds)
    largest = f"{row['records']:,}"
    farther = found.records / row["records"]
    also = ", ".join(_ALSO[name] for name in others)
    lines = [
        f"## {found.records:,} records, encoder `{row['encoder']}`: extrapolated\n",
        f"**Run**: {largest} records on one machine{', ' if also else ''}{also}. **Not run**: "
        "anything below, "
        f"{farther:,.0f} times as many; no Milvus cluster, no second machine. Every figure is the "
        f"measured cost of a record at {largest} times the records; time alone follows the fitted "
        f"exponent, {told(seconds)}, and never less than linearly.\n",
        _needs_table(found),
        f"One kind of machine: {CORES} cores, {MEMORY_GIB} GiB, of which {cluster.USABLE:.0%} are "
        f"filled. **{found.machines} machines** answer: {REPLICAS} × {found.query_machines} query "
        "nodes, 2 for PostgreSQL, 3 for coordination, log and objects; "
        f"{found.encode_machines} more for a day encode.\n",
        _settings(found),
    ]
    return "\n".join(lines)


def _needs_table(found: cluster.Needs) -> str:
    def gib(size: float) -> str:
        return f"{size / GIB:,.0f} GiB"

    rows = [
        (
            "encoding, Ray",
            f"{found.encode_core_hours:,.0f} core hours",
            f"{found.encode_machines} machines for {HOURS:.0f} hours",
        ),
        ("the same on the machine measured", f"{found.alone_hours:,.0f} hours", "its whole index"),
        ("vectors, half precision, and links", gib(found.vector_bytes), f"HNSW, M = {LINKS}"),
        ("the same in 8 bits", gib(found.quantised_bytes), "HNSW_SQ, refined in half precision"),
        ("terms and weights", gib(found.term_bytes), "sparse inverted index"),
        (
            "fields of filters",
            gib(found.field_bytes),
            f"{cluster.FIELDS_BYTES} bytes each, assumed",
        ),
        ("**memory of one replica**", gib(found.answer_bytes), f"{found.query_machines} machines"),
        ("catalog", gib(found.catalog_bytes), "PostgreSQL, as large as SQLite assumed; on disk"),
    ]
    return table(("what", "needs", ""), rows)


def _settings(found: cluster.Needs) -> str:
    memory = MEMORY_GIB // 4
    return (
        "Settings that follow:\n\n"
        f"- Milvus: `num_shards={found.shards}`, `replica_number={REPLICAS}`, dense field "
        f"`FLOAT16_VECTOR({cluster.DIMENSION})` with `HNSW` (`M={LINKS}`, "
        "`efConstruction=200`, search `ef=128`), or `HNSW_SQ` (`sq_type=SQ8`, `refine=true`, "
        "`refine_type=FP16`) where memory is short; sparse field `SPARSE_INVERTED_INDEX` with "
        "metric `IP`; `INVERTED` on owner, place, field and price, `BITMAP` on TRL and "
        f"language; about {found.segments:,} segments of `dataCoord.segment.maxSize` "
        f"{cluster.SEGMENT_GIB * 1024} MB; partition key: the centre that keeps the record.\n"
        f"- PostgreSQL: `records` and `bodies` partitioned by hash of the id, 16 parts; "
        f"`shared_buffers` {memory} GiB, `effective_cache_size` {3 * memory} GiB, "
        "`max_wal_size` 16 GiB while importing; one standby.\n"
        f"- Ray: {found.encode_machines} workers × {CORES} processes, one thread each, shards of "
        "10,000 texts: a lost worker costs seconds.\n"
    )
