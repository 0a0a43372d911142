"""The sections of docs/performance.md on encoders and on a search in a running process."""

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.benchmarks.markdown import table

Document = Mapping[str, Any]


def encoding_tables(document: Document) -> Iterator[str]:
    """Documents a second beside the peers, loading, size."""
    rates, times = document["documents_per_second"], document["times_minilm"]
    yield (
        f"## Encoders\n\n{document['documents']:,} documents of {document['words']} words, "
        f"median of {document['runs']} runs in turns.\n"
    )
    rows = [(name, f"{rate:,.0f}", f"{times[name]:,.1f}×") for name, rate in rates.items()]
    yield table(("system", "documents a second", "of all-MiniLM"), rows)
    loading = ", ".join(f"{name} {s:.2f} s" for name, s in document["loading_seconds"].items())
    packed = document["mib"]
    sizes = ", ".join(f"{name} {mib:.1f}" for name, mib in packed.items())
    yield (
        f"From asking for an encoder to its first vector, in a new process: {loading}. "
        f"In the wheel, MiB: {sizes}; "
        f"together {sum(packed.values()):.1f}.\n"
    )


def query_tables(document: Document) -> Iterator[str]:
    """Milliseconds of one search by the words of the query."""
    yield (
        f"## One search in a running process\n\n{document['records']:,} records, encoder "
        f"`{document['encoder']}`, median milliseconds of {document['queries']} queries. "
        "*Retrieve* encodes the query and ranks by words and meaning; *search* also reads the "
        "records, applies the rules of a list and finds the evidence. *Peer* ranks by bm25s and "
        "all-MiniLM with a flat FAISS index, fused by rank, over the same texts; the ratio is that "
        "of retrieving.\n"
    )
    rows = [
        (
            words,
            *(f"{taken[part]:.1f}" for part in ("encode", "retrieve", "search")),
            *_against(taken),
        )
        for words, taken in document["milliseconds"].items()
    ]
    yield table(("words of the query", "encode", "retrieve", "search", "peer", "ratio"), rows)


def _against(taken: Mapping[str, float]) -> tuple[str, str]:
    if "peer" not in taken:
        return "–", "–"
    return f"{taken['peer']:.1f}", f"{taken['peer'] / taken['retrieve']:.1f}×"
