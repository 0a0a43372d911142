"""Whatever is replaced is on disk first: the one place that pushes it there."""

import os

import pytest

from indexer.durable import sync_file, sync_folder
from indexer.generations import publish
from matcher.export.atomic import replacing


def test_files_and_folders_are_synced(tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda handle: synced.append(os.fstat(handle)) or fsync(handle)
    )
    (tmp_path / "a").write_bytes(b"1")
    sync_file(tmp_path / "a")
    sync_folder(tmp_path)
    names = [tmp_path / "a"] + [tmp_path] * (os.name != "nt")
    assert [found.st_ino for found in synced] == [path.stat().st_ino for path in names]
    with pytest.raises(OSError, match="absent"):
        sync_file(tmp_path / "absent")


def test_exports_and_generations_go_through_it(tmp_path, monkeypatch):
    told = []
    for module in ("matcher.export.atomic", "indexer.generations"):
        for name in ("sync_file", "sync_folder"):
            monkeypatch.setattr(f"{module}.{name}", lambda path, n=name: told.append(n))
    with replacing(tmp_path / "out") as draft:
        draft.write_bytes(b"1")
    assert told == ["sync_file", "sync_folder"]
    told.clear()
    publish(tmp_path / "index", 1, lambda draft: (draft / "a").write_bytes(b"1"))
    assert told == ["sync_file", "sync_folder", "sync_folder", "sync_file", "sync_folder"]
