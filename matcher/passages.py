"""How closely the passages of two records face each other, for many pairs at once.

Passages are sentences, compared by the vectors of the small static encoder whatever the index is
made of: 25,000 sentences a second on one core, so that an event of 12,000 records takes seconds.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import STATIC, Encoder
from indexer.encoders.loading import load_encoder
from indexer.records import Record, Said
from indexer.text import sentences
from matcher.similarity import FloatArray
from matcher.threads import one_thread_each

Rows = NDArray[np.int64]

_MOST = 16  # passages of one record: the beginning of a long text says what it is about
_SHORTEST = 12  # characters; "Giá:" faces nothing
_WORTH_THREADS = 50_000  # pairs
_LOADING = Lock()
_NAMES_KEPT = 4_000  # of fields: 4 MB
_KEPT = 20_000  # records remembered: 8 passages of 256 halves each are 80 MB at the most


@dataclass(frozen=True, slots=True)
class Facing:
    """Of n pairs, all (n,), cosines: the closest two passages; the mean over the need's passages
    of the closest one of the offer; the offer's title with the closest passage of the need."""

    best: FloatArray
    covered: FloatArray
    title: FloatArray


class PassageVectors:
    """The passage vectors of records, made once for each text and remembered."""

    def __init__(self, encoder: Callable[[], Encoder], kept: int = _KEPT) -> None:
        """`encoder` is asked for when the first text has to be read; the last `kept` records are
        remembered."""
        self._encoder = encoder
        self._kept = kept
        self._known: OrderedDict[Said, NDArray[np.float16]] = OrderedDict()
        self._names: dict[str, FloatArray] = {}
        self._lock = Lock()

    def of(self, records: Sequence[Record]) -> list[NDArray[np.float16]]:
        """Unit rows (1 + passages, dimension) of each record; the first is its title's."""
        keys = [record.said() for record in records]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        missing = {key: r for key, r in zip(keys, records, strict=True) if key not in found}
        if missing:
            texts = [_passages(record) for record in missing.values()]
            rows = self._encoder().encode([text for own in texts for text in own])
            bounds = np.cumsum([0, *map(len, texts)])
            for place, key in enumerate(missing):
                found[key] = rows[bounds[place] : bounds[place + 1]].astype(np.float16)
            self._remember({key: found[key] for key in missing})
        return [found[key] for key in keys]

    def names(self, names: Sequence[str]) -> FloatArray:
        """Unit rows of short names, (n, dimension)."""
        with self._lock:
            found = {name: self._names[name] for name in names if name in self._names}
        new = [name for name in dict.fromkeys(names) if name not in found]
        if new:
            found |= zip(new, self._encoder().encode(new), strict=True)
            with self._lock:
                if len(self._names) > _NAMES_KEPT:
                    self._names.clear()
                self._names.update((name, found[name]) for name in new)
        return np.stack([found[name] for name in names])

    def _remember(self, new: dict[Said, NDArray[np.float16]]) -> None:
        with self._lock:
            self._known.update(new)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)


@cache
def shipped_passages() -> PassageVectors:
    """The passages by the static encoder of the package, shared by all who ask."""
    return PassageVectors(sentence_encoder)


def sentence_encoder() -> Encoder:
    """Loaded once a process: reading its files takes longer than a search. Who asks while another
    thread loads it waits."""
    with _LOADING:
        return _sentence_encoder()


@cache
def _sentence_encoder() -> Encoder:
    return load_encoder(STATIC)


def facing(
    passages: PassageVectors, demands: Sequence[Record], supplies: Sequence[Record], pairs: Rows
) -> Facing:
    """Of the pairs (n, 2) of rows of `demands` and `supplies`, how their passages face."""
    asked, offered = passages.of(demands), passages.of(supplies)
    if not offered:
        return Facing(*np.zeros((3, 0), dtype=np.float32))
    flat = np.concatenate(offered, dtype=np.float32)
    bounds = np.cumsum([0, *map(len, offered)])
    found = np.zeros((3, len(pairs)), dtype=np.float32)
    order = np.argsort(pairs[:, 0], kind="stable")
    starts = np.searchsorted(pairs[order, 0], np.arange(len(demands) + 1))

    def face(row: int) -> None:
        places = order[starts[row] : starts[row + 1]]
        columns = pairs[places, 1]
        begins, sizes = bounds[columns], bounds[columns + 1] - bounds[columns]
        firsts = np.cumsum(sizes) - sizes
        taken = np.arange(int(sizes.sum())) + np.repeat(begins - firsts, sizes)
        near = asked[row].astype(np.float32) @ flat[taken].T
        # Row 0 is the need's title, which stands among its passages too.
        body = near[1:] if len(near) > 1 else near
        closest = np.maximum.reduceat(body, firsts, axis=1)
        found[:, places] = closest.max(axis=0), closest.mean(axis=0), body[:, firsts].max(axis=0)

    rows = np.unique(pairs[:, 0]).tolist()
    if len(pairs) < _WORTH_THREADS:
        for row in rows:
            face(row)
    else:  # numpy lets go of the interpreter while it computes; every row is its own
        with one_thread_each(), ThreadPoolExecutor(2) as threads:
            list(threads.map(face, rows))
    return Facing(*found)


def _passages(record: Record) -> list[str]:
    found = [record.heading()]
    for name, text in record.told():
        if name == "field" or name.startswith("extra:"):
            continue
        for start, end in sentences(text):
            if end - start >= _SHORTEST:
                found.append(text[start:end])
        if len(found) > _MOST:
            break
    return found[: _MOST + 1]
