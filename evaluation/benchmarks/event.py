"""From two spreadsheets to a match list, everything included, process start too.

python -m evaluation.benchmarks.event --needs 2000 --offers 10000 --out event.json
"""

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.process import Usage, cungcau
from evaluation.benchmarks.synthetic import write_event
from indexer.encoder import DEFAULT_ENCODER


def event(
    *, needs: int, offers: int, words: int, encoder: str, seed: int, folder: Path
) -> dict[str, Any]:
    """Write the spreadsheets, then import, index and match them with the real commands.

    Writing them is not counted. Times are wall seconds of whole processes, memory is the
    largest resident set of any one process, in MiB (None where the system does not tell).
    """
    say(f"writing {needs} needs and {offers} offers of {words} words")
    needs_path, offers_path = write_event(
        folder, needs=needs, offers=offers, words=words, seed=seed
    )
    workspace, out = str(folder / "workspace"), folder / "out"
    stages = {
        "import needs": ["import", str(needs_path), "--side", "demand"],
        "import offers": ["import", str(offers_path), "--side", "supply"],
        "index": ["index", "--encoder", encoder],
        "match": ["match", "-k", "10", "--out", str(out)],
    }
    used: dict[str, Usage] = {}
    for stage, arguments in stages.items():
        used[stage] = cungcau([*arguments, "--workspace", workspace])
        say(f"{stage}: {used[stage].seconds:.1f} s, {used[stage].peak_mib} MiB")
    peaks = [usage.peak_mib for usage in used.values() if usage.peak_mib is not None]
    return {
        "benchmark": "event",
        "needs": needs,
        "offers": offers,
        "words": words,
        "encoder": encoder,
        "seed": seed,
        "stages": {
            stage: {"seconds": round(usage.seconds, 2), "peak_mib": usage.peak_mib}
            for stage, usage in used.items()
        },
        "seconds": round(sum(usage.seconds for usage in used.values()), 2),
        "peak_mib": max(peaks, default=None),
        "matches": _lines(out / "match-list.jsonl"),
        "machine": machine.describe(),
    }


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def main(
    needs: Annotated[int, typer.Option(min=1, help="How many needs.")] = 2_000,
    offers: Annotated[int, typer.Option(min=1, help="How many offers.")] = 10_000,
    words: Annotated[int, typer.Option(min=10, help="Words of text in each record.")] = 100,
    encoder: Annotated[str, typer.Option(help="As `cungcau index` takes it.")] = DEFAULT_ENCODER,
    seed: Annotated[int, typer.Option(help="The same seed gives the same spreadsheets.")] = 7,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Time import, index and match of a synthetic event; prints one JSON document."""
    with tempfile.TemporaryDirectory(prefix="cungcau-event-") as folder:
        document = event(
            needs=needs,
            offers=offers,
            words=words,
            encoder=encoder,
            seed=seed,
            folder=Path(folder),
        )
        emit(document, out)


if __name__ == "__main__":
    typer.run(main)
