"""What an index is made of, read from the catalog once: ids, digests, tokens and vectors.

Texts are read, tokenised and encoded some thousands at a time and then forgotten: those of a
million records would fill the memory.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from indexer.digests import Digests
from indexer.encoder import Encoder
from indexer.progress import Progress
from indexer.records import Record, Side
from indexer.sideindex import SideIndex
from indexer.tokenising import Tokenisers, Tokens
from indexer.vectors.storage import HalfArray, half
from indexer.words.tokentable import TokenTable

_SHARD = 20_000  # records whose texts are held at once, a few times over
_WAITING = 4  # shards that are being tokenised
_BLOCK = 4096  # texts encoded between two reports of progress


@dataclass(frozen=True)
class Gathered:
    """n new or changed records of one side by ascending id; `names` are the digests of their texts.

    `vectors` (n, dimension) are None where the encoder is to be made of their tokens first;
    `encoded` tells how many were not known before.
    """

    side: Side
    ids: list[str]
    names: Digests
    table: TokenTable
    vectors: HalfArray | None
    encoded: int


@dataclass
class _Side:
    ids: list[str] = field(default_factory=list)
    tokens: "list[Future[Tokens]]" = field(default_factory=list)
    texts: "deque[tuple[list[str], Future[Tokens]]]" = field(default_factory=deque)
    vectors: list[HalfArray] = field(default_factory=list)
    encoded: int = 0


def gather(
    records: Iterable[Record],
    total: int,
    old: Mapping[Side, SideIndex | None],
    encoder: Encoder | None,
    progress: Progress,
) -> dict[Side, Gathered]:
    """The records, which come by ascending id, about `total` of them, by side; stage "encode".

    The text of a record that changed elsewhere has its vector in `old` already.
    """
    sides = {side: _Side() for side in Side}
    done = 0
    if encoder is not None:
        progress("encode", 0, total)
    with Tokenisers(total) as tokenisers:
        for shard in _shards(records):
            for side, own in sides.items():
                some = [record for record in shard if record.side is side]
                if not some:
                    continue
                texts = [record.text() for record in some]
                own.ids += [record.id for record in some]
                own.tokens.append(tokenisers.tokenised(texts))
                own.texts.append((texts, own.tokens[-1]))
                while encoder is not None and len(own.texts) >= _WAITING:
                    done = _encode(own, old[side], side, encoder, (done, total), progress)
                if encoder is None:
                    own.texts.clear()
                    own.tokens[max(len(own.tokens) - _WAITING, 0)].result()  # not too far ahead
        for side, own in sides.items():
            while own.texts:
                done = _encode(own, old[side], side, encoder, (done, total), progress)
        return {side: _gathered(side, own, encoder) for side, own in sides.items()}


def vectors_of(
    digests: Digests, old: SideIndex | None, dimension: int
) -> tuple[HalfArray, list[int]]:
    """The vectors of texts that `old` has, (n, dimension), and which texts it does not have."""
    found = np.zeros((len(digests), dimension), dtype=np.float16)
    if old is None:
        return found, list(range(len(digests)))
    rows = old.rows_said(digests)
    known = rows >= 0
    if known.any():
        found[known] = old.vectors.rows(rows[known])
    return found, np.flatnonzero(~known).tolist()


def _shards(records: Iterable[Record]) -> Iterator[Sequence[Record]]:
    each = iter(records)
    while shard := list(islice(each, _SHARD)):
        yield shard


def _encode(
    own: _Side,
    old: SideIndex | None,
    side: Side,
    encoder: Encoder | None,
    told: tuple[int, int],
    progress: Progress,
) -> int:
    """Encodes the texts that have waited longest; returns how many are done now."""
    texts, tokens = own.texts.popleft()
    done, total = told
    if encoder is None:
        return done
    vectors, missing = vectors_of(tokens.result()[1], old, encoder.dimension)
    before = done + len(texts) - len(missing)
    for start in range(0, len(missing), _BLOCK):
        block = missing[start : start + _BLOCK]
        made = encoder.encode([texts[i] for i in block], query=side is Side.DEMAND)
        vectors[block] = half(made)
        progress("encode", before + start + len(block), max(total, before + len(missing)))
    own.vectors.append(vectors)
    own.encoded += len(missing)
    return done + len(texts)


def _gathered(side: Side, own: _Side, encoder: Encoder | None) -> Gathered:
    tables, digests = [], [np.zeros(0, dtype="S32")]
    while own.tokens:
        table, names = own.tokens.pop(0).result()
        tables.append(table)
        digests.append(names)
    vectors = None
    if encoder is not None:
        none = np.zeros((0, encoder.dimension), dtype=np.float16)
        vectors = np.concatenate([none, *own.vectors])
        own.vectors.clear()
    names = np.concatenate(digests)
    return Gathered(side, own.ids, names, TokenTable.joined(tables), vectors, own.encoded)
