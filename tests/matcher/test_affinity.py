"""Owners scored for submissions by their best papers."""

import json

import numpy as np
import pytest

from indexer.errors import RequestError
from matcher import affinity as module
from matcher.affinity import affinity, write_affinity

WATER = (
    "Electrochemical treatment of textile dyeing wastewater\nColour is removed from the effluent.",
    "Membrane bioreactors for wastewater of seafood plants\nThe membrane keeps the sludge.",
    "Recycling water in dyeing works\nEffluent is filtered and used again.",
    "Sludge from wastewater as fertiliser\nHeavy metals are washed out of the sludge.",
)
RICE = (
    "Fluidised bed drying of paddy rice\nWet rice is dried within an hour of the harvest.",
    "Sấy lúa bằng tầng sôi\nLúa ướt được sấy ngay sau thu hoạch, giữ tỷ lệ gạo nguyên.",
    "Breeding rice for salty soils\nVarieties of the delta are compared.",
)
BATTERY = ("Battery swap stations for motorbikes\nA battery is changed within one minute.",)
ARCHIVES = {"An1": WATER, "Bo_Li2": RICE, "Chi3": BATTERY, "Idle4": ()}
SUBMISSIONS = {
    "water": "Removing colour from dyeing effluent\nA membrane follows electrochemical treatment.",
    "rice": "Drying wet paddy rice after the harvest\nA fluidised bed against rain.",
    "lúa": "Máy sấy lúa ướt sau thu hoạch\nTầng sôi cho hợp tác xã.",
    "empty": "",
}


@pytest.fixture(scope="module")
def found():
    return affinity(ARCHIVES, SUBMISSIONS, encoder="static")


def test_the_owner_of_the_subject_comes_first_for_every_submission(found):
    assert found.owners == ("An1", "Bo_Li2", "Chi3", "Idle4")
    assert found.submissions == tuple(SUBMISSIONS)
    assert found.scores[:, :3].argmax(axis=0).tolist() == [0, 1, 1]


def test_the_submission_of_the_subject_comes_first_for_every_owner(found):
    assert found.scores[0].argmax() == 0
    assert {*np.argsort(-found.scores[1])[:2].tolist()} == {1, 2}


def test_scores_are_in_0_to_1_and_nothing_known_is_0(found):
    assert found.scores.shape == (4, 4)
    known = found.scores[:3, :3]
    assert ((known > 0) & (known < 1)).all()
    assert not found.scores[3].any()
    assert not found.scores[:, 3].any()
    assert np.array_equal(found.scores, np.round(found.scores, 6))


def test_equal_input_gives_equal_scores_whatever_the_order_of_the_owners(found):
    again = affinity(ARCHIVES, SUBMISSIONS, encoder="static")
    assert again.scores.tolist() == found.scores.tolist()
    turned = affinity(dict(reversed(ARCHIVES.items())), SUBMISSIONS, encoder="static")
    np.testing.assert_allclose(turned.scores[::-1], found.scores, atol=2e-6)


