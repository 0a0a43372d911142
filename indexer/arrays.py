"""Arrays and lists of words as files: plain .npy and UTF-8 lines, never pickles."""

import io
import mmap
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_MOST_HEADER = 65_536 + 16  # bytes of a .npy file before its numbers

# What a file holds: read, or mapped into memory.
Body = bytes | memoryview


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Writes a .npy file."""
    np.save(path, np.ascontiguousarray(array), allow_pickle=False)


def read_array(body: Body) -> npt.NDArray[Any]:
    """The array of a .npy file, without a copy and so read-only. Raises ValueError."""
    stream = io.BytesIO(body[:_MOST_HEADER])
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("not a .npy file of version 1.0")
    shape, column_major, dtype = np.lib.format.read_array_header_1_0(stream)
    if column_major or dtype.hasobject:
        raise ValueError("not a plain array")
    return np.frombuffer(body, dtype=dtype, offset=stream.tell()).reshape(shape)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Writes words that hold no line break, one a line, each line ended."""
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def mapped(path: Path) -> memoryview:
    """The contents of a file, mapped into memory: read where and when they are looked at.

    Raises OSError.
    """
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def read_lines(body: Body) -> tuple[str, ...]:
    """What `write_lines` wrote. Raises UnicodeDecodeError."""
    return tuple(str(body, "utf-8").split("\n")[:-1])


class ArrayFile:
    """A .npy file of one dimension, written piece by piece; closed after each, so that a disk that
    is full leaves none open."""

    def __init__(self, path: Path, dtype: npt.DTypeLike, count: int) -> None:
        self._path, self._dtype = path, np.dtype(dtype)
        head = {"descr": self._dtype.str, "fortran_order": False, "shape": (count,)}
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, head)

    def write(self, array: npt.NDArray[Any]) -> None:
        """Writes the next items."""
        with self._path.open("ab") as file:
            file.write(np.ascontiguousarray(array, dtype=self._dtype).data)
