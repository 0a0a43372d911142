"""The index of a running service follows its catalog, and is made anew beside it."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from api.compaction import Compaction, Rules
from api.follower import Follower
from indexer.catalog import Catalog
from indexer.generations import current_generation
from indexer.index import Index
from indexer.records import Record, RecordType, Side
from indexer.updating import update_index
from indexer.workspace import Workspace
from matcher.matcher import Matcher

NEVER = Rules(many=10**9, soon=1e9, quiet=1e9)


def pump(number: int) -> Record:
    return Record(
        id=f"BM-{number}",
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title=f"Bơm chìm kiểu {number} cho giếng khoan",
    )


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace()


@pytest.fixture
def catalog(workspace: Workspace) -> Iterator[Catalog]:
    with workspace.catalog() as opened:
        yield opened


@pytest.fixture
def follower_of(catalog: Catalog) -> Iterator[Callable[..., Follower]]:
    made: list[Follower] = []

    def make(workspace: Workspace, rules: Rules = NEVER, poll: float = 0.05) -> Follower:
        follower = Follower(workspace, lambda: catalog, Compaction(workspace, rules), poll)
        made.append(follower)
        return follower

    yield make
    for follower in made:
        follower.close()


def found(follower: Follower, workspace: Workspace, catalog: Catalog) -> list[str]:
    matcher = Matcher(follower.current()[1], catalog, workspace.settings)
    hits = matcher.search("bơm chìm giếng khoan", k=3)
    return [hit.record.id for hit in hits if hit.record.id.startswith("BM-")]


def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_record_is_found_soon_after_it_was_stored(
    workspace: Workspace, catalog: Catalog, follower_of: Callable[..., Follower]
):
    one, other = follower_of(workspace), follower_of(workspace)
    assert one.current()[1].catalog_version == other.current()[1].catalog_version == 1
    told = threading.Event()
    one.tell(told.set)
    catalog.apply([pump(1)])
    one.wake()
    assert one.wait(2, seconds=2)
    assert other.wait(2, seconds=2)  # another process sees it by itself
    assert told.is_set()
    assert found(one, workspace, catalog) == found(other, workspace, catalog) == ["BM-1"]
    assert not one.wait(3, seconds=0.01)
    catalog.delete(["BM-1"])
    assert one.wait(3, seconds=2)
    assert found(one, workspace, catalog) == []


def test_the_next_index_is_made_beside_the_service(
    workspace: Workspace, catalog: Catalog, follower_of: Callable[..., Follower]
):
    rules = Rules(many=5, soon=1e9, quiet=1e9, after_failure=0.1)
    one, other = follower_of(workspace, rules), follower_of(workspace, rules)
    before = current_generation(workspace.index_path)
    names = {one.current()[0], other.current()[0]}
    catalog.apply([pump(number) for number in range(8)])
    assert one.wait(2, 2)
    assert other.wait(2, 2)
    wanted = found(one, workspace, catalog)
    assert len(wanted) == 3
    seen: list[int] = []

    def made() -> bool:
        seen.append(one.current()[1].catalog_version)
        assert len(found(one, workspace, catalog)) == 3
        return not (one.current()[1].fresh or other.current()[1].fresh)

    until(made)
    assert set(seen) == {2}  # never an older state while one takes the place of the other
    assert current_generation(workspace.index_path) != before
    assert names.isdisjoint({one.current()[0], other.current()[0]})
    assert Index.open(workspace.index_path).catalog_version == 2
    assert sorted(found(one, workspace, catalog)) == sorted(wanted)


def test_an_empty_workspace_is_served_and_gets_its_index_by_itself(
    tmp_path, follower_of: Callable[..., Follower]
):
    workspace = Workspace.open(tmp_path / "new", create=True)
    with workspace.catalog() as empty:
        rules = Rules(soon=0.1, after_failure=0.1)
        follower = Follower(workspace, lambda: empty, Compaction(workspace, rules), 0.05)
        try:
            assert found(follower, workspace, empty) == []
            empty.apply([pump(1)])
            assert follower.wait(1, 5)
            assert found(follower, workspace, empty) == ["BM-1"]
            until(lambda: current_generation(workspace.index_path) is not None)
            until(lambda: follower.current()[1].fresh == 0)
            assert found(follower, workspace, empty) == ["BM-1"]
        finally:
            follower.close()


def test_a_catalog_set_back_is_served_as_it_is(
    workspace: Workspace, catalog: Catalog, follower_of: Callable[..., Follower], tmp_path
):
    catalog.close()
    copy = tmp_path / "copy.sqlite3"
    shutil.copy(workspace.database, copy)
    catalog.apply([pump(1)])
    update_index(catalog, workspace.index_path)
    follower = follower_of(workspace)
    assert found(follower, workspace, catalog) == ["BM-1"]
    catalog.close()
    shutil.copy(copy, workspace.database)
    follower.step()
    assert found(follower, workspace, catalog) == []
    assert follower.current()[1].catalog_version == 1


def test_readers_never_wait_for_what_is_taken_in(
    workspace: Workspace,
    catalog: Catalog,
    follower_of: Callable[..., Follower],
    monkeypatch: pytest.MonkeyPatch,
):
    follower = follower_of(workspace)
    follower.current()
    held, go = threading.Event(), threading.Event()

    def slow(*_: object) -> object:
        held.set()
        go.wait(10)
        return iter(())

    monkeypatch.setattr("api.follower.take_in", slow)
    catalog.apply([pump(1)])
    follower.wake()
    assert held.wait(5)
    started = time.perf_counter()
    for _ in range(100):
        follower.current()
    assert time.perf_counter() - started < 5  # not the ten of what is slow
    go.set()


def test_a_failure_does_not_end_it(
    workspace: Workspace,
    catalog: Catalog,
    follower_of: Callable[..., Follower],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    follower = follower_of(workspace)
    follower.current()
    failed = threading.Event()

    def fails(*_: object) -> object:
        failed.set()
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("api.follower.take_in", fails)
        catalog.apply([pump(1)])
        follower.wake()
        assert failed.wait(5)
    assert follower.wait(2, 10)
    assert "does not follow" in caplog.text
    assert found(follower, workspace, catalog) == ["BM-1"]


def test_a_process_that_fails_is_tried_again_later(
    workspace: Workspace,
    catalog: Catalog,
    follower_of: Callable[..., Follower],
    caplog: pytest.LogCaptureFixture,
):
    follower = follower_of(workspace, Rules(many=1, after_failure=0.1))
    follower.current()
    with workspace.writing():
        catalog.apply([pump(1)])
        until(lambda: "cungcau index" in caplog.text)
        assert found(follower, workspace, catalog) == ["BM-1"]
    until(lambda: follower.current()[1].fresh == 0)
