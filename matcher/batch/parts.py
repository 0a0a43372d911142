"""Files of arrays that are there whole or not at all."""

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.durable import sync_file, sync_folder
from indexer.errors import RequestError

Arrays = dict[str, npt.NDArray[Any]]


def write_part(path: Path, arrays: Arrays) -> None:
    """Writes the file beside and renames it: killed at any moment, there is no half of a part.

    Raises RequestError: it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            # A zip archive, whose entries carry a checksum each.
            np.savez(file, allow_pickle=False, **arrays)
        publish(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise unwritten(path, error) from error


def publish(beside: Path, path: Path) -> None:
    """Gives a file that is complete its name. Raises OSError."""
    sync_file(beside)
    beside.replace(path)
    sync_folder(path.parent)


def read_part(path: Path) -> Arrays:
    """The arrays of a part, each checked.

    Raises FileNotFoundError; ValueError or zipfile.BadZipFile where it is not whole.
    """
    with np.load(path, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def is_whole(path: Path) -> bool:
    """Whether the part is there and its checksums hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, zipfile.BadZipFile):
        return False


def unwritten(path: Path, error: OSError) -> RequestError:
    """The error for a file of a run that cannot be written."""
    return RequestError(
        vi=f"Không ghi được {path}: {error.strerror or error}. Phần đã xong vẫn còn; khi đã khắc "
        "phục, hãy chạy lại đúng lệnh này.",
        en=f"{path} cannot be written: {error.strerror or error}. What is done stays; when that is "
        "mended, run the same command again.",
    )
