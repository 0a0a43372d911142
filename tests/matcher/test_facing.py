"""Of sentences that face each other, those that the similarity loses most by."""

from itertools import pairwise

import numpy as np
import pytest

from indexer.records import Record, RecordType, Side
from matcher.facing import Facing
from matcher.meaning import Left, Meaning, Meant
from matcher.pairgrid import Grid
from matcher.reading import read

TEXTS = [
    ("Máy sấy lúa tầng sôi. Trấu đốt lò hơi.", "Trấu đốt lò hơi. Lò hơi. Máy sấy lúa tầng sôi."),
    ("Cần bơm. Bơm nghẹt rác suốt mùa mưa.", "Cánh bơm không nghẹt. Bơm ao tôm mùa mưa. Rác."),
    ("Kho lạnh tốn điện. Tôm đông. Giao nhanh trong tuần.", "Biến tần kho lạnh. Điện rẻ. Tôm."),
]


def reading(side, kind, text):
    record = Record(id="x", side=side, type=kind, description=text)
    (found,) = read([record], lambda token: float(len(token)), lambda token: float(len(token)))
    return found


def terms(own, gone=None):
    """The sentences each term stands in, less one of them, by the term's key."""
    named = zip(own.terms.keys.tolist(), pairwise(own.terms.starts.tolist()), strict=True)
    found = {
        key: [place for place in own.terms.sentences[start:end].tolist() if place != gone]
        for key, (start, end) in named
    }
    return {key: places for key, places in found.items() if places}


def met(asked, offered, worth):
    """The share of the need that is met: every word by how often the offer has it."""
    reached = most = 0.0
    for term, where in asked.items():
        count = len(offered.get(term, ()))
        reached += len(where) * min(own.get(term, 0.0) for own in worth) * count / (count + 1.2)
        most += len(where) * worth[0][term]
    return reached / most if most else 0.0


@pytest.mark.parametrize(("need", "offer"), TEXTS)
def test_the_first_pair_takes_most_for_its_length(need, offer):
    asked = reading(Side.DEMAND, RecordType.NEED, need)
    offered = reading(Side.SUPPLY, RecordType.TECHNOLOGY, offer)
    both = asked, offered
    silent = [
        Meaning.of(np.zeros((len(own.sentences), 4), dtype=np.float32), own.lengths) for own in both
    ]
    facing = Facing([tuple(silent)], [both])
    worth = [dict(zip(own.terms.keys.tolist(), own.terms.worth, strict=True)) for own in both]
    sizes = [np.array([len(one.tokens) for one in own.sentences]) for own in both]
    value = facing.value.reshape(len(sizes[0]), len(sizes[1]))
    taken = {}
    for i, j in np.argwhere(value >= 0.5 * facing.best[0]).tolist():
        rest = met(terms(asked, i), terms(offered, j), worth)
        fall = _shown(met(terms(asked), terms(offered), worth)) - _shown(rest)
        length = 2 * sizes[0][i] / sizes[0].sum() + sizes[1][j] / sizes[1].sum() + 0.05
        taken[i, j] = fall / length
    first = facing.pairs()[0][0]
    assert taken[first.asked, first.offered] == pytest.approx(max(taken.values()), abs=1e-6)


def _shown(share):
    return np.cbrt(0.9 * share**2)


def test_the_cosine_of_what_is_left():
    random = np.random.default_rng(3)
    sizes = [np.array([3.0, 8.0, 5.0]), np.array([4.0, 6.0])]
    rows = [random.normal(size=(len(own), 7)) for own in sizes]
    units = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in rows]
    meanings = [Meaning.of(*pair) for pair in zip(units, sizes, strict=True)]
    # The other pair is the same, the other way round; of the first one sentence is gone.
    grid = Grid(np.array([2, 3]), np.array([3, 2]))
    left = Left(Meant(grid, [tuple(meanings[::-1]), tuple(meanings)]))
    left.drop(np.array([4]), np.array([], dtype=np.int64))
    whole, rest = left.cosines()
    for pair, first, kept in ((0, 1, (1, 1, 1)), (1, 0, (1, 1, 0))):
        weighed = [u * own[:, None] for u, own in zip(units, sizes, strict=True)]
        weighed[0] *= np.array(kept)[:, None]
        ends = weighed if first == 0 else weighed[::-1]
        assert whole[pair] == pytest.approx(_cosine(*(one.sum(axis=0) for one in ends)), rel=1e-5)
        for place, (i, j) in enumerate(np.ndindex(len(ends[0]), len(ends[1]))):
            parts = [np.delete(one, at, axis=0) for one, at in zip(ends, (i, j), strict=True)]
            found = rest[grid.starts[pair] + place]
            assert found == pytest.approx(_cosine(*(one.sum(axis=0) for one in parts)), rel=1e-5)


def _cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)
