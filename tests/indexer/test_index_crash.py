"""An update that dies at any moment leaves the old index in service."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer.catalog import Catalog
from indexer.generations import current_generation, publish
from indexer.index import Index
from indexer.records import Record, RecordType, Side
from indexer.updating import update_index

ROOT = Path(__file__).parents[2]

# Updates one copy of a workspace after another, each in a process that dies by its own hand
# (kill -9) at the n-th of the calls that write, sync, rename or remove; prints what is served.
DYING = """
import json, os, shutil, signal, sys
from pathlib import Path
import numpy
import indexer.vectors.vectors
from indexer.catalog import Catalog
from indexer.index import Index
from indexer.updating import update_index
from indexer.words.lexicon import shipped_lexicon

shipped_lexicon()  # read once, not by every process that dies
home, steps = Path(sys.argv[1]), json.loads(sys.argv[2])
indexer.vectors.vectors.EXACT_NUMBERS = int(sys.argv[3])

def update(step):
    left = [step]
    def counted(call):
        def wrapper(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)
        return wrapper
    Path.write_bytes = counted(Path.write_bytes)
    Path.rename = counted(Path.rename)
    Path.mkdir = counted(Path.mkdir)
    numpy.save = counted(numpy.save)
    os.replace = counted(os.replace)
    os.fsync = counted(os.fsync)
    shutil.rmtree = counted(shutil.rmtree)
    with Catalog.open(home / "catalog.sqlite3") as catalog:
        update_index(catalog, home / "index", encoder_name="lsa")
    return left[0] - step

for step in steps:
    child = os.fork()
    if child == 0:
        taken = update(step)
        (home / "taken").write_text(str(taken))
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    index = Index.open(home / "index")
    print(json.dumps([os.waitstatus_to_exitcode(status), index.catalog_version, index.supply.ids]))
"""


def offer(number, text):
    return Record(id=f"O{number}", side=Side.SUPPLY, type=RecordType.TECHNOLOGY, title=text)


@pytest.fixture
def home(tmp_path):
    with Catalog.open(tmp_path / "catalog.sqlite3") as catalog:
        catalog.apply([offer(i, f"máy bơm nước số {i}") for i in range(4)])
        update_index(catalog, tmp_path / "index", encoder_name="lsa")
        catalog.apply([offer(9, "máy sấy")])
    return tmp_path


def dying_updates(home, steps, exact_numbers):
    """[exit status, catalog version served, ids served] after each update."""
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(home), json.dumps(steps), str(exact_numbers)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
        timeout=180,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL; the tests of failures below run there")
@pytest.mark.parametrize("exact_numbers", [10**9, 0], ids=["exact", "lists"])
def test_killed_at_any_step_the_old_or_the_new_index_serves(home, tmp_path_factory, exact_numbers):
    whole = tmp_path_factory.mktemp("whole") / "copy"
    shutil.copytree(home, whole)
    assert dying_updates(whole, [0], exact_numbers)[0][:2] == [0, 2]
    steps = -int((whole / "taken").read_text())
    assert steps > 40

    # While writing files, and at each of the steps that swap; until one goes through, every
    # update starts over on what the killed ones left.
    killed_at = [1, 2, *range(5, steps - 9, 9), *range(steps - 9, steps + 1)]
    served = dying_updates(home, killed_at, exact_numbers)
    versions = [version for _, version, _ in served]
    for status, version, ids in served:
        assert ids == ["O0", "O1", "O2", "O3"] + ["O9"] * (version == 2)
        assert status == -signal.SIGKILL or version == 2
    assert versions == sorted(versions)
    assert versions.count(1) > 8
    assert versions[-1] == 2
    with Catalog.open(home / "catalog.sqlite3") as catalog:
        update_index(catalog, home / "index", encoder_name="lsa")
    left = sorted(path.name for path in (home / "index").iterdir())
    assert left == ["CURRENT", current_generation(home / "index").name]


@pytest.mark.parametrize("call", ["os.fsync", "os.replace", "pathlib.Path.rename", "numpy.save"])
def test_a_full_disk_leaves_the_old_index(home, monkeypatch, call):
    from indexer.errors import RequestError

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    before = (home / "index" / "CURRENT").read_bytes()
    with Catalog.open(home / "catalog.sqlite3") as catalog:
        with monkeypatch.context() as broken:
            broken.setattr(call, full)
            with pytest.raises(RequestError, match="No space left"):
                update_index(catalog, home / "index", encoder_name="lsa")
        assert (home / "index" / "CURRENT").read_bytes() == before
        assert Index.open(home / "index").catalog_version == 1
        assert not [p for p in (home / "index").iterdir() if p.name.startswith("draft-")]
        assert update_index(catalog, home / "index", encoder_name="lsa").version == 2


def test_ctrl_c_leaves_the_old_index_and_no_draft(tmp_path):
    publish(tmp_path, 1, lambda draft: (draft / "a").write_bytes(b"1"))
    old = current_generation(tmp_path)

    def interrupted(draft):
        (draft / "a").write_bytes(b"2")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path, 2, interrupted)
    assert current_generation(tmp_path) == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", old.name]


def test_an_old_generation_that_cannot_be_removed_is_no_failure(tmp_path, monkeypatch):
    publish(tmp_path, 1, lambda draft: (draft / "a").write_bytes(b"1"))
    remove = shutil.rmtree

    def held_open(path, ignore_errors=False):
        assert ignore_errors  # what Windows answers while somebody reads
        return None if "gen-1" in str(path) else remove(path)

    monkeypatch.setattr("shutil.rmtree", held_open)
    new = publish(tmp_path, 2, lambda draft: (draft / "a").write_bytes(b"2"))
    assert current_generation(tmp_path) == new
    assert len(list(tmp_path.glob("gen-*"))) == 2
    monkeypatch.undo()
    last = publish(tmp_path, 3, lambda draft: (draft / "a").write_bytes(b"3"))
    assert list(tmp_path.glob("gen-*")) == [last]


def test_a_stranger_s_files_in_the_folder_stay(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "gen-old").mkdir()
    publish(tmp_path, 1, lambda draft: (draft / "a").write_bytes(b"1"))
    publish(tmp_path, 2, lambda draft: (draft / "a").write_bytes(b"1"))
    assert (tmp_path / "notes.txt").exists()
    assert (tmp_path / "gen-old").exists()


def test_a_reader_opens_while_the_writer_swaps(home):
    """Generations change under the reader; it gets one of them, whole."""
    code = (
        "import sys; from pathlib import Path; from indexer.catalog import Catalog;"
        "from indexer.updating import update_index; home = Path(sys.argv[1]);"
        "c = Catalog.open(home / 'catalog.sqlite3');"
        "[update_index(c, home / 'index', encoder_name='lsa', full=True) for _ in range(8)]"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(home)], cwd=ROOT)
    opened, seen = 0, set()
    deadline = time.monotonic() + 60
    while writer.poll() is None and time.monotonic() < deadline:
        index = Index.open(home / "index")
        assert len(index.supply.ids) in {4, 5}
        seen.add(index.generation.name)
        opened += 1
    assert writer.wait(timeout=5) == 0
    assert opened > 1
    assert len(seen) > 1
