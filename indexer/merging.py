"""One side of the index and what changed, put together."""

from pathlib import Path

import numpy as np

from indexer.filtering.fieldtable import FieldTable
from indexer.gathering import Gathered
from indexer.progress import Progress, silent
from indexer.sideindex import SideIndex
from indexer.vectors.storage import HalfArray
from indexer.words.lexical import LexicalIndex
from indexer.words.tokentable import TokenTable


def merge(
    old: SideIndex,
    old_table: TokenTable,
    dropped: frozenset[str],
    new: Gathered,
    vectors: HalfArray,
    fields: FieldTable,
    folder: Path,
    progress: Progress = silent,
) -> tuple[SideIndex, TokenTable]:
    """The side without the ids `dropped` and with the records `new`.

    `vectors` and `fields` are those of `new` in its order. The result is the one a rebuild of all
    texts would give: rows by id, terms and weights from all of them. Only lists of vectors are
    added to instead, see `Vectors.merged`. Postings are written into `folder`.
    """
    fresh = frozenset(new.ids)
    kept = [row for row, i in enumerate(old.ids) if i not in dropped and i not in fresh]
    both = (*old.ids, *new.ids)
    rows = (*kept, *range(len(old), len(both)))
    picks = np.array(sorted(rows, key=both.__getitem__), dtype=np.int64)
    table = old_table.merged(new.table, picks)
    names = np.concatenate([old.names, new.names])[picks]
    # The vector of a text that did not change is with the old ones.
    before = np.array([old.row_of.get(i, -1) for i in new.ids], dtype=np.int64)
    same = before >= 0
    same[same] = old.names[before[same]] == new.names[same]
    places = np.arange(len(both))
    places[len(old) :][same] = before[same]
    merged = old.vectors.merged(vectors, places[picks], progress)
    progress("terms", 0, 0)
    side = SideIndex(
        [both[row] for row in picks.tolist()],
        names,
        merged,
        LexicalIndex.build(table, folder, f"{new.side}."),
        old.fields.merged(fields, picks),
    )
    return side, table
