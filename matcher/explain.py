"""From pairs of records to evidence and flags; many pairs in two processes."""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from indexer.index import Index
from indexer.progress import Progress, silent
from indexer.records import Record
from matcher.evidence import EvidenceFinder
from matcher.flags import find_flags
from matcher.match import Evidence, Flag

Pair = tuple[Record, Record]
Explanation = tuple[tuple[Evidence, ...], tuple[Flag, ...]]

# A second process takes about two seconds to start: with fewer pairs one is faster.
_WORTH_A_PROCESS = 20_000
_TOGETHER = 10_000  # pairs explained together
_ONE_SEARCH = 200  # pairs: more are of a list of everything, whose records are read for it alone


def explain_pairs(
    index: Index, pairs: Sequence[Pair], today: date, progress: Progress = silent
) -> list[Explanation]:
    """Evidence and flags of each (demand, supply) pair, in the order given."""
    if len(pairs) < _WORTH_A_PROCESS or (os.cpu_count() or 1) < 2:
        return _explain(index, pairs, today, progress)
    half = len(pairs) // 2
    context = multiprocessing.get_context("spawn")  # the same everywhere, safe beside threads
    receiver, sender = context.Pipe(duplex=False)
    arguments = (sender, index.generation, pairs[half:], today)
    worker = context.Process(target=_work, args=arguments, daemon=True)
    worker.start()
    sender.close()
    try:
        mine = _explain(index, pairs[:half], today, progress)
        try:
            rest: list[Explanation] | None = receiver.recv()
        except EOFError:  # the worker is gone: killed, or out of memory
            rest = None
        if rest is None:
            rest = _explain(index, pairs[half:], today, progress)
        return mine + rest
    finally:
        worker.terminate()
        worker.join()
        receiver.close()


def _explain(
    index: Index, pairs: Sequence[Pair], today: date, progress: Progress = silent
) -> list[Explanation]:
    few = len(pairs) <= _ONE_SEARCH
    finder = EvidenceFinder.shared(index) if few else EvidenceFinder(index.rarity)
    explained: list[Explanation] = []
    for start in range(0, len(pairs), _TOGETHER):
        some = pairs[start : start + _TOGETHER]
        found = finder.find(some)
        explained += (
            (evidence, find_flags(*pair, today)) for pair, evidence in zip(some, found, strict=True)
        )
        progress("explain", len(explained), len(pairs))
    return explained


def _work(sender: Connection, generation: Path, pairs: Sequence[Pair], today: date) -> None:
    """The other process: answers None where the index has been replaced meanwhile."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's to answer
    index = Index.open(generation.parent)
    same = index.generation == generation
    sender.send(_explain(index, pairs, today) if same else None)
    sender.close()
