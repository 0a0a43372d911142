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

_FIRST_LOOK = 2  # entries put in order first, in multiples of k
_MOST_ALIKE = 2  # of one text under several owners: the inventor's and a seller's
_ALIKE = 0.8  # Jaccard of their words
_BITS = 4_095  # the last of the bits of words
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
    positions = np.flatnonzero(scores >= max(floor, edge - 2e-6))
    rounded = np.round(scores[positions].astype(np.float64), 6)
    kept = rounded >= np.round(edge, 6)
    positions, rounded = positions[kept], rounded[kept]
    by_score = np.argsort(-rounded, kind="stable")
    order: list[int] = positions[by_score].tolist()
    if (np.diff(rounded[by_score]) < 0.0).all():
        return order
    order = []
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
    texts: list[_Words] = []
    for position in order:
        record = records[position]
        owner, group = owner_key(record.owner), record.same_as or record.id
        full = rules.owner_cap and owner and owners[owner] >= rules.owner_cap
        if group in groups or full:
            continue
        said = _said(record.title, record.summary, record.description, record.requirements)
        if sum(_alike(said, other) for other in texts if said.near(other)) >= _MOST_ALIKE:
            continue
        texts.append(said)
        owners[owner] += 1
        groups.add(group)
        chosen.append(position)
        if len(chosen) == rules.k:
            break
    return chosen


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, and a bit for each: `spare` words share theirs with another."""

    every: frozenset[str]
    bits: int
    spare: int

    def near(self, other: "_Words") -> bool:
        """False where the two have too few words in common to be alike; ten times as fast as
        looking, and nearly every two texts have."""
        most = (self.bits & other.bits).bit_count() + self.spare
        return most >= _ALIKE * max(len(self.every), len(other.every))


@lru_cache(maxsize=20_000)
def _said(*texts: str) -> _Words:
    every = frozenset(" ".join(texts).casefold().split())
    bits = 0
    for word in every:
        bits |= 1 << (hash(word) & _BITS)
    return _Words(every, bits, len(every) - bits.bit_count())


def _alike(one: _Words, other: _Words) -> bool:
    """Whether the words are those of one text with hardly a word changed."""
    fewer, more = sorted((len(one.every), len(other.every)))
    if fewer < _FEWEST_WORDS or fewer < _ALIKE * more:
        return False
    common = len(one.every & other.every)
    return common >= _ALIKE * (fewer + more - common)
