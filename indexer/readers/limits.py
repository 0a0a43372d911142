"""What a file may cost before it is opened: bytes, unpacked bytes, rows and columns.

A workbook is a ZIP archive of XML. A few kilobytes can unpack to terabytes, and two cells at
opposite corners of a sheet make the reader below us allocate all the cells between them. So
each part is unpacked once here, piecewise and counted, before the reader sees the file; the
sizes the archive claims are checked, not believed.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from indexer.errors import RequestError

MAX_TEXT_BYTES = 1 << 30  # delimited and JSON files are held in memory
MAX_UNPACKED_BYTES = 2 << 30
BOMB_RATIO = 200  # unpacked to packed; real sheets stay below 60
BOMB_FLOOR = 64 << 20  # a small sheet of equal rows may pack very well
MAX_CELLS = 40_000_000  # rows x columns of one sheet: 1,000,000 rows of 40 columns
MAX_PARTS = 10_000
_CHUNK = 1 << 20
_LONGEST_TAG = 64 << 10

# Begins with what is rare, and looks back whether it is the whole name: five times as fast.
_COLUMN = re.compile(rb'r="(?<!\wr=")([A-Z]+)\d')
_CELL_ROW = re.compile(rb'\br="[A-Z]+(\d+)"')
_UNCOMPUTED = re.compile(rb"</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,7})"')


def check_size(path: Path, limit: int = MAX_TEXT_BYTES) -> None:
    """RequestError for an empty file or one above `limit` bytes."""
    size = path.stat().st_size
    if size == 0:
        raise RequestError(
            vi=f"{path.name}: tệp rỗng, không có dữ liệu nào.",
            en=f"{path.name}: the file is empty; there is nothing to read.",
        )
    if size > limit:
        raise RequestError(
            vi=f"{path.name}: tệp {size >> 20:,} MiB, lớn hơn giới hạn {limit >> 20:,} MiB; "
            "hãy chia thành nhiều tệp nhỏ hơn.",
            en=f"{path.name}: the file has {size >> 20:,} MiB, above the limit of "
            f"{limit >> 20:,} MiB; split it into smaller files.",
        )


def check_archive(path: Path, spread: "Watcher | None" = None) -> int:
    """RequestError for an archive that unpacks to too much, lies about it, or is damaged.

    spread: shown the content of an OpenDocument file piece by piece, cut between tags.
    Returns how many formulas of an XLSX file hold no stored value and will read as blank.
    """
    uncomputed = 0
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
        _check_claims(path, parts)
        with path.open("rb") as handle:
            for part in parts:
                uncomputed += _check_part(path, handle, part, spread)
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError) as error:
        raise _damaged(path) from error
    return uncomputed


def _check_claims(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    packed = max(1, path.stat().st_size)
    unpacked = sum(part.file_size for part in parts)
    bomb = unpacked > BOMB_FLOOR and unpacked / packed > BOMB_RATIO
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or bomb:
        raise _bomb(path, unpacked)
    if any(part.flag_bits & 1 for part in parts):
        raise locked(path)


def _check_part(
    path: Path, handle: BinaryIO, part: zipfile.ZipInfo, spread: "Watcher | None"
) -> int:
    """Unpacks one part and counts: more than it claims is an attack, so is a huge sheet."""
    name = part.filename.lower()
    extent: _Extent | None = None
    watcher: Watcher | None = spread if name == "content.xml" else None
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        watcher = extent = _Extent(path)
    total, tail = 0, b""
    for piece in _unpacked(handle, part):
        total += len(piece)
        if total > part.file_size:
            raise _bomb(path, total)
        if watcher is not None:
            # Tags may be cut between two pieces: the unfinished one waits for the next piece.
            text = tail + piece
            cut = max(0, text.rfind(b"<"))
            watcher.see(text[:cut])
            tail = text[cut:][-_LONGEST_TAG:]
    if total != part.file_size:
        raise _damaged(path)
    if watcher is not None:
        watcher.see(tail)
    return extent.uncomputed if extent else 0


def _unpacked(handle: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part in pieces of at most 1 MiB, never trusting the claimed size."""
    handle.seek(part.header_offset)
    header = handle.read(30)
    signature, name_size, extra_size = struct.unpack("<4s22xHH", header)
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile("local header")
    handle.seek(name_size + extra_size, 1)
    left = part.compress_size
    if part.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (piece := handle.read(min(_CHUNK, left))):
            left -= len(piece)
            yield piece
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile("compression method")
    inflater = zlib.decompressobj(-15)
    while left > 0 and not inflater.eof and (packed := handle.read(min(_CHUNK, left))):
        left -= len(packed)
        while packed:
            yield inflater.decompress(packed, _CHUNK)
            packed = inflater.unconsumed_tail
    while not inflater.eof and (piece := inflater.decompress(inflater.unconsumed_tail, _CHUNK)):
        yield piece
    yield inflater.flush()


