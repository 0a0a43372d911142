"""txtai's own HTTP service (NeuML) over the texts of a catalog.

Its index is built as its users build a hybrid one, but for the document vectors, which are drawn at
random: all-MiniLM would encode 100,000 texts for an hour, and a search takes the same time whatever
they are. Queries are encoded by all-MiniLM. No texts are stored beside: answers are ids and scores.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluation.peers.library import library
from evaluation.peers.minilm import folder

_DIMENSION = 384


def build(texts: Sequence[str], into: Path, seed: int) -> None:
    """Writes the index and `txtai.yml` into the folder."""
    rng = np.random.default_rng(seed)

    def drawn(given: Sequence[str]) -> np.ndarray:
        rows = rng.normal(size=(len(given), _DIMENSION)).astype(np.float32)
        found: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return found

    embeddings = library("txtai", "txtai.embeddings").Embeddings
    index = embeddings(method="external", transform=drawn, hybrid=True, gpu=False, format="json")
    index.index(list(texts))
    index.save(str(into / "index"))
    index.close()
    config = into / "index" / "config.json"
    told = json.loads(config.read_text("utf-8"))
    told = {key: value for key, value in told.items() if key not in ("method", "transform")}
    config.write_text(json.dumps({**told, "path": str(folder("txtai"))}), encoding="utf-8")
    settings = {"path": str(into / "index"), "writable": False, "embeddings": {"gpu": False}}
    (into / "txtai.yml").write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML


def txtai_server(folder: Path) -> tuple[Sequence[str], str, dict[str, str]]:
    """Command, address of readiness and environment of its server over `build`'s folder."""
    command = [sys.executable, "-m", "uvicorn", "txtai.api:app", "--log-level", "critical"]
    environment = {"CONFIG": str(folder / "txtai.yml"), "HF_HUB_OFFLINE": "1"}
    return [*command, "--port"], "/count", environment
