"""What learning from a few judgements gives, on needs nobody judged: 20 events, drawn at random.

python -m evaluation.benchmarks.learning --judged 50 --out docs/benchmarks/learning.json

A draw parts the needs of the held half of a judged event, which the shipped weights were not
fitted on, in two. Pairs of the first part are judged, drawn at random from its match lists as an
organiser would meet them, or chosen by `cungcau learn --suggest`. The weights learn from them; the
second part is ranked before and after, and the log-likelihood of its pairs compared. "always" uses
what was learned in any case; "kept" what `cungcau learn` would leave in use: the new weights where
they are better on the judged pairs held out, else the new level alone where that is, else the
shipped ones. "fusion" is what moving the share of words in the similarity as well would change
beyond "kept"; "fusion_best" beyond "shipped", if the best share for the very needs measured were
known. docs/learning.md shows the results, see `evaluation.benchmarks.learningpage`.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from evaluation.benchmarks import machine
from evaluation.benchmarks.learningpage import FIGURES, PAGE, rewritten
from evaluation.benchmarks.output import emit, say
from evaluation.fitting import split
from evaluation.judged import judged_event, real_event
from evaluation.measures.intervals import interval
from indexer.catalog import Catalog
from indexer.importing.files import read_records
from indexer.index import Index
from indexer.judgements import USEFUL
from indexer.records import DEFAULT_TYPE, Record, Side
from indexer.settings import Settings
from indexer.text import language_of
from indexer.updating import update_index
from matcher.features import FEATURES
from matcher.learning.feedback import (
    FIXED,
    STRENGTH,
    Array,
    Lessons,
    Parameters,
    held_out,
    ndcg,
    refit,
)
from matcher.learning.lessons import design, features_of, nearest_pairs, parameters
from matcher.learning.suggestion import suggest
from matcher.score import ScoreModel

_PREFIX = f"{Side.DEMAND}-"  # sets the needs of the real event apart from its offers
_MET = 10  # how deep an organiser reads a need's list
_SIMILARITY = FEATURES.index("similarity")
SHARES = (0.7, 0.8, 0.85, 0.95, 0.98)  # of words, tried beside the shipped ones
Grades = Mapping[str, Mapping[str, int]]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """The candidates of all held needs: features (n, d), grades (n,), whose they are (n,).

    `fused` holds the feature "similarity" (n,) by share of words, for other shares than shipped.
    """

    name: str
    features: Array
    grades: Array
    pairs: tuple[tuple[str, str], ...]
    every: Mapping[str, Array]
    shipped: Parameters
    fused: Mapping[float, Array] = field(default_factory=dict)

    def at(self, share: float) -> "Pool":
        """The same with this share of words in the similarity."""
        features = self.features.copy()
        features[:, _SIMILARITY] = self.fused[share]
        return replace(self, features=features)

    def ndcg(self, needs: Sequence[str], weights: Parameters) -> Array:
        """nDCG@10 of these needs, those without an answer left out."""
        logits = weights.intercept + self.features @ weights.weights
        owner = np.array([need for need, _ in self.pairs])
        found = []
        for need in needs:
            own = owner == need
            if self.every[need].max(initial=0) > 0:
                found.append(ndcg(self.grades[own], logits[own], every=self.every[need]))
        return np.array(found)

    def figures(self, needs: Sequence[str], weights: Parameters) -> tuple[float, float]:
        """Mean nDCG@10 of these needs, and the mean log-likelihood of all their candidates."""
        own = np.isin([need for need, _ in self.pairs], needs)
        logits = weights.intercept + self.features[own] @ weights.weights
        likely = (self.grades[own] >= USEFUL) * logits - np.logaddexp(0.0, logits)
        return float(self.ndcg(needs, weights).mean()), float(likely.mean())


def pool(name: str, records: Sequence[Record], grades: Grades) -> Pool:
    """Index the records and look at the candidates of every held need."""
    words = Settings.model_fields["lexical_weight"].default
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalog.open(Path(folder) / "catalog.sqlite3") as catalog,
    ):
        catalog.apply(records)
        update_index(catalog, Path(folder) / "index")
        index = Index.open(Path(folder) / "index")
        near = nearest_pairs(index, catalog, words)
        pairs = tuple(pair for pair in near if held(pair[0]))
        model = ScoreModel.load(index.encoder.name)
        features, *others = (
            design(model, features_of(index, catalog, pairs, one)) for one in (words, *SHARES)
        )
    needs = {need for need, _ in pairs}
    return Pool(
        name,
        features,
        np.array([grades.get(need, {}).get(offer, 0) for need, offer in pairs], dtype=np.float64),
        pairs,
        {need: np.array(list(grades.get(need, {}).values()), dtype=np.float64) for need in needs},
        parameters(model),
        {share: one[:, _SIMILARITY] for share, one in zip(SHARES, others, strict=True)},
    )


def held(need: str) -> bool:
    """True for the half of the needs that nothing is ever fitted on."""
    return split(need.removeprefix(_PREFIX)) == "held"


def simulate(
    given: Pool, *, judged: int, draws: int, chosen: bool, strength: float = STRENGTH
) -> dict[str, Any]:
    """nDCG@10 and log-likelihood on needs without a judgement, before and after, over the draws."""
    rows: list[list[tuple[float, float]]] = []
    used = dict.fromkeys(("weights", "level", "shipped"), 0)
    for seed in range(draws):
        taught, test = _draw(given, judged, np.random.default_rng(seed), chosen)
        lessons = _lessons(given, taught)
        learned = kept = refit(lessons, given.shipped, strength)
        name = "weights"
        if not held_out(lessons, given.shipped, strength).better:
            kept, name = refit(lessons, given.shipped, FIXED), "level"
            if not held_out(lessons, given.shipped, FIXED).better:
                kept, name = given.shipped, "shipped"
        used[name] += 1
        figures = [given.figures(test, one) for one in (given.shipped, learned, kept)]
        rows.append([*figures, _fused(given, taught, test, kept, strength), _best(given, test)])
    found = np.array(rows)  # (draws, model, measure)
    document: dict[str, Any] = {
        "event": given.name,
        "judged": judged,
        "chosen": "suggested" if chosen else "random",
        "strength": strength,
        "draws": draws,
        "kept": used,
    }
    for place, measure in enumerate(("nDCG@10", "log-likelihood")):
        before, always, kept_figures, fused, best = found[:, :, place].T
        document[measure] = {
            "before": round(float(before.mean()), 4),
            "always": _summary(always - before),
            "kept": _summary(kept_figures - before),
            "fusion": _summary(fused - kept_figures),
            "fusion_best": _summary(best - before),
        }
    return document


def _fused(
    given: Pool, taught: Rows, test: Sequence[str], kept: Parameters, strength: float
) -> tuple[float, float]:
    """The figures where the share of words is learned too: of all shares the one most likely on
    judged pairs held out, used where it beats the shipped one there and the order is no worse."""
    now = held_out(_lessons(given, taught), given.shipped, strength)
    best, chosen = now, None
    for share in given.fused:
        tried = held_out(_lessons(given.at(share), taught), given.shipped, strength)
        ordered = tried.ndcg_after.sum() >= now.ndcg_after.sum()
        if ordered and tried.loss_after.mean() < best.loss_after.mean():
            best, chosen = tried, share
    if chosen is None or not best.better:
        return given.figures(test, kept)
    moved = given.at(chosen)
    return moved.figures(test, refit(_lessons(moved, taught), given.shipped, strength))


def _best(given: Pool, test: Sequence[str]) -> tuple[float, float]:
    """Of each figure the best that any share has with the shipped weights."""
    pools = [given, *map(given.at, given.fused)]
    orders, likely = zip(*(one.figures(test, given.shipped) for one in pools), strict=True)
    return max(orders), max(likely)


def _summary(gained: Array) -> dict[str, Any]:
    ends = interval(gained)
    return {
        "gain": round(float(gained.mean()), 4),
        "interval": [round(ends.low, 4), round(ends.high, 4)],
        "worst": round(float(gained.min()), 4),
        "best": round(float(gained.max()), 4),
    }


def _draw(
    given: Pool, judged: int, random: np.random.Generator, chosen: bool
) -> tuple[Rows, list[str]]:
    """The rows that are judged, and the needs that are not."""
    needs = random.permutation(sorted(given.every)).tolist()
    ours, test = set(needs[: len(needs) // 2]), needs[len(needs) // 2 :]
    logits = given.shipped.intercept + given.features @ given.shipped.weights
    met = _met(given, ours, logits)
    if chosen:
        some = [given.pairs[row] for row in met]
        nobody = np.zeros(len(met), dtype=bool)
        return met[suggest(given.features[met], logits[met], some, nobody, judged)], test
    return random.permutation(met)[:judged], test


def _lessons(given: Pool, rows: Rows) -> Lessons:
    return Lessons(
        given.features[rows],
        np.zeros(len(rows)),
        (given.grades[rows] >= USEFUL).astype(np.float64),
        given.grades[rows],
        tuple(given.pairs[row][0] for row in rows.tolist()),
    )


def _met(given: Pool, needs: set[str], logits: Array) -> Rows:
    """The rows of the first ten of each of these needs' lists."""
    by_need: dict[str, list[int]] = {}
    for row in np.argsort(-logits, kind="stable").tolist():
        by_need.setdefault(given.pairs[row][0], []).append(row)
    return np.array([row for need in sorted(needs) for row in by_need[need][:_MET]])


