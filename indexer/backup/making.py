"""A backup: one file with all of a workspace, as it was at one moment, made while others write.

It holds the rows of every table as JSON lines, read in one transaction, and not the files of the
database: so it is the same from SQLite and PostgreSQL, goes back into either, and has nothing of
what was deleted. Sessions stay out: a cookie that was given back must not hold again.
"""

import json
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from indexer.backup.archive import Manifest, Writer
from indexer.catalog import Catalog
from indexer.durable import sync_folder
from indexer.errors import RequestError
from indexer.generations import POINTER, current_generation
from indexer.keeping.moments import now
from indexer.settings import FILE_NAME
from indexer.sql.schema import REVISIONS, meta, metadata
from indexer.sql.serviceschema import sessions
from indexer.workspace import Workspace

TABLES = "tables/"
INDEX = "index"
FOLDERS = ("models", "runs")
FILES = (FILE_NAME, "erasures.jsonl")
_PASSING = "workers"  # locks of processes that run
_NO_SIGNS = str.maketrans({"-": "", ":": "", "T": "-"})
_ROWS = 1000  # read and written together
_STALE = 3600.0  # seconds after which a draft is of a process that died
_DRAFT = ".partial"


Row = sa.Row[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written, and is on disk."""

    path: Path
    size: int
    manifest: Manifest


def tables() -> list[sa.Table]:
    """Every table of a backup, those that others refer to first."""
    return [table for table in metadata.sorted_tables if table is not sessions]


def backup(workspace: Workspace, target: Path, *, index: bool = True) -> Backup:
    """Writes a backup to the file `target`, or with the moment in its name into that folder.

    Everything that was committed before the call is in it. The index, which can be made again,
    comes along with `index`, so that a restored workspace searches at once.

    Raises:
        RequestError: the file is there already or cannot be written; what `Workspace.catalog`
            raises.
    """
    path = _path(target)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}{_DRAFT}")
    try:
        _forget_drafts(path)
        # Whoever reads it reads contacts, and secrets of the settings.
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                manifest = _write(workspace, file, index=index)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
            sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise RequestError(
            vi=f"Không ghi được tệp sao lưu {path}: {error.strerror}",
            en=f"The backup {path} cannot be written: {error.strerror}",
        ) from error
    return Backup(path, path.stat().st_size, manifest)


def encoded(values: Sequence[object]) -> bytes:
    """One row as a line."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decoded(line: bytes, columns: Sequence[sa.Column[object]]) -> dict[str, object]:
    """A row of these columns from a line. Raises ValueError for what is none."""
    row: dict[str, object] = {}
    for column, value in zip(columns, json.loads(line), strict=True):
        day = isinstance(column.type, sa.Date) and isinstance(value, str)
        row[column.name] = date.fromisoformat(str(value)) if day else value
    return row


def _write(workspace: Workspace, file: IO[bytes], *, index: bool) -> Manifest:
    with Writer(file) as writer:
        with ExitStack() as stack:
            if index:  # before the catalog, so as to be of a version that it has
                for name, source in _index_files(workspace.index_path, stack):
                    writer.copy(name, source, packed=False)
        with workspace.catalog() as catalog:
            told = _write_tables(catalog, writer)
        for path in _other_files(workspace.path):
            try:
                with path.open("rb") as source:
                    writer.copy(path.relative_to(workspace.path).as_posix(), source)
            except FileNotFoundError:
                continue  # removed meanwhile, as old runs are
        return writer.finish(made=now(), revision=REVISIONS[-1], **told)


def _write_tables(catalog: Catalog, writer: Writer) -> dict[str, object]:
    counts: dict[str, int] = {}
    with catalog.reading() as connection:
        for table in tables():
            count = 0
            with writer.part(f"{TABLES}{table.name}.jsonl") as write:
                write(encoded([column.name for column in table.columns]))
                for rows in partitions(connection, table):
                    write(b"".join(map(encoded, rows)))
                    count += len(rows)
            counts[table.name] = count
        state = connection.execute(sa.select(meta)).one()
    return {
        "catalog": f"{state.identity}{state.restored}",
        "catalog_version": state.version,
        "rows": counts,
    }


def partitions(connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[Row]]:
    """All rows of a table, some at a time, in the order of their keys."""
    query = sa.select(table).order_by(*table.primary_key).execution_options(yield_per=_ROWS)
    yield from connection.execute(query).partitions()


def _index_files(folder: Path, stack: ExitStack) -> list[tuple[str, IO[bytes]]]:
    """The files of the index in service, open, so that the next one cannot take them away."""
    while True:
        generation = current_generation(folder)
        if generation is None:
            return []
        try:
            opened = [
                (f"{INDEX}/{generation.name}/{path.name}", stack.enter_context(path.open("rb")))
                for path in sorted(generation.iterdir())
            ]
            pointer = stack.enter_context((folder / POINTER).open("rb"))
        except FileNotFoundError:
            continue  # replaced meanwhile
        if pointer.read().decode().strip() == generation.name:
            pointer.seek(0)
            return [*opened, (f"{INDEX}/{POINTER}", pointer)]


def _other_files(folder: Path) -> Iterator[Path]:
    for name in FILES:
        if (folder / name).is_file():
            yield folder / name
    for name in FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            within = path.relative_to(folder / name).parts
            if path.is_file() and within[0] != _PASSING and not within[0].endswith(".tmp"):
                yield path


def _path(target: Path) -> Path:
    path = target.expanduser().absolute()
    if path.is_dir():
        path = path / f"cungcau-{now()[:19].translate(_NO_SIGNS)}.zip"
    if path.exists():
        raise RequestError(
            vi=f"{path} đã có. Hãy chọn tên khác, hoặc cho tên thư mục để tệp mang tên theo giờ.",
            en=f"{path} is there already. Choose another name, or give a folder: the file is then "
            "named by the time.",
        )
    return path


def _forget_drafts(path: Path) -> None:
    """Removes what backups left that were killed."""
    for draft in path.parent.glob(f".*{_DRAFT}"):
        if time.time() - draft.stat().st_mtime > _STALE:
            draft.unlink(missing_ok=True)
