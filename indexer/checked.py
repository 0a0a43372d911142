"""Mapped files of an index, of which every block is checked before it is first used.

A block has a CRC-32, which finds every change of up to 32 bits in a row and misses one of four
billion others: measured on one core it takes 0.25 s a gigabyte, SHA-256 0.72 s and BLAKE2b 1.3 s.
The CRCs lie in a file of their own, and that has its SHA-256 in the manifest. A search of a million
records looks at few of their blocks, so that an index answers before most of it was read.
"""

import mmap
import os
import weakref
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.arrays import Body, mapped
from indexer.filtering.packed import read_packed, write_packed
from indexer.manifest import MAPPED, FileEntry, check_sizes, damaged, read_files, wrong_size

SUMS_FILE = "sums.bin"

# Bytes. A search takes a thousand vectors from anywhere, and of larger blocks it would read more
# than it needs (64 MB in blocks of 64 KiB); of less than 5 KiB `zlib` keeps other threads waiting.
BLOCK = 16_384
_HEAD = 16_384  # bytes, in the first of which a file says what it holds
_THREADS = 4

Sums = npt.NDArray[np.uint32]


def write_sums(folder: Path, names: Iterable[str]) -> str:
    """Writes the sums of those of these files that will be mapped; returns the name of its file."""
    large = [name for name in names if (folder / name).stat().st_size >= MAPPED]
    with ThreadPoolExecutor(_THREADS) as readers:
        sums = readers.map(lambda name: _sums(mapped(folder / name)), large)
        write_packed(folder / SUMS_FILE, dict(zip(large, sums, strict=True)))
    return SUMS_FILE


def _sums(body: memoryview) -> Sums:
    blocks = (body[start : start + BLOCK] for start in range(0, len(body), BLOCK))
    return np.fromiter(map(zlib.crc32, blocks), np.uint32)


