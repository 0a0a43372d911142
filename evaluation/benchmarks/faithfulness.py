"""Whether the evidence is why: `python -m evaluation.benchmarks.faithfulness [EVENT]`.

The sentences given as evidence are deleted from both texts of a match, and its similarity is
computed anew; then stretches of as many words as each of them, drawn at random places of the same
texts, are deleted instead. Evidence is faithful where the similarity falls further without it than
without the random stretches (erasure, as in DeYoung et al., ERASER, ACL 2020). The ratio is the
mean fall over matches of the one by that of the other. Stretches of one text do not overlap each
other, but may well hit the evidence, as chance does.
"""

import argparse
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from evaluation.benchmarks.machine import describe
from evaluation.benchmarks.output import emit, say
from evaluation.measures.intervals import RESAMPLES, SEED, percentiles
from indexer.catalog import Catalog
from indexer.importing.files import read_records
from indexer.index import Index
from indexer.records import Record
from indexer.settings import Settings
from indexer.text import word_spans
from indexer.updating import update_index
from matcher.evidence import EvidenceFinder
from matcher.fusion import word_shares
from matcher.match import Span
from matcher.matcher import Matcher
from matcher.similarity import FloatArray, dense_similarity, fuse, lexical_similarity

_DEMO = Path(__file__).parents[2] / "datasets" / "techmart-demo"
_STRONG = 0.3  # similarity: of matches that stand out, apart from the tail of a list of ten
_TODAY = date(2027, 5, 20)

Cuts = Mapping[str, Sequence[tuple[int, int]]]  # field: what is deleted of it


@dataclass(frozen=True)
class Fall:
    """How far the similarity of one match falls, and the share of its words that is evidence."""

    demand: str
    supply: str
    similarity: float
    evidence: float
    random: float
    share: float


@dataclass(frozen=True)
class _Pair:
    demand: Record
    supply: Record
    cuts: tuple[tuple[Cuts, Cuts], ...]  # of (need, offer): the evidence, then each draw
    share: float


def falls(
    index: Index, pairs: Sequence[tuple[Record, Record]], *, draws: int, seed: int
) -> list[Fall]:
    """The fall of every (demand, supply) pair that has evidence; deterministic for a seed."""
    finder = EvidenceFinder(index.rarity)
    texts = _texts(index, pairs)
    grouped: dict[str, list[_Pair]] = {}
    for (demand, supply), found in zip(pairs, finder.find(pairs), strict=True):
        if found:
            spans = [item.demand for item in found], [item.supply for item in found]
            drawn = random.Random(f"{seed} {demand.id} {supply.id}")
            made = _pair(demand, supply, spans, draws, drawn)
            grouped.setdefault(demand.id, []).append(made)
    found_falls = []
    for number, own in enumerate(grouped.values(), start=1):
        found_falls += _of_need(index, texts, own)
        if number % 20 == 0:
            say(f"{number} of {len(grouped)} needs")
    return found_falls


def _texts(index: Index, pairs: Sequence[tuple[Record, Record]]) -> dict[str, str]:
    texts = {supply.id: supply.text() for _, supply in pairs}
    return {name: texts[name] for name in index.supply.ids if name in texts}


def _pair(
    demand: Record,
    supply: Record,
    spans: tuple[Sequence[Span], Sequence[Span]],
    draws: int,
    drawn: random.Random,
) -> _Pair:
    evidence = tuple(_evidence(own) for own in spans)
    words = [_words(record) for record in (demand, supply)]
    sizes = [
        [sum(_inside(word, field, cut) for word in all_words) for field, cut in _each(own)]
        for all_words, own in zip(words, evidence, strict=True)
    ]
    cuts = [(evidence[0], evidence[1])]
    for _ in range(draws):
        one, other = (
            _drawn(all_words, own, drawn) for all_words, own in zip(words, sizes, strict=True)
        )
        cuts.append((one, other))
    share = sum(map(sum, sizes)) / max(sum(map(len, words)), 1)
    return _Pair(demand, supply, tuple(cuts), share)


Word = tuple[str, int, int]  # field, start, end


def _words(record: Record) -> list[Word]:
    return [
        (name, start, end) for name, text in record.passages() for start, end, _ in word_spans(text)
    ]


def _evidence(spans: Sequence[Span]) -> Cuts:
    cuts: dict[str, list[tuple[int, int]]] = {}
    for span in dict.fromkeys((span.field, span.start, span.end) for span in spans):
        cuts.setdefault(span[0], []).append(span[1:])
    return cuts


def _each(cuts: Cuts) -> list[tuple[str, tuple[int, int]]]:
    return [(field, cut) for field, own in cuts.items() for cut in own]


def _inside(word: Word, field: str, cut: tuple[int, int]) -> bool:
    return word[0] == field and cut[0] <= word[1] < cut[1]


def _drawn(words: Sequence[Word], sizes: Sequence[int], drawn: random.Random) -> Cuts:
    """Stretches of these many words at random places, none overlapping another."""
    order = drawn.sample(list(sizes), len(sizes))
    free = len(words) - sum(sizes)
    gaps = sorted(drawn.randint(0, free) for _ in order)
    cuts: dict[str, list[tuple[int, int]]] = {}
    before = 0
    for gap, size in zip(gaps, order, strict=True):
        for field in dict.fromkeys(word[0] for word in words[gap + before : gap + before + size]):
            own = [w for w in words[gap + before : gap + before + size] if w[0] == field]
            cuts.setdefault(field, []).append((own[0][1], own[-1][2]))
        before += size
    return cuts


