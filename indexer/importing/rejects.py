"""Rows that could not be imported: where they stand, what is wrong, what would be accepted."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.bilingual import Bilingual
from indexer.errors import RequestError

_COLUMNS = (
    "file",
    "sheet",
    "row",
    "column",
    "value",
    "reason_vi",
    "reason_en",
    "accepted_vi",
    "accepted_en",
)
_LONGEST_VALUE = 500


@dataclass(frozen=True, slots=True)
class Reject:
    """One reason why a row was left out. `row` counts from 1, as the spreadsheet shows it."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    reason: Bilingual
    accepted: Bilingual


def write_rejects(rejects: Sequence[Reject], path: Path) -> None:
    """Writes a CSV that Excel opens as it is: UTF-8 with a mark, one line a reason.

    The file is replaced in one step. Raises RequestError where it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(_COLUMNS)
            for reject in rejects:
                writer.writerow([harmless(str(value)) for value in _fields(reject)])
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise RequestError(
            vi=f"{path}: không ghi được tệp các dòng bị loại ({error.strerror or error}).",
            en=f"{path}: the file of rejected rows cannot be written ({error.strerror or error}).",
        ) from error


def _fields(reject: Reject) -> tuple[object, ...]:
    return (
        reject.file,
        reject.sheet,
        reject.row,
        reject.column,
        reject.value[:_LONGEST_VALUE],
        reject.reason.vi,
        reject.reason.en,
        reject.accepted.vi,
        reject.accepted.en,
    )


def harmless(value: str) -> str:
    """The cell of a CSV: a leading apostrophe where a spreadsheet would run it as a formula (ASVS
    1.2.10)."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) else value
