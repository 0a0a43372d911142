"""What an index folder says of itself, and the check that its files are the ones it names."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.arrays import Body, mapped
from indexer.encoder import BUNDLED, LSA
from indexer.errors import DamagedError

FORMAT = 4
NAME = "manifest.json"

_SEAL = "sha256"
MAPPED = 2**20  # bytes; smaller files are read
_THREADS = 4


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Part):
    """One file of the index: size in bytes and SHA-256."""

    size: int
    sha256: str


class EncoderEntry(_Part):
    """The encoder the vectors came from; `fitted_on` counts its texts, None if it never fits."""

    name: str
    fingerprint: str
    dimension: int = Field(ge=1)
    fitted_on: int | None = None


class Manifest(_Part):
    """Everything that must hold of an index folder.

    `catalog` and `catalog_version` name the state of the catalog it was made from; `counts`
    are records by side; `background` is described in `indexer.background`.
    """

    format: int = FORMAT
    catalog: str
    catalog_version: int
    encoder: EncoderEntry
    background: float
    counts: dict[str, int]
    files: dict[str, FileEntry]

    def write(self, folder: Path) -> None:
        (folder / NAME).write_bytes(sealed(self.model_dump(mode="json")))

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of an index folder.

        Raises FileNotFoundError where there is none, DamagedError naming what is wrong with it.
        """
        path = folder / NAME
        try:
            written = path.read_bytes()
            body = json.loads(written)
            if isinstance(body, dict) and body.get("format") != FORMAT:
                raise _of_another_version(folder, body.get("format"))
            if not isinstance(body, dict):
                raise ValueError("not a manifest")
            if written != sealed(body):
                raise wrong_checksum(path)
            return cls.model_validate({key: body[key] for key in body if key != _SEAL})
        except (ValueError, ValidationError) as error:
            raise damaged(path, vi="không đọc được", en="cannot be read") from error


def encoder_named(folder: Path) -> str | None:
    """The encoder that the manifest of an index folder names, whatever else is wrong with it or
    the other files, or of whatever format it is; None where it names none of ours nor is whole."""
    try:
        written = (folder / NAME).read_bytes()
        body = json.loads(written)
        name = body["encoder"]["name"]
        known = name.split("@", maxsplit=1)[0] in (*BUNDLED, LSA)
        return str(name) if known or written == sealed(body) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def sealed(body: Mapping[str, Any]) -> bytes:
    """A manifest of these values as it is written, with the SHA-256 of itself."""
    rest = {key: body[key] for key in body if key != _SEAL}
    digest = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
    return json.dumps({**rest, _SEAL: digest}, indent=1, sort_keys=True).encode()


def entries(folder: Path, names: Iterable[str]) -> dict[str, FileEntry]:
    """The entries of these files of a folder, as they are now."""
    chosen = list(names)
    with ThreadPoolExecutor(_THREADS) as readers:
        found = readers.map(lambda name: _entry(folder / name), chosen)
        return dict(zip(chosen, found, strict=True))


def read_files(folder: Path, files: Mapping[str, FileEntry]) -> dict[str, Body]:
    """The contents of these files, each wholly checked; large ones are mapped into memory.

    How an index is opened without reading all of it is described in `indexer.checked`.

    Raises FileNotFoundError for a missing file, DamagedError naming the first that differs.
    """
    with ThreadPoolExecutor(_THREADS) as readers:  # hashing leaves the interpreter free
        bodies = readers.map(lambda name: _read(folder / name, files[name]), files)
        return dict(zip(files, bodies, strict=True))


def check_sizes(folder: Path, files: Mapping[str, FileEntry]) -> None:
    """A cheap look at files before they are read, if at all; raises as `read_files`."""
    for name, entry in files.items():
        size = (folder / name).stat().st_size
        if size != entry.size:
            raise wrong_size(folder / name, size, entry.size)


def damaged(path: Path, vi: str, en: str) -> DamagedError:
    """The error for a file of the index: what is wrong with it and what to do."""
    return DamagedError(
        vi=f"Chỉ mục bị hỏng: {path} {vi}. Hãy dựng lại: cungcau index --full",
        en=f"The index is damaged: {path} {en}. Rebuild it: cungcau index --full",
    )


def _of_another_version(folder: Path, found: object) -> DamagedError:
    return DamagedError(
        vi=f"Chỉ mục {folder} do một bản cungcau khác tạo (định dạng {found!r}, bản này đọc "
        f"{FORMAT}). Hãy dựng lại: cungcau index --full",
        en=f"The index {folder} was made by another version of cungcau (format {found!r}, this one "
        f"reads {FORMAT}). Make it anew: cungcau index --full",
    )


def _entry(path: Path) -> FileEntry:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileEntry(size=file.tell(), sha256=digest)


def _read(path: Path, entry: FileEntry) -> Body:
    body = mapped(path) if path.stat().st_size >= MAPPED else path.read_bytes()
    if len(body) != entry.size:
        raise wrong_size(path, len(body), entry.size)
    if hashlib.sha256(body).hexdigest() != entry.sha256:
        raise wrong_checksum(path)
    return body


def wrong_checksum(path: Path) -> DamagedError:
    """The error for a file of the index that is not the one its SHA-256 was made of."""
    return damaged(path, vi="sai mã kiểm (SHA-256)", en="has a wrong checksum (SHA-256)")


def wrong_size(path: Path, size: int, expected: int) -> DamagedError:
    """The error for a file of the index of another length, in bytes, than it had."""
    return damaged(
        path,
        vi=f"dài {size} byte, đúng ra {expected}",
        en=f"has {size} bytes instead of {expected}",
    )
