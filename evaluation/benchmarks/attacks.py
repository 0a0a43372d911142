"""What tricks with an offer's text buy: its rank and score in a need's list before and after.

Each trick is played alone, on an offer that does not answer the need, and the event is indexed
anew with it; records go through the import's cleaning and folding of repeats.

python -m evaluation.benchmarks.attacks --out attacks.json
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.tricks import TRICKS, Case, Trick, handed_in
from evaluation.judged import read_grades
from evaluation.matching import memory_index
from indexer.encoder import DEFAULT_ENCODER, Encoder
from indexer.encoders.loading import load_encoder
from indexer.importing.duplicates import near_duplicates
from indexer.importing.files import read_records
from indexer.index import Index
from indexer.records import Record, Side
from matcher.allpairs import score_all
from matcher.copies import demote_copies
from matcher.fusion import BY_DIRECTION
from matcher.ranking import ListRules, best
from matcher.rating import rate_all
from matcher.score import ScoreModel
from matcher.similarity import FloatArray

_DEMO = Path(__file__).parents[2] / "datasets" / "techmart-demo"
_TOP, _OWNER_CAP = 10, 3
_SEED = 20261122


class Event:
    """The records of an event, indexed in memory, and anew with some of the offers changed."""

    def __init__(self, records: Sequence[Record], encoder: Encoder) -> None:
        self.encoder = encoder
        self.model = ScoreModel.load(encoder.name)
        ordered = sorted(records, key=lambda record: record.id)
        self.needs = [one for one in ordered if one.side is Side.DEMAND]
        self.offers = {one.id: one for one in ordered if one.side is Side.SUPPLY}
        self._asked = encoder.encode([one.text() for one in self.needs], query=True)
        self._vectors: dict[str, FloatArray] = {}
        self.index = self._index(list(self.offers.values()))

    def after(self, changed: Sequence[Record]) -> tuple[Index, list[Record]]:
        """The index and the offers where these took the place of their own ids or were added."""
        new = self.offers | {record.id: record for record in changed}
        offers = [new[one] for one in sorted(new)]
        # The original comes first, and what repeats it is folded into it.
        linked = {one.id: one.same_as for one in offers if one.same_as}
        same = near_duplicates(offers, linked)[0] | linked
        offers = [one.model_copy(update={"same_as": same.get(one.id, "")}) for one in offers]
        return self._index(offers), offers

    def scores(self, index: Index, need: Record, offers: Sequence[Record]) -> FloatArray:
        """The probabilities (n_offers,) of one need, as a match list of the event has them."""
        found = score_all(index, self.needs, offers, BY_DIRECTION)
        found = rate_all(index, self.needs, offers, found, self.model)
        demote_copies(index, self.needs, offers, found)
        row: FloatArray = found[self.needs.index(need)]
        return row

    def _index(self, offers: Sequence[Record]) -> Index:
        texts = [one.text() for one in offers]
        missing = list({text for text in texts if text not in self._vectors})
        self._vectors |= dict(zip(missing, self.encoder.encode(missing), strict=True))
        vectors = {
            Side.DEMAND: self._asked,
            Side.SUPPLY: np.array([self._vectors[text] for text in texts], dtype=np.float32),
        }
        records = {Side.DEMAND: self.needs, Side.SUPPLY: offers}
        return memory_index(records, self.encoder, vectors)


@dataclass(frozen=True)
class Standing:
    """Where the best of some offers stands in a need's list (from 1), with what score, and how
    many of the first ten places are theirs."""

    rank: int
    score: float
    places: int


def standing(
    event: Event, index: Index, need: Record, offers: Sequence[Record], ours: str
) -> Standing:
    """Of the offer `ours` and its copies, in a list as long as there are offers."""
    values = event.scores(index, need, offers)
    chosen = best(values, offers, need, ListRules(len(offers), 0.0, _OWNER_CAP))
    ids = [offers[i].id for i in chosen]
    mine = [rank for rank, one in enumerate(ids) if one == ours or one.startswith(f"{ours}-copy-")]
    score = max(float(values[i]) for i, one in enumerate(offers) if one.id.startswith(ours))
    # An owner's cap may leave the offer out of a list: that is below its end.
    rank = (mine[0] if mine else len(ids)) + 1
    return Standing(rank, score, sum(place < _TOP for place in mine))


def cases(event: Event, judged: Mapping[str, Mapping[str, int]], count: int) -> list[Case]:
    """Needs, each with an offer that was not judged to have anything to do with it."""
    draw = random.Random(_SEED)
    needs = sorted((need for need in event.needs if need.id in judged), key=lambda need: need.id)
    fields = tuple(sorted({one.field for one in event.offers.values() if one.field}))
    found = []
    for need in draw.sample(needs, min(count, len(needs))):
        strangers = sorted(i for i in event.offers if not judged[need.id].get(i))
        offer = event.offers[draw.choice(strangers)]
        found.append(Case(need, offer, fields, event.index.rarity))
    return found


def attack(event: Event, trick: Trick, case: Case) -> Standing:
    """The standing of the case's offer after the trick."""
    index, offers = event.after([handed_in(record) for record in trick(case)])
    return standing(event, index, case.need, offers, case.offer.id)


