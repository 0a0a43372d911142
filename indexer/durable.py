"""What must survive a power cut: files and the names of files, pushed to the disk."""

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Returns when the contents of a file are on disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Returns when the names in a folder are on disk, so that a rename in it survives.

    Windows has no handle for a folder: there the rename itself is all one can ask for. Raises
    OSError.
    """
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
