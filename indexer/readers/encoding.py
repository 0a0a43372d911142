"""Which encoding a text file is in, and its lines, each decoded on its own.

One line that was pasted from another program must not cost the file: where most lines are
UTF-8, the few that are not are read as Windows-1258 and reported by number.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from indexer.bilingual import Bilingual
from indexer.text import language_of

_SAMPLE = 1 << 16
_FALLBACK = "cp1258"


@dataclass(slots=True)
class TextLines:
    """The decoded lines of a file; iterate once, then ask for what had to be repaired."""

    path: Path
    encoding: str
    repaired: list[int] = field(default_factory=list)
    nul_lines: int = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines():
            if "\0" in line:
                self.nul_lines += 1
            yield line.replace("\0", "")

    def _lines(self) -> Iterator[str]:
        if self.encoding == "utf-8":
            yield from self._utf8_lines()
            return
        # A whole-file decoder, because a newline of UTF-16 is not the byte 10.
        with self.path.open(encoding=self.encoding, errors="replace", newline=None) as handle:
            for number, line in enumerate(handle, start=1):
                if "\ufffd" in line:
                    self.repaired.append(number)
                yield unicodedata.normalize("NFC", line)

    def _utf8_lines(self) -> Iterator[str]:
        with self.path.open("rb") as handle:
            for number, raw in enumerate(handle, start=1):
                line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
                try:
                    text = line.decode("utf-8")
                except UnicodeDecodeError:
                    self.repaired.append(number)
                    text = unicodedata.normalize("NFC", line.decode(_FALLBACK, "replace"))
                text = text.replace("\r\n", "\n")
                if number == 1 and "\r" in text and "\n" not in text:
                    # An old Macintosh file: one "line", its rows end in carriage returns.
                    yield from (part + "\n" for part in text.removesuffix("\r").split("\r"))
                else:  # elsewhere a lone carriage return would end a row for the reader
                    yield text.replace("\r", " ")

    def notices(self) -> tuple[Bilingual, ...]:
        """What was not plain UTF-8, for the person who made the file."""
        name, found = self.path.name, []
        if self.encoding not in ("utf-8", "utf-16"):
            found.append(
                Bilingual(
                    vi=f"{name}: đọc theo bảng mã {self.encoding} (không phải UTF-8).",
                    en=f"{name}: read as {self.encoding} (it is not UTF-8).",
                )
            )
        if self.repaired:
            lines = ", ".join(map(str, self.repaired[:10])) + (
                ", …" if len(self.repaired) > 10 else ""
            )
            found.append(
                Bilingual(
                    vi=f"{name}: {len(self.repaired)} dòng chứa byte không thuộc bảng mã của tệp "
                    f"({self.encoding}), có thể sai chữ; hãy kiểm tra dòng {lines}.",
                    en=f"{name}: {len(self.repaired)} lines hold bytes outside the file's encoding "
                    f"({self.encoding}) and may show wrong letters; check line {lines}.",
                )
            )
        if self.nul_lines:
            found.append(
                Bilingual(
                    vi=f"{name}: đã bỏ ký tự NUL ở {self.nul_lines} dòng.",
                    en=f"{name}: NUL characters were removed from {self.nul_lines} lines.",
                )
            )
        return tuple(found)


def text_lines(path: Path) -> TextLines:
    """The lines of a text file in the encoding its bytes speak for."""
    return TextLines(path, encoding_of(path))


def encoding_of(path: Path) -> str:
    """utf-8, utf-16, utf-16-le, utf-16-be, cp1258 or another single-byte encoding's name."""
    with path.open("rb") as handle:
        sample = handle.read(_SAMPLE)
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    wide = _wide(sample)
    if wide:
        return wide
    valid, broken = _utf8_votes(path)
    return "utf-8" if valid >= broken else _single_byte(sample)


def _wide(sample: bytes) -> str:
    """UTF-16 without a mark: nearly every second byte of its ASCII characters is zero."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    enough = len(sample) // 6
    if odd > enough and odd > 8 * even:
        return "utf-16-le"
    return "utf-16-be" if even > enough and even > 8 * odd else ""


def _utf8_votes(path: Path) -> tuple[int, int]:
    """(lines that are UTF-8 beyond ASCII, lines that are not UTF-8)."""
    valid = broken = 0
    with path.open("rb") as handle:
        for raw in handle:
            if raw.isascii():
                continue
            try:
                raw.decode("utf-8")
                valid += 1
            except UnicodeDecodeError:
                broken += 1
    return valid, broken


def _single_byte(sample: bytes) -> str:
    """Windows-1258 where that gives Vietnamese; else what charset-normalizer finds likeliest."""
    text = unicodedata.normalize("NFC", sample.decode(_FALLBACK, "replace"))
    stray = len(re.findall("[\u0300-\u036f\ufffd]", text))
    if stray * 50 <= len(text) and language_of(text) in ("vi", "mixed"):
        return _FALLBACK
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only for files that need it

    best = from_bytes(sample).best()
    return best.encoding if best is not None else _FALLBACK
