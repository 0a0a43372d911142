"""Whether owners' scores know their subjects: `python -m evaluation.benchmarks.affinity`.

No collection here tells who wrote what, so owners are put together: each gets some of the papers
judged relevant to two to five topics, one to six a topic, and papers of no topic, up to 5, 10, 20
or 40. Submissions are two further papers of each topic, in nobody's archive. The loss is that of
the gold standard of reviewer expertise (Stelmakh et al. 2023): over the pairs of submissions of
whose topics an owner has different numbers of papers, the share put in the wrong order, each pair
by the difference, a tie as half wrong; then the mean over owners. Lower is better, .5 is chance.
"""

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation import Collection, evaluate, load_collection
from evaluation.benchmarks.machine import describe
from evaluation.benchmarks.output import emit, say
from evaluation.measures.intervals import interval
from indexer.encoder import DEFAULT_ENCODER
from matcher.affinity import BEST, affinity

_DATA = Path(__file__).parents[2].parent / "shared/data/collections"
# The grade from which a paper is of the topic.
COLLECTIONS = {"cacm": 1, "cranfield": 1, "csfcube": 2}
_SEED = 20261122
_SHORTEST = 200  # characters; titles alone are left out
_TOPICS, _OWNERS = 30, 120

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Proxy:
    """`depth` holds how many papers of each submission's topic each owner has, shape (owners,
    submissions)."""

    archives: Mapping[str, Sequence[str]]
    submissions: Mapping[str, str]
    depth: Scores


def proxy(collection: Collection, grade: int) -> Proxy:
    """Owners and submissions put together from one collection, always the same ones."""
    draw = random.Random(_SEED)
    texts = dict(zip(collection.document_ids, collection.documents, strict=True))
    texts = {name: text for name, text in texts.items() if len(text) > _SHORTEST}
    topics: dict[str, list[str]] = {}
    taken: set[str] = set()
    judged = {
        query: [one for one, given in sorted(grades.items()) if given >= grade and one in texts]
        for query, grades in sorted(collection.qrels.items())
    }
    for query in draw.sample(sorted(judged), len(judged)):
        papers = [one for one in judged[query] if one not in taken]
        if len(papers) >= 4 and len(topics) < _TOPICS:
            topics[query] = draw.sample(papers, 2)
            taken.update(topics[query])
    of_topic = {query: [one for one in judged[query] if one not in taken] for query in topics}
    of_topic = {query: papers for query, papers in of_topic.items() if len(papers) >= 2}
    off_topic = sorted(set(texts) - {one for papers in judged.values() for one in papers})
    archives = [list(_archive(draw, of_topic, off_topic)) for _ in range(_OWNERS)]
    asked = [(query, one) for query in of_topic for one in topics[query]]
    depth = [[len({*own} & {*judged[query]}) for query, _ in asked] for own in archives]
    return Proxy(
        {f"owner {i}": [texts[one] for one in own] for i, own in enumerate(archives)},
        {one: texts[one] for _, one in asked},
        np.array(depth, dtype=np.float64),
    )


def _archive(
    draw: random.Random, of_topic: Mapping[str, Sequence[str]], off_topic: Sequence[str]
) -> Iterator[str]:
    own: set[str] = set()
    for query in draw.sample(sorted(of_topic), min(draw.randint(2, 5), len(of_topic))):
        papers = of_topic[query]
        own.update(draw.sample(papers, min(len(papers), draw.randint(1, 6))))
    yield from sorted(own)
    spare = draw.choice([5, 10, 20, 40]) - len(own)
    yield from draw.sample(off_topic, max(0, min(spare, len(off_topic))))


def losses(scores: Scores, depth: Scores) -> Scores:
    """The loss of every owner whose submissions differ, see above."""
    found = []
    for given, known in zip(scores, depth, strict=True):
        weight = np.maximum(known[:, None] - known[None, :], 0)
        ahead = given[:, None] - given[None, :]
        wrong = (ahead < 0) + 0.5 * (ahead == 0)
        if weight.any():
            found.append(float((weight * wrong).sum() / weight.sum()))
    return np.array(found)


def plain(given: Proxy, encoder: str) -> Scores:
    """The mean of the best three similarities of the matcher as they are."""
    papers = sorted({text for own in given.archives.values() for text in own})
    width = len(str(len(papers)))
    names = {text: f"{i:0{width}}" for i, text in enumerate(papers)}
    ids = tuple(sorted(names.values(), reverse=True))
    asked = tuple(given.submissions)
    together = Collection(
        name="papers",
        document_ids=ids,
        documents=tuple(papers[int(one)] for one in ids),
        query_ids=asked,
        queries=tuple(given.submissions.values()),
        qrels={one: {ids[0]: 1} for one in asked},
        itself={},
    )
    (found,) = evaluate([together], ["hybrid"], encoder=encoder, depth=len(ids))
    of = {
        query: dict(zip(ranking.document_ids, ranking.scores.tolist(), strict=True))
        for query, ranking in found.run.items()
    }
    rows = [
        [_best([of[query].get(names[text], 0.0) for text in own]) for query in asked]
        for own in given.archives.values()
    ]
    return np.array(rows)


def _best(similarities: Sequence[float]) -> float:
    return float(np.mean(sorted(similarities)[-BEST:]))


def measure(name: str, grade: int, encoder: str) -> dict[str, Any]:
    """The losses of the ways to score, with intervals over owners."""
    given = proxy(load_collection(_DATA / name), grade)
    ways = {"plain similarity, best 3": plain(given, encoder)}
    for best in (1, BEST, 5, 1_000):
        found = affinity(given.archives, given.submissions, encoder=encoder, best=best)
        ways[f"best {best}" if best < 1_000 else "all"] = found.scores
    figures = {}
    for way, scores in ways.items():
        each = losses(scores, given.depth)
        low, high = interval(each)
        figures[way] = {"loss": round(float(each.mean()), 4), "low": round(low, 4)}
        figures[way]["high"] = round(high, 4)
        say(f"{name:<10} {way:<26} {each.mean():.4f} [{low:.4f}, {high:.4f}]")
    owners, submissions = given.depth.shape
    return {"collection": name, "owners": owners, "submissions": submissions, "ways": figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default=DEFAULT_ENCODER)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = [measure(name, grade, asked.encoder) for name, grade in COLLECTIONS.items()]
    emit(
        {
            "benchmark": "affinity",
            "machine": describe(),
            "encoder": asked.encoder,
            "collections": found,
        },
        asked.out,
    )


if __name__ == "__main__":
    main()
