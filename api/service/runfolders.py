"""The files of runs: `runs/ID` in the workspace, whole or not there."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api import etags
from api.service.runfiles import FOLDER
from indexer.durable import sync_folder

NAMED = ".records.json"  # the ids of all records that the files of a run tell of
_BATCH = 200  # lines looked at together
_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".ics": "text/calendar; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".toml": "application/toml",
    ".zip": "application/zip",
}
_OTHER = "application/octet-stream"

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file of a run, as it may be fetched."""

    name: str
    bytes: int
    media_type: str
    etag: str


def folder_of(workspace: Path, run_id: str) -> Path:
    return workspace / FOLDER / run_id


@contextmanager
def begun(workspace: Path, run_id: str) -> Iterator[Path]:
    """A folder to work in; what is left in it when the block ends goes. Raises OSError."""
    draft = folder_of(workspace, f".{run_id}.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def put(workspace: Path, run_id: str, draft: Path) -> None:
    """Gives the folder its name, all files at once. Raises OSError."""
    final = folder_of(workspace, run_id)
    shutil.rmtree(final, ignore_errors=True)
    sync_folder(draft)
    draft.rename(final)
    sync_folder(final.parent)


def remove(workspace: Path, run_id: str) -> None:
    """Takes out what a run has made or begun."""
    for name in (run_id, f".{run_id}.tmp"):
        shutil.rmtree(folder_of(workspace, name), ignore_errors=True)


def files(folder: Path) -> list[RunFile]:
    """The files of a run by name; none where they were removed."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        said = path.stat()
        tag = etags.etag(folder.name, path.name, said.st_size, said.st_mtime_ns)
        kind = _TYPES.get(path.suffix, _OTHER)
        found.append(RunFile(path.name, said.st_size, kind, tag))
    return found


def note_named(folder: Path, ids: Iterable[str]) -> None:
    """Keeps which records the files tell of. Raises OSError."""
    (folder / NAMED).write_text(json.dumps(sorted({i for i in ids if i})), encoding="utf-8")


def named(folder: Path) -> list[str]:
    """The ids of the records the files tell of."""
    try:
        return list(json.loads((folder / NAMED).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return []


def write_lines(lines: Iterable[Mapping[str, Any]], path: Path) -> None:
    """One JSON object a line. Raises OSError."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_lines(
    path: Path,
    start: int,
    limit: int,
    wanted: Callable[[Line], bool],
    shown: Callable[[list[Line]], list[Line]],
) -> tuple[list[Line], int | None]:
    """Up to `limit` lines from the byte `start` on, and the byte where the next page begins.

    `shown` takes out of some lines what the reader may not see. Raises FileNotFoundError, and
    ValueError where no line begins at `start`.
    """
    found: list[tuple[Line, int]] = []
    with path.open("rb") as file:
        if start:
            file.seek(start - 1)
            if file.read(1) != b"\n":
                raise ValueError(start)
        while True:
            batch: list[Line] = []
            ends: dict[int, int] = {}
            for raw in file:
                start += len(raw)
                line = json.loads(raw)
                if wanted(line):
                    ends[id(line)] = start
                    batch.append(line)
                if len(batch) == _BATCH:
                    break
            found += [(line, ends[id(line)]) for line in shown(batch)]
            if len(found) > limit:
                return [line for line, _ in found[:limit]], found[limit - 1][1]
            if len(batch) < _BATCH:
                return [line for line, _ in found], None
