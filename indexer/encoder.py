"""What turns texts into vectors: one small protocol, so that any model can stand behind it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from indexer.errors import RequestError

if TYPE_CHECKING:
    from indexer.settings import Settings

FloatArray = npt.NDArray[np.float32]

LSA, CONTEXTUAL, STATIC = "lsa", "contextual", "static"
DEFAULT_ENCODER = CONTEXTUAL
BUNDLED = (CONTEXTUAL, STATIC)
# "name" or "organisation/name", as model hubs write it.
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)


class Encoder(Protocol):
    """Texts to unit vectors; a dot product of two rows is their cosine similarity.

    `name` is what a user asks for, `fingerprint` changes whenever the vectors would, and
    `dimension` is the length of a row.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    def encode(self, texts: Sequence[str], *, query: bool = False) -> FloatArray:
        """Shape (len(texts), dimension), float32, rows of length 1.

        A row is all zero only where the encoder knows nothing of the text at all. `query`
        tells that the texts ask (demand) rather than answer (supply); some models care.
        """
        ...


@dataclass(frozen=True)
class Hardware:
    """Where and how many at once a sentence-transformers model encodes; "" chooses the device."""

    device: str = ""
    batch: int = 32


def check_encoder_name(name: str) -> str:
    """The name as an index keeps it: a folder by its full path.

    Raises RequestError, listing the choices, when nothing could answer to the name.
    """
    model, dimension = parts(name)
    if name == LSA or model in BUNDLED:
        return name
    for path in (name, model):
        folder = Path(path).expanduser()
        if path and folder.is_dir():
            return str(folder.absolute()) + name[len(path) :]
    looks_like_path = name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1
    if looks_like_path or dimension is not None or not _HUB_NAME.fullmatch(name):
        raise RequestError(
            vi=f"Không có bộ mã hoá “{name}”. Có thể dùng: contextual, static (đều có sẵn; thêm "
            "@128 để lấy 128 chiều), lsa; đường dẫn tới một thư mục mô hình "
            "sentence-transformers; tên một mô hình như intfloat/multilingual-e5-small.",
            en=f"There is no encoder “{name}”. Choices: contextual, static (both built in; add "
            "@128 for 128 dimensions), lsa; the path of a folder with a sentence-transformers "
            "model; a model name such as intfloat/multilingual-e5-small.",
        )
    return name


def encoder_asked(settings: "Settings") -> str | None:
    """The encoder a workspace is set to, as an index keeps it; None where any will do.

    Raises RequestError, naming the setting, when nothing could answer to it.
    """
    if not settings.encoder:
        return None
    try:
        return check_encoder_name(settings.encoder)
    except RequestError as error:
        raise RequestError(
            vi=f"Thiết lập encoder: {error.message.vi}", en=f"Setting encoder: {error.message.en}"
        ) from error


def parts(name: str) -> tuple[str, int | None]:
    """("static", 128) of "static@128"."""
    model, _, dimension = name.rpartition("@")
    return (model, int(dimension)) if model and dimension.isdecimal() else (name, None)


def unit_rows(vectors: npt.NDArray[np.floating]) -> FloatArray:
    """Rows scaled to length 1; all-zero rows stay."""
    rows = np.array(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 1e-12, lengths, np.float32(1))
    return rows
