"""Arrays and lists of words as files: plain .npy and UTF-8 lines, never pickles."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Writes a .npy file."""
    np.save(path, np.ascontiguousarray(array), allow_pickle=False)


def read_array(body: bytes) -> npt.NDArray[Any]:
    """The array of a .npy file, without a copy and so read-only. Raises ValueError."""
    stream = io.BytesIO(body)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("not a .npy file of version 1.0")
    shape, column_major, dtype = np.lib.format.read_array_header_1_0(stream)
    if column_major or dtype.hasobject:
        raise ValueError("not a plain array")
    return np.frombuffer(body, dtype=dtype, offset=stream.tell()).reshape(shape)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Writes words that hold no line break, one a line, each line ended."""
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def read_lines(body: bytes) -> tuple[str, ...]:
    """What `write_lines` wrote. Raises UnicodeDecodeError."""
    return tuple(body.decode().split("\n")[:-1])
