"""Imports that pages look at first, as runs: of files too large to be read while somebody waits."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api.actors import Actor
from api.opened import Opened
from api.service import reviews, runimports, runs, uploads
from api.service.imports import Imported
from api.service.runfolders import note_named, write_lines
from api.service.runs import Run
from api.service.uploads import Upload
from indexer.bilingual import Language
from indexer.progress import Progress

REVIEW, STORE = "review", "store"  # steps


def start(
    connection: sa.Connection,
    upload: Upload,
    step: str,
    by: Actor,
    language: Language,
    request: str = "",
) -> Run:
    """Puts in a run that reads the file, to show what it would bring or (STORE) to bring it.

    Raises:
        ProblemError: 429, the centre has too many under way.
    """
    asked = {
        "file": upload.about["name"],
        "step": step,
        "upload": upload.token,
        "language": language,
        "actor": runimports.who(by),
        "request": request,
    }
    return runs.start(connection, runs.IMPORT, by, asked, request=request)


def do(opened: Opened, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
    """Does an import, or the step of one that the run is for.

    Raises:
        ProblemError, RequestError: as `runimports.do`.
    """
    if "step" not in run.asked:
        return runimports.do(opened, run, folder, progress)
    by = runimports.actor_of(run)
    upload = uploads.own(opened.workspace.path, str(run.asked["upload"]), by, uploads.FILE)
    if run.asked["step"] == STORE:
        found = reviews.accept(opened, upload, by, str(run.asked["request"]), progress)
        return _told(found, folder, dry_run=False)
    looked = reviews.review(opened, upload, by, progress)
    if looked is None:  # the page says why
        looked = Imported((), (), (), 0)
    return _told(looked, folder, dry_run=True)


def _told(found: Imported, folder: Path, *, dry_run: bool) -> dict[str, Any]:
    write_lines((runimports.line_of(row) for row in found.rows), folder / runimports.ROWS)
    note_named(folder, (row.record.id for row in found.rows if row.record))
    return runimports.summary(found, dry_run=dry_run)
