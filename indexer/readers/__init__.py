"""Reading files into tables: XLSX, XLS, ODS, CSV, TSV, JSON and JSON lines."""

from pathlib import Path

from indexer.errors import RequestError
from indexer.readers.delimited import read_delimited
from indexer.readers.excel import OLE_MAGIC, ZIP_MAGIC, read_workbook
from indexer.readers.jsonlines import read_json
from indexer.readers.limits import check_size
from indexer.readers.table import Cell, Fault, Table, is_blank

__all__ = ["Cell", "Fault", "Table", "is_blank", "read_tables"]

_JSON = frozenset({".json", ".jsonl", ".ndjson"})
_TEXTS = frozenset({".csv", ".tsv", ".tab", ".txt"})
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xltx", ".xls", ".ods"})


def read_tables(path: Path, sheet: str | None = None) -> list[Table]:
    """The tables of one file; its first bytes, not its name, say what kind of file it is.

    sheet: the one sheet of a workbook to read. Raises RequestError, naming the file, for
    everything that cannot be read.
    """
    try:
        _check_path(path)
        with path.open("rb") as handle:
            magic = handle.read(8)
        if magic.startswith((ZIP_MAGIC, OLE_MAGIC)):
            return read_workbook(path, sheet)
        if path.suffix.lower() in _JSON:
            return [read_json(path)]
        if path.suffix.lower() in _WORKBOOKS and not _is_text(path):
            return read_workbook(path, sheet)
        if path.suffix.lower() in _TEXTS | _WORKBOOKS:
            return [read_delimited(path)]
        known = ", ".join(sorted(_WORKBOOKS | _TEXTS | _JSON))
        raise RequestError(
            vi=f"{path}: không đọc loại tệp “{path.suffix}”. Chấp nhận: {known}.",
            en=f"{path}: files of type “{path.suffix}” are not read. Accepted: {known}.",
        )
    except OSError as error:
        raise RequestError(
            vi=f"{path}: không mở được tệp ({error.strerror or error}).",
            en=f"{path}: the file cannot be opened ({error.strerror or error}).",
        ) from error


def _check_path(path: Path) -> None:
    if path.is_dir():
        raise RequestError(
            vi=f"{path}: đây là thư mục; hãy nêu tên từng tệp.",
            en=f"{path}: this is a folder; name the files in it.",
        )
    if not path.exists():
        raise RequestError(vi=f"{path}: không có tệp này.", en=f"{path}: there is no such file.")
    check_size(path, 1 << 62)


def _is_text(path: Path) -> bool:
    """Programs export text under the name .xls; a real workbook has NUL bytes early on."""
    with path.open("rb") as handle:
        return b"\0" not in handle.read(4096)
