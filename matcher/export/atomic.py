"""Files that are either the old one or the whole new one, never something between."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from indexer.durable import sync_file, sync_folder
from indexer.errors import RequestError

_DRAFT = re.compile(r"\..+\.(?:(\d+)-)?[0-9a-f]{8}\.tmp")
_ABANDONED = 3600.0  # seconds after which a draft is nobody's, whoever wrote it


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the place of `path` when the block ends well.

    The new file reaches the disk (fsync) before it takes the name. On any error, Ctrl-C
    included, it is removed and `path` stays what it was. Raises RequestError when the name
    cannot be taken, which on Windows means that the old file is open in another program.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{uuid4().hex[:8]}.tmp")
    try:
        yield draft
        sync_file(draft)
        try:
            draft.replace(path)
        except PermissionError as error:
            raise RequestError(
                vi=f"Không ghi được {path}: tệp đang mở trong chương trình khác hoặc thư mục "
                "không cho ghi. Hãy đóng tệp rồi chạy lại.",
                en=f"Cannot write {path}: it is open in another program or the folder is "
                "read-only. Close it and run again.",
            ) from error
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Removes the drafts in a folder whose writers were killed; run it once before writing."""
    for other in folder.glob(".*.tmp"):
        found = _DRAFT.fullmatch(other.name)
        if found is None:
            continue
        try:
            is_old = time.time() - other.stat().st_mtime > _ABANDONED
            if is_old or (found[1] and not _is_running(int(found[1]))):
                other.unlink(missing_ok=True)
        except OSError:  # it has gone meanwhile, or is another's: it hurts nobody
            continue


def _is_running(number: int) -> bool:
    """Whether there is a process of that number; where it cannot be asked, as if there were."""
    if os.name != "posix":
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
