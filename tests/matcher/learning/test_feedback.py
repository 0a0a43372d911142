"""Learning moves the weights only as far as judgements bear, and knows when it cannot."""

import numpy as np
import pytest

from indexer.errors import RequestError
from matcher.learning.feedback import FIXED, Lessons, Parameters, check, held_out, ndcg, refit
from matcher.learning.suggestion import suggest

SHIPPED = Parameters(-1.0, np.array([1.0, 1.0, 0.5]))
TRUE = Parameters(-1.0, np.array([0.0, 3.0, 0.5]))


def lessons(count, needs=10, seed=7, truth=TRUE):
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, 3))
    logits = truth.intercept + features @ truth.weights
    accepted = (random.random(count) < 1 / (1 + np.exp(-logits))).astype(float)
    names = tuple(f"N{row % needs}" for row in range(count))
    return Lessons(features, np.zeros(count), accepted, 3 * accepted, names)


def test_with_many_judgements_the_truth_is_found():
    found = refit(lessons(4000), SHIPPED, strength=1.0)
    assert found.weights == pytest.approx(TRUE.weights, abs=0.25)


def test_weights_stay_near_the_shipped_ones_while_little_is_known():
    few, many = lessons(12), lessons(400)
    steps = [np.linalg.norm(refit(one, SHIPPED).weights - SHIPPED.weights) for one in (few, many)]
    assert 0 < steps[0] < steps[1]
    assert refit(few, SHIPPED, strength=1e9).weights == pytest.approx(SHIPPED.weights, abs=1e-5)


def test_no_weight_turns_against_sense():
    against = Parameters(0.0, np.array([-2.0, 1.0, -1.0]))
    assert (refit(lessons(1000, truth=against), SHIPPED, strength=1.0).weights >= 0).all()


def test_what_is_held_out_was_not_learned_from(monkeypatch):
    given = lessons(100)
    seen = []

    def spy(part, shipped, strength):
        seen.append(set(part.needs))
        return shipped

    monkeypatch.setattr("matcher.learning.feedback.refit", spy)
    found = held_out(given, SHIPPED)
    assert len(seen) == 5
    assert all(len(needs) == 8 for needs in seen)
    assert found.loss_after == pytest.approx(found.loss_before)
    assert not found.better


def test_held_out_needs_are_better_where_the_shipped_model_is_wrong():
    found = held_out(lessons(300), SHIPPED, strength=1.0)
    assert found.better
    assert found.loss_after.mean() < found.loss_before.mean() - 0.05


def test_where_there_is_nothing_to_learn_nothing_is_lost():
    everyone = lessons(20_000, seed=99, truth=SHIPPED)

    def loss(model):
        logits = model.logits(everyone)
        return float((np.logaddexp(0, logits) - everyone.accepted * logits).mean())

    lost = []
    for seed in range(20):
        own = lessons(50, seed=seed, truth=SHIPPED)
        learned = refit(own, SHIPPED) if held_out(own, SHIPPED).better else SHIPPED
        lost.append(loss(learned) - loss(SHIPPED))
    assert np.mean(lost) < 0.01
    assert max(lost) < 0.1


def test_the_level_alone_leaves_the_weights():
    found = refit(lessons(300), SHIPPED, strength=FIXED)
    assert (found.weights == SHIPPED.weights).all()
    assert found.intercept != SHIPPED.intercept
    held = held_out(lessons(300), SHIPPED, strength=FIXED)
    assert held.ndcg_after == pytest.approx(held.ndcg_before)


def test_a_signed_weight_may_turn():
    against = Parameters(0.0, np.array([-2.0, 1.0, -1.0]))
    signed = Parameters(-1.0, SHIPPED.weights, np.array([True, False, False]))
    found = refit(lessons(1000, truth=against), signed, strength=1.0).weights
    assert found[0] < -1
    assert found[2] == 0


@pytest.mark.parametrize(
    ("accepted", "needs", "said"),
    [
        ([1, 0, 1], 3, "3 pairs of 3 needs are judged; at least 10 pairs of 3 needs"),
        ([1, 0] * 6, 2, "12 pairs of 2 needs"),
        ([1] * 12, 4, "all 12 pairs are accepted; grade pairs that do not fit"),
        ([0] * 12, 4, "all 12 pairs are rejected; grade pairs that fit"),
    ],
)
def test_what_nothing_can_be_learned_from_is_said(accepted, needs, said):
    count = len(accepted)
    names = tuple(f"N{row % needs}" for row in range(count))
    marks = np.array(accepted, dtype=float)
    with pytest.raises(RequestError, match=said):
        check(Lessons(np.zeros((count, 2)), np.zeros(count), marks, marks, names))


def test_ndcg_by_hand():
    grades = np.array([3.0, 0.0, 1.0])
    ideal = 3 + 1 / np.log2(3)
    assert ndcg(grades, np.array([3.0, 1.0, 2.0])) == pytest.approx(1.0)
    assert ndcg(grades, np.array([1.0, 3.0, 2.0])) == pytest.approx(
        (1 / np.log2(3) + 3 / 2) / ideal
    )
    level = (4 / 3) * (1 + 1 / np.log2(3) + 0.5) / ideal
    assert ndcg(grades, np.zeros(3)) == pytest.approx(level)
    assert ndcg(np.zeros(3), np.arange(3.0)) == 0.0
    assert ndcg(grades, np.array([1.0, 3.0, 2.0]), depth=1) == 0.0


def test_suggestions_are_uncertain_unlike_each_other_and_new():
    # Unsure, the same, unsure in another way, sure, and one judged as the second would be.
    features = np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 2.0], [9.0, 0.0], [2.1, 0.0]])
    logits = np.array([0.0, 0.0, 0.1, 9.0, 0.0])
    pairs = [(f"N{row}", f"O{row}") for row in range(5)]
    judged = np.array([False, False, False, False, True])
    found = suggest(features, logits, pairs, judged, 2, strength=1.0)
    assert found[0] == 2
    assert sorted(suggest(features, logits, pairs, judged, 10)) == [0, 1, 2, 3]


def test_no_need_is_asked_about_more_than_twice_while_others_are_left():
    random = np.random.default_rng(1)
    features = random.normal(size=(40, 3))
    features[:20] *= 10
    pairs = [("N0" if row < 20 else f"N{row}", f"O{row}") for row in range(40)]
    found = suggest(features, np.zeros(40), pairs, np.zeros(40, dtype=bool), 10)
    assert sum(row < 20 for row in found) == 2
