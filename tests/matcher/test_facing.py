"""Of sentences that face each other, those that the similarity loses most by."""

import numpy as np
import pytest

from indexer.records import Record, RecordType, Side
from matcher.facing import Facing, Meaning, Meant
from matcher.reading import Reading, read

TEXTS = [
    ("Máy sấy lúa tầng sôi. Trấu đốt lò hơi.", "Trấu đốt lò hơi. Lò hơi. Máy sấy lúa tầng sôi."),
    ("Cần bơm. Bơm nghẹt rác suốt mùa mưa.", "Cánh bơm không nghẹt. Bơm ao tôm mùa mưa. Rác."),
    ("Kho lạnh tốn điện. Tôm đông. Giao nhanh trong tuần.", "Biến tần kho lạnh. Điện rẻ. Tôm."),
]


def reading(side, kind, text):
    record = Record(id="x", side=side, type=kind, description=text)
    return read(record, lambda token: float(len(token)), lambda token: float(len(token)))


def without(own, place):
    """The same less one sentence."""
    kept = [i for i in range(len(own.sentences)) if i != place]
    terms = {term: [i for i in where if i in kept] for term, where in own.terms.items()}
    terms = {term: where for term, where in terms.items() if where}
    return Reading(own.sentences, terms, own.worth, own.unaccented)


def met(asked, offered):
    """The share of the need that is met: every word by how often the offer has it."""
    reached = most = 0.0
    for term, where in asked.terms.items():
        count = len(offered.terms.get(term, ()))
        worth = min(asked.worth[term], offered.worth.get(term, 0.0)) if count else 0.0
        reached += len(where) * worth * count / (count + 1.2)
        most += len(where) * asked.worth[term]
    return reached / most if most else 0.0


@pytest.mark.parametrize(("need", "offer"), TEXTS)
def test_the_first_pair_takes_most_for_its_length(need, offer):
    asked = reading(Side.DEMAND, RecordType.NEED, need)
    offered = reading(Side.SUPPLY, RecordType.TECHNOLOGY, offer)
    shape = len(asked.sentences), len(offered.sentences)
    silent = [Meaning.of(np.zeros((size, 4), dtype=np.float32), np.ones(size)) for size in shape]
    facing = Facing(asked, offered, Meant(*silent))
    sizes = [np.array([len(one.tokens) for one in own.sentences]) for own in (asked, offered)]
    taken = {}
    for i, j in np.argwhere(facing.value >= 0.5 * facing.best).tolist():
        fall = _shown(met(asked, offered)) - _shown(met(without(asked, i), without(offered, j)))
        length = 2 * sizes[0][i] / sizes[0].sum() + sizes[1][j] / sizes[1].sum() + 0.05
        taken[i, j] = fall / length
    first = facing.pairs()[0]
    assert taken[first.asked, first.offered] == pytest.approx(max(taken.values()), abs=1e-6)


def _shown(share):
    return np.cbrt(0.9 * share**2)


def test_the_cosine_of_what_is_left():
    random = np.random.default_rng(3)
    sizes = [np.array([3.0, 8.0, 5.0]), np.array([4.0, 6.0])]
    rows = [random.normal(size=(len(own), 7)) for own in sizes]
    units = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in rows]
    meant = Meant(*(Meaning.of(*pair) for pair in zip(units, sizes, strict=True)))
    left = np.array([1.0, 1.0, 0.0]), np.ones(2)
    whole, rest = meant.without(*left)
    weighed = [u * (own * kept)[:, None] for u, own, kept in zip(units, sizes, left, strict=True)]
    assert whole == pytest.approx(_cosine(*(one.sum(axis=0) for one in weighed)))
    for i, j in np.ndindex(2, 2):
        parts = [np.delete(one, at, axis=0) for one, at in zip(weighed, (i, j), strict=True)]
        assert rest[i, j] == pytest.approx(_cosine(*(one.sum(axis=0) for one in parts)))


def _cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)