def report(name: str, pairs: Sequence[tuple[Standing, Standing]]) -> dict[str, Any]:
    """Figures of one trick over (before, after) of every case."""
    gains = sorted(before.rank - after.rank for before, after in pairs)
    outside = [after for before, after in pairs if before.rank > _TOP]
    return {
        "trick": name,
        "cases": len(pairs),
        "median rank before": median(before.rank for before, _ in pairs),
        "median rank after": median(after.rank for _, after in pairs),
        "median gain": median(gains),
        "90th percentile of gain": gains[int(0.9 * (len(gains) - 1))],
        "largest gain": gains[-1],
        "pushed into the first ten": sum(after.rank <= _TOP for after in outside),
        "most places of the first ten": max(after.places for _, after in pairs),
        "mean score before": round(sum(one.score for one, _ in pairs) / len(pairs), 4),
        "mean score after": round(sum(one.score for _, one in pairs) / len(pairs), 4),
    }


def attacks(
    event: Event, chosen: Sequence[Case], tricks: Mapping[str, Trick] = TRICKS
) -> Iterator[dict[str, Any]]:
    """The figures of every trick."""
    offers = list(event.offers.values())
    before = [standing(event, event.index, one.need, offers, one.offer.id) for one in chosen]
    for name, trick in tricks.items():
        after = [attack(event, trick, case) for case in chosen]
        row = report(name, list(zip(before, after, strict=True)))
        say(
            f"{name}: rank {row['median rank before']} → {row['median rank after']}, "
            f"gain {row['median gain']} (90% {row['90th percentile of gain']}, largest "
            f"{row['largest gain']}), pushed {row['pushed into the first ten']}"
        )
        yield row


def demo_event(folder: Path, encoder: str) -> tuple[Event, dict[str, dict[str, int]]]:
    """The event of a folder with its judgements {need: {offer: grade}}."""
    records = read_records([folder / "offers.xlsx", folder / "needs.xlsx"]).records
    judged: dict[str, dict[str, int]] = {}
    for need, offer, grade in read_grades(folder / "judgements.tsv"):
        judged.setdefault(need, {})[offer] = grade
    return Event(records, load_encoder(encoder)), judged


def main(
    folder: Annotated[Path, typer.Option(help="An event judged whole.")] = _DEMO,
    encoder: Annotated[str, typer.Option(help="As `cungcau index` takes it.")] = DEFAULT_ENCODER,
    count: Annotated[int, typer.Option(min=1, help="How many needs and offers.")] = 40,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Play every trick on every case; prints one JSON document."""
    event, judged = demo_event(folder, encoder)
    chosen = cases(event, judged, count)
    emit(
        {
            "benchmark": "attacks",
            "collection": folder.name,
            "encoder": encoder,
            "offers": len(event.offers),
            "seed": _SEED,
            "rows": list(attacks(event, chosen)),
            "machine": machine.describe(),
        },
        out,
    )


if __name__ == "__main__":
    typer.run(main)
