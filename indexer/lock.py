"""One writer at a time: an exclusive lock on a file, freed by the system when its holder dies."""

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from indexer.errors import RequestError


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Holds the lock of the file `path` while inside; does not wait for another holder.

    The lock is SQLite's own lock of an empty database: the same code on POSIX and Windows, and
    the operating system drops it with the process, however that ends. A second file beside it
    tells who holds it.

    Raises:
        RequestError: held by another process or thread, which is named; or the folder cannot be
            written.
    """
    holder = path.with_suffix(".json")
    connection = _locked(path, holder)
    try:
        _announce(holder)
        yield
    finally:
        # Before letting go, so as not to remove the next holder's.
        with suppress(OSError):  # a disk that became read-only meanwhile
            holder.unlink(missing_ok=True)
        connection.close()


def _locked(path: Path, holder: Path) -> sqlite3.Connection:
    connection = None
    try:
        # Whoever lets go may be another thread than the one that took it.
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise _held(path.parent, holder) from error
        raise RequestError(
            vi=f"Không ghi được vào {path.parent}: hãy kiểm tra quyền ghi và chỗ trống trên đĩa "
            f"({error}).",
            en=f"The folder {path.parent} cannot be written: check permissions and free space "
            f"({error}).",
        ) from error
    return connection


def _announce(holder: Path) -> None:
    text = json.dumps({"pid": os.getpid(), "since": f"{datetime.now():%Y-%m-%d %H:%M:%S}"})
    draft = holder.with_name(f"{holder.name}.{uuid.uuid4().hex}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(holder)
    except OSError:
        # Who holds the lock is a courtesy; the lock itself is held.
        draft.unlink(missing_ok=True)


def _held(folder: Path, holder: Path) -> RequestError:
    try:
        told = json.loads(holder.read_text(encoding="utf-8"))
        vi = f" (tiến trình {told['pid']}, từ {told['since']})"
        en = f" (process {told['pid']}, since {told['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        vi = en = ""
    return RequestError(
        vi=f"Một lệnh khác đang ghi vào {folder}{vi}. Hãy đợi lệnh đó xong rồi thử lại.",
        en=f"Another command is writing to {folder}{en}. Wait until it is done and try again.",
    )
