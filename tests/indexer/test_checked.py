"""What is mapped is checked before it is used, and again when somebody changed it."""

import os
import zlib

import numpy as np
import pytest

from indexer import checked
from indexer.checked import CheckedFile, CheckedRows, IndexFiles, open_files, write_sums
from indexer.errors import DamagedError
from indexer.manifest import entries

BLOCK = 512
BODY = np.random.default_rng(7).integers(0, 256, 10 * BLOCK + 100, dtype=np.uint8).tobytes()
SUMS = np.array([zlib.crc32(BODY[i : i + BLOCK]) for i in range(0, len(BODY), BLOCK)], np.uint32)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(checked, "BLOCK", BLOCK)
    monkeypatch.setattr(checked, "MAPPED", 2 * BLOCK)
    monkeypatch.setattr(checked, "_HEAD", BLOCK)


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "body"
    made.write_bytes(BODY)
    return made


def flip(path, at):
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 4]))
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))  # clocks tick slower than tests


def refused(path):
    return pytest.raises(DamagedError, match=f"{path} .*cungcau index --full")


def test_what_is_right_is_given(path):
    file = CheckedFile(path, SUMS)
    file.check_ranges(np.array([0, 3 * BLOCK - 5, len(BODY) - 10]), 10)
    file.check(0, len(BODY))
    file.unchanged()
    assert bytes(file.body) == BODY


def test_only_blocks_that_are_asked_for_are_checked(path):
    flip(path, 3 * BLOCK)
    file = CheckedFile(path, SUMS)
    file.check(0, 3 * BLOCK)
    file.check(4 * BLOCK, len(BODY))
    file.check_ranges(np.array([3 * BLOCK - 10]), 10)
    assert not file.done
    for start, stop in ((3 * BLOCK - 1, 3 * BLOCK + 1), (0, len(BODY)), (4 * BLOCK - 1, 4 * BLOCK)):
        with refused(path):
            file.check(start, stop)
    with refused(path):
        file.check_ranges(np.array([0, 3 * BLOCK - 10]), 11)


def test_nothing_is_looked_at_twice(path, monkeypatch):
    file = CheckedFile(path, SUMS)
    file.check_all()
    assert file.done
    monkeypatch.setattr(zlib, "crc32", None)
    file.check_all()
    file.check_ranges(np.arange(0, len(BODY) - 8, 8), 8)


def test_what_nobody_used_is_checked_a_little_at_a_time(path):
    flip(path, 8 * BLOCK)
    files = IndexFiles({}, {"one": CheckedFile(path, SUMS)})
    file = files.checked["one"]
    file.check(2 * BLOCK, 5 * BLOCK)
    assert files.check_more(3) == 3  # 0, 1, 5
    for _ in range(2):
        with refused(path):
            files.check_more(8)
    file.check(5 * BLOCK, 8 * BLOCK)
    flip(path, 8 * BLOCK)  # mended
    assert [files.check_more(8), files.check_more(8)] == [8, 3]
    assert file.done
    assert files.check_more(8) == 0
    flip(path, 4 * BLOCK)
    with refused(path):
        files.check_more(11)


def test_a_file_cut_since_is_refused_before_it_is_read(path):
    files = [CheckedFile(path, SUMS), CheckedFile(path, SUMS)]
    files[1].check_all()
    os.truncate(path, BLOCK)
    with refused(path):
        files[0].check(2 * BLOCK, 3 * BLOCK)
    for file in files:
        with refused(path):
            file.unchanged()


def test_what_was_changed_since_is_checked_again(path):
    later, wholly = CheckedFile(path, SUMS), CheckedFile(path, SUMS)
    later.check_all()
    wholly.check_all(always=True)
    flip(path, BLOCK)
    later.unchanged()
    later.check(0, BLOCK)
    for _ in range(2):
        with refused(path):
            later.check_all()
        with refused(path):
            wholly.unchanged()
    flip(path, BLOCK)  # mended
    for file in (later, wholly):
        file.unchanged()
        file.check_all()


def test_a_file_removed_or_replaced_stays_as_it_was_opened(path):
    file = CheckedFile(path, SUMS)
    path.unlink()
    path.write_bytes(BODY[:5])
    file.unchanged()
    file.check_all()
    assert bytes(file.body) == BODY


def test_sums_of_another_file_are_refused(path):
    with pytest.raises(ValueError, match="body"):
        CheckedFile(path, SUMS[:-1])


def test_files_are_opened_as_they_were_written(path, tmp_path):
    (tmp_path / "small").write_bytes(b"x")
    (tmp_path / "soon").write_bytes(BODY[::-1])
    names = ["body", "small", "soon"]
    names.append(write_sums(tmp_path, names))
    files = entries(tmp_path, names)
    opened = open_files(tmp_path, files, later=["body"])
    assert {name: bytes(opened[name]) for name in opened} == {
        name: (tmp_path / name).read_bytes() for name in names
    }
    assert {name: file.done for name, file in opened.checked.items()} == {
        "body": False,
        "soon": True,
    }
    flip(path, 3 * BLOCK)
    open_files(tmp_path, files, later=["body"])
    with refused(path):
        open_files(tmp_path, files)
    with refused(path):
        flip(path, 0)
        open_files(tmp_path, files, later=["body"])


def test_rows_are_checked_where_they_lie(path):
    file = CheckedFile(path, SUMS)
    files = IndexFiles({"body": file.body}, {"body": file})
    array = np.frombuffer(file.body, np.uint8, offset=100).reshape(-1, 256)
    rows = CheckedRows(files, "body", array)
    flip(path, 100 + 256 * 9)
    rows.inside(0, 7)
    rows.some(np.array([0, 19, 2]))
    rows.some(np.array([], dtype=np.int64))
    with refused(path):
        rows.inside(9, 10)
    with refused(path):
        rows.some(np.array([2, 9]))
    with refused(path):
        rows.all()
    elsewhere = CheckedRows(IndexFiles.of({"body": BODY}), "body", array)
    elsewhere.all()
    assert elsewhere.done
