"""Any sentence-transformers model behind the Encoder protocol; torch is imported only here."""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from indexer.encoder import FloatArray, unit_rows
from indexer.errors import RequestError

_BATCH = 32
_HUB_PATIENCE = 5.0  # seconds
_SAMPLES = 256  # numbers of each weight tensor that go into the fingerprint


@dataclass(frozen=True)
class Prompts:
    """What a model expects before a text that asks and before one that answers."""

    query: str = ""
    passage: str = ""


class TransformerEncoder:
    """A loaded sentence-transformers model."""

    def __init__(self, model: Any, name: str) -> None:  # noqa: ANN401 - imported lazily
        self._model = model
        self._name = name
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
                batch_size=_BATCH,
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


def load_transformer(name: str) -> TransformerEncoder:
    """The model in a folder, or by a hub's name.

    No network unless HF_HUB_OFFLINE=0 asks for it. Raises RequestError, in one sentence: the
    library is missing, the model is not on this machine, the hub is out of reach, the folder
    holds no model.
    """
    path = Path(name).expanduser()
    asked = os.environ.get("HF_HUB_OFFLINE", "").lower() in {"0", "false", "no", "off"}
    if not asked:
        # Read by huggingface_hub when it is imported: without it, it tries several times.
        os.environ["HF_HUB_OFFLINE"] = "1"
    transformer = _library()
    try:
        if path.is_dir():
            return TransformerEncoder(transformer(str(path), local_files_only=True), name)
        try:
            return TransformerEncoder(transformer(name, local_files_only=True), name)
        except Exception:  # whatever a library raises for a file it does not find
            if not asked or not _hub_answers():
                raise
        return TransformerEncoder(transformer(name), name)
    except Exception as error:
        if path.is_dir():
            raise _no_model(path, error) from error
        raise _not_here(name, asked) from error


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
        "mô hình, hoặc dùng --encoder lsa.",
        en=f"The model “{name}” is not on this machine ({en}): give the path of a folder that "
        "holds it, or use --encoder lsa.",
    )
