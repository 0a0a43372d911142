"""The file of a backup: a zip that holds, beside its parts, what each of them must be."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.errors import DamagedError, RequestError
from indexer.manifest import FileEntry

MANIFEST = "manifest.json"
_QUICK = 1  # texts pack to a third at the quickest level; better ones take five times as long
_BLOCK = 1 << 20


class Manifest(BaseModel):
    """What a backup says of itself: when it was made and of which catalog, with the rows of every
    table, and size and SHA-256 of every part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    program: Literal["cungcau"] = "cungcau"
    format: Literal[1] = 1
    made: str
    revision: str
    catalog: str
    catalog_version: int
    rows: dict[str, int]
    files: dict[str, FileEntry]


class Writer:
    """Writes an archive into an open file, closed as a context manager; `finish` makes it one."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICK)
        self._files: dict[str, FileEntry] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, ValueError):  # of one that failed before, and says so
            self._zip.close()

    @contextmanager
    def part(self, name: str, *, packed: bool = True) -> Iterator[Callable[[bytes], None]]:
        """Gives what writes the next bytes of a new part."""
        size, digest = 0, hashlib.sha256()
        entry = name if packed else zipfile.ZipInfo(name)
        with self._zip.open(entry, "w", force_zip64=True) as output:

            def write(body: bytes) -> None:
                nonlocal size
                size += len(body)
                digest.update(body)
                output.write(body)

            yield write
        self._files[name] = FileEntry(size=size, sha256=digest.hexdigest())

    def copy(self, name: str, source: IO[bytes], *, packed: bool = True) -> None:
        """Adds a part that holds what `source` holds."""
        with self.part(name, packed=packed) as write:
            while block := source.read(_BLOCK):
                write(block)

    def finish(self, **told: object) -> Manifest:
        """Writes the manifest of all parts and ends the archive."""
        manifest = Manifest.model_validate({**told, "files": self._files})
        self._zip.writestr(MANIFEST, json.dumps(manifest.model_dump(mode="json"), indent=1))
        self._zip.close()
        return manifest


class Archive:
    """A backup that was written, opened with `Archive.open`; closed as a context manager."""

    def __init__(self, path: Path, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self._zip = file

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens a backup and reads it once, to know that every part is what it must be.

        Raises:
            RequestError: it is not there, is no backup, or one of a newer version of the program.
            DamagedError: a part is missing, is too much, or is not what was written.
        """
        try:
            file = zipfile.ZipFile(path)
        except OSError as error:
            raise RequestError(
                vi=f"Không mở được tệp sao lưu {path}: {error.strerror}",
                en=f"The backup {path} cannot be opened: {error.strerror}",
            ) from error
        except zipfile.BadZipFile as error:
            raise _damaged(
                path, "bị cắt cụt, hoặc không phải tệp sao lưu", "is cut short, or is no backup"
            ) from error
        try:
            archive = cls(path, file, _manifest(path, file))
            archive._verify()
        except BaseException:
            file.close()
            raise
        return archive

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @contextmanager
    def read(self, name: str) -> Iterator[IO[bytes]]:
        """A part, to be read. Raises DamagedError where it cannot be."""
        try:
            with self._zip.open(name) as part:
                yield part
        except (zipfile.BadZipFile, OSError, EOFError, KeyError) as error:
            raise _damaged(
                self.path, f"phần {name} không đọc được", f"its part {name} cannot be read"
            ) from error

    def _verify(self) -> None:
        known = {*self.manifest.files, MANIFEST}
        for name in known.symmetric_difference(self._zip.namelist()):
            raise _damaged(
                self.path, f"thừa hoặc thiếu phần {name}", f"the part {name} is missing or too much"
            )
        for name, entry in self.manifest.files.items():
            size, digest = 0, hashlib.sha256()
            try:
                with self.read(name) as part:
                    while block := part.read(_BLOCK):
                        size += len(block)
                        digest.update(block)
            except zlib.error as error:
                raise _damaged(
                    self.path, f"phần {name} bị hỏng", f"its part {name} is damaged"
                ) from error
            safe = not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts
            if not safe or "\\" in name or (size, digest.hexdigest()) != (entry.size, entry.sha256):
                raise _damaged(
                    self.path,
                    f"phần {name} không khớp mã kiểm",
                    f"its part {name} does not fit its checksum",
                )


def _manifest(path: Path, file: zipfile.ZipFile) -> Manifest:
    try:
        body = json.loads(file.read(MANIFEST))
        if isinstance(body, dict) and body.get("program") == "cungcau":
            if body.get("format") != 1:
                raise RequestError(
                    vi=f"{path} do một phiên bản cungcau mới hơn tạo ra. Hãy nâng cấp cungcau.",
                    en=f"{path} was made by a newer version of cungcau. Please upgrade cungcau.",
                )
            return Manifest.model_validate(body)
    except (KeyError, ValueError, ValidationError, zipfile.BadZipFile):
        pass
    raise RequestError(
        vi=f"{path} không phải tệp sao lưu của cungcau.",
        en=f"{path} is not a backup of cungcau.",
    )


def _damaged(path: Path, vi: str, en: str) -> DamagedError:
    return DamagedError(
        vi=f"Tệp sao lưu {path} bị hỏng: {vi}. Không có gì thay đổi; hãy dùng bản sao lưu khác.",
        en=f"The backup {path} is damaged: {en}. Nothing was changed; use another backup.",
    )
