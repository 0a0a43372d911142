"""Several named arrays in one file: a line of JSON that says where each is, then the arrays."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_ALIGNED = 64  # bytes, so that arrays may be used where they lie
_PADDING = b" " * _ALIGNED


def write_packed(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Writes the arrays, which must hold numbers only, in little-endian order."""
    parts, described, at = [], [], 0
    for name, array in arrays.items():
        part = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        described.append([name, part.dtype.str, list(part.shape), at])
        parts.append(part)
        at += part.nbytes + -part.nbytes % _ALIGNED
    head = json.dumps(described).encode()
    head += _PADDING[: -(len(head) + 1) % _ALIGNED] + b"\n"
    with path.open("wb") as file:
        file.write(head)
        for part in parts:
            file.write(part.data if part.size else b"")
            file.write(_PADDING[: -part.nbytes % _ALIGNED])


def read_packed(body: bytes | memoryview) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a file, without a copy and so read-only.

    Raises ValueError where it is not one that `write_packed` wrote.
    """
    view = memoryview(body)
    head = _head(view)
    found = {}
    try:
        for name, kind, shape, at in json.loads(head):
            dtype = np.dtype(kind)
            if dtype.kind not in "iufb":
                raise ValueError(f"{name} holds no numbers")
            count = int(np.prod(shape, dtype=np.int64))
            array = np.frombuffer(view, dtype, count, len(head) + at) if count else ()
            found[name] = np.asarray(array, dtype=dtype).reshape(shape)
            found[name].flags.writeable = False
    except TypeError as error:
        raise ValueError("the arrays are not described") from error
    return found


def _head(view: memoryview) -> bytes:
    size = _ALIGNED
    while size <= len(view):
        head = bytes(view[:size])
        if b"\n" in head:
            return head[: head.index(b"\n") + 1]
        size *= 2
    head = bytes(view)
    if b"\n" not in head:
        raise ValueError("the arrays are not described")
    return head[: head.index(b"\n") + 1]
