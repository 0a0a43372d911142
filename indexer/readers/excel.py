"""Workbooks: XLSX, XLSM, XLS and ODS, through calamine. Formulas give their stored values."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.readers.limits import (
    MAX_UNPACKED_BYTES,
    check_archive,
    check_extent,
    check_size,
    locked,
)
from indexer.readers.ods import Merged, Spread
from indexer.readers.table import Cell, Table

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
_MAX_MERGED_FILLS = 2_000_000
_TEXT_ONLY = {str}
_PLAIN = {str, float, int, bool, date}
_Result = TypeVar("_Result")


def read_workbook(path: Path, sheet: str | None = None) -> list[Table]:
    """The sheets of a workbook, in its order; only the named one where `sheet` is given.

    Values of vertically merged cells are repeated on every row they cover. Raises RequestError
    for locked, damaged, oversized files and for a sheet that is not there.
    """
    spread, notices = _checked(path)
    workbook = _guarded(path, lambda: _open(path))
    with workbook:
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            listed = ", ".join(f"“{name}”" for name in names)
            raise RequestError(
                vi=f"{path.name}: không có trang tính “{sheet}”. Các trang tính: {listed}.",
                en=f"{path.name}: there is no sheet “{sheet}”. Its sheets: {listed}.",
            )
        tables: list[Table] = []
        for at, meta in enumerate(workbook.sheets_metadata):
            if sheet not in (None, meta.name) or not str(meta.typ).endswith("WorkSheet"):
                continue
            merged = spread.merged[at] if at < len(spread.merged) else []
            read = partial(_rows, path, workbook, meta.name, merged)
            hidden = sheet is None and not str(meta.visible).endswith(".Visible")
            rows = _guarded(path, read)
            tables.append(
                Table(path.name, meta.name, rows, hidden=hidden, notices=() if tables else notices)
            )
    return tables


def _checked(path: Path) -> tuple[Spread, tuple[Bilingual, ...]]:
    """What the file says of itself before it is opened; RequestError where it must not be."""
    spread = Spread(path)
    with path.open("rb") as handle:
        magic = handle.read(8)
    if magic.startswith(ZIP_MAGIC):
        uncomputed = check_archive(path, spread)
        _check_kind(path)
        return spread, (_uncomputed(path, uncomputed),) if uncomputed else ()
    check_size(path, MAX_UNPACKED_BYTES)
    # An encrypted XLSX is an OLE container whose streams carry these names in UTF-16.
    with path.open("rb") as handle:
        directory = handle.read(1 << 20)
    if "EncryptedPackage".encode("utf-16-le") in directory:
        raise locked(path)
    return spread, ()


def _uncomputed(path: Path, count: int) -> Bilingual:
    return Bilingual(
        vi=f"{path.name}: {count} công thức chưa có kết quả lưu sẵn nên được đọc là ô trống; hãy "
        "mở tệp bằng Excel rồi lưu lại.",
        en=f"{path.name}: {count} formulas hold no stored result and read as blank; open the file "
        "in Excel and save it again.",
    )


def _check_kind(path: Path) -> None:
    """A ZIP archive must hold a workbook we read; other kinds get a sentence of their own."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        encrypted = "META-INF/manifest.xml" in names and b"encryption-data" in archive.read(
            "META-INF/manifest.xml"
        )
    if encrypted:
        raise locked(path)
    if "xl/workbook.xml" in names or "content.xml" in names:
        return
    kind = "XLSB" if "xl/workbook.bin" in names else "ZIP"
    if "word/document.xml" in names:
        kind = "Word"
    raise RequestError(
        vi=f"{path.name}: đây là tệp {kind}, không phải bảng tính đọc được. Chấp nhận: .xlsx, "
        ".xls, .ods, .csv, .tsv, .json, .jsonl; hãy mở rồi lưu lại dạng .xlsx.",
        en=f"{path.name}: this is a {kind} file, not a workbook that can be read. Accepted: .xlsx, "
        ".xls, .ods, .csv, .tsv, .json, .jsonl; open it and save it as .xlsx.",
    )


def _open(path: Path) -> "CalamineWorkbook":
    import python_calamine  # noqa: PLC0415 - loaded only where a workbook is read

    return python_calamine.load_workbook(str(path))


def _guarded(path: Path, work: Callable[[], _Result]) -> _Result:
    """Runs the workbook library; whatever it dies of becomes a sentence that names the file."""
    import python_calamine  # noqa: PLC0415

    try:
        return work()
    except python_calamine.PasswordError as error:
        raise locked(path) from error
    except (RequestError, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # its panics do not derive from Exception
        raise RequestError(
            vi=f"{path.name}: không đọc được bảng tính này ({error}). Hãy mở bằng Excel hoặc "
            "LibreOffice rồi lưu lại dạng .xlsx.",
            en=f"{path.name}: this workbook cannot be read ({error}). Open it in Excel or "
            "LibreOffice and save it again as .xlsx.",
        ) from error


def _rows(
    path: Path, workbook: "CalamineWorkbook", name: str, merged: Merged
) -> tuple[tuple[Cell, ...], ...]:
    found = workbook.get_sheet_by_name(name)
    if found.start is None or found.end is None:
        return ()
    check_extent(path, found.end[0] + 1, found.end[1] + 1)
    before = ("",) * found.start[1]
    rows = [_row(before, row) for row in found.iter_rows()]
    _fill_merged(rows, found.merged_cell_ranges or merged)
    return tuple(rows)


def _row(before: tuple[Cell, ...], values: list[Any]) -> tuple[Cell, ...]:
    """One row; a blank one is (), so that a million of them cost nothing."""
    kinds = set(map(type, values))
    if kinds == _TEXT_ONLY and not any(values):
        return ()
    return before + (tuple(values) if kinds <= _PLAIN else tuple(map(_cell, values)))


def _cell(value: Any) -> Cell:  # noqa: ANN401 - whatever the library found in the cell
    if isinstance(value, str | float | bool | int):
        return value
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second)
        return value.date() if midnight else value
    if isinstance(value, date):
        return value
    return "" if value is None else str(value)


def _fill_merged(rows: list[tuple[Cell, ...]], ranges: Merged) -> None:
    """Repeats the value of a vertically merged cell downwards: one owner over its five offers."""
    fills: dict[int, dict[int, Cell]] = {}
    spent = 0
    for (top, left), (bottom, _) in ranges:
        if bottom <= top or top >= len(rows) or left >= len(rows[top]) or rows[top][left] == "":
            continue
        last = min(bottom, len(rows) - 1)
        spent += last - top
        if spent > _MAX_MERGED_FILLS:
            break
        for index in range(top + 1, last + 1):
            fills.setdefault(index, {})[left] = rows[top][left]
    for index, values in fills.items():
        row = list(rows[index])
        for column, value in values.items():
            if column < len(row) and row[column] == "":
                row[column] = value
        rows[index] = tuple(row)
