"""What each ingredient of the training is worth: short courses of the contextual encoder.

    python -m evaluation.benchmarks.ablation ../shared/data/parallel datasets/techmart-pairs \\
        --titled ../shared/data/train --collections ../shared/data/collections \\
        --real ../shared/data/real/event-offers.xlsx --work training-work \\
        --tatoeba ../shared/data/parallel-test/tatoeba1000_laser_test.tsv.gz

Every course has the same steps from the same start, but for the one thing it goes without. Rows
are compared by cosine alone: no words, no lexicon, texts cut at the length of training. Minutes a
course; `--work` is the folder of the training, whose teacher's rows are used again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.markdown import table
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.tatoeba import found_share, read_pairs
from evaluation.collections import Collection
from evaluation.judged import judged_event, real_event
from evaluation.loading import load_collection
from evaluation.metrics import measure
from evaluation.runs import Ranking, Scores, best
from indexer.training.corpus import read_corpus
from indexer.training.making import LAYERS, STEPS, Making

if TYPE_CHECKING:
    from indexer.training.student import Student

_DATASETS = Path(__file__).parents[2] / "datasets"
_MEASURE = "nDCG@10"
_READ_AT_ONCE = 128
_COLLECTIONS = ("xquad_viq_endoc", "xquad_vi_vi")

Encode = Callable[[Sequence[str]], Scores]


@dataclass(frozen=True)
class Variant:
    """One course: what it goes without, by name."""

    name: str
    without: tuple[str, ...] = ()
    layers: tuple[int, ...] = LAYERS
    transplanted: bool = True


VARIANTS = (
    Variant("everything"),
    Variant("without the teacher's rows", ("teacher",)),
    Variant("without translations finding one another", ("translations",)),
    Variant("without needs and offers", ("needs",)),
    Variant("without titled texts", ("titles",)),
    Variant("without unaccented Vietnamese", ("unaccented",)),
    Variant("Vietnamese pieces from a random start", transplanted=False),
    Variant("one layer", layers=(0,)),
    Variant("no layer: the mean of piece vectors", layers=()),
)


def trained(making: Making, variant: Variant, steps: int) -> "Student":
    """The student after a course of this many steps."""
    student, course = making.course(
        steps, variant.layers, without=variant.without, transplanted=variant.transplanted
    )
    name = "".join(c if c.isalnum() else "-" for c in variant.name)
    course.run(making.kept(f"ablation-{steps}-{name}.pt"), making.progress)
    return student


def encoding(making: Making, student: "Student") -> Encode:
    """Texts to unit rows."""
    import torch  # noqa: PLC0415

    from indexer.training.lessons import LONGEST  # noqa: PLC0415

    making.tokenizer.enable_truncation(LONGEST)

    def encode(texts: Sequence[str]) -> Scores:
        ids = [each.ids for each in making.tokenizer.encode_batch(list(texts))]
        rows = np.zeros((len(texts), student.width), dtype=np.float32)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        with torch.no_grad():
            for start in range(0, len(ids), _READ_AT_ONCE):
                chosen = order[start : start + _READ_AT_ONCE]
                rows[chosen] = student.read([ids[i] for i in chosen]).cpu().numpy()
        return rows

    return encode


def quality(encode: Encode, collection: Collection) -> float:
    """nDCG@10 of ranking by cosine."""
    cosines = encode(collection.queries) @ encode(collection.documents).T
    run = {}
    for query, row in zip(collection.query_ids, cosines, strict=True):
        rows = best(row, 10)
        run[query] = Ranking(tuple(collection.document_ids[i] for i in rows), row[rows])
    return measure(run, collection.qrels).mean[_MEASURE]


def ablation(
    making: Making,
    collections: Sequence[Collection],
    pairs: Sequence[tuple[str, str]],
    steps: int,
) -> Iterator[dict[str, Any]]:
    """One row a variant."""
    for variant in VARIANTS:
        encode = encoding(making, trained(making, variant, steps))
        figures = {each.name: round(quality(encode, each), 4) for each in collections}
        if pairs:
            figures["Tatoeba"] = round(found_share(encode, pairs), 4)
        say(f"{variant.name}: {figures}")
        yield {"variant": variant.name, "figures": figures}


def page(document: Mapping[str, Any]) -> str:
    """indexer/models/ablation.md."""
    whole, *others = document["rows"]
    names = list(whole["figures"])
    rows = [[whole["variant"], *(f"{whole['figures'][name]:.3f}" for name in names)]]
    for row in others:
        gained = (row["figures"][name] - whole["figures"][name] for name in names)
        rows.append([row["variant"], *(f"{each:+.3f}" for each in gained)])
    host = document["machine"]
    return "\n".join(
        [
            "# What each ingredient of the training is worth\n",
            "Written by `python -m evaluation.benchmarks.ablation`; do not edit. Courses of "
            f"{document['steps']} steps (the shipped encoder had {STEPS:,}) from the same start, "
            "each without one thing; dense rows alone, texts cut at the length of training. "
            f"{document['measure']} of all needs (Tatoeba: share of translations found); the first "
            "line is the figure, the others what changes. *real* are needs in the askers' own "
            "words, *bare* those typed without accents. One course each: differences below about "
            ".01 are noise.\n",
            table(["course", *names], rows),
            f"<sub>{host['cpu']}, {host['cores']} cores, {host['date']}</sub>\n",
        ]
    )


def _collections(folder: Path | None, demo: Path, real: Path | None) -> list[Collection]:
    found = [load_collection(folder / name) for name in _COLLECTIONS] if folder else []
    found += [each for each in judged_event(demo) if "→" not in each.name]
    if real is not None:
        found += list(real_event(_DATASETS / "real-event-needs", real))
    return found


def main(
    pairs: Annotated[list[Path], typer.Argument(help="Folders of pairs.")],
    titled: Annotated[list[Path] | None, typer.Option(help="Folders of titled texts.")] = None,
    collections: Annotated[Path | None, typer.Option(help="A folder of BEIR folders.")] = None,
    real: Annotated[Path | None, typer.Option(help="event-offers.xlsx of the real event.")] = None,
    tatoeba: Annotated[Path | None, typer.Option()] = None,
    demo: Annotated[Path, typer.Option()] = _DATASETS / "techmart-demo",
    work: Annotated[Path, typer.Option()] = Path("training-work"),
    steps: Annotated[int, typer.Option(min=1)] = 200,
    out: Annotated[Path | None, typer.Option()] = None,
    page_out: Annotated[Path | None, typer.Option("--page")] = None,
) -> None:
    """Measure, print one JSON document, and write the page where asked."""
    work.mkdir(parents=True, exist_ok=True)
    making = Making(read_corpus(pairs, titled or [], []), work, lambda *_: None)
    judged = _collections(collections, demo, real)
    sentences = read_pairs(tatoeba) if tatoeba is not None else []
    rows = list(ablation(making, judged, sentences, steps))
    document = {
        "benchmark": "ablation",
        "measure": _MEASURE,
        "steps": steps,
        "rows": rows,
        "machine": machine.describe(),
    }
    emit(document, out)
    if page_out is not None:
        page_out.write_text(page(document), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    typer.run(main)