class Watcher(Protocol):
    """Looks at the XML of a part as it is unpacked."""

    def see(self, xml: bytes) -> None: ...


class _Extent:
    """How far an XLSX sheet reaches, from the cell addresses in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.letters: set[bytes] = set()
        self.last_row = 0
        self.uncomputed = 0

    def see(self, xml: bytes) -> None:
        self.letters.update(_COLUMN.findall(xml))
        # Rows may go without numbers; then the addresses of their cells say how far they reach.
        rows = _ROW.findall(xml) or _CELL_ROW.findall(xml)
        self.last_row = max(self.last_row, max(map(int, rows), default=0))
        self.uncomputed += len(_UNCOMPUTED.findall(xml))
        columns = max(map(_column_number, self.letters), default=0)
        check_extent(self.path, self.last_row, columns)


def check_extent(path: Path, rows: int, columns: int) -> None:
    """RequestError for a sheet of more cells than can be held."""
    if rows * columns > MAX_CELLS:
        raise _too_wide(path, rows, columns)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_wide(path: Path, rows: int, columns: int) -> RequestError:
    return RequestError(
        vi=f"{path.name}: trang tính trải rộng {rows:,} dòng × {columns:,} cột, quá "
        f"{MAX_CELLS:,} ô. Hãy xoá các dòng, cột thừa ở cuối trang tính rồi lưu lại.",
        en=f"{path.name}: a sheet spans {rows:,} rows × {columns:,} columns, above "
        f"{MAX_CELLS:,} cells. Delete the surplus rows and columns at its end and save again.",
    )


def _bomb(path: Path, unpacked: int) -> RequestError:
    return RequestError(
        vi=f"{path.name}: tệp nén giải ra ít nhất {unpacked >> 20:,} MiB, vượt giới hạn an toàn "
        f"({MAX_UNPACKED_BYTES >> 20:,} MiB, không quá {BOMB_RATIO} lần cỡ tệp). Hãy lưu lại "
        "bằng Excel hoặc LibreOffice, hoặc xuất ra CSV.",
        en=f"{path.name}: the archive unpacks to at least {unpacked >> 20:,} MiB, above the safe "
        f"limit ({MAX_UNPACKED_BYTES >> 20:,} MiB, at most {BOMB_RATIO} times the file). Save it "
        "again with Excel or LibreOffice, or export it as CSV.",
    )


def _damaged(path: Path) -> RequestError:
    return RequestError(
        vi=f"{path.name}: tệp bảng tính bị hỏng hoặc chưa tải về hết. Hãy mở bằng Excel hoặc "
        "LibreOffice rồi lưu lại dạng .xlsx.",
        en=f"{path.name}: the workbook is damaged or incomplete. Open it in Excel or LibreOffice "
        "and save it again as .xlsx.",
    )


def locked(path: Path) -> RequestError:
    return RequestError(
        vi=f"{path.name}: bảng tính được bảo vệ bằng mật khẩu. Hãy bỏ mật khẩu trong Excel "
        "(Tệp › Thông tin › Bảo vệ sổ làm việc) rồi lưu lại.",
        en=f"{path.name}: the workbook is protected by a password. Remove the password in Excel "
        "(File › Info › Protect Workbook) and save it again.",
    )
