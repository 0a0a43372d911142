"""One shard of needs with every offer: the best of either by similarity, exactly."""

from collections.abc import Iterator, Sequence

import numpy as np

from indexer.index import Index
from indexer.records import Side
from matcher.batch.best import (
    COSINES,
    CUBES,
    NOBODY,
    UNUSED,
    Columns,
    Numbers,
    best_of,
    steps,
)
from matcher.batch.job import opened
from matcher.batch.parts import Arrays, read_part, write_part
from matcher.batch.shards import Shard
from matcher.features import CROWD
from matcher.fusion import WordShare, word_shares
from matcher.ranking import lot
from matcher.rating import LEAST_SIMILARITY
from matcher.similarity import FloatArray, cube, dense_similarity, lexical_similarity

_BLOCK = 256  # needs whose cosines are made at once: 102 MB at 100,000 offers
_LEAST = int(steps(np.float32(LEAST_SIMILARITY))) + 1


def make_similar(asked: tuple[Shard, Shard | None]) -> None:
    """Makes the part of a shard; after the first ones, with the bars made of those."""
    shard, first = asked
    found = opened(shard.job)
    texts = [record.text() for record in found.records(Side.DEMAND, shard.rows)]
    offers, job = len(found.index.supply), shard.job
    bars = np.full(offers, _LEAST, dtype=np.int32)
    near = np.full(offers, UNUSED, dtype=np.int32)
    if first is not None:
        known = read_part(first.path)
        bars, near = np.maximum(bars, known["bars"]), known["near"]
    arrays = best_pairs(found.index, texts, shard.rows, job.words, job.each, bars, near)
    write_part(shard.path, arrays)


def best_pairs(
    index: Index,
    texts: Sequence[str],
    rows: range,
    words: WordShare,
    each: int,
    bars: Numbers,
    near: Numbers,
) -> Arrays:
    """Of the needs of these `rows`, which have these `texts`: `others` and `worth`, both
    (n_needs, each), of each its best offers; `held` (n_offers,), how many needs each offer
    keeps, at most `each` and none worth less than its bar; of all these, flat and by offer, the
    rows `asking` and what they are `met`; `near` (n_offers, CROWD), the cosines of each offer with
    its nearest needs, for `matcher.features`, none below its bar of that name. Best first; worth
    and cosines in `matcher.batch.best.steps`, `NOBODY` and `UNUSED` where there are fewer.

    Similarities are those of `matcher.allpairs`. One need at a time, for what is known of it
    with 100,000 offers stays in the cache of a core then.
    """
    demands, supplies = index.demand.ids, index.supply.ids
    others = np.full((len(rows), each), NOBODY, dtype=np.int32)
    worth = np.full((len(rows), each), UNUSED, dtype=np.int32)
    columns = Columns(each, bars, CUBES, lambda at, row: lot(supplies[at], demands[row]))
    crowds = Columns(CROWD, near, COSINES)
    for place, (cubes, cosines) in enumerate(_compared(index, texts, rows, words)):
        row = rows[place]
        best = best_of(
            cubes, each, _LEAST, row, lambda at, other: lot(demands[at], supplies[other])
        )
        others[place, : len(best)] = best
        worth[place, : len(best)] = steps(np.cbrt(cubes[best]))
        columns.add(row, cubes)
        crowds.add(row, cosines)
    asking, met = columns.found()
    kept = asking != NOBODY
    return {
        "others": others,
        "worth": worth,
        "held": kept.sum(axis=1, dtype=np.int32),
        "asking": asking[kept],
        "met": met[kept],
        "near": crowds.found()[1],
    }


def _compared(
    index: Index, texts: Sequence[str], rows: range, words: WordShare
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Of each need the cubes of its similarities with all offers, and its cosines, (n_offers,)."""
    lexical = index.supply.lexical
    queries = lexical.queries(texts)
    ceilings = lexical.ceiling(queries)
    shares: dict[int, float | FloatArray] = {}  # by the languages of a need, which are few
    for first in range(0, len(rows), _BLOCK):
        block = rows[first : first + _BLOCK]
        vectors = index.demand.vectors.rows(np.asarray(block, dtype=np.int64))
        cosines = index.supply.vectors.similarities(vectors)
        for place in range(first, first + len(block)):
            asked = queries.asked[place : place + 1]
            spoken = int(asked[0])
            if spoken not in shares:
                shares[spoken] = word_shares(asked, lexical.languages, words)
            met = lexical.scores(queries[place : place + 1])
            cubes = cube(
                lexical_similarity(met, ceilings[place : place + 1]),
                dense_similarity(cosines[place - first][None], index.background),
                shares[spoken],
            )
            yield cubes[0], cosines[place - first]
