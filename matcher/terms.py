"""The telling terms of a text as numbers, so that those of many texts are compared at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Places = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terms:
    """n terms in the order of their `keys` (n,), each once: sharing term i is worth `worth[i]`,
    and it stands in `sentences[starts[i]:starts[i + 1]]`, ascending."""

    keys: Keys
    worth: Numbers
    starts: Places
    sentences: Places

    @classmethod
    def of(
        cls, keys: Sequence[int], worth: Sequence[float], where: Sequence[Sequence[int]]
    ) -> "Terms":
        """Of terms with what each is worth and the sentences it stands in."""
        counts = [len(places) for places in where]
        return cls.sorted(
            np.zeros(sum(counts), dtype=np.int64),
            np.repeat(np.array(keys, dtype=np.uint64), counts),
            np.repeat(np.array(worth, dtype=np.float64), counts),
            np.array([place for places in where for place in places], dtype=np.int64),
            1,
        )[0]

    @classmethod
    def sorted(
        cls, texts: Places, keys: Keys, worth: Numbers, sentences: Places, count: int
    ) -> list["Terms"]:
        """The terms of `count` texts from all their occurrences, all (n,), in any order."""
        order = np.lexsort((sentences, keys, texts))
        texts, keys, sentences = texts[order], keys[order], sentences[order]
        same = (texts[1:] == texts[:-1]) & (keys[1:] == keys[:-1])
        kept = np.ones(len(order), dtype=np.bool_)
        kept[1:] = ~same | (sentences[1:] != sentences[:-1])
        fresh = np.ones(len(order), dtype=np.bool_)
        fresh[1:] = ~same
        sentences = sentences[kept]
        firsts = np.flatnonzero(fresh)
        starts = np.append(np.flatnonzero(fresh[kept]), len(sentences))
        keys, worth = keys[firsts], worth[order[firsts]]
        ends = np.searchsorted(texts[firsts], np.arange(count + 1)).tolist()
        return [
            cls(
                keys[begin:end].copy(),  # what is left of the other texts is let go
                worth[begin:end].copy(),
                starts[begin : end + 1] - starts[begin],
                sentences[starts[begin] : starts[end]].copy(),
            )
            for begin, end in pairwise(ends)
        ]
