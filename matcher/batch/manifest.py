"""What a folder of pairs says of itself: of what state they are, and how far the work is."""

import hashlib
import json
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.errors import RequestError
from matcher.batch.job import Job
from matcher.batch.parts import publish, unwritten

NAME = "manifest.json"
_FORMAT = 1


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Made(_Part):
    """One shard of so many records; "failed" where its worker was killed every time. `killed`
    counts how often that happened in the last run."""

    stage: str
    records: int
    state: Literal["waiting", "done", "failed"] = "waiting"
    killed: int = 0


class Listed(_Part):
    """One Parquet file: its rows, its bytes and their SHA-256."""

    rows: int
    size: int
    sha256: str


class PairsManifest(_Part):
    """`catalog`, `version`, `generation`, `encoder` and `fingerprint` name the state of catalog and
    index; `shards` are by the hash of what they are made of, `files` by name. `complete`: all
    files are those of this state and these settings."""

    format: int = _FORMAT
    catalog: str
    version: int
    generation: str
    encoder: str
    fingerprint: str
    words: float | str
    each: int
    k: int
    complete: bool = False
    shards: dict[str, Made] = {}
    files: dict[str, Listed] = {}

    @classmethod
    def of(cls, job: Job) -> "PairsManifest":
        """That of a job which has done nothing yet."""
        state = job.state
        return cls(
            catalog=state.catalog,
            version=state.version,
            generation=state.generation,
            encoder=state.encoder,
            fingerprint=state.fingerprint,
            words=job.words,
            each=job.each,
            k=job.k,
        )

    def write(self, folder: Path) -> None:
        """Replaces the manifest of a folder. Raises RequestError where it cannot."""
        path = folder / NAME
        beside = folder / f".{NAME}.{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(self.model_dump(mode="json"), indent=1), encoding="utf-8")
            publish(beside, path)
        except OSError as error:
            raise unwritten(path, error) from error


def read_manifest(folder: Path) -> PairsManifest | None:
    """The manifest of a folder; None where there is none.

    Raises RequestError where it cannot be read.
    """
    path = folder / NAME
    try:
        return PairsManifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise RequestError(
            vi=f"{path} không phải của một lần chạy trước, hoặc đã hỏng. Hãy chọn thư mục khác.",
            en=f"{path} is not of an earlier run, or it is damaged. Choose another folder.",
        ) from error


def check_same_state(known: PairsManifest, job: Job, folder: Path) -> None:
    """Raises RequestError, naming both, where a folder holds pairs of another state."""
    state = job.state
    if (known.catalog, known.version, known.fingerprint) == (
        state.catalog,
        state.version,
        state.fingerprint,
    ):
        return
    here = f"{known.catalog[:8]} / {known.version} / {known.encoder}"
    now = f"{state.catalog[:8]} / {state.version} / {state.encoder}"
    raise RequestError(
        vi=f"{folder} chứa kết quả của một trạng thái khác (danh mục / phiên bản / bộ mã hoá: "
        f"{here}; hiện nay: {now}). Kết quả của hai trạng thái không trộn được: hãy chọn thư mục "
        "khác, hoặc xoá thư mục này.",
        en=f"{folder} holds pairs of another state (catalog / version / encoder: {here}; now: "
        f"{now}). Two states cannot be mixed: choose another folder, or remove this one.",
    )


def is_as_listed(path: Path, entry: Listed) -> bool:
    """Whether a file is the one that was written."""
    try:
        if path.stat().st_size != entry.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
    except OSError:
        return False
