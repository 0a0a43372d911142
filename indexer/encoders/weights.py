"""The arrays of a model's file in the safetensors format, read in place."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

_TYPES: dict[str, np.dtype[np.floating]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}


def weights(body: bytes, name: str) -> npt.NDArray[np.floating]:
    """The array called `name`: a view of `body`, read-only.

    The format: the length of the header in 8 bytes, the header in JSON, then the data it gives
    the places of (https://huggingface.co/docs/safetensors). The library makes two copies of all
    of it, which a search would wait for. Raises KeyError where the array is not there, ValueError
    where the file is none or holds other numbers than floats of 16 or 32 bits.
    """
    start = 8 + int.from_bytes(body[:8], "little")
    if not 8 < start <= len(body):
        raise ValueError("not a safetensors file")
    header = json.loads(body[8:start])
    if not isinstance(header, dict):
        raise ValueError("not a safetensors file")
    entry: Any = header[name]
    try:
        kind, shape, (begin, end) = _TYPES[entry["dtype"]], entry["shape"], entry["data_offsets"]
        data = memoryview(body)[start + begin : start + end]
        found: npt.NDArray[np.floating] = np.frombuffer(data, dtype=kind).reshape(shape)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{name} cannot be read ({error})") from error
    return found
