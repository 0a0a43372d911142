"""Many texts are tokenised in other processes, to the same tables."""

import numpy as np
import pytest

import indexer.tokenising
from indexer.digests import digest
from indexer.tokenising import Tokenisers

TEXTS = ["xử lý nước thải", "xu ly nuoc thai", "🎉", "", "pump valves"]


def same(found, texts):
    table, names = found
    assert [name.decode() for name in names] == [digest(text) for text in texts]
    spelled = [
        [table.words[i] for i in table.ids[table.starts[row] : table.starts[row + 1]]]
        for row in range(len(table))
    ]
    assert spelled[0] == ["xử", "lý", "nước", "thải"]
    assert table.bare.tolist() == ["xu ly" in text for text in texts]


@pytest.fixture
def tokenisers(monkeypatch):
    monkeypatch.setattr(indexer.tokenising, "SOME", 3)
    with Tokenisers(indexer.tokenising.MANY) as opened:
        yield opened
    assert all(process.poll() is not None for process in opened.started)


def test_the_tables_are_those_of_this_process(tokenisers):
    waiting = [tokenisers.tokenised(TEXTS[: 3 + i % 3]) for i in range(4)]
    for i, one in enumerate(waiting):
        same(one.result(), TEXTS[: 3 + i % 3])
    assert tokenisers.started


def test_few_texts_start_no_process(tokenisers):
    same(tokenisers.tokenised(TEXTS[:2]).result(), TEXTS[:2])
    assert not tokenisers.started


def test_nor_do_some_of_few_in_all(monkeypatch):
    monkeypatch.setattr(indexer.tokenising, "SOME", 3)
    with Tokenisers(100) as opened:
        same(opened.tokenised(TEXTS).result(), TEXTS)
        assert not opened.started


def test_what_a_killed_process_had_to_do_is_done_here(tokenisers):
    same(tokenisers.tokenised(TEXTS).result(), TEXTS)
    for process in tokenisers.started:
        process.kill()
        process.wait()
    for _ in range(4):
        same(tokenisers.tokenised(TEXTS).result(), TEXTS)


def test_no_interpreter_to_start(tokenisers, monkeypatch):
    monkeypatch.setattr(indexer.tokenising.sys, "executable", "/nowhere/python")
    found = tokenisers.tokenised(TEXTS).result()
    same(found, TEXTS)
    assert found[0].ids.dtype == np.int32
