"""From pairs of records to evidence and flags; many pairs in two processes."""

import copyreg
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import date
from multiprocessing.connection import Connection
from operator import attrgetter

from indexer.bilingual import Bilingual
from indexer.collecting import put_off
from indexer.index import Index
from indexer.progress import Progress, silent
from indexer.records import Record
from matcher.evidence import EvidenceFinder
from matcher.flags import all_flags
from matcher.match import Evidence, Flag, Span
from matcher.threads import one_thread_each

Pair = tuple[Record, Record]
Explanation = tuple[tuple[Evidence, ...], tuple[Flag, ...]]

# A second process takes about two seconds to start: with fewer pairs one is faster.
_WORTH_A_PROCESS = 20_000
_MINE = 56  # of a hundred pairs; the other process has to start and to send its own back
_TOGETHER = 10_000  # pairs explained together
_ONE_SEARCH = 200  # pairs: more are of a list of everything, whose records are read for it alone


def _by_values(made: object) -> tuple[type, tuple[object, ...]]:
    return type(made), _VALUES[type(made)](made)


_VALUES: dict[type, Callable[[object], tuple[object, ...]]] = {
    kind: attrgetter(*(field.name for field in fields(kind)))
    for kind in (Bilingual, Evidence, Flag, Span)
}
# What a process sends the other is so pickled in a third of the time that dataclasses take.
for _kind in _VALUES:
    copyreg.pickle(_kind, _by_values)


def explain_pairs(
    index: Index, pairs: Sequence[Pair], today: date, progress: Progress = silent
) -> list[Explanation]:
    """Evidence and flags of each (demand, supply) pair, in the order given."""
    if len(pairs) < _WORTH_A_PROCESS or (os.cpu_count() or 1) < 2:
        return _explain(index, pairs, today, progress)
    half = len(pairs) * _MINE // 100
    context = multiprocessing.get_context("spawn")  # the same everywhere, safe beside threads
    ours, theirs = context.Pipe()
    worker = context.Process(target=_work, args=(theirs,), daemon=True)
    worker.start()
    theirs.close()
    try:
        rest: list[Explanation] | None = None
        with suppress(OSError):
            # Not given to the process as it starts: one that dies meanwhile is waited for forever.
            ours.send((index.generation, pairs[half:], today))
        mine = _explain(index, pairs[:half], today, progress)
        with suppress(EOFError, OSError):  # the worker is gone: killed, or out of memory
            rest = ours.recv()
        if rest is None:
            rest = _explain(index, pairs[half:], today, progress)
        return mine + rest
    finally:
        worker.terminate()
        worker.join()
        ours.close()


def _explain(
    index: Index, pairs: Sequence[Pair], today: date, progress: Progress = silent
) -> list[Explanation]:
    if len(pairs) <= _ONE_SEARCH:
        return _explain_some(EvidenceFinder.shared(index), pairs, today)
    finder = EvidenceFinder(index.rarity)
    explained: list[Explanation] = []
    with one_thread_each():
        for start in range(0, len(pairs), _TOGETHER):
            explained += _explain_some(finder, pairs[start : start + _TOGETHER], today)
            progress("explain", len(explained), len(pairs))
    return explained


def _explain_some(finder: EvidenceFinder, pairs: Sequence[Pair], today: date) -> list[Explanation]:
    return list(zip(finder.find(pairs), all_flags(pairs, today), strict=True))


@put_off()
def _work(pipe: Connection) -> None:
    """The other process: answers None where the index has been replaced meanwhile."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's to answer
    generation, pairs, today = pipe.recv()
    index = Index.open(generation.parent)
    same = index.generation == generation
    pipe.send(_explain(index, pairs, today) if same else None)
    pipe.close()
