"""Generations of the index: written beside the old one, made durable, swapped by one rename."""

import os
import re
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from indexer.durable import sync_file, sync_folder
from indexer.errors import CungcauError, RequestError
from indexer.manifest import damaged

POINTER = "CURRENT"
_NAME = re.compile(r"gen-\d+-[0-9a-f]{12}")
_DRAFT = "draft-"


def current_generation(folder: Path) -> Path | None:
    """The folder of the generation in service, None before the first one.

    Raises DamagedError when the pointer names none, RequestError when it cannot be read.
    """
    pointer = folder / POINTER
    try:
        name = pointer.read_bytes().decode(errors="replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RequestError(
            vi=f"Không đọc được {pointer}: {error.strerror}",
            en=f"{pointer} cannot be read: {error.strerror}",
        ) from error
    if not _NAME.fullmatch(name):
        raise damaged(pointer, vi="không chỉ tới chỉ mục nào", en="names no index")
    return folder / name


def newest_generation(folder: Path) -> Path | None:
    """The generation in service, or where the pointer is lost the last that was made; None where
    there is none."""
    with suppress(CungcauError):
        if current := current_generation(folder):
            return current
    try:
        made = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    except OSError:
        return None
    return max(made, key=lambda path: int(path.name.split("-")[1]), default=None)


def publish(folder: Path, catalog_version: int, write: Callable[[Path], None]) -> Path:
    """Makes what `write` puts into an empty folder the generation in service.

    Files, folder and pointer are on disk before anything old is removed; whatever stops this
    earlier leaves the old generation in service. One writer at a time, the caller's promise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"gen-{catalog_version}-{uuid.uuid4().hex[:12]}"
    draft = folder / (_DRAFT + name)
    draft.mkdir()
    try:
        write(draft)
        for path in sorted(draft.iterdir()):
            sync_file(path)
        sync_folder(draft)
        generation = draft.rename(folder / name)
        sync_folder(folder)
        _point_at(folder, name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    remove_others(folder, name)
    return generation


def remove_others(folder: Path, name: str) -> None:
    """Removes old generations and drafts; one that is held open (Windows) waits for the next."""
    for path in folder.iterdir():
        ours = _NAME.fullmatch(path.name) or path.name.startswith((_DRAFT, f"{POINTER}."))
        if not ours or path.name == name:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            _forget(path)


def _point_at(folder: Path, name: str) -> None:
    draft = folder / f"{POINTER}.{uuid.uuid4().hex}"
    draft.write_bytes(f"{name}\n".encode())
    sync_file(draft)
    try:
        os.replace(draft, folder / POINTER)  # noqa: PTH105 - the one rename that counts
    except BaseException:
        _forget(draft)
        raise
    sync_folder(folder)


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # a leftover: the next update tries again
