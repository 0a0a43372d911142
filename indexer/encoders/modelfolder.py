"""The folder of an encoder of ours: what it says of itself, and its files, checked."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.errors import DamagedError

FORMAT = 1
CARD = "cungcau.json"

Kind = Literal["contextual", "static"]


class ModelCard(BaseModel):
    """`cungcau.json`: the kind of encoder, the length of its vectors, SHA-256 by file name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    kind: Kind
    dimension: int = Field(ge=1, le=4096)
    files: dict[str, str]


@dataclass(frozen=True)
class ModelFolder:
    """The files of one encoder, read once so that what was checked is used."""

    path: Path
    card: ModelCard
    files: dict[str, bytes]

    @property
    def fingerprint(self) -> str:
        """Changes whenever a file does."""
        return hashlib.sha256(self.card.model_dump_json().encode()).hexdigest()

    @classmethod
    def read(cls, path: Path) -> "ModelFolder":
        """The encoder in this folder.

        Raises DamagedError naming the file that is missing, cannot be read or is not the one
        the folder's card names.
        """
        card = _card(path / CARD)
        files = {}
        for name, expected in card.files.items():
            try:
                body = (path / name).read_bytes()
            except OSError as error:
                raise _damaged(
                    path / name,
                    vi=f"không đọc được ({error.strerror})",
                    en=f"cannot be read ({error.strerror})",
                ) from error
            if hashlib.sha256(body).hexdigest() != expected:
                raise _damaged(
                    path / name, vi="sai mã kiểm (SHA-256)", en="has a wrong checksum (SHA-256)"
                )
            files[name] = body
        return cls(path, card, files)

    def unfit(self, error: Exception) -> DamagedError:
        """The error for files that are whole but do not make an encoder."""
        return _damaged(
            self.path,
            vi=f"không dựng được bộ mã hoá ({error})",
            en=f"does not make an encoder ({error})",
        )


def is_model_folder(path: Path) -> bool:
    """Whether the folder holds an encoder of ours rather than somebody else's."""
    return (path / CARD).is_file()


def write_card(folder: Path, kind: Kind, dimension: int, names: list[str]) -> None:
    """Seals a folder: its card, over these files as they are now."""
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    card = ModelCard(kind=kind, dimension=dimension, files=files)
    body = json.dumps(card.model_dump(mode="json"), indent=1, sort_keys=True) + "\n"
    (folder / CARD).write_text(body, encoding="utf-8")


def _card(path: Path) -> ModelCard:
    try:
        body = json.loads(path.read_bytes())
        if isinstance(body, dict) and body.get("format", FORMAT) != FORMAT:
            raise _damaged(
                path,
                vi=f"có định dạng {body['format']!r}, bản này đọc định dạng {FORMAT}",
                en=f"has format {body['format']!r}, this version reads {FORMAT}",
            )
        return ModelCard.model_validate(body)
    except (OSError, ValueError, ValidationError) as error:
        raise _damaged(path, vi="không đọc được", en="cannot be read") from error


def _damaged(path: Path, vi: str, en: str) -> DamagedError:
    return DamagedError(
        vi=f"Mô hình bị hỏng: {path} {vi}. Hãy cài lại cungcau, hoặc chép lại thư mục mô hình.",
        en=f"The model is damaged: {path} {en}. "
        "Install cungcau again, or copy the model's folder again.",
    )
