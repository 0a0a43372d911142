"""How far two assessors agree, who graded the same pairs of need and offer apart.

python -m evaluation.agreement datasets/techmart-demo/passes.tsv
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from evaluation.measures.intervals import Interval, percentiles
from indexer.errors import RequestError

GRADES = (0, 1, 2, 3)
_RESAMPLES = 2_000
_SEED = 20261122

Table = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Agreement:
    """`kappa` is weighted by the square of the difference (Cohen 1968); 1 agrees, 0 is chance.

    `table[i][j]` counts the pairs graded i by the first and j by the second; `interval` is the
    95% bootstrap interval of kappa over pairs.
    """

    pairs: int
    kappa: float
    interval: Interval
    table: tuple[tuple[int, ...], ...]


def agreement(first: Sequence[int], second: Sequence[int]) -> Agreement:
    """Grades 0 to 3 of the same pairs, in the same order.

    Raises RequestError where there are none, or the two differ in number.
    """
    if len(first) != len(second) or not first:
        raise RequestError(
            vi=f"Cần hai dãy điểm bằng nhau, ở đây có {len(first)} và {len(second)}.",
            en=f"Two equally long lists of grades are needed, here are {len(first)} and "
            f"{len(second)}.",
        )
    counts = np.zeros((len(GRADES), len(GRADES)), dtype=np.int64)
    np.add.at(counts, (np.asarray(first), np.asarray(second)), 1)
    random = np.random.default_rng(_SEED)
    share = counts.ravel() / counts.sum()
    drawn = random.multinomial(counts.sum(), share, _RESAMPLES).reshape(-1, *counts.shape)
    return Agreement(
        len(first),
        _kappa(counts),
        percentiles(np.array([_kappa(each) for each in drawn]), 0.95),
        tuple(tuple(row) for row in counts.tolist()),
    )


def _kappa(counts: Table) -> float:
    """1 less the disagreement there is, as a share of what chance would make."""
    grades = np.asarray(GRADES)
    apart = (grades[:, None] - grades[None, :]) ** 2
    chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    expected = float((apart * chance).sum())
    return 1.0 if expected == 0 else 1.0 - float((apart * counts).sum()) / expected


def read_passes(path: Path) -> tuple[list[int], list[int]]:
    """The grades of a tab-separated file with the columns need, offer, first, second.

    Raises RequestError naming the line that is not such a one.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    found: tuple[list[int], list[int]] = ([], [])
    for number, row in enumerate(rows[1:], start=2):
        grades = row[2:]
        if len(row) != 4 or any(grade not in {"0", "1", "2", "3"} for grade in grades):
            raise RequestError(
                vi=f"{path}, dòng {number}: cần bốn cột need, offer, first, second; điểm 0 đến 3.",
                en=f"{path}, line {number}: four columns are needed: need, offer, first, second; "
                "grades 0 to 3.",
            )
        for grade, side in zip(grades, found, strict=True):
            side.append(int(grade))
    return found


def main(passes: Annotated[Path, typer.Argument(help="need, offer, first, second")]) -> None:
    """Print the agreement and the table of grades."""
    try:
        found = agreement(*read_passes(passes))
    except RequestError as error:
        typer.echo(error, err=True)
        raise typer.Exit(error.exit_code) from None
    low, high = found.interval.low, found.interval.high
    typer.echo(f"{found.pairs} pairs, weighted kappa {found.kappa:.3f} ({low:.3f} to {high:.3f})")
    typer.echo("first \\ second  " + "  ".join(f"{grade:>5}" for grade in GRADES))
    for grade, row in zip(GRADES, found.table, strict=True):
        typer.echo(f"{grade:>14}  " + "  ".join(f"{count:>5}" for count in row))


if __name__ == "__main__":
    typer.run(main)
