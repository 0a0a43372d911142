"""A workspace: the folder that holds catalog, index, cache and settings."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.lock import exclusive
from indexer.settings import Settings


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace folder, opened with `Workspace.open`."""

    path: Path
    settings: Settings

    @classmethod
    def open(cls, path: str | Path, create: bool = False) -> Self:
        """Opens the workspace at `path`; with `create`, makes the folder and the catalog.

        Raises:
            RequestError: it is not there and `create` is false (names the command that creates
                it), the folder cannot be made, or a setting is wrong.
        """
        folder = Path(path).expanduser().absolute()
        if create:
            _make(folder)
        elif not _there(folder):
            raise _missing(folder)
        workspace = cls(folder, Settings.load(folder))
        if create:
            Catalog.open(workspace.database).close()
        elif "://" not in workspace.database and not _there(Path(workspace.database)):
            raise _missing(folder)
        return workspace

    @property
    def database(self) -> str:
        """Where the catalog is: a URL or a path."""
        chosen = self.settings.database
        if "://" in chosen:
            return chosen
        return str(self.path / (Path(chosen).expanduser() if chosen else "catalog.sqlite3"))

    @property
    def index_path(self) -> Path:
        return self.path / "index"

    @property
    def cache_path(self) -> Path:
        return self.path / "cache"

    @property
    def models_path(self) -> Path:
        """Where the weights learned from judgements are."""
        return self.path / "models"

    def catalog(self) -> Catalog:
        """The catalog, which the caller closes.

        Raises:
            RequestError, DamagedError: as `Catalog.open` does; never creates one.
        """
        return Catalog.open(self.database, create=False)

    def writing(self) -> AbstractContextManager[None]:
        """Held while changing catalog or index: one command at a time writes a workspace.

        Entering raises RequestError, naming the holder, where another one writes.
        """
        return exclusive(self.path / "writer.lock")


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise RequestError(
            vi=f"Không mở được {path}: {error.strerror}",
            en=f"{path} cannot be opened: {error.strerror}",
        ) from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(
            vi=f"Không tạo được thư mục làm việc {folder}: {error.strerror}",
            en=f"The workspace folder {folder} cannot be made: {error.strerror}",
        ) from error


def _missing(folder: Path) -> RequestError:
    return RequestError(
        vi=f"Chưa có dữ liệu tại {folder}. Lệnh tạo dữ liệu: cungcau import TỆP… "
        f'--workspace "{folder}"',
        en=f"There is no workspace at {folder}. The command that creates it: cungcau import "
        f'FILE… --workspace "{folder}"',
    )
