"""How long candidate pairs take to score: python -m evaluation.benchmarks.scoring

Records are synthetic, pairs drawn among them; encoding the records for the index is not counted,
everything the score itself asks for is, the vectors of passages too.
"""

import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.synthetic import write_event
from evaluation.matching import memory_index
from indexer.encoder import STATIC
from indexer.encoders.loading import load_encoder
from indexer.importing.files import read_records
from indexer.records import Record, Side
from matcher.passages import shipped_passages
from matcher.rating import rate
from matcher.score import ScoreModel


def scoring(*, needs: int, offers: int, pairs: int, words: int, seed: int) -> dict[str, Any]:
    """Seconds to score this many pairs, the first time the records are read and once more."""
    with tempfile.TemporaryDirectory(prefix="cungcau-scoring-") as folder:
        paths = write_event(Path(folder), needs=needs, offers=offers, words=words, seed=seed)
        batch = read_records(list(paths))
    records: dict[Side, list[Record]] = {
        side: sorted((one for one in batch.records if one.side is side), key=lambda one: one.id)
        for side in Side
    }
    encoder = load_encoder(STATIC)
    vectors = {
        side: encoder.encode([one.text() for one in records[side]], query=side is Side.DEMAND)
        for side in Side
    }
    index = memory_index(records, encoder, vectors)
    random = np.random.default_rng(seed)
    sizes = len(records[Side.DEMAND]), len(records[Side.SUPPLY])
    drawn = np.sort(random.choice(sizes[0] * sizes[1], min(pairs, sizes[0] * sizes[1]), False))
    places = np.column_stack([drawn // sizes[1], drawn % sizes[1]])
    similarities = random.random(len(places), dtype=np.float32)
    model = ScoreModel.load(STATIC)
    shipped_passages().names(["warm"])
    seconds: list[float] = []
    cpu: list[float] = []
    for _ in range(2):
        started, worked = time.perf_counter(), time.process_time()
        rate(index, records[Side.DEMAND], records[Side.SUPPLY], places, similarities, model)
        seconds.append(round(time.perf_counter() - started, 2))
        cpu.append(round(time.process_time() - worked, 2))
        say(f"{len(places)} pairs: {seconds[-1]} s, {cpu[-1]} s of processor")
    return {
        "benchmark": "scoring",
        "needs": sizes[0],
        "offers": sizes[1],
        "pairs": len(places),
        "words": words,
        "seed": seed,
        "seconds": {"first": seconds[0], "again": seconds[1]},
        "processor_seconds": {"first": cpu[0], "again": cpu[1]},
        "machine": machine.describe(),
    }


def main(
    needs: Annotated[int, typer.Option(min=1, help="How many needs.")] = 2_000,
    offers: Annotated[int, typer.Option(min=1, help="How many offers.")] = 10_000,
    pairs: Annotated[int, typer.Option(min=1, help="How many pairs are scored.")] = 1_000_000,
    words: Annotated[int, typer.Option(min=10, help="Words of text in each record.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed gives the same records.")] = 7,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Time the score of candidate pairs; prints one JSON document."""
    emit(scoring(needs=needs, offers=offers, pairs=pairs, words=words, seed=seed), out)


if __name__ == "__main__":
    typer.run(main)
