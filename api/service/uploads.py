"""What somebody handed in, or changed, and has not decided on yet: a folder of the workspace each,
under a name that nobody can guess, for the one person and for a day."""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from indexer.bilingual import Bilingual
from indexer.keeping.moments import now

FOLDER = "uploads"
FILE, UNDO = "file", "undo"  # kinds
LIFETIME = 24 * 3600.0  # seconds after which nobody comes back for it
MOST = 20  # kept for one person at a time
_ABOUT = "about.json"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A kept folder; `about` is what its maker noted of it."""

    token: str
    folder: Path
    about: Mapping[str, Any]


def make(workspace: Path, by: Actor, kind: str, **about: object) -> Upload:
    """A new, empty folder of the actor. What nobody came back for goes first.

    Raises:
        ProblemError: 409, the actor keeps too many; OSError: it cannot be written.
    """
    purge(workspace)
    if kind == FILE and len(of(workspace, by, kind)) >= MOST:
        raise ProblemError(problems.NOT_POSSIBLE, _TOO_MANY)
    token = secrets.token_urlsafe(24)
    folder = workspace / FOLDER / token
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    made = Upload(token, folder, {})
    return note(made, kind=kind, holder=_holder(by), made=now(), **about)


def own(workspace: Path, token: str, by: Actor, kind: str) -> Upload:
    """Raises ProblemError: 404, the actor has none of that name."""
    found = _read(workspace / FOLDER / token) if _TOKEN.fullmatch(token) else None
    if found is None or found.about["holder"] != _holder(by) or found.about["kind"] != kind:
        raise ProblemError(problems.NOT_FOUND)
    return found


def of(workspace: Path, by: Actor, kind: str) -> list[Upload]:
    """What the actor has, the oldest first."""
    mine = (one for one in _all(workspace) if one.about["holder"] == _holder(by))
    return sorted(
        (one for one in mine if one.about["kind"] == kind), key=lambda one: str(one.about["made"])
    )


def note(upload: Upload, **changes: object) -> Upload:
    """Writes down more of an upload, in one step; returns it as it is now. Raises OSError."""
    about = {**upload.about, **changes}
    replace(upload.folder / _ABOUT, json.dumps(about, ensure_ascii=False))
    return Upload(upload.token, upload.folder, about)


def replace(path: Path, text: str) -> None:
    """Writes a file that others may be reading. Raises OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def drop(upload: Upload) -> None:
    """Removes it with all that is in it."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def purge(workspace: Path) -> None:
    """Removes what nobody came back for."""
    folder = workspace / FOLDER
    for one in folder.iterdir() if folder.is_dir() else ():
        about = one / _ABOUT
        try:
            last = (about if about.exists() else one).stat().st_mtime
        except FileNotFoundError:  # another process removed it
            continue
        if time.time() - last > LIFETIME:
            shutil.rmtree(one, ignore_errors=True)


def clear(workspace: Path) -> None:
    """Removes everything, whoever's it is: for when a person is to be erased, about whom any of
    it may tell."""
    shutil.rmtree(workspace / FOLDER, ignore_errors=True)


def _all(workspace: Path) -> Iterator[Upload]:
    folder = workspace / FOLDER
    for one in folder.iterdir() if folder.is_dir() else ():
        if (found := _read(one)) is not None:
            yield found


def _read(folder: Path) -> Upload | None:
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Upload(folder.name, folder, about)


def _holder(by: Actor) -> str:
    return f"{by.label}@{by.centre}"


_TOO_MANY = Bilingual(
    vi=f"Bạn đang có {MOST} tệp chưa quyết định nhập hay bỏ. Hãy nhập hoặc bỏ bớt rồi tải tiếp.",
    en=f"You have {MOST} files waiting for your decision. Import or discard some of them first.",
)
