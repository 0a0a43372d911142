"""The benchmark of owners' scores: its loss by hand, its owners as described, one small run."""

import numpy as np
import pytest

from evaluation.benchmarks.affinity import losses, plain, proxy
from evaluation.collections import Collection
from matcher.affinity import affinity

SUBJECTS = ["drying paddy rice", "textile dyeing wastewater", "battery swap for motorbikes"]


@pytest.fixture(scope="module")
def given():
    texts = {
        f"{topic}{i}": f"{SUBJECTS[topic]}\nPaper {i} on {SUBJECTS[topic]}. " + "More words. " * 20
        for topic in range(3)
        for i in range(6)
    }
    texts |= {f"x{i}": f"Matter {i} of no topic at all. " + "Other words. " * 20 for i in range(30)}
    ids = tuple(sorted(texts, reverse=True))
    qrels = {f"q{t}": {f"{t}{i}": 1 for i in range(6)} for t in range(3)}
    documents = tuple(texts[one] for one in ids)
    return proxy(Collection("small", ids, documents, tuple(qrels), tuple(SUBJECTS), qrels, {}), 1)


def test_the_loss_is_the_weighted_share_of_pairs_in_the_wrong_order():
    depth = np.array([[2.0, 1.0, 0.0]])  # pairs of weight 1, 2, 1
    for scores, loss in (([3, 2, 1], 0.0), ([1, 2, 3], 1.0), ([3, 1, 2], 0.25), ([1, 1, 1], 0.5)):
        assert losses(np.array([scores], dtype=float), depth).tolist() == [loss]
    assert losses(np.array([[1.0, 2.0]]), np.array([[3.0, 3.0]])).tolist() == []


def test_submissions_are_in_nobodys_archive_and_depth_counts_papers(given):
    assert given.depth.shape == (120, 6)
    held = set(given.submissions.values())
    for own, depth in zip(given.archives.values(), given.depth, strict=True):
        assert not held & set(own)
        for text, count in zip(given.submissions.values(), depth, strict=True):
            assert sum(one.split("\n")[0] == text.split("\n")[0] for one in own) == count


def test_our_scores_and_the_plain_similarity_beat_chance(given):
    found = affinity(given.archives, given.submissions, encoder="static")
    assert losses(found.scores, given.depth).mean() < 0.2
    assert losses(plain(given, "static"), given.depth).mean() < 0.3