class CheckedFile:
    """A file mapped into memory, and which of its blocks were found to be right.

    Used by several threads: a block may be checked twice, but none is used before it was. A file
    that is removed, or replaced by one of its name, stays as it was opened.
    """

    def __init__(self, path: Path, sums: Sums) -> None:
        """Nothing is checked yet. Raises OSError, ValueError for sums of another file."""
        self._path, self._sums = path, sums.tolist()
        # The file stays open, to be asked whether it changed.
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._file)
        self._state = self._now()
        self._map = mmap.mmap(self._file, 0, access=mmap.ACCESS_READ)
        self.body = memoryview(self._map)
        if len(sums) != -(-len(self.body) // BLOCK):
            raise ValueError(f"{path.name}: {len(sums)} sums of {len(self.body)} bytes")
        self._seen = bytearray(len(sums))
        self._wholly = False

    def soon(self, start: int, stop: int) -> None:
        """Has these bytes read ahead, where the system can."""
        if hasattr(mmap, "MADV_WILLNEED"):
            start -= start % mmap.PAGESIZE
            self._map.madvise(mmap.MADV_WILLNEED, start, min(stop, len(self.body)) - start)

    def check(self, start: int, stop: int) -> None:
        """Checks what lies from byte `start` to `stop`. Raises DamagedError naming the file."""
        first, last = start // BLOCK, -(-stop // BLOCK)
        seen = self._seen
        if seen.find(0, first, last) >= 0:
            self.soon(first * BLOCK, last * BLOCK)
            self._look(seen, range(first, last))

    def check_ranges(self, starts: npt.NDArray[np.int64], size: int) -> None:
        """As `check`, of the bytes that follow each of `starts`, `size` each."""
        seen = self._seen
        blocks = np.concatenate([starts // BLOCK, (starts + (size - 1)) // BLOCK])
        new = blocks[np.frombuffer(seen, dtype=np.uint8)[blocks] == 0]
        if len(new):
            missing = np.unique(new).tolist()
            for block in missing:  # together, and nothing of what is around them
                self.soon(block * BLOCK, (block + 1) * BLOCK)
            self._look(seen, missing)

    @property
    def done(self) -> bool:
        """Whether all of it was checked."""
        return self._seen.find(0) < 0

    def check_all(self, always: bool = False) -> None:
        """Checks all of it; with `always`, again whenever it changes, as nobody else will."""
        self._wholly = self._wholly or always
        self.check(0, len(self.body))

    def check_more(self, most: int) -> int:
        """Checks so many blocks that nobody has used yet; how many there still were."""
        seen = self._seen
        new: list[int] = []
        while len(new) < most and (block := seen.find(0, new[-1] + 1 if new else 0)) >= 0:
            new.append(block)
        if new:
            self._look(seen, new)
        return len(new)

    def _look(self, seen: bytearray, blocks: Iterable[int]) -> None:
        self._whole_length(self._now()[0])
        for block in blocks:
            if seen[block]:
                continue
            start = block * BLOCK
            if zlib.crc32(self.body[start : start + BLOCK]) != self._sums[block]:
                raise damaged(
                    self._path,
                    vi=f"sai mã kiểm (CRC-32) từ byte {start}",
                    en=f"has a wrong checksum (CRC-32) from byte {start} on",
                )
            seen[block] = 1

    def unchanged(self) -> None:
        """Looks whether somebody changed the file since it was opened; what was checked is then
        checked again before it is used.

        Raises DamagedError where its length is another: the system would end the process that
        reads what is no longer there.
        """
        now = self._now()
        if now == self._state:
            return
        self._whole_length(now[0])
        self._seen = bytearray(len(self._seen))  # a thread that is checking goes on with the old
        if self._wholly:
            self.check_all()
        self._state = now

    def _now(self) -> tuple[int, int]:
        state = os.fstat(self._file)
        return state.st_size, state.st_mtime_ns

    def _whole_length(self, size: int) -> None:
        if size != len(self.body):
            raise wrong_size(self._path, size, len(self.body))


class CheckedRows:
    """Checks rows of an array before they are used, where it lies in a file that is not wholly
    checked; else it has nothing to do."""

    def __init__(self, files: "IndexFiles", name: str, array: npt.NDArray[Any]) -> None:
        self._files = files
        self._file = files.checked.get(name) if array.size else None
        self._each = array.nbytes // max(len(array), 1)
        self._count = len(array)
        if self._file is not None:
            # Where arrays lie is known to them alone.
            base = np.frombuffer(self._file.body, dtype=np.uint8).ctypes.data
            self._start = array.ctypes.data - base

    def inside(self, start: int, stop: int) -> None:
        """Checks rows start … stop-1. Raises DamagedError."""
        if self._file is not None:
            first = self._start + self._each * start
            self._file.check(first, self._start + self._each * stop)

    def some(self, rows: npt.NDArray[np.integer[Any]]) -> None:
        """Checks these rows. Raises DamagedError."""
        if self._file is not None and len(rows):
            starts = self._start + self._each * rows.astype(np.int64)
            self._file.check_ranges(starts, self._each)

    @property
    def done(self) -> bool:
        """Whether all of the file was checked."""
        return self._file is None or self._file.done

    def all(self) -> None:
        """Checks all of them. Raises DamagedError."""
        self.inside(0, self._count)

    def unchanged(self) -> None:
        """See `IndexFiles.unchanged`."""
        self._files.unchanged()


class IndexFiles(Mapping[str, Body]):
    """The contents of files by their names, as right as when they were written: `checked` are those
    that are mapped, see `open_files`.

    What is mapped may be changed by somebody while it is used. `unchanged` notices that, and is
    called at the beginning of each question. What remains: a file that is cut while a question is
    being answered ends the process, and what is written into one then, or without a new time of
    change, or by a disk that returns other bytes the second time, is noticed by `Index.verify`
    only.
    """

    def __init__(
        self, bodies: Mapping[str, Body], checked: Mapping[str, CheckedFile] | None = None
    ) -> None:
        self._bodies = bodies
        self.checked = checked or {}

    @classmethod
    def of(cls, files: Mapping[str, Body]) -> "IndexFiles":
        """The same, if they are such; else these as files of which nothing need be checked."""
        return files if isinstance(files, IndexFiles) else cls(files)

    def __getitem__(self, name: str) -> Body:
        return self._bodies[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bodies)

    def __len__(self) -> int:
        return len(self._bodies)

    def unchanged(self) -> None:
        """As `CheckedFile.unchanged`, of every file: some microseconds."""
        for file in self.checked.values():
            file.unchanged()

    def check_more(self, most: int) -> int:
        """As `CheckedFile.check_more`, of all files, and of what changed meanwhile."""
        self.unchanged()
        done = 0
        for file in self.checked.values():
            done += file.check_more(most - done)
        return done


def open_files(
    folder: Path, files: Mapping[str, FileEntry], later: Iterable[str] = ()
) -> IndexFiles:
    """The contents of these files, each checked, large ones mapped into memory.

    Of what is mapped only what is used stays in memory, and several processes share it. Of the
    files whose names end in one of `later` that are mapped, only how they begin is checked: whoever
    uses the rest checks that with `CheckedRows`.

    Raises FileNotFoundError for a missing file, DamagedError naming the first that differs,
    KeyError or ValueError where `SUMS_FILE` is not that of these files.
    """
    check_sizes(folder, files)
    large = [name for name, entry in files.items() if entry.size >= MAPPED and name != SUMS_FILE]
    small = read_files(folder, {name: files[name] for name in files if name not in large})
    sums = read_packed(small[SUMS_FILE])
    checked = {name: CheckedFile(folder / name, sums[name]) for name in large}
    ends = tuple(later)
    wholly = [file for name, file in checked.items() if not name.endswith(ends)]
    for file in wholly:
        file.soon(0, len(file.body))
    for file in checked.values():
        file.check(0, min(_HEAD, len(file.body)))
    with ThreadPoolExecutor(_THREADS) as readers:
        list(readers.map(lambda file: file.check_all(always=True), wholly))
    bodies = {name: checked[name].body if name in checked else small[name] for name in files}
    return IndexFiles(bodies, checked)
