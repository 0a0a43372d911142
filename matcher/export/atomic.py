"""Files that are either the old one or the whole new one, never something between."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from indexer.durable import sync_file, sync_folder
from indexer.errors import RequestError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the place of `path` when the block ends well.

    The new file reaches the disk (fsync) before it takes the name. On any error, Ctrl-C
    included, it is removed and `path` stays what it was. Raises RequestError when the name
    cannot be taken, which on Windows means that the old file is open in another program.
    """
    draft = path.with_name(f".{path.name}.{uuid4().hex[:8]}.tmp")
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
