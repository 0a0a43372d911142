"""Arrays of a model's file, read in place."""

import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from indexer.encoders.bundled import MODELS
from indexer.encoders.weights import weights

TABLE = np.arange(6, dtype=np.float16).reshape(2, 3)


def test_the_arrays_are_those_the_library_reads():
    body = save({"one": TABLE, "two": TABLE.astype(np.float32) + 1})
    assert np.array_equal(weights(body, "one"), TABLE)
    assert np.array_equal(weights(body, "two"), TABLE.astype(np.float32) + 1)
    body = (MODELS / "static/0_StaticEmbedding/model.safetensors").read_bytes()
    assert np.array_equal(
        weights(body, "embedding.weight"), load(body)["embedding.weight"], equal_nan=True
    )


def test_nothing_is_copied():
    assert not weights(save({"one": TABLE}), "one").flags.owndata


def test_an_array_that_is_not_there():
    with pytest.raises(KeyError, match="two"):
        weights(save({"one": TABLE}), "two")


def file_of(header, data=b"\0" * 12):
    body = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(body).to_bytes(8, "little") + body + data


def entry(**changed):
    return {"one": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12], **changed}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff" * 40,
        file_of(b"not json"),
        file_of(b"\xff\xfe"),
        file_of([]),
        file_of(entry(dtype="I64")),
        file_of(entry(shape=[7, 3])),
        file_of(entry(shape="x")),
        file_of(entry(data_offsets=[0])),
        file_of(entry(data_offsets=[0, 11])),
        file_of({"one": {}}),
        file_of({"one": 3}),
        file_of(entry(), b"\0" * 4),  # cut short
    ],
)
def test_what_is_no_such_file_is_refused(body):
    with pytest.raises(ValueError):
        weights(body, "one")
