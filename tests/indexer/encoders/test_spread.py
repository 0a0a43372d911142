"""Texts encoded by many workers: the rows are those of one."""

import os
import signal
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from indexer.encoder import Hardware
from indexer.encoders import spread
from indexer.encoders.cache import CachedEncoder
from indexer.encoders.loading import load_encoder
from indexer.encoders.spread import TEXTS, SpreadEncoder
from indexer.errors import RequestError
from indexer.executors.choosing import executor_on
from indexer.executors.executor import Done, Killed

TEXTS_OF = [f"Máy sấy nông sản số {i}, tiết kiệm {i} phần điện" for i in range(3 * TEXTS + 5)]


class Here:
    """Shards done in this process, the last first."""

    workers = 1

    def __init__(self):
        self.given = 0

    def run(self, work, items):
        self.given += len(items)
        for item in reversed(items):
            yield Done(item, work(item))


class Deadly:
    workers = 1

    def run(self, work, items):
        yield from (Killed(items[0], tries + 1, "signal 9") for tries in range(3))


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("static")


def over(encoder, executor, told=()):
    tell = told.append if isinstance(told, list) else lambda message: None
    return SpreadEncoder(encoder, Hardware(), executor, tell)


def test_rows_come_in_the_order_of_the_texts(encoder):
    found = over(encoder, Here())
    assert (found.name, found.dimension) == ("static", encoder.dimension)
    np.testing.assert_array_equal(found.encode(TEXTS_OF), encoder.encode(TEXTS_OF))
    assert found.encode([]).shape == (0, encoder.dimension)


def test_what_is_in_the_cache_is_not_spread_again(encoder, tmp_path):
    here = Here()
    cached = CachedEncoder(over(encoder, here), tmp_path, batch=2 * TEXTS)
    first = cached.encode(TEXTS_OF)
    assert here.given == 4
    np.testing.assert_array_equal(cached.encode(TEXTS_OF), first)
    assert here.given == 4


def killed_once(shard, marker):
    """The worker of the second shard dies the first time."""
    if shard.start == TEXTS and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return spread._encoded(shard)


def test_a_killed_worker_costs_its_shard(encoder, tmp_path):
    told = []
    with executor_on("local", 2) as executor:

        class Through:
            workers = 2

            def run(self, work, items):
                return executor.run(partial(killed_once, marker=tmp_path / "seen"), items)

        rows = over(encoder, Through(), told).encode(TEXTS_OF)
    np.testing.assert_allclose(rows, encoder.encode(TEXTS_OF), atol=1e-6)
    assert [message.en for message in told] == [
        f"The worker of shard encode-{TEXTS} was killed (signal 9); it is being done again. "
        "The other shards are not affected."
    ]


def test_a_shard_whose_workers_always_die_ends_the_run(encoder):
    told = []
    with pytest.raises(RequestError, match="the workers were killed each time"):
        over(encoder, Deadly(), told).encode(TEXTS_OF)
    assert [message.vi.count("đang làm lại") for message in told] == [1, 1, 0]


def test_a_worker_with_another_model_is_refused(encoder):
    class Elsewhere(Here):
        def run(self, work, items):
            return super().run(work, [replace(item, fingerprint="other") for item in items])

    with pytest.raises(RequestError, match="A worker has another model “static”"):
        over(encoder, Elsewhere()).encode(TEXTS_OF)
