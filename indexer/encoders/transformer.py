"""Any sentence-transformers model behind the Encoder protocol; torch is imported only here."""

import hashlib
import importlib.util
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from indexer.encoder import FloatArray, Hardware, unit_rows
from indexer.errors import RequestError

_HUB_PATIENCE = 5.0  # seconds
_SAMPLES = 256  # numbers of each weight tensor that go into the fingerprint


@dataclass(frozen=True)
class Prompts:
    """What a model expects before a text that asks and before one that answers."""

    query: str = ""
    passage: str = ""


class TransformerEncoder:
    """A loaded sentence-transformers model."""

    def __init__(self, model: Any, name: str, batch: int = 32) -> None:  # noqa: ANN401 - lazy
        self._model = model
        self._name = name
        self._batch = batch
        self.prompts = prompts_of(name, dict(getattr(model, "prompts", None) or {}))

    @property
    def name(self) -> str:
        return self._name

    @cached_property
    def dimension(self) -> int:
        return int(self._model.encode(["x"], show_progress_bar=False).shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """From samples of the weights, so that a model has one name wherever it lies."""
        digest = hashlib.sha256(repr((self.prompts, self._model.max_seq_length)).encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(f"{name}{tuple(tensor.shape)}".encode())
            flat = tensor.detach().float().cpu().reshape(-1)
            digest.update(flat[:: max(len(flat) // _SAMPLES, 1)].numpy().tobytes())
        return digest.hexdigest()

    def encode(self, texts: Sequence[str], *, query: bool = False) -> FloatArray:
        """As `Encoder.encode`; a text longer than the model reads is read from its beginning."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        said = [i for i, text in enumerate(texts) if text.strip()]
        if said:
            clean = [texts[i].encode(errors="replace").decode() for i in said]
            rows[said] = self._model.encode(
                clean,
                prompt=(self.prompts.query if query else self.prompts.passage) or None,
                batch_size=self._batch,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return unit_rows(np.nan_to_num(rows))


def prompts_of(name: str, stated: dict[str, str]) -> Prompts:
    """The model's own prompts, else those its family is known to need."""
    query = stated.get("query", "")
    passage = stated.get("passage", "") or stated.get("document", "")
    if query or passage:
        return Prompts(query, passage)
    short = Path(name).name.lower()
    if "e5" in short.split("-") and "instruct" not in short:
        return Prompts("query: ", "passage: ")
    if short.startswith("bge-") and "-en" in short:
        return Prompts("Represent this sentence for searching relevant passages: ")
    return Prompts()


def load_transformer(name: str, hardware: Hardware | None = None) -> TransformerEncoder:
    """The model in a folder, or by a hub's name.

    No network unless HF_HUB_OFFLINE=0 asks for it. Raises RequestError, in one sentence: the
    library or the device is missing, the model is not on this machine, the hub is out of reach,
    the folder holds no model.
    """
    hardware = hardware or Hardware()
    path = Path(name).expanduser()
    asked = os.environ.get("HF_HUB_OFFLINE", "").lower() in {"0", "false", "no", "off"}
    if not asked:
        # Read by huggingface_hub when it is imported: without it, it tries several times.
        os.environ["HF_HUB_OFFLINE"] = "1"
    if not asked and not path.is_dir() and _is_installed() and not _is_cached(name):
        raise _not_here(name, asked)  # at once: importing torch to learn it takes seconds
    transformer = partial(_library(), device=_device(hardware.device))
    batch = hardware.batch
    try:
        if path.is_dir():
            return TransformerEncoder(transformer(str(path), local_files_only=True), name, batch)
        try:
            return TransformerEncoder(transformer(name, local_files_only=True), name, batch)
        except Exception:  # whatever a library raises for a file it does not find
            if not asked or not _hub_answers():
                raise
        return TransformerEncoder(transformer(name), name, batch)
    except Exception as error:
        if path.is_dir():
            raise _no_model(path, error) from error
        raise _not_here(name, asked) from error


def _is_installed() -> bool:
    return importlib.util.find_spec("sentence_transformers") is not None


def _is_cached(name: str) -> bool:
    """Whether a download of this model was ever begun on this machine."""
    from huggingface_hub.constants import HF_HUB_CACHE  # noqa: PLC0415

    places = [Path(HF_HUB_CACHE)]
    if own := os.environ.get("SENTENCE_TRANSFORMERS_HOME"):
        places.append(Path(own))
    # A name without an owner is looked for among those of the library's makers as well.
    names = [name] if "/" in name else [name, f"sentence-transformers/{name}"]
    folders = [f"models--{each.replace('/', '--')}" for each in names]
    return any((place / folder).is_dir() for place in places for folder in folders)


def _library() -> Any:  # noqa: ANN401
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    except ImportError as error:
        raise RequestError(
            vi="Bộ mã hoá này cần thư viện sentence-transformers. "
            "Hãy cài: pip install 'cungcau[models]'",
            en="This encoder needs the sentence-transformers library. "
            "Install it: pip install 'cungcau[models]'",
        ) from error
    return SentenceTransformer


def _device(name: str) -> str | None:
    """The device as torch knows it; None lets the library choose."""
    if not name:
        return None
    import torch  # noqa: PLC0415

    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        there = [*(f"cuda:{i}" for i in range(torch.cuda.device_count())), "cpu"]
        raise RequestError(
            vi=f"Không có thiết bị “{name}” (encoder_device); có thể dùng: {', '.join(there)}.",
            en=f"There is no device “{name}” (encoder_device); choose from: {', '.join(there)}.",
        ) from error
    return name


def _hub_answers() -> bool:
    """One short look, where the library would try for minutes."""
    address = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    try:
        with urllib.request.urlopen(address, timeout=_HUB_PATIENCE):
            return True
    except urllib.error.HTTPError:
        return True  # an answer, if not a kind one
    except (OSError, ValueError):
        return False


def _no_model(path: Path, error: Exception) -> RequestError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return RequestError(
        vi=f"Thư mục {path} không chứa một mô hình sentence-transformers đọc được ({said}).",
        en=f"The folder {path} holds no readable sentence-transformers model ({said}).",
    )


def _not_here(name: str, asked: bool) -> RequestError:
    vi = "không kết nối được kho mô hình" if asked else "mạng chỉ dùng khi đặt HF_HUB_OFFLINE=0"
    en = (
        "the model hub is out of reach"
        if asked
        else "the network is used only with HF_HUB_OFFLINE=0"
    )
    return RequestError(
        vi=f"Mô hình “{name}” không có trên máy này ({vi}): hãy cho đường dẫn tới thư mục của "
        "mô hình, hoặc dùng --encoder contextual.",
        en=f"The model “{name}” is not on this machine ({en}): give the path of a folder that "
        "holds it, or use --encoder contextual.",
    )
