"""How a live index follows its catalog: words at once, meaning as fast as it can be encoded.

A text is found by its words before it is encoded: they are most of a score, and a transformer reads
a hundred texts a second where a thousand are imported.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from indexer.catalog import Catalog
from indexer.encoder import LSA, STATIC, Encoder
from indexer.encoders.cache import CachedEncoder
from indexer.keeping.tiers import Changed, read_changed
from indexer.live.live import LiveIndex
from indexer.live.segment import Segment
from indexer.records import Side
from indexer.vectors.vectors import FloatArray

# Records whose words are taken in at once. First few, so that they are found while the rest is
# read; each step makes the terms of all fresh records anew.
_FIRST_STEP, _STEP = 256, 2_048
MOST_FRESH = 20_000  # beyond, what is added waits for the next index


def take_in(
    live: LiveIndex, catalog: Catalog, before: LiveIndex | None = None
) -> Iterator[LiveIndex]:
    """Snapshots, each with the words of more of what changed; the last has `seen` it all.

    That one is missing where more was added than a live index takes. What is gone is gone from
    the first. Vectors that `before` has made are taken over.

    Raises:
        RequestError: the catalog never had the version of `live`.
    """
    changes = catalog.changes_since(live.seen)
    if changes.version == live.seen:
        return
    steps = _steps(changes.upserted)
    gone, seen = changes.deleted, live.seen
    for number, ids in enumerate(steps, start=1):
        full = live.fresh + len(ids) > MOST_FRESH
        taken = () if full else ids
        found = list(read_changed(catalog, taken))
        new = {side: _segment(live, side, found, before) for side in Side}
        last = number == len(steps) and not full
        live = live.changed({*gone, *taken}, new, changes.version if last else seen)
        gone = ()
        yield live
        if full:
            return


def encode_some(live: LiveIndex, encoder: Encoder, most: int) -> LiveIndex:
    """The snapshot with at most so many more texts of either side encoded, the oldest first.

    `encoder` is that of the index, see `remembering`.
    """
    segments = {}
    for side, own in live.sides.items():
        rows = own.segment.waiting[:most]
        texts = [own.segment.texts[row] for row in rows]
        made = encoder.encode(texts, query=side is Side.DEMAND) if texts else np.empty((0, 0))
        segments[side] = own.segment.given(rows, np.asarray(made, dtype=np.float32))
    return live.encoded(segments)


def remembering(encoder: Encoder, cache: Path) -> Encoder:
    """The encoder with the cache that updates of the index look into, where that is worth it: the
    next index then finds the vectors made here."""
    return encoder if quick(encoder) else CachedEncoder(encoder, cache)


def quick(encoder: Encoder) -> bool:
    """Whether encoding a text takes no longer than finding its words."""
    return encoder.name.split("@", maxsplit=1)[0] in (STATIC, LSA)


def _steps(ids: Sequence[str]) -> list[Sequence[str]]:
    rest = range(_FIRST_STEP, len(ids), _STEP)
    return [ids[:_FIRST_STEP], *(ids[start : start + _STEP] for start in rest)]


def _segment(
    live: LiveIndex, side: Side, changed: Sequence[Changed], before: LiveIndex | None
) -> Segment:
    """Those of one side, encoded where their vectors are known."""
    new = Segment.of([item for item in changed if item.record.side is side], live.dimension)
    known = {
        row: vector
        for row, (record_id, name) in enumerate(zip(new.ids, new.digests, strict=True))
        if (vector := _vector(live, side, record_id, name, before)) is not None
    }
    if known:
        new = new.given(list(known), np.stack(list(known.values())))
    return new


def _vector(
    live: LiveIndex, side: Side, record_id: str, name: str, before: LiveIndex | None
) -> FloatArray | None:
    """The vector of a record whose text is the one it had, or that another fresh one has."""
    own = live.sides[side]
    for segment in (own.segment, *([before.sides[side].segment] if before else [])):
        found = segment.vector_of(name)
        if found is not None:
            return found
    row = own.base.side.row_of.get(record_id)
    if row is None or own.base.side.digests[row] != name:
        return None
    return np.asarray(own.base.side.vectors.rows([row])[0])
