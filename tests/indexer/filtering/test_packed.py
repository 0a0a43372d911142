"""Arrays come back from their file as they were, without being copied."""

import numpy as np
import pytest

from indexer.filtering.packed import read_packed, write_packed


def test_what_is_written_is_read(tmp_path):
    arrays = {
        "a": np.arange(5, dtype=np.int8),
        "none": np.zeros(0, dtype=np.float64),
        "b": np.arange(12, dtype=np.float64).reshape(3, 4),
        "every other": np.arange(10, dtype=np.int32)[::2],
        "big": np.arange(3, dtype=">i4"),
        "c": np.array([True, False]),
    }
    write_packed(tmp_path / "x.bin", arrays)
    body = (tmp_path / "x.bin").read_bytes()
    found = read_packed(body)
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].shape == array.shape and not found[name].flags.writeable
    assert np.shares_memory(found["b"], np.frombuffer(body, dtype=np.uint8))
    assert read_packed(memoryview(body)).keys() == arrays.keys()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x" * 100,
        b"{}x\n",
        b"[1]\n",
        b'[["a", "<i4", [9], 0]]\n',
        b'[["a", "O", [1], 0]]\n' + b" " * 64,
    ],
)
def test_another_file_is_refused(body):
    with pytest.raises(ValueError):
        read_packed(body)
