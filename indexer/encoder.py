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
_BUNDLED = (CONTEXTUAL, STATIC)
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


def load_encoder(
    name: str, folder: Path | None = None, hardware: Hardware | None = None
) -> Encoder:
    """The encoder called `name`.

    `contextual` and `static` ship with the package; `lsa` is read from `folder`, where it was
    saved with its index. Any other name is a folder, or a model hub's name of a
    sentence-transformers model, which must be on this machine already unless HF_HUB_OFFLINE=0
    asks for a download. "name@128" cuts the rows of an encoder of ours to 128 numbers.

    Raises RequestError: the name is unknown, the model is not there, the library or the device
    is missing; DamagedError: a model of ours is not whole.
    """
    name = check_encoder_name(name)
    if name == LSA:
        if folder is None:
            raise ValueError("the lsa encoder is fitted on a catalog: give its folder")
        from indexer.encoders.lsa import LsaEncoder  # noqa: PLC0415 - only the encoder asked for

        return LsaEncoder.load(folder)
    from indexer.encoders.bundled import MODELS, load_folder  # noqa: PLC0415
    from indexer.encoders.modelfolder import is_model_folder  # noqa: PLC0415

    model, dimension = _parts(name)
    if model in _BUNDLED:
        return load_folder(MODELS / model, name, dimension)
    if is_model_folder(Path(model)):
        return load_folder(Path(model), name, dimension)
    if dimension is not None and not Path(name).is_dir():
        raise RequestError(
            vi=f"“@{dimension}” chỉ dùng được với bộ mã hoá do cungcau huấn luyện; “{model}” là "
            "mô hình sentence-transformers: hãy bỏ phần đó.",
            en=f"“@{dimension}” works with encoders trained by cungcau only; “{model}” is a "
            "sentence-transformers model: leave it off.",
        )
    from indexer.encoders.transformer import load_transformer  # noqa: PLC0415

    return load_transformer(name, hardware or Hardware())


def check_encoder_name(name: str) -> str:
    """The name as an index keeps it: a folder by its full path.

    Raises RequestError, listing the choices, when nothing could answer to the name.
    """
    model, dimension = _parts(name)
    if name == LSA or model in _BUNDLED:
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


def _parts(name: str) -> tuple[str, int | None]:
    """("static", 128) of "static@128"."""
    model, _, dimension = name.rpartition("@")
    return (model, int(dimension)) if model and dimension.isdecimal() else (name, None)


def unit_rows(vectors: npt.NDArray[np.floating]) -> FloatArray:
    """Rows scaled to length 1; all-zero rows stay."""
    rows = np.array(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 1e-12, lengths, np.float32(1))
    return rows
