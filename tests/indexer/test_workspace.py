"""The workspace: its parts, its absence, its one writer."""

from pathlib import Path

import pytest

from indexer.catalog import Catalog
from indexer.errors import DamagedError, RequestError
from indexer.records import Record
from indexer.workspace import Workspace

ONE = Record(id="a", side="supply", type="technology", title="x")


def test_made_once_and_opened_again(tmp_path: Path) -> None:
    folder = tmp_path / "sự kiện" / "cungcau-workspace"
    with Workspace.open(folder, create=True).catalog() as catalog:
        catalog.apply([ONE])
    for create in (False, True):
        workspace = Workspace.open(str(folder), create)
        assert workspace.path == folder
        assert workspace.index_path == folder / "index"
        assert workspace.cache_path == folder / "cache"
        assert workspace.settings.encoder == ""
        with workspace.catalog() as catalog:
            assert catalog.get("a") == ONE
    assert [file.name for file in folder.iterdir()] == ["catalog.sqlite3"]


def test_a_relative_path_holds_when_the_program_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workspace = Workspace.open("here", create=True)
    monkeypatch.chdir(tmp_path.parent)
    assert workspace.path == tmp_path / "here"
    workspace.catalog().close()


@pytest.mark.parametrize("there", [False, True])
def test_a_missing_one_says_how_to_make_it(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "w"
    if there:
        folder.mkdir()
    with pytest.raises(RequestError, match=r"no workspace at .*w\. .*cungcau import") as caught:
        Workspace.open(folder)
    assert f'--workspace "{folder}"' in caught.value.message.vi
    assert there == folder.exists()
    if there:
        assert list(folder.iterdir()) == []


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "w").write_text("x")
    with pytest.raises(RequestError, match="cannot be made"):
        Workspace.open(tmp_path / "w", create=True)
    with pytest.raises(RequestError, match="cannot be read"):
        Workspace.open(tmp_path / "w")


def test_the_catalog_may_stand_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    folder.mkdir()
    for chosen, place in (
        ("../shared.sqlite3", tmp_path / "shared.sqlite3"),
        (f"sqlite:///{tmp_path}/by-url.sqlite3", tmp_path / "by-url.sqlite3"),
    ):
        (folder / "cungcau.toml").write_text(f'database = "{chosen}"')
        with pytest.raises(RequestError, match="There is no"):
            Workspace.open(folder).catalog()
        with Workspace.open(folder, create=True).catalog() as catalog:
            catalog.apply([ONE])
        with Catalog.open(place, create=False) as catalog:
            assert catalog.version == 1
        Workspace.open(folder).catalog().close()
    assert not (folder / "catalog.sqlite3").exists()


def test_a_damaged_catalog_is_the_catalogs_error(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite3").write_text("not a database " * 100)
    with pytest.raises(DamagedError):
        Workspace.open(tmp_path).catalog()


def test_a_wrong_setting_is_said_on_opening(tmp_path: Path) -> None:
    (tmp_path / "cungcau.toml").write_text("florr = 1")
    with pytest.raises(RequestError, match="florr"):
        Workspace.open(tmp_path, create=True)
    assert not (tmp_path / "catalog.sqlite3").exists()


def test_one_writer_and_any_readers(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path, create=True)
    with workspace.writing():
        with pytest.raises(RequestError, match="Another command is writing"):
            workspace.writing().__enter__()
        with workspace.catalog() as catalog:
            assert catalog.version == 0
    with workspace.writing():
        pass
