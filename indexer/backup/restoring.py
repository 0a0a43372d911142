"""Putting a backup in the place of what a workspace holds: all of it, or nothing.

First everything is unpacked beside, into a catalog of its own, and looked through; then one
transaction replaces the rows of every table, and with it the catalog has another identity, so that
no index of before is taken for one of it. Services that run go on with what was restored.
"""

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from indexer.backup.archive import Archive
from indexer.backup.making import FILES, FOLDERS, INDEX, TABLES, decoded, partitions, tables
from indexer.catalog import Catalog
from indexer.durable import sync_folder
from indexer.errors import DamagedError, RequestError
from indexer.generations import POINTER
from indexer.keeping.audit import Entry, append
from indexer.manifest import Manifest
from indexer.settings import FILE_NAME
from indexer.sql.schema import REVISIONS, meta, metadata
from indexer.workspace import Workspace

_ROWS = 1000
_DRAFT = ".restoring-"
_PASSING = "workers"


@dataclass(frozen=True, slots=True)
class Staged:
    """A backup unpacked: a folder laid out as a workspace, with a catalog in it."""

    folder: Path
    catalog: Catalog


@contextmanager
def staged(archive: Archive, workspace: Workspace) -> Iterator[Staged]:
    """A backup unpacked beside the workspace and looked through; it goes when the block ends.

    Raises:
        RequestError: of a newer version of the program; there is no room.
        DamagedError: what it holds is no catalog, or not a sound one.
    """
    _check_revision(archive)
    for left in workspace.path.glob(f"{_DRAFT}*"):  # of one that was killed
        shutil.rmtree(left, ignore_errors=True)
    folder = workspace.path / f"{_DRAFT}{secrets.token_hex(6)}"
    try:
        folder.mkdir(mode=0o700)
        _unpack_files(archive, folder)
        with Catalog.open(folder / "catalog.sqlite3") as catalog:
            _fill(archive, catalog)
            for problem in catalog.check():
                raise DamagedError(
                    vi=f"Bản sao lưu {archive.path} không lành lặn: {problem.vi}. Không có gì "
                    "thay đổi.",
                    en=f"The backup {archive.path} is not sound: {problem.en}. Nothing was "
                    "changed.",
                )
            yield Staged(folder, catalog)
    except OSError as error:
        raise RequestError(
            vi=f"Không khôi phục được vào {workspace.path}: {error.strerror}",
            en=f"Nothing can be restored into {workspace.path}: {error.strerror}",
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def empty(catalog: Catalog) -> bool:
    """Whether nothing was ever written to the catalog."""
    with catalog.reading() as connection:
        state = connection.execute(sa.select(meta.c.version, meta.c.audited)).one()
    return not any(state)


def replace(source: Staged, workspace: Workspace, catalog: Catalog, entry: Entry) -> None:
    """Puts what is staged in the place of what the workspace holds; `entry` is added to the audit.

    Interrupted before the transaction ends, nothing has happened; after it, files of runs and
    weights may be missing until the restore is run again.
    """
    with source.catalog.reading() as old, catalog.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))
        for table in tables():
            for rows in partitions(old, table):
                connection.execute(sa.insert(table), [row._asdict() for row in rows])
        _go_on_counting(connection)
        append(connection, entry)
    _stamp_index(source.folder / INDEX, catalog.identity)
    for name in (*FOLDERS, INDEX):
        _put(source.folder, workspace.path, name)
    for name in FILES:
        new = source.folder / name
        if new.exists() and not (name == FILE_NAME and (workspace.path / name).exists()):
            new.replace(workspace.path / name)
    sync_folder(workspace.path)


def _check_revision(archive: Archive) -> None:
    revision = archive.manifest.revision
    if revision not in REVISIONS:
        raise RequestError(
            vi=f"{archive.path} do một phiên bản cungcau mới hơn tạo ra (lược đồ {revision}; bản "
            f"đang chạy chỉ biết đến {REVISIONS[-1]}). Hãy nâng cấp cungcau.",
            en=f"{archive.path} was made by a newer version of cungcau (schema {revision}; this "
            f"one knows up to {REVISIONS[-1]}). Please upgrade cungcau.",
        )


def _unpack_files(archive: Archive, folder: Path) -> None:
    for name in archive.manifest.files:
        if not name.startswith(TABLES):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.read(name) as part, path.open("wb") as output:
                shutil.copyfileobj(part, output)


def _fill(archive: Archive, catalog: Catalog) -> None:
    """The rows of the backup, in place of those a new catalog has, under a new identity."""
    with catalog.writing() as connection:
        for table in tables():
            connection.execute(sa.delete(table))
            for rows in _rows(archive, table):
                connection.execute(sa.insert(table), rows)
        connection.execute(sa.update(meta).values(restored=secrets.token_hex(8)))


def _rows(archive: Archive, table: sa.Table) -> Iterator[list[dict[str, object]]]:
    """The rows of a table, some at a time. A column that came later has its default."""
    name = f"{TABLES}{table.name}.jsonl"
    if name not in archive.manifest.files:
        return
    try:
        with archive.read(name) as lines:
            columns = [table.columns[column] for column in json.loads(lines.readline())]
            while part := list(islice(lines, _ROWS)):
                yield [decoded(line, columns) for line in part]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(
            vi=f"Bản sao lưu {archive.path} có phần {name} không đọc được.",
            en=f"The part {name} of the backup {archive.path} cannot be read.",
        ) from error


def _go_on_counting(connection: sa.Connection) -> None:
    """Has PostgreSQL number new rows after those that came with their numbers; SQLite does."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            last = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
            counter = sa.func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(sa.select(sa.func.setval(counter, last, sa.false())))


def _stamp_index(folder: Path, identity: str) -> None:
    """Makes the restored index one of the restored catalog."""
    if not (folder / POINTER).exists():
        return
    generation = folder / (folder / POINTER).read_text().strip()
    manifest = Manifest.read(generation)
    manifest.model_copy(update={"catalog": identity}).write(generation)


def _put(source: Path, target: Path, name: str) -> None:
    """The children of a folder in place of those that are there, but of processes that run."""
    old = source / f"{name}.old"
    old.mkdir()
    (target / name).mkdir(exist_ok=True)
    for child in sorted((target / name).iterdir()):
        if child.name != _PASSING:
            child.rename(old / child.name)
    if (source / name).exists():
        for child in sorted((source / name).iterdir(), key=lambda path: path.name == POINTER):
            child.rename(target / name / child.name)
