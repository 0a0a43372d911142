"""The files that runs have left in the workspace, where they name a person."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from indexer.keeping.subjects import Subject

FOLDER = "runs"
_MOST = 256 * 2**20  # bytes of one file, or of one part of a workbook, that are read
# What holds no text of people, or is looked at as a database.
_APART = {"index", "cache", "models"}
_DATABASE = (".sqlite3", ".sqlite3-wal", ".sqlite3-shm")


def naming(folder: Path, subject: Subject) -> list[str]:
    """The files of the workspace that name the subject, by their paths in it."""
    return [path.relative_to(folder).as_posix() for path in _files(folder) if _names(path, subject)]


def erase(folder: Path, subject: Subject) -> tuple[int, list[str]]:
    """Removes what runs have left of the subject: where one file of a run names them, all files
    of that run go, for pictures and PDF show what tables say.

    Returns how many runs lost their files, and the paths of other files that name the subject:
    these somebody put there, and they are left to whoever did.
    """
    gone, left = set(), []
    for name in naming(folder, subject):
        parts = name.split("/")
        if parts[0] == FOLDER and len(parts) > 1:
            gone.add(parts[1])
        else:
            left.append(name)
    for name in gone:
        path = folder / FOLDER / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return len(gone), left


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if inside[0] in _APART or path.name.endswith(_DATABASE) or path.is_symlink():
            continue
        if path.is_file():
            yield path


def _names(path: Path, subject: Subject) -> bool:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as parts:
                return any(
                    subject.find(parts.read(part).decode(errors="replace"))
                    for part in parts.infolist()
                    if part.file_size <= _MOST
                )
        with path.open("rb") as file:
            return bool(subject.find(file.read(_MOST).decode(errors="replace")))
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return False  # gone meanwhile, or no file that can be read
