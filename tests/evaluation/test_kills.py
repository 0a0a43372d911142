"""Processes that are killed at random moments, a few times; the benchmark does it 200 times."""

import os

import pytest

from evaluation.benchmarks.kills import KINDS, LossError, _check_update, _offer, kills
from evaluation.benchmarks.servicekills import run
from indexer.workspace import Workspace


@pytest.mark.skipif(os.name == "nt", reason="fork and SIGKILL")
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kind", KINDS)
def test_everything_acknowledged_is_there_and_nothing_half(kind: str, database: str) -> None:
    (line,) = kills(kinds=[kind], times=2, seed=11, database=database)
    assert line["killed"] == 2
    assert line["lost"] == line["half"] == 0


def test_a_loss_is_noticed(tmp_path) -> None:
    workspace = Workspace.open(tmp_path, create=True)
    with workspace.catalog() as catalog:
        catalog.apply([_offer("u1", 1)])
    assert _check_update(workspace, 1) == 2
    with pytest.raises(LossError, match="2 changes were acknowledged"):
        _check_update(workspace, 2)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_killed_service_has_every_record_it_acknowledged(database: str) -> None:
    line = run(2, 5, database)
    assert line["acknowledged"] > 0