def test_blocks_change_nothing(found, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_CELLS", 1)
    monkeypatch.setattr(module, "_ENCODED_AT_ONCE", 3)
    small = affinity(ARCHIVES, SUBMISSIONS, encoder="static")
    np.testing.assert_allclose(small.scores, found.scores, atol=2e-6)


def test_an_owner_has_the_mean_of_the_best_three():
    similarities = np.array([[0.0, 5.0, 1.0, 3.0], [-1.0, -1.0, -1.0, -1.0]], dtype=np.float32)
    expected = np.round(1 / (1 + np.exp(module._EVEN - np.array([3.0, -1.0]))), 6)
    assert module._score(similarities, 3).tolist() == expected.tolist()
    one = module._score(similarities, 1)[0]
    assert one == np.round(1 / (1 + np.exp(module._EVEN - 5.0)), 6)


def test_rows_are_standardised_without_the_text_itself_and_with_what_is_usual():
    similarity = np.square(np.array([[0.1, 0.2, 0.3, 1.0]], dtype=np.float32))
    others = np.array([0.1, 0.2, 0.3])
    usual = np.concatenate([others, np.full(10, 0.15), np.full(10, 0.35)])  # mean .25, deviation .1
    expected = (np.array([0.1, 0.2, 0.3, 1.0]) - usual.mean()) / usual.std()
    standard = module._standardised(similarity, np.array([3]), 0.25, 0.1)
    np.testing.assert_allclose(standard[0], expected, rtol=1e-5)


def test_a_submission_close_to_everything_is_nobodys_subject():
    general = "A study of methods and results for systems in practice"
    archives = {f"o{i}": [f"{general} {i}", text] for i, text in enumerate(WATER + RICE)}
    asked = {"general": general, "water": SUBMISSIONS["water"]}
    scores = affinity(archives, asked, encoder="static", best=1).scores
    assert scores[0, 1] > scores[0, 0]


def test_equal_papers_count_once_for_an_owner():
    repeated = [WATER[0], WATER[0].upper(), WATER[0].replace(" ", "  "), BATTERY[0]]
    asked = {"water": SUBMISSIONS["water"]}
    once = affinity({"An1": [WATER[0], BATTERY[0]]}, asked, encoder="static")
    assert affinity({"An1": repeated}, asked, encoder="static").scores == once.scores


def test_co_authors_of_one_paper_score_the_same(found):
    shared = affinity({"A": RICE, "B": RICE[::-1]}, SUBMISSIONS, encoder="static").scores
    assert shared[0].tolist() == shared[1].tolist()


def test_one_paper_and_one_submission_already_tell():
    same = affinity({"A": [RICE[0]]}, {"s": RICE[0]}, encoder="static").scores[0, 0]
    other = affinity({"A": [RICE[0]]}, {"s": "Quantum gravity"}, encoder="static").scores[0, 0]
    assert other < 0.3
    assert same > 0.7


@pytest.mark.parametrize(
    ("archives", "submissions"), [({}, {}), ({"A": ()}, {"s": "x"}), ({"A": ("x",)}, {"s": " "})]
)
def test_nothing_to_compare_scores_0(archives, submissions):
    found = affinity(archives, submissions, encoder="static")
    assert found.scores.shape == (len(archives), len(submissions))
    assert not found.scores.any()


@pytest.mark.parametrize("text", ["🙂", "\ud800 x", "ê" * 20_000, "\0"])
def test_odd_texts_are_no_obstacle(text):
    scores = affinity({"A": [text], "B": RICE}, {"s": text, "r": RICE[0]}, encoder="static").scores
    assert np.isfinite(scores).all()


def test_lsa_is_fitted_on_the_papers():
    found = affinity(ARCHIVES, SUBMISSIONS, encoder="lsa")
    assert found.scores[:, 0].argmax() == 0


def test_an_unknown_encoder_is_named():
    with pytest.raises(RequestError, match="no/such"):
        affinity(ARCHIVES, SUBMISSIONS, encoder="no/such")


def test_progress_ends_with_all_texts_and_all_submissions():
    seen = []
    affinity(ARCHIVES, SUBMISSIONS, encoder="static", progress=lambda *step: seen.append(step))
    assert seen == [
        ("terms", 0, 11),
        ("terms", 11, 11),
        ("encode", 0, 11),
        ("encode", 11, 11),
        ("match", 3, 3),
    ]


def test_the_file_is_one_json_object_by_owner_and_submission(found, tmp_path):
    path = tmp_path / "scores.json"
    write_affinity(found, path)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert list(written) == list(found.owners)
    assert list(written["An1"]) == list(SUBMISSIONS)
    assert [list(row.values()) for row in written.values()] == found.scores.tolist()
    write_affinity(module.Affinity((), (), np.zeros((0, 0))), path)
    assert json.loads(path.read_text(encoding="utf-8")) == {}
    assert [one.name for one in tmp_path.iterdir()] == ["scores.json"]


def test_a_file_that_cannot_be_written_is_named(found, tmp_path):
    with pytest.raises(RequestError, match=r"cannot be written"):
        write_affinity(found, tmp_path / "nowhere" / "scores.json")