def events(demo: Path, real: Path, offers: Path) -> Iterator[Pool]:
    """The sample event, and the real offers with needs in askers' words where they are there."""
    whole = judged_event(demo)[0]
    batch = read_records([demo / "offers.xlsx", demo / "needs.xlsx"])
    yield pool(whole.name, batch.records, whole.qrels)
    if offers.is_file():
        for one in real_event(real, offers):
            sides = (
                (Side.DEMAND, one.query_ids, one.queries),
                (Side.SUPPLY, one.document_ids, one.documents),
            )
            records = [
                _plain(id_, side, text)
                for side, ids, texts in sides
                for id_, text in zip(ids, texts, strict=True)
            ]
            grades = {
                f"{_PREFIX}{need}": {f"supply-{offer}": grade for offer, grade in own.items()}
                for need, own in one.qrels.items()
            }
            yield pool(one.name, records, grades)


def _plain(id_: str, side: Side, text: str) -> Record:
    return Record(
        id=f"{side}-{id_}",
        side=side,
        type=DEFAULT_TYPE[side],
        description=text,
        language=language_of(text),
    )


def main(
    judged: Annotated[list[int] | None, typer.Option(help="Pairs judged; repeatable.")] = None,
    draws: Annotated[int, typer.Option(min=1)] = 20,
    strength: Annotated[float, typer.Option(min=0.001)] = STRENGTH,
    demo: Annotated[Path, typer.Option()] = Path("datasets/techmart-demo"),
    real: Annotated[Path, typer.Option()] = Path("datasets/real-event-needs"),
    offers: Annotated[Path, typer.Option()] = Path("../shared/data/real/event-offers.xlsx"),
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Save it and write the page.")] = False,
) -> None:
    """Simulate events that learn; prints one JSON document. `--write` needs the repository as
    the current folder."""
    results = []
    for given in events(demo, real, offers):
        for count in judged or [50]:
            for chosen in (False, True):
                found = simulate(given, judged=count, draws=draws, chosen=chosen, strength=strength)
                say(str(found))
                results.append(found)
    document = {"benchmark": "learning", "results": results, "machine": machine.describe()}
    emit(document, FIGURES if write else out)
    if write:
        PAGE.write_text(rewritten(PAGE.read_text("utf-8"), document), "utf-8", newline="\n")
        say(f"saved {PAGE}")


if __name__ == "__main__":
    typer.run(main)
