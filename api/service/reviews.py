"""Imports looked at before anything is stored: what would become of every row of a kept file, and
what somebody corrects in it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO

import sqlalchemy as sa

from api.actors import Actor
from api.opened import Opened
from api.schemas.imports import Outcome
from api.service import tables, undoing, uploads
from api.service.importfiles import file_name
from api.service.imports import Imported, bring
from api.service.records import tag
from api.service.tables import Looked
from api.service.undoing import Past
from api.service.uploads import Upload
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.importing.files import Batch, Corrections, read_records
from indexer.importing.rejects import Reject
from indexer.keeping.access import LOCAL
from indexer.keeping.records import KeptRecord, find_all
from indexer.progress import Progress, silent
from indexer.records import Contact, Record, RecordType, Side

LARGE = 1_000_000  # bytes from which on a file is read by a run, with its progress shown
OUTCOMES: tuple[Outcome, ...] = ("inserted", "updated", "unchanged", "repeated", "rejected")
_REVIEW, _ROWS = "review.json", "rows.jsonl"
_FILE = "file"
_MOST_CELLS = 500  # rejected rows whose cells are kept, to be corrected in place
_COMPARED = tuple(name for name in Record.model_fields if name not in ("id", "side", "source"))

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choices:
    """How a file is to be read; "" where it decides for itself."""

    side: str = ""
    sheet: str = ""
    type: str = ""
    organisation: str = ""
    mapping: Mapping[str, str] | None = None
    # By sheet and row, the new text by heading.
    fixes: Sequence[tuple[str, int, Mapping[str, str]]] = ()

    @property
    def corrections(self) -> Corrections:
        return {(sheet, row): cells for sheet, row, cells in self.fixes}


def keep(workspace: Path, name: str, content: BinaryIO, by: Actor) -> Upload:
    """Keeps an uploaded file until its owner decides. Raises OSError, ProblemError: too many."""
    named = file_name(name)
    made = uploads.make(workspace, by, uploads.FILE, name=named, choices={})
    (made.folder / _FILE).mkdir(mode=0o700)
    with (made.folder / _FILE / named).open("wb") as file:
        copyfileobj(content, file)
        size = file.tell()
    return uploads.note(made, bytes=size)


def path_of(upload: Upload) -> Path:
    return upload.folder / _FILE / str(upload.about["name"])


def choices_of(upload: Upload) -> Choices:
    asked = dict(upload.about["choices"])
    fixes = [(sheet, int(row), cells) for sheet, row, cells in asked.pop("fixes", ())]
    return Choices(**asked, fixes=fixes)


def choose(upload: Upload, choices: Choices) -> Upload:
    """Notes how the file is to be read from now on."""
    plain = {
        "side": choices.side,
        "sheet": choices.sheet,
        "type": choices.type,
        "organisation": choices.organisation,
        "mapping": dict(choices.mapping or {}),
        "fixes": [[sheet, row, dict(cells)] for sheet, row, cells in choices.fixes],
    }
    return uploads.note(upload, choices=plain)


def review(
    opened: Opened, upload: Upload, by: Actor, progress: Progress = silent
) -> Imported | None:
    """Reads the file and writes down beside it what would become of every row, storing nothing;
    None where nothing in it is understood.

    Raises:
        ProblemError: 403 or 422 as `bring`; OSError: it cannot be written.
    """
    choices, path = choices_of(upload), path_of(upload)
    try:
        batch = _read(path, choices, progress)
    except RequestError as error:
        _write_refused(upload, path, choices, error)
        return None
    seen = tables.look(
        path, choices.sheet or None, choices.mapping or {}, batch.columns, batch.rejects
    )
    progress("compare", 0, len(batch.records))
    with opened.catalog.reading() as connection:
        found = bring(connection, batch, by, organisation=choices.organisation, dry_run=True)
        before = _stored(connection, found, by)
    with (upload.folder / _ROWS).open("w", encoding="utf-8", newline="\n") as file:
        for line in _lines(found, before, seen):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    uploads.replace(upload.folder / _REVIEW, json.dumps(_summary(found, seen), ensure_ascii=False))
    return found


def accept(
    opened: Opened, upload: Upload, by: Actor, request: str = "", progress: Progress = silent
) -> Imported:
    """Stores the file's records in one transaction. What was before is kept beside it for a day,
    the file itself goes.

    Raises:
        ProblemError, RequestError: the file cannot be read, or the actor may not import it.
    """
    choices = choices_of(upload)
    batch = _read(path_of(upload), choices, progress)
    progress("store", 0, len(batch.records))
    with opened.catalog.writing() as connection:
        would = bring(connection, batch, by, organisation=choices.organisation, dry_run=True)
        before = _stored(connection, would, by)
        found = bring(connection, batch, by, organisation=choices.organisation, request=request)
        undoing.write_past(upload.folder, _pasts(connection, found, before))
    opened.follower.wake()
    path_of(upload).unlink(missing_ok=True)
    counts = Counter(row.outcome for row in found.rows)
    uploads.note(upload, done={name: counts[name] for name in OUTCOMES})
    return found


def read_review(upload: Upload) -> dict[str, Any] | None:
    """What a review found; None where none has been made."""
    try:
        found: dict[str, Any] = json.loads((upload.folder / _REVIEW).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def forget(upload: Upload) -> None:
    """Takes away the review, whose file is to be read anew."""
    (upload.folder / _REVIEW).unlink(missing_ok=True)


def lines(upload: Upload, outcome: str = "", start: int = 0, limit: int = 50) -> list[Line]:
    """Rows of the review, of one outcome or all; "alike" are those that repeat another record."""
    try:
        with (upload.folder / _ROWS).open(encoding="utf-8", newline="\n") as file:
            rows = (json.loads(line) for line in file)
            return list(islice((row for row in rows if _is(row, outcome)), start, start + limit))
    except FileNotFoundError:
        return []


def _is(row: Line, outcome: str) -> bool:
    if outcome == "alike":
        return bool(row["alike"] or row["same_as"])
    return not outcome or row["outcome"] == outcome


def _read(path: Path, choices: Choices, progress: Progress) -> Batch:
    """Raises RequestError, which names the file but not where it is kept."""
    try:
        return read_records(
            [path],
            side=Side(choices.side) if choices.side else None,
            type=RecordType(choices.type) if choices.type else None,
            sheet=choices.sheet or None,
            mapping=choices.mapping,
            corrections=choices.corrections,
            progress=progress,
        )
    except RequestError as error:
        said = error.message
        vi, en = (text.replace(f"{path.parent}/", "") for text in (said.vi, said.en))
        raise RequestError(vi=vi, en=en) from error


def _stored(connection: sa.Connection, found: Imported, by: Actor) -> dict[str, KeptRecord]:
    """The records that an import changes, as they are, by id."""
    ids = [row.record.id for row in found.rows if row.record and row.outcome == "updated"]
    return {one.record.id: one for one in find_all(connection, by.reader, ids)}


def _pasts(
    connection: sa.Connection, found: Imported, before: Mapping[str, KeptRecord]
) -> Iterator[Past]:
    touched = [
        row.record.id for row in found.rows if row.record and row.outcome in ("inserted", "updated")
    ]
    for now_there in find_all(connection, LOCAL, touched):
        record_id = now_there.record.id
        yield Past(record_id, before.get(record_id), tag(now_there))


def _lines(found: Imported, before: Mapping[str, KeptRecord], seen: Looked) -> Iterator[Line]:
    kept = 0
    for row in found.rows:
        record = row.record
        old = before.get(record.id) if record and row.outcome == "updated" else None
        cells: Mapping[str, str] = {}
        if row.outcome == "rejected" and kept < _MOST_CELLS:
            kept += 1
            cells = seen.cells.get((row.sheet, row.number), {})
        yield {
            "sheet": row.sheet,
            "row": row.number,
            "id": record.id if record else "",
            "title": record.heading() if record else _first(cells, seen, row.sheet),
            "owner": record.owner if record else "",
            "side": record.side.value if record else "",
            "outcome": row.outcome,
            "same_as": record.same_as if record and row.outcome != "repeated" else "",
            "alike": list(row.alike),
            "changes": list(_changes(old.record, record)) if old and record else [],
            "errors": [_error(one) for one in row.rejects],
            "cells": dict(cells),
        }


def _error(reject: Reject) -> Line:
    return {
        "column": reject.column,
        "value": reject.value[:500],
        "reason": _both(reject.reason),
        "accepted": _both(reject.accepted),
    }


def _first(cells: Mapping[str, str], seen: Looked, sheet: str) -> str:
    """What a rejected row is about: its title, or else its longest cell."""
    titles = [one.heading for one in seen.columns if one.sheet == sheet and one.field == "title"]
    title = next((cells[name] for name in titles if cells.get(name)), "")
    return title or max(cells.values(), key=len, default="")[:200]


def _changes(old: Record, new: Record) -> Iterator[Line]:
    """Which fields differ; of the contact only that it does."""
    was, will = old.model_dump(mode="json"), new.model_dump(mode="json")
    for name in _COMPARED:
        if was[name] == will[name]:
            continue
        if name == "contact":
            empty = Contact().model_dump()
            yield {"field": name, "old": was[name] != empty, "new": will[name] != empty}
        else:
            yield {"field": name, "old": was[name], "new": will[name]}


def _summary(found: Imported, seen: Looked) -> Line:
    counts = Counter(row.outcome for row in found.rows)
    own = [row for row in found.rows if row.record and row.outcome != "repeated"]
    return {
        "error": None,
        "version": found.version,
        "counts": {name: counts[name] for name in OUTCOMES},
        "alike": sum(1 for row in own if row.alike or (row.record and row.record.same_as)),
        "sides": Counter(row.record.side.value for row in own if row.record),
        "notices": [_both(one) for one in found.notices],
        **_columns(seen),
    }


def _write_refused(upload: Upload, path: Path, choices: Choices, error: RequestError) -> None:
    """A file in which nothing was understood: why, and what of it can be seen all the same."""
    try:
        seen = tables.guess(path, choices.sheet or None)
    except RequestError:
        seen = Looked((), (), {})
    (upload.folder / _ROWS).unlink(missing_ok=True)
    said = {
        "error": _both(error.message),
        "version": -1,
        "counts": dict.fromkeys(OUTCOMES, 0),
        "alike": 0,
        "sides": {},
        "notices": [],
        **_columns(seen),
    }
    uploads.replace(upload.folder / _REVIEW, json.dumps(said, ensure_ascii=False))


def _columns(seen: Looked) -> Line:
    return {
        "sheets": list(seen.sheets),
        "columns": [
            {
                "sheet": one.sheet,
                "heading": one.heading,
                "field": one.field,
                "samples": list(one.samples),
            }
            for one in seen.columns
        ],
    }


def _both(words: Bilingual) -> dict[str, str]:
    return {"vi": words.vi, "en": words.en}
