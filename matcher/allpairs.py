"""The similarity of every demand with every supply.

An event is small enough (2,000 x 10,000) to look at every pair: no candidate of either side or
either index can be missed, and a filter or a cap never leaves a list short.
"""

import tempfile
from collections.abc import Sequence

import numpy as np

from indexer.index import Index
from indexer.progress import Progress, silent
from indexer.records import Record
from matcher.fusion import WordShare, word_shares
from matcher.similarity import FloatArray, dense_similarity, fuse, lexical_similarity

_BLOCK_CELLS = 4_000_000  # pairs scored at once: 16 MB an array
_MOST_IN_MEMORY = 150_000_000  # pairs; 600 MB. Beyond, the scores lie in a temporary file


def score_all(
    index: Index,
    demands: Sequence[Record],
    supplies: Sequence[Record],
    words: WordShare,
    progress: Progress = silent,
) -> FloatArray:
    """Fused similarities (n_demands, n_supplies), float32, of records that are in the index.

    `words` is the share of words, see `matcher.fusion`.
    """
    count = len(demands)
    columns = np.array([index.supply.row_of[record.id] for record in supplies], dtype=np.int64)
    rows = np.array([index.demand.row_of[record.id] for record in demands], dtype=np.int64)
    scores = _matrix(count, len(supplies))
    queries = index.supply.lexical.queries([record.text() for record in demands])
    ceilings = index.supply.lexical.ceiling(queries)
    vectors = index.demand.vectors.rows(rows)
    step = max(1, _BLOCK_CELLS // max(len(index.supply.ids), 1))
    for start in range(0, count, step):
        stop = min(start + step, count)
        lexical = index.supply.lexical.scores(queries[start:stop])
        dense = index.supply.vectors.similarities(vectors[start:stop])
        fused = fuse(
            lexical_similarity(lexical, ceilings[start:stop]),
            dense_similarity(dense, index.background),
            word_shares(queries.asked[start:stop], index.supply.lexical.languages, words),
        )
        scores[start:stop] = fused[:, columns]
        progress("match", stop, count)
    return scores


def _matrix(count: int, width: int) -> FloatArray:
    if count * width <= _MOST_IN_MEMORY:
        return np.empty((count, width), dtype=np.float32)
    with tempfile.TemporaryFile() as spill:
        return np.memmap(spill, dtype=np.float32, mode="w+", shape=(count, width))
