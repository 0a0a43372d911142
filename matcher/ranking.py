"""The order of a list: best first, ties by lot, one owner's share capped, repeats folded."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby

import numpy as np

from indexer.owners import owner_key
from indexer.records import Record
from matcher.similarity import FloatArray

_FIRST_LOOK = 8  # entries put in order first, in multiples of k
_MOST_ALIKE = 2  # of one text under several owners: the inventor's and a seller's
_ALIKE = 0.8  # Jaccard of their words
_FEWEST_WORDS = 8  # different ones; shorter texts are alike by chance


@dataclass(frozen=True, slots=True)
class ListRules:
    """How long a list is, the least score in it, and how many entries one owner may have."""

    k: int
    floor: float
    owner_cap: int  # 0: no cap


def lot(one: str, other: str) -> bytes:
    """The place of a pair among pairs of equal score: a draw that depends on nothing but the two
    ids, so that no row order decides, and every run draws the same."""
    return blake2b(f"{one}\x00{other}".encode(), digest_size=8).digest()


def best(
    scores: FloatArray, records: Sequence[Record], asker: Record, rules: ListRules
) -> list[int]:
    """Positions of the best of `records` for `asker`, best first; `scores` is (n,).

    Equal scores (to 1e-6) are ordered by `lot`. Of records that repeat each other (`same_as`)
    the best one stands for all; of nearly equal texts, whoever hands them in, two stand for
    all, so that no flood of them fills a list. The owner cap never shortens the list while
    other records above the floor are left.
    """
    above = int(np.count_nonzero(scores >= rules.floor))
    look = min(above, _FIRST_LOOK * rules.k)
    while True:
        order = _order(scores, look, records, asker, rules.floor)
        chosen = _capped(order, records, rules)
        if len(chosen) == rules.k or look >= above:
            return chosen
        look = min(above, look * 4)


def _order(
    scores: FloatArray, look: int, records: Sequence[Record], asker: Record, floor: float
) -> list[int]:
    """The `look` best positions, and all that tie with the last of them, in final order."""
    if look == 0:
        return []
    edge = float(np.partition(scores, len(scores) - look)[len(scores) - look])
    positions = np.flatnonzero(scores >= max(floor, edge - 1e-6))
    rounded = np.round(scores[positions].astype(np.float64), 6)
    order: list[int] = []
    by_score = np.argsort(-rounded, kind="stable")
    # Lots are drawn only where scores are equal, which is rare.
    for _, tied in groupby(by_score.tolist(), key=lambda i: rounded[i]):
        group = [int(positions[i]) for i in tied]
        if len(group) > 1:
            group.sort(key=lambda i: lot(asker.id, records[i].id))
        order.extend(group)
    return order


def _capped(order: Iterable[int], records: Sequence[Record], rules: ListRules) -> list[int]:
    chosen: list[int] = []
    owners: Counter[str] = Counter()
    groups: set[str] = set()
    texts: list[frozenset[str]] = []
    for position in order:
        record = records[position]
        owner, group = owner_key(record.owner), record.same_as or record.id
        full = rules.owner_cap and owner and owners[owner] >= rules.owner_cap
        if group in groups or full:
            continue
        said = _said(record.title, record.summary, record.description, record.requirements)
        if sum(_alike(said, other) for other in texts) >= _MOST_ALIKE:
            continue
        texts.append(said)
        owners[owner] += 1
        groups.add(group)
        chosen.append(position)
        if len(chosen) == rules.k:
            break
    return chosen


@lru_cache(maxsize=20_000)
def _said(*texts: str) -> frozenset[str]:
    return frozenset(" ".join(texts).casefold().split())


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of words are those of one text with hardly a word changed."""
    fewer, more = sorted((len(one), len(other)))
    if fewer < _FEWEST_WORDS or fewer < _ALIKE * more:
        return False
    common = len(one & other)
    return common >= _ALIKE * (fewer + more - common)
