"""Restoring a workspace, with whom it erased since the backup erased again."""

from dataclasses import dataclass
from pathlib import Path

from api.actors import LOCAL_ACTOR
from api.service import erasing
from indexer.backup.archive import Archive
from indexer.backup.restoring import empty, replace, staged
from indexer.errors import RequestError
from indexer.keeping.audit import Entry, head
from indexer.settings import FILE_NAME
from indexer.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: from when, how many records, and how many people were erased again."""

    made: str
    records: int
    erased: int
    index: bool


def restore(backup: Path, folder: Path, *, over: bool = False) -> Restored:
    """Restores a backup into the workspace `folder`, which is made where it is not there.

    Raises:
        RequestError: the backup is not there or is none; the workspace holds something and `over`
            is false; somebody else is writing it; there is no room.
        DamagedError: the backup is damaged. Nothing has been changed then.
    """
    with Archive.open(backup) as archive:
        workspace = _workspace(archive, folder)
        with workspace.writing(), workspace.catalog() as catalog:
            if not over and not empty(catalog):
                raise _occupied(workspace)
            with staged(archive, workspace) as source:
                earlier = erasing.erased(catalog, workspace.path)
                erased = erasing.reapply(source.catalog, source.folder, earlier, LOCAL_ACTOR)
                with catalog.reading() as connection:
                    end = head(connection)
                detail = {
                    "made": archive.manifest.made,
                    "erased": erased,
                    # The chain that ends here with what is replaced.
                    "replaced": {"lines": end.count, "digest": end.digest},
                }
                entry = Entry(LOCAL_ACTOR.label, "workspace.restore", detail=detail)
                replace(source, workspace, catalog, entry)
            catalog.purge()
        rows, files = archive.manifest.rows, archive.manifest.files
        index = any(name.startswith("index/") for name in files)
        return Restored(archive.manifest.made, rows["records"], erased, index)


def _workspace(archive: Archive, folder: Path) -> Workspace:
    """The workspace to restore into; a new one has the settings of the backup."""
    path = folder.expanduser().absolute()
    settings = path / FILE_NAME
    if FILE_NAME not in archive.manifest.files or settings.exists():
        return Workspace.open(path, create=True)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with archive.read(FILE_NAME) as part:
            settings.write_bytes(part.read())
    except OSError as error:
        raise RequestError(
            vi=f"Không ghi được {settings}: {error.strerror}",
            en=f"{settings} cannot be written: {error.strerror}",
        ) from error
    try:
        return Workspace.open(path, create=True)
    except BaseException:
        settings.unlink()
        raise


def _occupied(workspace: Workspace) -> RequestError:
    return RequestError(
        vi=f"{workspace.path} đã có dữ liệu. Để thay toàn bộ bằng bản sao lưu, thêm --replace; nên "
        "sao lưu dữ liệu hiện có trước: cungcau backup THƯ-MỤC",
        en=f"{workspace.path} holds data. To replace all of it by the backup, add --replace; back "
        "up what is there before: cungcau backup FOLDER",
    )
