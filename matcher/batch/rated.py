"""One shard of needs: the probability of every pair of theirs that met."""

import numpy as np

from indexer.records import Side
from matcher.batch.best import similarities
from matcher.batch.job import opened
from matcher.batch.meeting import met_path
from matcher.batch.parts import read_part, write_part
from matcher.batch.shards import Shard
from matcher.passages import PassageVectors, sentence_encoder
from matcher.rating import rate

_OFFERS = 25_000  # read at once: 250 MB of records and their passages


def make_rated(asked: tuple[Shard, Shard]) -> None:
    """Makes the part of a shard: `pairs` (n, 2) and `worth` (n,) as they met, and `scores` (n,),
    the probabilities of the match list (`matcher.rating`)."""
    shard, met = asked
    found, part = opened(shard.job), read_part(met_path(shard))
    # Known of every pair compared; otherwise the nearest needs of each offer were searched anew.
    found.index.crowds.update(enumerate(read_part(met.path)["crowds"].tolist()))
    pairs, known = part["pairs"], similarities(part["worth"])
    scores = np.zeros(len(pairs), dtype=np.float32)
    rows, needs = np.unique(pairs[:, 0], return_inverse=True)
    demands = found.records(Side.DEMAND, rows.tolist())
    passages = PassageVectors(sentence_encoder, len(demands) + _OFFERS)
    offers = np.unique(pairs[:, 1])
    for start in range(0, len(offers), _OFFERS):
        some = offers[start : start + _OFFERS]
        chosen = np.flatnonzero((pairs[:, 1] >= some[0]) & (pairs[:, 1] <= some[-1]))
        supplies = found.records(Side.SUPPLY, some.tolist())
        places = np.column_stack([needs[chosen], np.searchsorted(some, pairs[chosen, 1])])
        scores[chosen] = rate(
            found.index, demands, supplies, places, known[chosen], found.model, passages
        )
    write_part(shard.path, {**part, "scores": scores})
