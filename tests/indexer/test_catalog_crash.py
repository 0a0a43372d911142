"""Killed, without space, without permission: what was there stays, and the message is plain."""

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.records import Record

ROOT = Path(__file__).parents[2]
POSIX = sys.platform != "win32"


def generation(number: int, size: int) -> list[Record]:
    return [
        Record(id=str(i), side="supply", type="technology", title=f"{number}", summary="x" * 300)
        for i in range(size)
    ]


def python(script: str, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *args],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


WRITER = """
import sys
from indexer.catalog import Catalog
from indexer.records import Record
catalog = Catalog.open(sys.argv[1])
first = int(sys.argv[2])
for number in range(first, 10_000):
    catalog.apply(
        Record(id=str(i), side="supply", type="technology", title=f"{number}", summary="x" * 300)
        for i in range(400)
    )
    if number == first:
        print("ready", flush=True)
"""


def test_killed_while_writing_it_holds_one_whole_generation(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    Catalog.open(path).close()
    chance = random.Random(20)
    versions = [0]
    for _ in range(3):
        process = python(WRITER, str(path), str(versions[-1] + 1))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.communicate()
        with Catalog.open(path, create=False) as catalog:
            titles = [record.title for record in catalog.records()]
            version = catalog.version
            assert titles == [str(version)] * 400
            assert catalog.check() == []
            assert len(catalog.changes_since(versions[-1]).upserted) == 400
        versions.append(version)
    assert versions == sorted(set(versions)), "every writer finished a generation"


CREATOR = """
import os, signal, sys
import sqlalchemy as sa
import indexer.catalog
from sqlalchemy import event

@event.listens_for(sa.Engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.lstrip().startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

indexer.catalog.Catalog.open(sys.argv[1])
"""


@pytest.mark.skipif(not POSIX, reason="SIGKILL")
def test_killed_while_the_tables_are_made_it_starts_afresh(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    process = python(CREATOR, str(path), "INSERT INTO meta")
    _, errors = process.communicate()
    assert process.returncode == -9, errors
    with Catalog.open(path) as catalog:
        catalog.apply(generation(1, 3))
        assert catalog.check() == []


LIMITED = """
import resource, sys
from indexer.catalog import Catalog
from indexer.errors import CungcauError
from indexer.records import Record
def some(number, size):
    return [
        Record(id=str(i), side="supply", type="technology", title=f"{number}", summary="x" * 300)
        for i in range(size)
    ]
catalog = Catalog.open(sys.argv[1])
catalog.apply(some(1, 50))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    catalog.apply(some(2, 1500))
except CungcauError as error:
    print(type(error).__name__, error)
    print(error.message.vi)
print(catalog.version, {record.title for record in catalog.records()}, catalog.check())
"""


@pytest.mark.skipif(not POSIX, reason="RLIMIT_FSIZE")
def test_without_space_nothing_changes_and_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    out, errors = python(LIMITED, str(path)).communicate()
    said, said_vi, state = out.splitlines() or [errors, "", ""]
    assert said.startswith("RequestError") and str(path) in said, errors
    assert "disk is full" in said and "Nothing was changed" in said
    assert "đĩa" in said_vi.casefold() and "Chưa có gì thay đổi" in said_vi
    assert state == "1 {'1'} []"
    with Catalog.open(path, create=False) as catalog:
        assert catalog.apply(generation(2, 1500)).version == 2


# The apply in a writable place loads every module that is loaded late.
UNPRIVILEGED = """
import os, sys
from indexer.catalog import Catalog
from indexer.errors import CungcauError
from indexer.lock import exclusive
from indexer.records import Record
from indexer.workspace import Workspace
from pathlib import Path
warm, cold, mode = sys.argv[1:]
some = [Record(id="a", side="supply", type="technology", title="x")]
with Workspace.open(warm, create=True).catalog() as catalog:
    catalog.apply(some)
os.chmod(cold, int(mode))
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
def attempt(what):
    try:
        what()
        print("done")
    except CungcauError as error:
        print(type(error).__name__, "|", error, "|", error.message.vi)
attempt(lambda: Catalog.open(Path(cold) / "new.sqlite3"))
attempt(lambda: Workspace.open(Path(cold) / "deeper", create=True))
attempt(lambda: exclusive(Path(cold) / "writer.lock").__enter__())
attempt(lambda: Catalog.open(Path(cold) / "catalog.sqlite3", create=False).apply(some))
attempt(lambda: Workspace.open(cold).catalog())
"""


@pytest.mark.skipif(not POSIX, reason="POSIX permissions")
@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_folder_without_permission_is_refused_in_plain_words(mode: int) -> None:
    # Not tmp_path: nobody but its owner may enter that one.
    with tempfile.TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        cold = Path(outer) / "cold"
        cold.mkdir()
        Catalog.open(cold / "catalog.sqlite3").close()
        out, errors = python(UNPRIVILEGED, f"{outer}/warm", str(cold), str(mode)).communicate()
        cold.chmod(0o755)
    lines = out.splitlines()
    assert len(lines) == 5, errors
    for line in lines:
        kind, english, vietnamese = line.split(" | ")
        assert kind == "RequestError"
        assert str(cold) in english and str(cold) in vietnamese
        assert re.search("permission|cannot be opened|cannot be made", english, re.IGNORECASE)


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RequestError, match=r"The folder .* cannot be made"):
        Catalog.open(tmp_path / "file" / "catalog.sqlite3")
    with pytest.raises(RequestError, match="cannot be opened"):
        Catalog.open(tmp_path)
