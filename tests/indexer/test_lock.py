"""One writer at a time; the lock dies with its holder."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from indexer.errors import RequestError
from indexer.lock import exclusive

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from indexer.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("ending", ["done", "killed"])
def test_another_process_holds_it_until_it_ends(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "writer.lock"
    process = holder(path)
    with pytest.raises(RequestError) as caught, exclusive(path):
        pass
    said = caught.value.message
    assert f"process {process.pid}, since 20" in said.en and str(tmp_path) in said.en
    assert f"tiến trình {process.pid}, từ 20" in said.vi
    if ending == "killed":
        process.kill()
    process.communicate("\n")
    with exclusive(path), pytest.raises(RequestError, match=f"process {os.getpid()}"):
        exclusive(path).__enter__()
    with exclusive(path):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["writer.lock"]


def test_it_is_let_go_after_an_error_and_by_any_thread(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    with pytest.raises(KeyboardInterrupt), exclusive(path):
        raise KeyboardInterrupt
    lock = exclusive(path)
    lock.__enter__()
    thread = threading.Thread(target=lock.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    with exclusive(path):
        pass


def test_a_holder_that_cannot_be_read_is_not_named(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    with exclusive(path):
        for content in ("", "[]", "{", "{}"):
            (tmp_path / "writer.json").write_text(content)
            with pytest.raises(RequestError, match=f"writing to {tmp_path}\\. Wait"):
                exclusive(path).__enter__()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be written"):
        exclusive(tmp_path / "nowhere" / "writer.lock").__enter__()
