"""The guard of quality: figures of today against committed ones, query by query.

    python -m evaluation.guard             exit 1 where quality dropped beyond noise
    python -m evaluation.guard --update    write the figures of today as the new baselines

A baseline (`evaluation/baselines/*.json`) holds, for one collection of this repository, the
nDCG@10 of every query under every system. A system has dropped where its mean is lower

- by more than 0.03, or
- by more than 0.01, and a paired one-sided randomisation test over the queries gives p < 0.05.

So one query that moves a little passes, and so do many that move both ways; a small loss that most
queries share does not, and a large one never. Figures repeat to the last digit on one machine:
noise is what another processor's rounding, or a change of the code that was meant to be neutral,
does to single queries. Values are compared to four decimals: a hair's breadth in one direction
would look like a loss that all queries share. Small losses cannot add up unseen, because the
baseline stays until `--update`. Where the collection itself changed, its figures are no measure of
the code: that fails too, and says so.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from pathlib import Path
from typing import Annotated

import typer

from evaluation.collections import Collection
from evaluation.comparison import Change, compare
from evaluation.loading import load_collections
from evaluation.page import wording
from evaluation.run import Result, evaluate
from evaluation.saved import Saved, saved
from indexer.bilingual import Bilingual
from indexer.errors import RequestError

MEASURE = "nDCG@10"
SYSTEMS = (
    "bm25",
    "lexicon",
    "dense:static",
    "dense:contextual",
    "hybrid:static",
    "hybrid:contextual",
)
GUARDED = ("datasets/techmart-demo",)

_ROOT = Path(__file__).parents[1]
_BASELINES = Path(__file__).parent / "baselines"
_FALL, _SLIP, _UNLIKELY = 0.03, 0.01, 0.05
_NAMED = 3  # queries a message names


@dataclass(frozen=True)
class Baseline:
    """The committed figures of one collection: `systems` maps system to {query: nDCG@10}.

    `path` is the collection's, from the root of the repository; `fingerprint` tells whether its
    texts and judgements are still those the figures were taken on.
    """

    path: str
    collection: str
    fingerprint: str
    systems: Mapping[str, Mapping[str, float]] = field(repr=False)


@dataclass(frozen=True)
class Drop:
    """A system that fell beyond noise; `lost` are the queries that lost most."""

    collection: str
    system: str
    before: float
    after: float
    p: float
    lost: tuple[Change, ...]

    def sentence(self) -> Bilingual:
        before, after = wording.number(self.before), wording.number(self.after)
        p = wording.chance(self.p)
        vi = (
            f"{c.query} {wording.number(c.theirs).vi} → {wording.number(c.ours).vi}"
            for c in self.lost
        )
        en = (
            f"{c.query} {wording.number(c.theirs).en} → {wording.number(c.ours).en}"
            for c in self.lost
        )
        return Bilingual(
            f"{self.collection}, {self.system}: {MEASURE} giảm từ {before.vi} xuống {after.vi} "
            f"({p.vi}). Mất nhiều nhất: {'; '.join(vi)}.",
            f"{self.collection}, {self.system}: {MEASURE} fell from {before.en} to {after.en} "
            f"({p.en}). Lost most: {'; '.join(en)}.",
        )


def check(baseline: Baseline, results: Sequence[Result]) -> tuple[Drop, ...]:
    """The systems of a baseline that dropped, by the rule above.

    Raises RequestError where the collection is not the one of the baseline any more, or a
    system of the baseline was not measured.
    """
    found = []
    measured = {result.system: result for result in results}
    for system, before in baseline.systems.items():
        if system not in measured:
            raise RequestError(
                vi=f"{baseline.collection}: chưa đo hệ thống “{system}” của mốc so sánh.",
                en=f"{baseline.collection}: the baseline's system “{system}” was not measured.",
            )
        result = measured[system]
        _refuse_changed(baseline, result.judged)
        drop = _drop(baseline.collection, before, saved(result))
        found += [drop] if drop else []
    return tuple(found)


def _drop(collection: str, before: Mapping[str, float], result: Saved) -> Drop | None:
    now = Saved(collection, result.system, _only(result.per_query), result.texts)
    committed = {query: {MEASURE: value} for query, value in before.items()}
    moved = compare(now, Saved(collection, result.system, committed, {}), MEASURE)
    # Signs are flipped at random: one side of that is half of both.
    p = moved.p / 2
    fell = -moved.mean
    if fell <= _SLIP or (fell <= _FALL and p >= _UNLIKELY):
        return None
    mean = fsum(before.values()) / len(before)
    lost = tuple(change for change in moved.changes if change.gained < 0)
    return Drop(collection, result.system, mean, mean + moved.mean, p, lost[:_NAMED])


def _only(per_query: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {query: {MEASURE: round(values[MEASURE], 4)} for query, values in per_query.items()}


def fingerprint(collection: Collection) -> str:
    """The same for the same texts and judgements, whatever their order."""
    content = [
        sorted(zip(collection.document_ids, collection.documents, strict=True)),
        sorted(zip(collection.query_ids, collection.queries, strict=True)),
        {query: dict(sorted(grades.items())) for query, grades in sorted(collection.qrels.items())},
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _refuse_changed(baseline: Baseline, collection: Collection) -> None:
    if fingerprint(collection) != baseline.fingerprint:
        raise RequestError(
            vi=f"{baseline.collection}: nội dung hoặc đánh giá đã đổi so với mốc so sánh. "
            "Nếu cố ý, chạy “python -m evaluation.guard --update”.",
            en=f"{baseline.collection}: its texts or judgements are not those of the baseline. "
            "Where that is meant, run “python -m evaluation.guard --update”.",
        )


def take(path: str, results: Sequence[Result]) -> Baseline:
    """The baseline that these results of one collection make."""
    judged = results[0].judged
    return Baseline(
        path,
        judged.name,
        fingerprint(judged),
        {
            result.system: {query: v[MEASURE] for query, v in _only(result.per_query).items()}
            for result in results
        },
    )


def write_baseline(baseline: Baseline, file: Path) -> None:
    body = {
        "path": baseline.path,
        "collection": baseline.collection,
        "fingerprint": baseline.fingerprint,
        "measure": MEASURE,
        "systems": baseline.systems,
    }
    text = json.dumps(body, ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8", newline="\n")


def read_baseline(file: Path) -> Baseline:
    """Raises RequestError naming a file that is not a baseline."""
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        systems = {
            name: {query: float(value) for query, value in values.items()}
            for name, values in body["systems"].items()
        }
        return Baseline(body["path"], body["collection"], body["fingerprint"], systems)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RequestError(
            vi=f"Không đọc được mốc so sánh “{file}”; ghi lại bằng "
            "“python -m evaluation.guard --update”.",
            en=f"The baseline “{file}” cannot be read; write it anew with "
            "“python -m evaluation.guard --update”.",
        ) from error


def _measure(path: str, systems: Sequence[str]) -> list[Result]:
    """The whole of a collection, which stands first, under these systems."""
    return evaluate([load_collections(_ROOT / path)[0]], list(systems))


def main(
    update: Annotated[bool, typer.Option("--update", help="Write new baselines.")] = False,
) -> None:
    """Fail where match quality dropped beyond noise."""
    try:
        dropped = _update() if update else _guard()
    except RequestError as error:
        typer.echo(f"{error.message.vi}\n{error.message.en}", err=True)
        raise typer.Exit(error.exit_code) from error
    if dropped:
        raise typer.Exit(1)


def _update() -> int:
    _BASELINES.mkdir(exist_ok=True)
    for path in GUARDED:
        file = _BASELINES / f"{Path(path).name}.json"
        write_baseline(take(path, _measure(path, SYSTEMS)), file)
        typer.echo(f"{file.relative_to(_ROOT)}")
    return 0


def _guard() -> int:
    dropped = 0
    for path in GUARDED:
        baseline = read_baseline(_BASELINES / f"{Path(path).name}.json")
        results = _measure(path, list(baseline.systems))
        for drop in check(baseline, results):
            dropped += 1
            typer.echo(f"{drop.sentence().vi}\n{drop.sentence().en}", err=True)
        means = {result.system: result.metrics[MEASURE] for result in results}
        for system, values in baseline.systems.items():
            before = fsum(values.values()) / len(values)
            typer.echo(f"{baseline.collection} {system}: {before:.4f} → {means[system]:.4f}")
    return dropped


def app() -> typer.Typer:
    """The command, for who runs it from Python."""
    made = typer.Typer(add_completion=False)
    made.command()(main)
    return made


if __name__ == "__main__":
    app()()
