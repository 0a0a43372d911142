"""Imports as runs: a file is kept until its run has come to it, and then goes."""

import os
import secrets
import time
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO

from api.actors import Actor, Role
from api.opened import Opened
from api.schemas.imports import ImportOptions
from api.service.importfiles import read_file
from api.service.imports import Imported, Row, bring
from api.service.runfolders import folder_of, note_named, write_lines
from api.service.runs import Run
from indexer.durable import sync_folder
from indexer.errors import RequestError
from indexer.progress import Progress

ROWS = "rows.jsonl"
_FOLDER = "uploads"
_FORGOTTEN = 24 * 3600.0  # seconds after which a file is nobody's: its run was cancelled, or died
_OUTCOMES = ("inserted", "updated", "unchanged", "repeated", "rejected")


def keep(workspace: Path, content: BinaryIO) -> str:
    """Keeps an uploaded file on the disk; returns what it is called there. Raises OSError."""
    folder = folder_of(workspace, _FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > _FORGOTTEN:
            old.unlink(missing_ok=True)
    name = secrets.token_hex(8)
    with (folder / name).open("wb") as file:
        copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)
    return name


def drop(workspace: Path, upload: str) -> None:
    """Removes an uploaded file."""
    (folder_of(workspace, _FOLDER) / upload).unlink(missing_ok=True)


def who(by: Actor) -> dict[str, Any]:
    """The actor as a run keeps it, to be asked again what it may write."""
    return {
        "kind": by.kind,
        "id": by.id,
        "role": by.role.value if by.role else None,
        "centre": by.centre,
        "organisation": by.organisation,
        "key": by.key,
    }


def actor_of(run: Run) -> Actor:
    """Who started an import."""
    asked = run.asked["actor"]
    return Actor(**{**asked, "role": Role(asked["role"]) if asked["role"] else None})


def do(opened: Opened, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
    """Stores the records of the run's file in one transaction; what becomes of every row stands
    in rows.jsonl. Should the process die between that and the run's end, the run is told as
    failed, and the file imported again changes nothing.

    Raises:
        ProblemError, RequestError: the file cannot be read, or the actor may not import it.
    """
    upload = str(run.asked["upload"])
    path = folder_of(opened.workspace.path, _FOLDER) / upload
    options = ImportOptions.model_validate(run.asked["options"])
    progress("read", 0, 1)
    try:
        with path.open("rb") as content:
            batch = read_file(str(run.asked["file"]), content, options)
    except FileNotFoundError as error:
        raise RequestError(
            vi="Tệp cần nhập không còn. Hãy gửi lại.",
            en="The file to import is no longer there. Send it again.",
        ) from error
    progress("store", 0, len(batch.records))
    by = actor_of(run)
    with opened.catalog.writing() as connection:
        found = bring(
            connection,
            batch,
            by,
            organisation=options.organisation,
            dry_run=options.dry_run,
            request=str(run.asked["request"]),
        )
    opened.follower.wake()
    write_lines((line_of(row) for row in found.rows), folder / ROWS)
    note_named(folder, (row.record.id for row in found.rows if row.record))
    drop(opened.workspace.path, upload)
    return summary(found, dry_run=options.dry_run)


def summary(found: Imported, *, dry_run: bool) -> dict[str, Any]:
    """What an import comes to, as the result of its run."""
    return {
        "dry_run": dry_run,
        **{name: sum(row.outcome == name for row in found.rows) for name in _OUTCOMES},
        "catalog_version": found.version,
        "notices": [{"vi": notice.vi, "en": notice.en} for notice in found.notices],
    }


def line_of(row: Row) -> dict[str, Any]:
    """What becomes of a row, as the files of runs tell it."""
    return {
        "sheet": row.sheet,
        "row": row.number,
        "id": row.record.id if row.record else None,
        "outcome": row.outcome,
        "same_as": row.record.same_as if row.record else "",
        "alike": list(row.alike),
        "errors": [
            {
                "column": reject.column,
                "value": reject.value[:200],
                "reason": {"vi": reject.reason.vi, "en": reject.reason.en},
                "accepted": {"vi": reject.accepted.vi, "en": reject.accepted.en},
            }
            for reject in row.rejects
        ],
    }
