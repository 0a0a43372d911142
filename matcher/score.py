"""From the features of a pair to the probability that a person would accept it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import DamagedError
from matcher.features import FEATURES, Features
from matcher.similarity import FloatArray

SHIPPED = Path(__file__).parent / "models" / "score.json"
_DEFAULT = "contextual"  # whose weights are used with an encoder that has none of its own
_VERSION = 1

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class ScoreModel:
    """A logistic model over standardised features.

    probability = 1 / (1 + exp(-(intercept + Σ weight · (value − centre) / scale))). A missing
    value (nan) stands at its centre and says nothing. All arrays are (n_features,), in the order
    of `names`; weights are at least 0 but for `matcher.features.INDICATORS`.
    `prior` = (intercept, slope) is the same from the similarity alone.
    """

    names: tuple[str, ...]
    centre: Numbers
    scale: Numbers
    weights: Numbers
    intercept: float
    prior: tuple[float, float]

    @classmethod
    def load(cls, encoder: str = _DEFAULT, path: Path = SHIPPED) -> "ScoreModel":
        """The model for an index of this encoder; for one it was not fitted on, that of
        "contextual". Raises DamagedError naming the file."""
        return _read(path, encoder)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "ScoreModel":
        """Raises KeyError, TypeError or ValueError where the body is no model."""
        names = tuple(body["features"])
        found = list(body["features"].values())
        centre, scale, weights = (
            np.array([float(one[key]) for one in found]) for key in ("centre", "scale", "weight")
        )
        intercept, slope = (float(one) for one in body["prior"])
        own = float(body["intercept"])
        model = cls(names, centre, scale, weights, own, (intercept, slope))
        if names != FEATURES or not np.isfinite(model.weights).all() or (model.scale <= 0).any():
            raise ValueError("the features are not those of this version")
        return model

    def to_json(self) -> dict[str, Any]:
        columns = zip(self.names, self.centre, self.scale, self.weights, strict=True)
        return {
            "intercept": round(self.intercept, 6),
            "prior": [round(one, 6) for one in self.prior],
            "features": {
                name: {
                    "centre": round(float(centre), 6),
                    "scale": round(float(scale), 6),
                    "weight": round(float(weight), 6),
                }
                for name, centre, scale, weight in columns
            },
        }

    def standardised(self, features: Features) -> FloatArray:
        """(n, n_features) around 0, nothing missing: what the weights are for."""
        if features.names != self.names:
            raise ValueError(f"features {features.names}, the model has {self.names}")
        centred = (features.matrix - self.centre.astype(np.float32)) / self.scale.astype(np.float32)
        return np.asarray(np.nan_to_num(centred, copy=False, nan=0.0), dtype=np.float32)

    def contributions(self, features: Features) -> FloatArray:
        """(n, n_features) log-odds each feature adds; 0 where it is missing or usual."""
        return self.standardised(features) * self.weights.astype(np.float32)

    def probability(self, features: Features) -> FloatArray:
        """(n,) in 0..1."""
        logits = self.standardised(features) @ self.weights.astype(np.float32)
        return _sigmoid(logits + np.float32(self.intercept))

    def guess(self, similarities: FloatArray) -> FloatArray:
        """The probability where the similarity is all that is known; same shape."""
        intercept, slope = self.prior
        return _sigmoid(np.float32(slope) * similarities + np.float32(intercept))


def _sigmoid(logits: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0))), dtype=np.float32)


@cache
def _read(path: Path, encoder: str) -> ScoreModel:
    try:
        body = json.loads(path.read_text("utf-8"))
        if body["version"] != _VERSION:
            raise ValueError(f"version {body['version']}, this program reads {_VERSION}")
        models = body["models"]
        return ScoreModel.from_json(models.get(encoder.partition("@")[0], models[_DEFAULT]))
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedError(
            vi=f"Tệp trọng số chấm điểm {path} bị hỏng hoặc thiếu ({error}). Hãy cài lại cungcau.",
            en=f"The weights of the score, {path}, are damaged or missing ({error}). Install "
            "cungcau again.",
        ) from error


def forget() -> None:
    """Files of weights are read again when next asked for: one was written."""
    _read.cache_clear()
