"""The event benchmark at growing numbers of offers and a fixed number of needs.

    python -m evaluation.benchmarks.growth --out docs/performance/growth.json

Needs stay fixed (200), so that the curves show what more offers cost and nothing else.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.event import event
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.plot import draw_growth
from indexer.encoder import STATIC


def growth(
    *, offers: Sequence[int], needs: int, words: int, encoder: str, seed: int
) -> dict[str, Any]:
    """One event a size; each starts from nothing in its own folder."""
    sizes = []
    for count in offers:
        say(f"— {count} offers")
        with tempfile.TemporaryDirectory(prefix="cungcau-growth-") as folder:
            found = event(
                needs=needs,
                offers=count,
                words=words,
                encoder=encoder,
                seed=seed,
                folder=Path(folder),
            )
        sizes.append({key: found[key] for key in ("offers", "stages", "seconds", "peak_mib")})
    return {
        "benchmark": "growth",
        "needs": needs,
        "words": words,
        "encoder": encoder,
        "seed": seed,
        "sizes": sizes,
        "machine": machine.describe(),
    }


def main(
    offers: Annotated[list[int] | None, typer.Option(help="A size; may be repeated.")] = None,
    needs: Annotated[int, typer.Option(min=1, help="Needs, the same at every size.")] = 200,
    words: Annotated[int, typer.Option(min=10, help="Words of text in each record.")] = 100,
    encoder: Annotated[str, typer.Option(help="As `cungcau index` takes it.")] = STATIC,
    seed: Annotated[int, typer.Option(help="The same seed gives the same spreadsheets.")] = 7,
    out: Annotated[
        Path | None, typer.Option(help="Also save the JSON here, and a plot beside it (.svg).")
    ] = None,
) -> None:
    """Time the event at 1,000, 10,000 and 100,000 offers; prints one JSON document."""
    sizes = offers or [1_000, 10_000, 100_000]
    document = growth(offers=sizes, needs=needs, words=words, encoder=encoder, seed=seed)
    emit(document, out)
    if out is not None:
        draw_growth(document, out.with_suffix(".svg"))
        say(f"saved {out.with_suffix('.svg')}")


if __name__ == "__main__":
    typer.run(main)
