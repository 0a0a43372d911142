"""Learned weights: a version after another, one step back, the shipped ones underneath."""

import json

import numpy as np
import pytest

import matcher.learning.scoreversions
from indexer.errors import DamagedError, RequestError
from matcher.features import FEATURES
from matcher.learning.scoreversions import ScoreVersions
from matcher.score import ScoreModel


def body(weight):
    return {
        "intercept": -1.0,
        "prior": [-1.0, 2.0],
        "features": {
            name: {"centre": 0.0, "scale": 1.0, "weight": weight, "neutral": 0.0}
            for name in FEATURES
        },
    }


@pytest.fixture
def versions(tmp_path, monkeypatch):
    shipped = tmp_path / "score.json"
    models = {"contextual": body(1.0), "static": body(0.5)}
    shipped.write_text(json.dumps({"version": 1, "models": models}), "utf-8")
    monkeypatch.setattr(matcher.learning.scoreversions, "SHIPPED", shipped)
    return ScoreVersions(tmp_path / "models")


def model(weight):
    return ScoreModel.from_json(body(weight))


def weights(versions, encoder="contextual@128"):
    return ScoreModel.load(encoder, versions.path).weights[0]


def test_at_first_the_shipped_weights_are_in_use(versions):
    assert versions.current == 0
    assert versions.path.name == "score.json"
    assert versions.learned_from() == {}
    with pytest.raises(RequestError, match="nothing to undo"):
        versions.undo()


def test_versions_follow_each_other_and_are_undone_in_turn(versions):
    assert versions.save("contextual@128", model(2.0), {"pairs": 12}) == 1
    assert versions.save("contextual", model(3.0), {"pairs": 40}) == 2
    assert weights(versions) == 3.0
    assert versions.learned_from()["pairs"] == 40
    assert versions.undo() == (2, 1)
    assert weights(versions) == 2.0
    assert versions.save("contextual", model(4.0), {}) == 3
    assert versions.undo() == (3, 1)
    assert versions.undo() == (1, 0)
    assert weights(versions) == 1.0


def test_other_encoders_keep_the_shipped_weights(versions):
    versions.save("contextual", model(2.0), {})
    assert weights(versions, "static") == 0.5


def test_the_loaded_model_is_the_saved_one(versions):
    versions.save("contextual", model(2.0), {})
    assert versions.load("contextual").to_json() == model(2.0).to_json()
    assert np.isfinite(versions.load("contextual").weights).all()


@pytest.mark.parametrize("pointer", ["7", "-1", "mới"])
def test_a_pointer_to_nothing_is_damage_and_says_what_to_do(versions, pointer):
    versions.save("contextual", model(2.0), {})
    (versions.path.parent / "CURRENT").write_text(pointer, "utf-8")
    with pytest.raises(DamagedError, match=r"Remove .*CURRENT"):
        _ = versions.path


def test_a_torn_version_is_damage(versions):
    versions.save("contextual", model(2.0), {})
    versions.path.write_text('{"version": 1', "utf-8")
    with pytest.raises(DamagedError, match=r"score-1\.json is damaged"):
        versions.load("contextual")
    with pytest.raises(DamagedError):
        versions.undo()


def test_a_folder_that_takes_nothing_leaves_what_is_in_use(versions, tmp_path):
    (tmp_path / "models").write_text("in the way", "utf-8")
    with pytest.raises((RequestError, DamagedError)):
        versions.save("contextual", model(2.0), {})