def _without(record: Record, cuts: Cuts) -> str:
    """The text of a record as it is matched, without what is cut."""
    left: dict[str, str] = {}
    for name, text in record.passages():
        kept = text
        for start, end in sorted(cuts.get(name, ()), reverse=True):
            kept = kept[:start] + " " + kept[end:]
        left[name] = kept
    extra = {heading: left.get(f"extra:{heading}", "") for heading in record.extra}
    fields = {name: text for name, text in left.items() if not name.startswith("extra:")}
    return record.model_copy(update={**fields, "extra": extra}).text()


def _of_need(index: Index, texts: Mapping[str, str], pairs: Sequence[_Pair]) -> list[Fall]:
    """One need with its matches. In each round every matched offer has its own cut, so that
    the rarities of words hardly move, and move alike in all rounds."""
    whole = _similarities(index, texts, [(pair, {}, {}) for pair in pairs])
    rounds = [
        _similarities(index, texts, [(pair, *pair.cuts[turn]) for pair in pairs])
        for turn in range(len(pairs[0].cuts))
    ]
    return [
        Fall(
            pair.demand.id,
            pair.supply.id,
            float(whole[i]),
            float(whole[i] - rounds[0][i]),
            float(np.mean([whole[i] - one[i] for one in rounds[1:]])),
            pair.share,
        )
        for i, pair in enumerate(pairs)
    ]


def _similarities(
    index: Index, texts: Mapping[str, str], cut: Sequence[tuple[_Pair, Cuts, Cuts]]
) -> FloatArray:
    """Hybrid similarity of each pair, shape (n,), as the matcher computes it."""
    from indexer.words.lexical import LexicalIndex  # noqa: PLC0415
    from indexer.words.tokentable import TokenTable  # noqa: PLC0415

    offers = {pair.supply.id: _without(pair.supply, own) for pair, _, own in cut}
    places = {name: place for place, name in enumerate(texts)}
    columns = [places[pair.supply.id] for pair, _, _ in cut]
    lexical = LexicalIndex.build(TokenTable.of([offers.get(i, text) for i, text in texts.items()]))
    needs = [_without(pair.demand, own) for pair, own, _ in cut]
    queries = lexical.queries(needs)
    rows = np.arange(len(cut))
    words = lexical_similarity(lexical.scores(queries), lexical.ceiling(queries))[rows, columns]
    asked = index.encoder.encode(needs, query=True)
    offered = index.encoder.encode([offers[pair.supply.id] for pair, _, _ in cut])
    dense = dense_similarity(np.einsum("ij,ij->i", asked, offered), index.background)
    setting = Settings.model_fields["lexical_weight"].default
    shares = word_shares(queries.asked, lexical.languages, setting)
    share = shares if isinstance(shares, float) else shares[rows, columns]
    return fuse(words, dense, share)


def summary(found: Sequence[Fall]) -> dict[str, Any]:
    """Mean falls, their ratio with a 95% interval over needs, and how often evidence wins."""
    if not found:
        return {"matches": 0}
    evidence = np.array([one.evidence for one in found])
    chance = np.array([one.random for one in found])
    needs = sorted({one.demand for one in found})
    sums = np.zeros((len(needs), 2))
    row = {need: i for i, need in enumerate(needs)}
    for one in found:
        sums[row[one.demand]] += one.evidence, one.random
    picks = np.random.default_rng(SEED).integers(0, len(needs), (RESAMPLES, len(needs)))
    totals = sums[picks].sum(axis=1)
    low, high = percentiles(totals[:, 0] / np.maximum(totals[:, 1], 1e-9), 0.95)
    return {
        "matches": len(found),
        "needs": len(needs),
        "similarity": round(float(np.mean([one.similarity for one in found])), 4),
        "fall": {
            "evidence": round(float(evidence.mean()), 4),
            "random": round(float(chance.mean()), 4),
        },
        "ratio": round(float(evidence.sum() / max(chance.sum(), 1e-9)), 3),
        "interval": [round(low, 3), round(high, 3)],
        "evidence_wins": round(float((evidence > chance).mean()), 4),
        "share_of_words": round(float(np.mean([one.share for one in found])), 4),
    }


def event_pairs(folder: Path, work: Path) -> tuple[Index, list[tuple[Record, Record]]]:
    """Index of an event, and the (demand, supply) pairs of its match list by need."""
    paths = [path for stem in ("offers", "needs") for path in sorted(folder.glob(f"{stem}.*"))]
    catalog = Catalog.open(work / "catalog.sqlite3")
    try:
        catalog.apply(read_records(paths).records)
        update_index(catalog, work / "index")
        index = Index.open(work / "index")
        found = Matcher(index, catalog, Settings()).match(today=_TODAY)
    finally:
        catalog.close()
    records = found.records
    return index, [(records[match.demand], records[match.supply]) for match in found.lines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("event", nargs="?", type=Path, default=_DEMO)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--every", type=int, default=1, help="of how many needs one is taken")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="cungcau-faithfulness-") as work:
        index, pairs = event_pairs(given.event, Path(work))
        kept = set(sorted({demand.id for demand, _ in pairs})[:: given.every])
        pairs = [pair for pair in pairs if pair[0].id in kept]
        found = falls(index, pairs, draws=given.draws, seed=given.seed)
    document = {
        "benchmark": "faithfulness",
        "event": given.event.name,
        "draws": given.draws,
        "seed": given.seed,
        **summary(found),
        "strong": {"from": _STRONG, **summary([f for f in found if f.similarity >= _STRONG])},
        "machine": describe(),
    }
    emit(document, given.out)


if __name__ == "__main__":
    main()
